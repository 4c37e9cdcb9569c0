//! App events: listen, notify and receive.

use std::ffi::c_char;
use std::ptr::{NonNull, null_mut};
use std::time::Duration;

use zova::engine::{Fault, Listener, deadline};

use crate::arg::{self, Empty};
use crate::database::zova_database;
use crate::guard::{guard, shield};
use crate::handle;
use crate::mem::Block;
use crate::status::zova_status;

/// The events of one channel that wait for one receiver, a child of its database.
///
/// Made by zova_database_listen; ended by zova_subscription_close. At most 1,024 events wait in it; each one more
/// displaces the oldest, which is counted. Receiving does not wait for a call that another thread runs on the
/// database: it shares the error message of its database, but not the lock.
pub struct zova_subscription {
    _private: [u8; 0],
}

/// A received event. Initialise it with { 0 } before its first use as an output; after that it may be used for any
/// number of calls, each of which replaces the content. Release it with zova_notification_free once at the end.
#[repr(C)]
#[derive(Debug)]
pub struct zova_notification {
    /// The channel, with a NUL byte behind it. Null in an empty struct.
    pub channel: *mut c_char,
    /// Number of bytes in channel, without the NUL byte.
    pub channel_len: usize,
    /// The payload: UTF-8 with a NUL byte behind it; it may contain NUL bytes itself. Null in an empty struct.
    pub payload: *mut c_char,
    /// Number of bytes in payload, without the NUL byte behind them.
    pub payload_len: usize,
    /// Number of the event. All events that are raised on a handle, on whatever channel, are counted from 1 on, also
    /// those that are rolled back later: received numbers grow, and gaps in them mean nothing.
    pub sequence: u64,
    /// Number of events of this subscription that were lost directly before this one, because its queue was full.
    pub dropped_before: u64,
}

/// Request of zova_database_notify.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_notify_request {
    /// The database.
    pub db: *mut zova_database,
    /// The channel, NUL-terminated: 1 to 128 bytes of A-Z, a-z, 0-9, _ . : and -, not beginning with _zova_ in any
    /// letter case.
    pub channel: *const c_char,
    /// The payload: UTF-8, NUL bytes allowed. May be null when payload_len is 0.
    pub payload: *const u8,
    /// Number of bytes in payload: 0 to 65536.
    pub payload_len: usize,
}

/// Request of zova_database_listen.
#[repr(C)]
#[derive(Debug)]
pub struct zova_database_listen_request {
    /// The database.
    pub db: *mut zova_database,
    /// The channel, as in zova_database_notify_request. Channels match byte for byte.
    pub channel: *const c_char,
    /// Receives the subscription; null after a fault.
    pub out_subscription: *mut *mut zova_subscription,
}

/// Request of zova_subscription_try_receive.
#[repr(C)]
#[derive(Debug)]
pub struct zova_subscription_try_receive_request {
    /// The subscription.
    pub subscription: *mut zova_subscription,
    /// Receives the event; empty if there is none, and after a fault. What it holds from an earlier call is released or
    /// used again, so it must be initialised with zeroes before its first use.
    pub out_notification: *mut zova_notification,
    /// Receives 1 for an event and 0 for none; 0 after a fault.
    pub out_has_notification: *mut u8,
}

/// Request of zova_subscription_receive.
#[repr(C)]
#[derive(Debug)]
pub struct zova_subscription_receive_request {
    /// The subscription.
    pub subscription: *mut zova_subscription,
    /// How long to wait for an event, in milliseconds: 0 to 2147483647. 0 does not wait.
    pub timeout_ms: u32,
    /// Receives the event, as in zova_subscription_try_receive_request.
    pub out_notification: *mut zova_notification,
    /// Receives 1 for an event and 0 for none; 0 after a fault.
    pub out_has_notification: *mut u8,
}

/// Raises an event. Outside a transaction it is delivered before the call returns, to every subscription of this handle
/// on exactly this channel; without one it is lost. (While an INSERT, UPDATE or DELETE that raised events on the channel is
/// in the middle of its results, it waits behind those, so that numbers grow in every subscription.) Inside a transaction or savepoint it is held: delivered when the
/// transaction commits, by whatever call or SQL, and discarded when it, or a savepoint around it, is rolled back. Other
/// handles and processes hear nothing, and nothing is stored. Works on a read-only handle.
///
/// In SQL the same is zova_notify(channel, payload), which returns 1. It fails inside a transaction that SQL text opened
/// (BEGIN), unless a savepoint was opened in it by zova_database_savepoint; this function does not.
///
/// Errors: ZOVA_INVALID_ARGUMENT for a bad channel or payload; ZOVA_OUT_OF_MEMORY. Then nothing has happened.
///
/// Cost: below a microsecond, and one copy of the payload, which the receivers share. Of the events that wait for a
/// commit no more than 1,024 per channel and open savepoint take memory; the others are only counted, as they would be
/// by a full queue.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_notify(request: *const zova_database_notify_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let channel = unsafe { arg::text(req.channel, "channel") }?;
            let too_long = |len| arg::impossible_length("payload", len);
            // SAFETY: zova.h: null, or `payload_len` bytes readable for the whole call.
            let payload = unsafe { arg::bytes(req.payload, req.payload_len, "payload", too_long) }?;
            call.session()?.notify(channel.to_bytes(), payload)
        })
    })
}

