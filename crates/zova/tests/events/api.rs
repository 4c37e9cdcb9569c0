//! Listening, receiving and closing from Rust.

use std::time::{Duration, Instant};

use zova::{Error, SharedDatabase, Status};

use crate::common::{fault, native_fault};
use crate::{World, received};

#[test]
fn a_notification_says_everything_about_its_event() {
    let mut world = World::new();
    world.notify("a\0b");
    let notification = world.next();
    assert_eq!(
        (notification.channel.as_str(), notification.payload.as_str(), notification.sequence),
        ("m", "a\0b", 1)
    );
    assert_eq!(notification.dropped_before, 0);
    assert_eq!(world.subscription.try_receive(), Ok(None));
}

#[test]
fn bad_channels_and_payloads_are_refused_with_the_reason() {
    let mut world = World::new();
    let long = "a".repeat(129);
    for channel in ["", "a b", "_zova_x", "_Zova_", "a/b", "\u{e9}", &long] {
        for message in [
            fault(world.db.notify(channel, ""), Status::InvalidArgument),
            fault(world.db.listen(channel), Status::InvalidArgument),
        ] {
            assert!(message.starts_with("InvalidArgument: the channel \""), "{message}");
        }
    }
    native_fault(world.db.notify("m", &"x".repeat(65_537)), Status::InvalidArgument);
    let nul = Error::InteriorNul { context: "notification channel" };
    assert_eq!(world.db.notify("m\0", ""), Err(nul.clone()));
    assert_eq!(world.db.listen("m\0").unwrap_err(), nul);
    world.notify(&"x".repeat(65_536));
    assert_eq!((world.next().sequence, world.received()), (1, String::new()));
}

#[test]
fn a_closed_subscription_refuses_to_receive_and_may_be_closed_again() {
    let mut world = World::new();
    world.notify("1");
    world.subscription.close().unwrap();
    world.subscription.close().unwrap();
    let refused = world.subscription.try_receive().unwrap_err();
    assert_eq!(
        refused,
        Error::Zova { status: Status::Misuse, status_name: "ZOVA_MISUSE".to_owned(), message: None }
    );
    assert_eq!(world.subscription.receive(Duration::from_secs(60)).unwrap_err(), refused);
    world.notify("2");
}

#[test]
fn receiving_waits_no_longer_than_it_is_told_and_not_at_all_when_something_is_there() {
    let mut world = World::new();
    let start = Instant::now();
    assert_eq!(world.subscription.receive(Duration::from_millis(30)), Ok(None));
    assert!(start.elapsed() >= Duration::from_millis(30));
    assert_eq!(world.subscription.receive(Duration::ZERO), Ok(None));
    world.notify("1");
    assert_eq!(world.subscription.receive(Duration::MAX).unwrap().unwrap().payload, "1");
}

#[test]
fn shared_handles_listen_and_notify_in_and_out_of_closures() {
    let scratch = crate::common::Scratch::new();
    let db = SharedDatabase::create(scratch.path("a.zova")).unwrap();
    let mut subscription = db.listen("m").unwrap();
    let other = db.clone();
    other.notify("m", "1").unwrap();
    let inside = db
        .transaction(|guard| {
            guard.notify("m", "2")?;
            other.notify("m", "3")?;
            // Only what is delivered can be received, also in here.
            Ok((subscription.try_receive()?, subscription.receive(Duration::from_millis(1))?))
        })
        .unwrap();
    assert_eq!((inside.0.map(|one| one.payload), inside.1), (Some("1".to_owned()), None));
    drop((db, other));
    let rest: Vec<String> =
        std::iter::from_fn(|| subscription.try_receive().unwrap()).map(|one| one.payload).collect();
    assert_eq!(rest, ["2", "3"]);
    subscription.close().unwrap();
}

#[test]
fn debug_output_names_the_type_only() {
    let world = World::new();
    assert_eq!(format!("{:?}", world.subscription), "Subscription");
}

#[test]
fn subscriptions_come_and_go_without_disturbing_each_other() {
    let mut world = World::new();
    let mut many: Vec<_> = (0..100).map(|_| world.db.listen("m").unwrap()).collect();
    world.notify("1");
    many.truncate(50);
    world.notify("2");
    for subscription in &mut many {
        assert_eq!(received(subscription), "1 2");
    }
    many.clear();
    world.notify("3");
    assert_eq!(world.received(), "1 2 3");
}
