//! Hooks and callbacks in progress.
//!
//! A plugin gets contexts, calls, rows and statements as pointers and gives them back to the host's functions. They
//! are never dereferenced: each is a number that is looked up in the frame of the hook that is running, so one that
//! has ended, or belongs to another thread or to an outer hook, is answered with a status. The frames of a thread form
//! a list on its stack, from the innermost outwards; only the innermost is ever looked at, since the outer ones are in
//! the middle of a call of their own.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::{self, null};
use std::sync::atomic::{AtomicU64, Ordering};

use super::abi::{zova_ext_ctx, zova_ext_status, zova_ext_stmt};
use super::adapter::{Function, TableFunction};
use super::deferring::WriteCallback;
use crate::error::Status;
use crate::extension::{
    ExtensionContext, ExtensionError, ExtensionResult, ExtensionStatement, SalvageReport, ScalarDefinition,
    SqlOutput, TableDefinition,
};
use crate::sqlite::SqlValue;

/// What a number stands for: its lowest three bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Kind {
    /// The context that the hook was called with.
    Context = 0,
    /// The damaged database of a salvage.
    Source = 1,
    /// The new database of a salvage.
    Destination = 2,
    Call = 3,
    Rows = 4,
    Statement = 5,
}

const KIND_BITS: u32 = 3;

/// Numbers of frames and statements are never issued twice in a process.
static NEXT: AtomicU64 = AtomicU64::new(1);

fn next_number() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn handle<H>(number: u64, kind: Kind) -> *mut H {
    ptr::without_provenance_mut(((number as usize) << KIND_BITS) | kind as usize)
}

fn statement_handle(number: u64) -> *mut zova_ext_stmt {
    handle(number, Kind::Statement)
}

thread_local! {
    /// The innermost frame of this thread; null outside of hooks.
    static INNERMOST: Cell<*const Frame<'static>> = const { Cell::new(null()) };
}

