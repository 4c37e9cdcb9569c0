//! Handles that receive events.

use std::fmt;
use std::time::Duration;

use crate::error::{Error, Result, Status};
use crate::event::{Listener, Notification, deadline};
use crate::handle::{Handle, checked_text};

/// Receives the events of one channel of a [`Database`](crate::Database).
///
/// It does not borrow its database and keeps the connection open, so it can still be drained after the database was
/// dropped. At most 1,024 events wait in it; then each new one displaces the oldest, and
/// [`dropped_before`](Notification::dropped_before) counts what was lost. Dropping it discards what waits.
///
/// Receiving uses neither the connection nor its lock: it never waits for SQL that another thread runs.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let mut db = zova::Database::create(folder.path().join("a.zova"))?;
/// let mut changes = db.listen("notes")?;
/// db.exec("create table notes(title text);
///          create trigger told after insert on notes begin select zova_notify('notes', new.title); end")?;
/// db.begin()?;
/// db.exec("insert into notes values ('bread')")?;
/// assert_eq!(changes.try_receive()?, None);
/// db.commit()?;
/// assert_eq!(changes.try_receive()?.map(|event| event.payload).as_deref(), Some("bread"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Subscription {
    inner: Option<Inner>,
}

/// Receives the events of one channel of a [`SharedDatabase`](crate::SharedDatabase); otherwise as [`Subscription`].
pub struct SharedSubscription {
    inner: Option<Inner>,
}

struct Inner {
    // The order matters to nobody but the reader: the listener knows nothing of the connection.
    listener: Listener,
    /// Keeps the connection open.
    _handle: Handle,
}

fn listen(handle: &Handle, channel: &str) -> Result<Option<Inner>> {
    let channel = checked_text("notification channel", channel)?;
    let listener = handle.call(|session| session.listen(channel.to_bytes()))?;
    Ok(Some(Inner { listener, _handle: handle.clone() }))
}

macro_rules! subscription_methods {
    ($($type:ident),+ $(,)?) => {$(
        impl $type {
            pub(crate) fn listen(handle: &Handle, channel: &str) -> Result<Self> {
                listen(handle, channel).map(|inner| Self { inner })
            }

            /// Takes the oldest waiting event; `None` if there is none. Never waits.
            ///
            /// # Errors
            ///
            /// `Misuse` after [`close`](Self::close); `Internal` after a panic was caught on the connection.
            pub fn try_receive(&mut self) -> Result<Option<Notification>> {
                let inner = self.inner.as_ref().ok_or(Error::bare(Status::Misuse))?;
                Ok(inner.listener.receive()?)
            }

            /// As [`try_receive`](Self::try_receive), but waits up to `timeout` for an event; `None` only when that
            /// time has passed. Other threads use the database meanwhile. A thread that holds the database, in a
            /// scoped closure for instance, keeps others from raising the event it waits for.
            pub fn receive(&mut self, timeout: Duration) -> Result<Option<Notification>> {
                let inner = self.inner.as_ref().ok_or(Error::bare(Status::Misuse))?;
                let deadline = deadline(timeout);
                loop {
                    match inner.listener.receive()? {
                        None if inner.listener.wait(deadline) => {}
                        received => return Ok(received),
                    }
                }
            }

            /// Ends the subscription and discards what waits in it. Closing again does nothing.
            pub fn close(&mut self) -> Result<()> {
                self.inner = None;
                Ok(())
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($type))
            }
        }
    )+};
}

subscription_methods!(Subscription, SharedSubscription);
