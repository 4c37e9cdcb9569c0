//! Queues: the bound, what is lost and how it is counted, and the numbers of events.

use crate::{World, received};

/// Raises the numbers of a range as payloads.
fn raise_numbers(world: &mut World, numbers: std::ops::Range<u32>) {
    numbers.for_each(|number| world.notify(&number.to_string()));
}

/// The next event: payload and count of lost ones.
fn next(world: &mut World) -> (String, u64) {
    let notification = world.next();
    (notification.payload, notification.dropped_before)
}

/// Takes the rest; all of it must follow without loss. Gives how many there were.
fn rest_without_loss(world: &mut World) -> usize {
    let mut count = 0;
    while let Some(notification) = world.subscription.try_receive().unwrap() {
        assert_eq!(notification.dropped_before, 0, "{notification:?}");
        count += 1;
    }
    count
}

#[test]
fn the_first_event_after_an_overflow_counts_what_was_lost_and_later_ones_start_again_at_zero() {
    let mut world = World::new();
    raise_numbers(&mut world, 0..1030);
    assert_eq!(next(&mut world), ("6".to_owned(), 6));
    assert_eq!(rest_without_loss(&mut world), 1023);
}

#[test]
fn a_queue_with_room_for_some_loses_only_the_rest() {
    let mut world = World::new();
    raise_numbers(&mut world, 0..1030);
    for expected in 6..9 {
        assert_eq!(next(&mut world).0, expected.to_string());
    }
    raise_numbers(&mut world, 1030..1035);
    assert_eq!(next(&mut world), ("11".to_owned(), 2));
    assert_eq!(rest_without_loss(&mut world), 1023);
}

#[test]
fn a_transaction_with_more_events_than_fit_is_counted_exactly() {
    let mut world = World::new();
    world.begin();
    raise_numbers(&mut world, 0..2050);
    world.commit();
    assert_eq!(next(&mut world), ("1026".to_owned(), 1026));
    assert_eq!(rest_without_loss(&mut world), 1023);
}

#[test]
fn a_count_that_was_received_is_not_told_again() {
    let mut world = World::new();
    raise_numbers(&mut world, 0..1025);
    assert_eq!(next(&mut world), ("1".to_owned(), 1));
    raise_numbers(&mut world, 1025..1027);
    assert_eq!(next(&mut world), ("3".to_owned(), 1));
    assert_eq!(rest_without_loss(&mut world), 1023);
}

#[test]
fn exactly_as_many_events_as_fit_are_all_kept() {
    let mut world = World::new();
    raise_numbers(&mut world, 0..1024);
    assert_eq!(rest_without_loss(&mut world), 1024);
}

#[test]
fn a_transaction_that_overflows_a_queue_with_events_counts_those_too() {
    let mut world = World::new();
    raise_numbers(&mut world, 0..10);
    world.begin();
    raise_numbers(&mut world, 10..2010);
    world.commit();
    assert_eq!(next(&mut world), ("986".to_owned(), 986));
    assert_eq!(rest_without_loss(&mut world), 1023);
}

#[test]
fn what_a_rolled_back_savepoint_would_have_displaced_is_still_delivered() {
    let mut world = World::new();
    world.begin();
    raise_numbers(&mut world, 0..3);
    world.savepoint("a");
    raise_numbers(&mut world, 3..3000);
    world.roll_back_to("a");
    world.commit();
    assert_eq!(world.received(), "0 1 2");
}

#[test]
fn what_a_released_savepoint_displaces_is_counted() {
    let mut world = World::new();
    world.begin();
    raise_numbers(&mut world, 0..3);
    world.savepoint("a");
    raise_numbers(&mut world, 3..1500);
    world.savepoint("b");
    raise_numbers(&mut world, 1500..1600);
    world.release("a");
    raise_numbers(&mut world, 1600..1610);
    world.commit();
    assert_eq!(next(&mut world), ((1610 - 1024).to_string(), 1610 - 1024));
    assert_eq!(rest_without_loss(&mut world), 1023);
}

#[test]
fn what_a_failing_statement_would_have_displaced_is_still_delivered() {
    let mut world = World::new();
    world.begin();
    raise_numbers(&mut world, 0..3);
    let sql = "select max(zova_notify('m', 'lost')), max(iif(n < 3000, 1, abs(-9223372036854775807 - 1))) from \
               (with recursive c(n) as (select 1 union all select n + 1 from c where n < 3000) select n from c)";
    world.db.exec(sql).unwrap_err();
    world.commit();
    assert_eq!(world.received(), "0 1 2");
}

#[test]
fn every_subscription_has_its_own_copy_and_the_same_numbers() {
    let mut world = World::new();
    let mut second = world.db.listen("m").unwrap();
    world.notify("1");
    world.notify("2");
    let mine = [world.next(), world.next()];
    assert_eq!(received(&mut second), "1 2");
    assert_eq!(mine[1].sequence, mine[0].sequence + 1);
    world.notify("3");
    assert_eq!(Some(world.next()), second.try_receive().unwrap());
}

#[test]
fn numbers_start_at_one_and_are_taken_by_every_accepted_event_and_by_no_refused_one() {
    let mut world = World::new();
    world.db.notify("other", "nobody listens").unwrap();
    world.db.notify("bad channel", "").unwrap_err();
    world.exec("select zova_notify('other', '')");
    world.db.exec("select zova_notify('bad channel', '')").unwrap_err();
    world.begin();
    world.notify("lost");
    world.rollback();
    world.notify("");
    assert_eq!(world.next().sequence, 4);
}

#[test]
fn numbers_belong_to_the_handle() {
    let mut world = World::new();
    let mut other = zova::Database::open(&world.path).unwrap();
    let mut theirs = other.listen("m").unwrap();
    world.notify("1");
    other.notify("m", "2").unwrap();
    assert_eq!((world.next().sequence, theirs.try_receive().unwrap().unwrap().sequence), (1, 1));
    assert_eq!((world.received(), received(&mut theirs)), (String::new(), String::new()));
}

#[test]
fn channels_match_exactly() {
    let mut world = World::new();
    for channel in ["M", "mm", "m.", "m:", "_zova", "*"] {
        let sent = world.db.notify(channel, "no");
        assert_eq!(sent.is_ok(), channel != "*", "{channel}");
    }
    assert_eq!(world.received(), "");
}

#[test]
fn a_subscription_made_later_receives_nothing_of_before() {
    let mut world = World::new();
    world.notify("1");
    let mut second = world.db.listen("m").unwrap();
    world.notify("2");
    assert_eq!((world.received(), received(&mut second)), ("1 2".to_owned(), "2".to_owned()));
}

#[test]
fn one_closed_before_the_commit_receives_nothing_and_does_not_disturb_the_others() {
    let mut world = World::new();
    let mut second = world.db.listen("m").unwrap();
    world.begin();
    world.notify("1");
    second.close().unwrap();
    world.commit();
    assert_eq!(world.received(), "1");
}
