//! What the body of a call works on: the session, the child that the handle stands for, and new children.

use std::ptr;
use std::sync::atomic::Ordering;

use zova::engine::{Fault, ObjectId, ReaderId, Session, StatementId, WriterId};

use super::{CHILDREN, Child, Children, Key, Place, pointer_to, reserve};
use crate::event::zova_subscription;
use crate::reader::zova_object_reader;
use crate::statement::zova_statement;
use crate::writer::zova_object_writer;

/// What the body of a call works on.
pub(crate) struct Call<'c> {
    /// `None`: the call is refused.
    pub(super) work: Option<Work<'c>>,
}

/// A live handle under its lock, with a session that is not poisoned.
pub(super) struct Work<'c> {
    pub(super) session: &'c mut Session,
    pub(super) children: &'c mut Children,
    pub(super) place: Place,
}

impl<'c> Call<'c> {
    /// The session. Refused calls end here, so everything that must happen in those too comes before; and here begins
    /// the time of all others.
    #[inline]
    pub(crate) fn session(&mut self) -> Result<&mut Session, Fault> {
        let session = &mut *self.work()?.session;
        session.begin_call();
        Ok(session)
    }

    /// The key of the child that the handle stands for; `None` for a refused call.
    #[inline]
    fn key(&self) -> Option<Key> {
        // SAFETY: the lock is held as long as there is work to do under it, and the handle is live.
        self.work.as_ref().and_then(|work| unsafe { work.place.key() })
    }

    /// The session and the statement that the handle stands for, for calls that take no time.
    #[inline]
    pub(crate) fn statement(&mut self) -> Result<(&mut Session, StatementId), Fault> {
        let Some(Key::Statement(id)) = self.key() else { return Err(Fault::Internal) };
        Ok((&mut *self.work()?.session, id))
    }

    /// The session and the statement that the handle stands for, to run it. As [`Call::session`].
    #[inline]
    pub(crate) fn running_statement(&mut self) -> Result<(&mut Session, StatementId), Fault> {
        let Some(Key::Statement(id)) = self.key() else { return Err(Fault::Internal) };
        Ok((self.session()?, id))
    }

    /// The session and the object writer that the handle stands for. As [`Call::session`].
    pub(crate) fn writer(&mut self) -> Result<(&mut Session, WriterId), Fault> {
        let Some(Key::ObjectWriter(id)) = self.key() else { return Err(Fault::Internal) };
        Ok((self.session()?, id))
    }

    /// The session and the object reader that the handle stands for. As [`Call::session`].
    pub(crate) fn reader(&mut self) -> Result<(&mut Session, ReaderId), Fault> {
        let Some(Key::ObjectReader(id)) = self.key() else { return Err(Fault::Internal) };
        Ok((self.session()?, id))
    }

    /// Makes an object writer and a handle for it.
    pub(crate) fn adopt_writer(&mut self) -> Result<*mut zova_object_writer, Fault> {
        self.adopt(|session, _| Ok(Key::ObjectWriter(session.create_writer())))
    }

    /// Makes an object reader and a handle for it.
    pub(crate) fn adopt_reader(&mut self, object: ObjectId) -> Result<*mut zova_object_reader, Fault> {
        self.adopt(|session, _| session.create_reader(object).map(Key::ObjectReader))
    }

    /// Makes a statement and a handle for it.
    pub(crate) fn adopt_statement(
        &mut self,
        make: impl FnOnce(&mut Session) -> Result<StatementId, Fault>,
    ) -> Result<*mut zova_statement, Fault> {
        self.adopt(|session, _| make(session).map(Key::Statement))
    }

    /// Makes a subscription and a handle for it.
    pub(crate) fn adopt_subscription(&mut self, channel: &[u8]) -> Result<*mut zova_subscription, Fault> {
        self.adopt(|session, child| {
            *child.listener.lock() = Some(Box::new(session.listen(channel)?));
            Ok(Key::Subscription)
        })
    }

    fn adopt<H>(
        &mut self,
        make: impl FnOnce(&mut Session, &Child) -> Result<Key, Fault>,
    ) -> Result<*mut H, Fault> {
        // First the slot: once the child exists nothing may fail.
        let seat = reserve(&CHILDREN)?;
        let work = self.work()?;
        let child = &seat.slot.body;
        let key = make(work.session, child)?;
        *work.children.of(key.kind()) += 1;
        // SAFETY: the slot has no handle, and the seat is its only owner.
        unsafe { *child.key.get() = Some(key) };
        child.parent.store(ptr::from_ref(work.place.database).cast_mut(), Ordering::Release);
        Ok(pointer_to(seat.issue(key.kind().letter())))
    }

    #[inline]
    fn work(&mut self) -> Result<&mut Work<'c>, Fault> {
        match &mut self.work {
            Some(work) => Ok(work),
            // Which fault does not matter: a refused call answers with its refusal.
            None => Err(Fault::Internal),
        }
    }
}