/// What a hook or callback may do besides running SQL, and what it leaves.
pub(super) enum Work<'f> {
    Hook,
    Register(RefCell<&'f mut dyn Registrar>),
    /// The result of an SQL function, or why what the plugin gave is none.
    Call(RefCell<ExtensionResult<SqlOutput>>),
    /// Takes the rows of a scan.
    Scan(RefCell<RowTaker<'f>>),
    Salvage(Salvage),
}

/// What a salvage hook states.
#[derive(Default)]
pub(super) struct Salvage {
    pub(super) report: Cell<Option<SalvageReport>>,
    /// The rows left out that it named.
    pub(super) left_out: RefCell<Vec<String>>,
}

pub(super) type RowTaker<'f> = &'f mut dyn FnMut(&[SqlValue<'_>]) -> ExtensionResult<()>;

/// What `register_sql` can register.
pub(super) trait Registrar {
    fn add_function(&mut self, definition: ScalarDefinition<'_>, function: Function) -> ExtensionResult<()>;

    fn add_table(&mut self, definition: TableDefinition<'_>, function: TableFunction) -> ExtensionResult<()>;

    fn add_deferred(&mut self, name: &str, write: WriteCallback) -> ExtensionResult<()>;
}

/// A hook or callback in progress.
pub(super) struct Frame<'f> {
    number: u64,
    /// The name of the extension whose code runs.
    pub(super) extension: &'f str,
    /// By [`Kind`]: the hook's own context, and those of a salvage.
    contexts: [Option<ExtensionContext<'f>>; 3],
    statements: RefCell<Vec<(u64, ExtensionStatement<'f>)>>,
    /// What the plugin said about its failure.
    said: RefCell<Option<String>>,
    /// The last failure of a service: its message stands in where the plugin passes the status on without one.
    failed: RefCell<Option<(Status, String)>>,
    panic: RefCell<Option<Box<dyn Any + Send>>>,
    pub(super) work: Work<'f>,
}

impl<'f> Frame<'f> {
    /// A frame for a hook or callback with one database.
    pub(super) fn new(extension: &'f str, context: ExtensionContext<'f>, work: Work<'f>) -> Self {
        Self::with(extension, [Some(context), None, None], work)
    }

    /// A frame for a salvage: the hook's own context is that of the damaged database.
    pub(super) fn salvage(
        extension: &'f str,
        source: ExtensionContext<'f>,
        destination: Option<ExtensionContext<'f>>,
    ) -> Self {
        let contexts = [Some(source.duplicate()), Some(source), destination];
        Self::with(extension, contexts, Work::Salvage(Salvage::default()))
    }

    fn with(extension: &'f str, contexts: [Option<ExtensionContext<'f>>; 3], work: Work<'f>) -> Self {
        Self {
            number: next_number(),
            extension,
            contexts,
            statements: RefCell::default(),
            said: RefCell::default(),
            failed: RefCell::default(),
            panic: RefCell::default(),
            work,
        }
    }

    /// Runs the plugin's code with this frame as the innermost one, and judges how it ended.
    pub(super) fn run(self, code: impl FnOnce(&Self) -> zova_ext_status) -> ExtensionResult<Work<'f>> {
        let outer = INNERMOST.replace(ptr::from_ref(&self).cast());
        // Code of a plugin does not unwind, and what the host does for it is caught in `shield`.
        let status = code(&self);
        INNERMOST.set(outer);
        let Self { statements, said, failed, panic, work, .. } = self;
        let open = statements.into_inner();
        let left = open.len();
        drop(open);
        if let Some(payload) = panic.into_inner() {
            resume_unwind(payload);
        }
        let error = (status != 0).then(|| {
            let status = ExtensionError::from(Status::from_raw(status)).known_status();
            let message = said.into_inner().or_else(|| {
                failed.into_inner().filter(|(failed, _)| *failed == status).map(|(_, message)| message)
            });
            ExtensionError::new(status, message.unwrap_or_default())
        });
        match (left, error) {
            (0, None) => Ok(work),
            (0, Some(error)) => Err(error),
            (left, error) => {
                let after = error.map(|error| format!(", after it had failed: {error}")).unwrap_or_default();
                Err(ExtensionError::new(
                    Status::Misuse,
                    format!("the extension left {left} statements open{after}"),
                ))
            }
        }
    }

    /// The number of something of this frame, for the plugin. Null for a context that there is none of.
    pub(super) fn handle<H>(&self, kind: Kind) -> *mut H {
        match self.contexts.get(kind as usize) {
            Some(None) => ptr::null_mut(),
            _ => handle(self.number, kind),
        }
    }

    /// Keeps a statement and gives its number.
    pub(super) fn adopt(&self, statement: ExtensionStatement<'f>) -> *mut zova_ext_stmt {
        let number = next_number();
        self.statements.borrow_mut().push((number, statement));
        statement_handle(number)
    }

    /// The plugin's own message for its failure.
    pub(super) fn say(&self, message: String) {
        *self.said.borrow_mut() = Some(message);
    }

    /// A service failed: the status for the plugin.
    pub(super) fn failed(&self, error: ExtensionError) -> zova_ext_status {
        let status = error.known_status();
        *self.failed.borrow_mut() = Some((status, error.message));
        status.raw()
    }

    /// What the plugin passed is not acceptable: the status for the plugin.
    pub(super) fn unacceptable(&self, reason: String) -> zova_ext_status {
        self.failed(ExtensionError::new(Status::InvalidArgument, reason))
    }

    /// The status for the plugin of a service that gives nothing else.
    pub(super) fn answer(&self, outcome: ExtensionResult<()>) -> zova_ext_status {
        outcome.map_or_else(|error| self.failed(error), |()| 0)
    }
}

/// The innermost frame of this thread.
fn innermost<'a>() -> Option<&'a Frame<'static>> {
    // SAFETY: a frame lives on the stack of this thread from before it becomes the innermost one until after it is no
    // longer, and the plugin, whose calls are the only way here, runs in between. It is only ever shared. What it
    // borrows outlives it, whatever the lifetime is called; nothing of it outlives the host's function that asks.
    unsafe { INNERMOST.get().as_ref() }
}

/// The innermost frame, if the number is one of its own, and what it means there.
fn find<'a, H>(given: *mut H) -> Option<(&'a Frame<'static>, Kind)> {
    let frame = innermost()?;
    let value = given.addr();
    let kind = match value & ((1 << KIND_BITS) - 1) {
        0 => Kind::Context,
        1 => Kind::Source,
        2 => Kind::Destination,
        3 => Kind::Call,
        4 => Kind::Rows,
        _ => return None,
    };
    (handle::<H>(frame.number, kind) == given).then_some((frame, kind))
}

/// Runs `body` with a context; `refused` is the answer to something that is none, and to a panic.
pub(super) fn on_context<T: Copy>(
    given: *mut zova_ext_ctx,
    refused: T,
    body: impl FnOnce(&Frame<'static>, &ExtensionContext<'static>) -> T,
) -> T {
    on_frame(given, refused, |frame, kind| match frame.contexts.get(kind as usize) {
        Some(Some(context)) => body(frame, context),
        _ => refused,
    })
}

/// Runs `body` with the frame of a context, call or place for rows; `refused` is the answer to something that is none,
/// and to a panic.
pub(super) fn on_frame<H, T: Copy>(
    given: *mut H,
    refused: T,
    body: impl FnOnce(&Frame<'static>, Kind) -> T,
) -> T {
    match find(given) {
        Some((frame, kind)) => shield(frame, refused, || body(frame, kind)),
        None => refused,
    }
}

/// Runs `body` with a statement of the innermost frame; `refused` is the answer to something that is none, and to a
/// panic.
pub(super) fn on_statement<T: Copy>(
    given: *mut zova_ext_stmt,
    refused: T,
    body: impl FnOnce(&Frame<'static>, &mut ExtensionStatement<'static>) -> T,
) -> T {
    let Some(frame) = innermost() else { return refused };
    shield(frame, refused, || {
        let mut statements = frame.statements.borrow_mut();
        match statements.iter_mut().rev().find(|(number, _)| statement_handle(*number) == given) {
            Some((_, statement)) => body(frame, statement),
            None => refused,
        }
    })
}

/// Ends a statement of the innermost frame.
pub(super) fn finalize(given: *mut zova_ext_stmt) {
    if let Some(frame) = innermost() {
        shield(frame, (), || {
            let mut statements = frame.statements.borrow_mut();
            if let Some(at) = statements.iter().rposition(|(number, _)| statement_handle(*number) == given) {
                statements.remove(at);
            }
        });
    }
}

/// Runs the host's part of a plugin's call. A panic in it is kept until the plugin has returned.
fn shield<T>(frame: &Frame<'_>, refused: T, body: impl FnOnce() -> T) -> T {
    // Unwind safe: the panic goes on in `Frame::run`, and the database handle is of no use afterwards.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        *frame.panic.borrow_mut() = Some(payload);
        refused
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::extension::context::Circumstances;
    use crate::extension::plugin::host::SERVICES;
    use crate::sqlite::{Connection, Link, OpenMode};

    /// A connection in memory.
    fn link() -> Link {
        Link::new(Connection::open(Path::new(""), OpenMode::Memory).unwrap())
    }

    fn context(link: &Link) -> ExtensionContext<'_> {
        ExtensionContext::new(link.linked(), Circumstances::default())
    }

    fn is_open() -> bool {
        innermost().is_some()
    }

    #[test]
    fn a_panic_of_the_host_goes_on_after_the_plugin_has_returned() {
        let link = link();
        let mut panicking = |_: &[SqlValue<'_>]| -> ExtensionResult<()> { panic!("in the host") };
        let frame = Frame::new("x", context(&link), Work::Scan(RefCell::new(&mut panicking)));
        let returned = Cell::new(false);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            frame.run(|frame| {
                let push = SERVICES.0.push_row.unwrap();
                // SAFETY: the number of this frame, and no cells.
                let status = unsafe { push(frame.handle(Kind::Rows), ptr::null(), 0) };
                assert_eq!(status, Status::Misuse.raw());
                returned.set(true);
                0
            })
        }));
        assert_eq!(outcome.err().unwrap().downcast_ref::<&str>(), Some(&"in the host"));
        assert!(returned.get() && !is_open());
    }

    #[test]
    fn numbers_of_another_thread_or_of_an_outer_frame_are_refused() {
        let link = link();
        let outcome = Frame::new("x", context(&link), Work::Hook).run(|outer| {
            let exec = SERVICES.0.exec.unwrap();
            let ctx: *mut zova_ext_ctx = outer.handle(Kind::Context);
            let run = |ctx: *mut zova_ext_ctx| {
                // SAFETY: the number is looked up, whatever it is; the text is static.
                unsafe { exec(ctx, c"select 1".as_ptr(), 8) }
            };
            assert_eq!(run(ctx), 0);
            let address = ctx.addr();
            let elsewhere = std::thread::spawn(move || {
                // SAFETY: as above.
                unsafe { exec(ptr::without_provenance_mut(address), c"select 1".as_ptr(), 8) }
            });
            assert_eq!(elsewhere.join().unwrap(), Status::Misuse.raw());
            let inner = Frame::new("x", context(&link), Work::Hook).run(|inner| {
                assert_eq!(run(inner.handle(Kind::Context)), 0);
                run(ctx)
            });
            assert_eq!(inner.err().unwrap().status, Status::Misuse);
            run(ctx)
        });
        assert!(outcome.is_ok() && !is_open());
    }

    #[test]
    fn statements_that_are_left_open_are_finalized_and_counted() {
        let link = link();
        let outcome = Frame::new("x", context(&link), Work::Hook).run(|frame| {
            for _ in 0..3 {
                let statement = frame.contexts[0].as_ref().unwrap().prepare("select 1").unwrap();
                frame.adopt(statement);
            }
            0
        });
        let error = outcome.err().unwrap();
        assert_eq!(
            (error.status, error.message.as_str()),
            (Status::Misuse, "the extension left 3 statements open")
        );
        assert_eq!(link.linked().texts().in_use(), 0);
    }
}
