//! A connection where SQLite's callbacks can reach it.
//!
//! A table or function of Zova's own runs inside a statement of the application, and reads private tables through
//! other statements of the same connection. The session is busy with the application's statement at that moment, so
//! the callback cannot have a reference to it. It reaches [`Linked`] instead: the connection and the statements
//! compiled for it, which need no exclusive access.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use super::cache::StatementCache;
use super::connection::Connection;
use super::error::SqliteError;
use super::participant::PutOff;
use super::statement::Prepared;
use super::text::TextCache;

/// A connection with the statements compiled for it.
pub(crate) struct Linked {
    // The order matters: statements are finalized before their connection closes.
    cache: StatementCache,
    texts: TextCache,
    /// Code of an extension has panicked.
    broken: Cell<bool>,
    /// Whoever may have put off writing to the tables.
    put_off: RefCell<Vec<(String, Arc<dyn PutOff + Send + Sync>)>>,
    connection: Connection,
}

impl Linked {
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn cache(&self) -> &StatementCache {
        &self.cache
    }

    /// After a panic in code of an extension nothing is known about what it left behind: the session refuses further
    /// work, and no more code of extensions runs.
    pub(crate) fn mark_broken(&self) {
        self.broken.set(true);
    }

    /// True once [`Linked::mark_broken`] was called.
    #[inline]
    pub(crate) fn is_broken(&self) -> bool {
        self.broken.get()
    }

    /// Remembers that this extension may put off work.
    pub(crate) fn add_put_off(&self, extension: &str, put_off: Arc<dyn PutOff + Send + Sync>) {
        self.put_off.borrow_mut().push((extension.to_owned(), put_off));
    }

    /// Where this extension puts off work, if it is of this type and the one that is looked for; of several the latest.
    pub(crate) fn find_put_off<T: PutOff + Send + Sync>(
        &self,
        extension: &str,
        is: impl Fn(&T) -> bool,
    ) -> Option<Arc<T>> {
        let put_off = self.put_off.borrow();
        put_off.iter().rev().filter(|(of, _)| of == extension).find_map(|(_, put_off)| {
            let any: Arc<dyn Any + Send + Sync> = Arc::clone(put_off) as _;
            any.downcast().ok().filter(|found| is(found))
        })
    }

    /// Does all work on the tables that was put off.
    pub(crate) fn write_put_off(&self) -> Result<(), SqliteError> {
        let put_off = self.put_off.borrow().clone();
        put_off.iter().try_for_each(|(_, put_off)| put_off.write_now(self))?;
        self.connection.set_put_off(false);
        Ok(())
    }

    /// Called before a statement of the application takes its next step while work may be put off: a statement that
    /// names private tables is to find them written.
    #[cold]
    pub(crate) fn write_put_off_for(&self, statement: &Prepared) -> Result<(), SqliteError> {
        if statement.is_running() || !statement.contains(b"_zova_ext_") {
            return Ok(());
        }
        self.write_put_off()
    }

    /// Takes the work that this extension put off for done.
    pub(crate) fn skip_put_off(&self, extension: &str) {
        self.put_off
            .borrow()
            .iter()
            .filter(|(of, _)| of == extension)
            .for_each(|(_, put_off)| put_off.skip());
    }

    /// The statements of extensions.
    pub(crate) fn texts(&self) -> &TextCache {
        &self.texts
    }
}

/// The owner of a [`Linked`]. Statements prepared elsewhere on the connection are dropped before it.
pub(crate) struct Link(Rc<Linked>);

// SAFETY: the counts of the `Rc` are touched by this owner, by the `LinkRef`s inside the modules and functions that
// are registered on the very connection it owns, and by the references those make for the length of a callback.
// SQLite makes callbacks only during calls on the connection, and all such calls go through the owner. So whatever
// touches the counts is on the thread that holds the owner, and moves with it. `Link` is not `Clone`, and a `LinkRef`
// never leaves this module's parent.
unsafe impl Send for Link {}

impl Link {
    /// The connection with the statements compiled for it.
    pub(crate) fn linked(&self) -> &Linked {
        &self.0
    }

    pub(crate) fn new(connection: Connection) -> Self {
        Self(Rc::new(Linked {
            cache: StatementCache::default(),
            texts: TextCache::default(),
            broken: Cell::new(false),
            put_off: RefCell::default(),
            connection,
        }))
    }

    /// For what is registered on this connection, and for nothing else.
    pub(super) fn reference(&self) -> LinkRef {
        LinkRef(Rc::downgrade(&self.0))
    }

    /// Closes the connection; an open transaction is rolled back.
    pub(crate) fn close(self) {
        // No callback runs now, so this is the only owner; otherwise dropping it would do the same, later.
        if let Some(Linked { cache, texts, connection, .. }) = Rc::into_inner(self.0) {
            drop(cache);
            drop(texts);
            connection.close();
        }
    }
}

impl Deref for Link {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0.connection
    }
}

/// What a registered module or function knows about its connection. It does not keep the connection open, since the
/// connection owns it.
#[derive(Clone)]
pub(super) struct LinkRef(Weak<Linked>);

impl LinkRef {
    /// The connection, during a callback; `None` once the owner is closing it.
    pub(super) fn get(&self) -> Option<impl Deref<Target = Linked> + use<>> {
        self.0.upgrade()
    }
}