/// Subscribes to a channel: the subscription receives what is delivered on it from now on, also what was raised earlier
/// in a transaction that is still open. Any number of subscriptions may exist; each receives its own copy of every
/// event. Works on a read-only handle.
///
/// Errors: ZOVA_INVALID_ARGUMENT for a bad channel; ZOVA_OUT_OF_MEMORY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_database_listen(request: *const zova_database_listen_request) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_database(req.db, |call| {
            // SAFETY: zova.h: null, or NUL-terminated for the whole call.
            let channel = unsafe { arg::text(req.channel, "channel") }?;
            // SAFETY: zova.h: null, or writable and unaliased for the whole call.
            let out_subscription = unsafe { arg::cleared(req.out_subscription, "out_subscription") }?;
            out_subscription.set(call.adopt_subscription(channel.to_bytes())?);
            Ok(())
        })
    })
}

/// Takes the oldest waiting event, if there is one. Never waits: neither for an event, nor for a call that another
/// thread runs on the database. May be called from callbacks.
///
/// Errors: none beyond arguments, and ZOVA_OUT_OF_MEMORY, after which the event still waits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_subscription_try_receive(
    request: *const zova_subscription_try_receive_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        handle::on_subscription(req.subscription, false, |receiver| {
            // SAFETY: zova.h: null, or what `Outputs` asks, for the whole call.
            let outputs = unsafe { Outputs::clear(req.out_notification, req.out_has_notification) }?;
            outputs.take(receiver.listener()?).map(drop)
        })
    })
}

/// Takes the oldest waiting event; if there is none, waits for one, up to a time. Meanwhile nothing is locked: other
/// threads use the database, its children and this subscription. With a timeout of 0 it does not wait at all.
///
/// ZOVA_OK without an event means that the time has passed, never less; waking up early for any other reason does not end
/// the call. Of several threads that wait on one subscription each event wakes one. The call also ends when another
/// thread closes the subscription (ZOVA_MISUSE, and nothing is recorded) and when a call on the database ends with
/// ZOVA_INTERNAL (ZOVA_INTERNAL). The database itself cannot be closed before: zova_database_close is refused while the
/// subscription lives, and wakes nobody.
///
/// Errors: those of zova_subscription_try_receive; ZOVA_INVALID_ARGUMENT for a timeout above 2147483647; ZOVA_MISUSE for
/// a timeout above 0 from within a callback of a call on the same database.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_subscription_receive(
    request: *const zova_subscription_receive_request,
) -> zova_status {
    guard(|| {
        // SAFETY: zova.h: null, or readable for the whole call.
        let req = unsafe { arg::request(request) }?;
        let mut until = None;
        loop {
            let waiter = handle::on_subscription(req.subscription, req.timeout_ms > 0, |receiver| {
                // SAFETY: zova.h: null, or what `Outputs` asks, for the whole call.
                let outputs = unsafe { Outputs::clear(req.out_notification, req.out_has_notification) }?;
                check_timeout(req.timeout_ms)?;
                let listener = receiver.listener()?;
                Ok(if outputs.take(listener)? { None } else { Some(listener.waiter()) })
            })?;
            // What arrives from here on wakes the waiter, which knows the queue.
            let Some(waiter) = waiter.filter(|_| req.timeout_ms > 0) else { return Ok(()) };
            let until = *until.get_or_insert_with(|| deadline(Duration::from_millis(req.timeout_ms.into())));
            if !waiter.wait(until) {
                return Ok(());
            }
        }
    })
}

/// Ends a subscription and discards what waits in it; works inside transactions, too. A thread that waits in
/// zova_subscription_receive is woken. Clears the error message of the database. Errors: none beyond arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_subscription_close(subscription: *mut zova_subscription) -> zova_status {
    guard(|| handle::close_subscription(subscription))
}

/// Releases the texts of a notification and sets every field to zero. Null and empty ones are fine, so calling it twice
/// is harmless. Do not change the fields before, and do not free two copies of one notification.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_notification_free(notification: *mut zova_notification) {
    shield((), || {
        if let Some(notification) = NonNull::new(notification) {
            // SAFETY: zova.h: a notification that is zero or owns its texts. Dropping what is taken out releases it.
            drop(unsafe { Refill::new(notification) });
        }
    });
}

impl Empty for zova_notification {
    const EMPTY: Self = Self {
        channel: null_mut(),
        channel_len: 0,
        payload: null_mut(),
        payload_len: 0,
        sequence: 0,
        dropped_before: 0,
    };
}

impl Empty for u8 {
    const EMPTY: Self = 0;
}

/// A notification of the caller whose old content is taken out of it. Until it is filled it is empty; its old blocks
/// are filled again or released.
struct Refill {
    notification: NonNull<zova_notification>,
    channel: Option<Block>,
    payload: Option<Block>,
}

impl Refill {
    /// # Safety
    ///
    /// Writable and used by nobody else as long as this lives; zero or owning its texts.
    unsafe fn new(notification: NonNull<zova_notification>) -> Self {
        // SAFETY: the caller's promise: initialised and writable.
        let content = unsafe { notification.replace(zova_notification::EMPTY) };
        // SAFETY: the caller's promise: the blocks are its own, and the notification just forgot them.
        unsafe {
            let channel = Block::from_raw(content.channel.cast());
            Self { notification, channel, payload: Block::from_raw(content.payload.cast()) }
        }
    }

    fn fill(mut self, channel: &str, payload: &str, sequence: u64, dropped_before: u64) -> Result<(), Fault> {
        let block = |old: Option<Block>, text: &str| {
            Block::holding(old, text.as_bytes(), true).ok_or(Fault::OutOfMemory("a notification"))
        };
        let (channel_len, payload_len) = (channel.len(), payload.len());
        let channel = block(self.channel.take(), channel)?;
        let payload = block(self.payload.take(), payload)?.into_raw().cast();
        let channel = channel.into_raw().cast();
        // SAFETY: whoever made this promised that the place is writable.
        unsafe {
            self.notification.write(zova_notification {
                channel,
                channel_len,
                payload,
                payload_len,
                sequence,
                dropped_before,
            });
        }
        Ok(())
    }
}

/// Where a received event goes.
struct Outputs {
    notification: Refill,
    has_notification: arg::Out<u8>,
}

impl Outputs {
    /// Both outputs, emptied; when one of them is null, neither is touched.
    ///
    /// # Safety
    ///
    /// Null, or writable and used by nobody else for the rest of the call; the notification zero or owning its texts.
    unsafe fn clear(notification: *mut zova_notification, has_notification: *mut u8) -> Result<Self, Fault> {
        let place = arg::present(notification, "out_notification")?;
        // SAFETY: the caller's promise.
        let has_notification = unsafe { arg::cleared(has_notification, "out_has_notification") }?;
        // SAFETY: the caller's promise.
        Ok(Self { notification: unsafe { Refill::new(place) }, has_notification })
    }

    /// Takes the oldest event; `false` if there is none.
    fn take(self, listener: &Listener) -> Result<bool, Fault> {
        let Self { notification, has_notification } = self;
        let taken = listener.take(|payload, sequence, dropped_before| {
            notification.fill(listener.channel(), payload, sequence, dropped_before)
        })?;
        has_notification.set(taken.is_some().into());
        Ok(taken.is_some())
    }
}

fn check_timeout(milliseconds: u32) -> Result<(), Fault> {
    const LONGEST: u32 = i32::MAX as u32;
    if milliseconds <= LONGEST {
        return Ok(());
    }
    Err(Fault::argument(format!("a timeout of {milliseconds} milliseconds is above the largest, {LONGEST}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_is_filled_again_in_the_same_memory_and_empty_when_it_is_not_filled() {
        let mut notification = zova_notification::EMPTY;
        let place = NonNull::from(&mut notification);
        // SAFETY: zero at first, owning its texts afterwards.
        let refill = || unsafe { Refill::new(place) };
        refill().fill("m", "first", 1, 0).unwrap();
        // SAFETY: nothing else uses it.
        let (channel, payload) = unsafe { (place.as_ref().channel, place.as_ref().payload) };
        refill().fill("m", "a\0b", 2, 3).unwrap();
        // SAFETY: as above; the lengths are those of the texts and their terminators.
        unsafe {
            let now = place.as_ref();
            assert_eq!((now.channel, now.payload), (channel, payload));
            assert_eq!((now.channel_len, now.payload_len, now.sequence, now.dropped_before), (1, 3, 2, 3));
            assert_eq!(std::slice::from_raw_parts(now.payload.cast::<u8>(), 4), b"a\0b\0");
        }
        drop(refill());
        assert!(
            notification.channel.is_null() && notification.payload.is_null() && notification.sequence == 0
        );
        // SAFETY: zero, and null.
        unsafe {
            zova_notification_free(&raw mut notification);
            zova_notification_free(null_mut());
        }
    }

    #[test]
    fn timeouts_above_the_largest_are_refused_with_the_reason() {
        assert!(check_timeout(0).is_ok() && check_timeout(2_147_483_647).is_ok());
        let fault = check_timeout(2_147_483_648).unwrap_err();
        assert!(fault.to_string().starts_with("InvalidArgument: a timeout of 2147483648 milliseconds"));
    }
}
