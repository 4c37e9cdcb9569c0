//! A plugin as an extension like any other: the trait's methods call the plugin's hooks.

use std::cell::RefCell;
use std::ffi::c_void;

use super::abi::{
    zova_ext_call, zova_ext_cell, zova_ext_ctx, zova_ext_hook, zova_ext_plugin, zova_ext_rows,
    zova_ext_status,
};
use super::cell;
use super::deferring::WriteCallback;
use super::frame::{Frame, Kind, Registrar, RowTaker, Work};
use crate::extension::{
    Extension, ExtensionContext, ExtensionManifest, ExtensionResult, RegisterContext, RowSink,
    SalvageContext, SalvageReport, ScalarDefinition, SqlOutput, TableDefinition,
};
use crate::sqlite::SqlValue;

/// A plugin that fits this host.
pub(crate) struct Plugin {
    manifest: ExtensionManifest,
    user: *mut c_void,
    register_sql: zova_ext_hook,
    open_check: zova_ext_hook,
    install: zova_ext_hook,
    check: zova_ext_hook,
    drop: zova_ext_hook,
    salvage: zova_ext_hook,
}

// SAFETY: header: `user` may be used by several threads at once, and the hooks are functions.
unsafe impl Send for Plugin {}
// SAFETY: as above.
unsafe impl Sync for Plugin {}

impl Plugin {
    /// # Safety
    ///
    /// The hooks are those of the header, and stay valid with `user` until the process ends.
    pub(super) unsafe fn new(manifest: ExtensionManifest, plugin: &zova_ext_plugin) -> Self {
        let zova_ext_plugin { user, register_sql, open_check, install, check, drop, salvage, .. } = *plugin;
        Self { manifest, user, register_sql, open_check, install, check, drop, salvage }
    }

    /// Runs a hook; one that there is none of succeeds.
    fn call<'f>(&self, hook: zova_ext_hook, frame: Frame<'f>) -> ExtensionResult<Work<'f>> {
        frame.run(|frame| match hook {
            // SAFETY: promised to `new`; the context is a number that the host looks up.
            Some(hook) => unsafe { hook(frame.handle(Kind::Context), self.user) },
            None => 0,
        })
    }

    fn call_plain(&self, hook: zova_ext_hook, context: &ExtensionContext<'_>) -> ExtensionResult<()> {
        self.call(hook, Frame::new(&self.manifest.name, context.duplicate(), Work::Hook)).map(drop)
    }
}

impl Extension for Plugin {
    fn manifest(&self) -> &ExtensionManifest {
        &self.manifest
    }

    fn register_sql(&self, context: &mut RegisterContext<'_>) -> ExtensionResult<()> {
        let own = context.duplicate();
        let frame = Frame::new(&self.manifest.name, own, Work::Register(RefCell::new(context)));
        self.call(self.register_sql, frame).map(drop)
    }

    fn open_check(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()> {
        self.call_plain(self.open_check, context)
    }

    fn install(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()> {
        self.call_plain(self.install, context)
    }

    fn check(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()> {
        self.call_plain(self.check, context)
    }

    fn drop_storage(&self, context: &mut ExtensionContext<'_>) -> ExtensionResult<()> {
        self.call_plain(self.drop, context)
    }

    fn salvage(&self, context: &mut SalvageContext<'_>) -> ExtensionResult<Option<SalvageReport>> {
        if self.salvage.is_none() {
            return Ok(None);
        }
        let destination = context.destination().map(ExtensionContext::duplicate);
        let frame = Frame::salvage(&self.manifest.name, context.source().duplicate(), destination);
        match self.call(self.salvage, frame)? {
            Work::Salvage(salvage) => {
                salvage.left_out.into_inner().into_iter().for_each(|row| context.name_left_out(row));
                Ok(Some(salvage.report.get().unwrap_or_default()))
            }
            _ => Ok(None),
        }
    }
}

impl Registrar for RegisterContext<'_> {
    fn add_function(&mut self, definition: ScalarDefinition<'_>, function: Function) -> ExtensionResult<()> {
        let extension: Box<str> = self.extension().into();
        self.scalar(definition, move |context, arguments| function.call(&extension, context, arguments))
    }

    fn add_table(&mut self, definition: TableDefinition<'_>, function: TableFunction) -> ExtensionResult<()> {
        let extension: Box<str> = self.extension().into();
        let scan =
            move |context: &mut ExtensionContext<'_>,
                  arguments: &[Option<SqlValue<'_>>],
                  rows: &mut RowSink<'_>| function.scan(&extension, context, arguments, rows);
        self.table(definition, scan)
    }

    fn add_deferred(&mut self, name: &str, write: WriteCallback) -> ExtensionResult<()> {
        let writer = write.of_extension(self.extension());
        self.deferred(name, writer).map(drop)
    }
}

/// Releases what belongs to a callback.
pub(super) struct User {
    pub(super) destroy: Option<unsafe extern "C" fn(user: *mut c_void)>,
    pub(super) user: *mut c_void,
}

impl Drop for User {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy {
            // SAFETY: promised where it was made; this is the only call.
            unsafe { destroy(self.user) }
        }
    }
}

type Call = unsafe extern "C" fn(
    call: *mut zova_ext_call,
    args: *const zova_ext_cell,
    n_args: usize,
    user: *mut c_void,
) -> zova_ext_status;

/// The callback of an SQL function.
pub(super) struct Function {
    call: Call,
    user: User,
}

// SAFETY: header: `user` may be used on whatever thread uses the database.
unsafe impl Send for Function {}

impl Function {
    /// Takes over what belongs to the callback, also when it is refused. The text of an error is the reason.
    ///
    /// # Safety
    ///
    /// The functions are those of the header, and stay valid with `user` until `destroy` was called.
    pub(super) unsafe fn new(
        call: Option<Call>,
        destroy: Option<unsafe extern "C" fn(user: *mut c_void)>,
        user: *mut c_void,
    ) -> Result<Self, String> {
        let user = User { destroy, user };
        let call = call.ok_or("a function has no callback")?;
        Ok(Self { call, user })
    }

    fn call(
        &self,
        extension: &str,
        context: &ExtensionContext<'_>,
        arguments: &[SqlValue<'_>],
    ) -> ExtensionResult<SqlOutput> {
        let work = Work::Call(RefCell::new(Ok(SqlOutput::Null)));
        let work = Frame::new(extension, context.duplicate(), work).run(|frame| {
            with_cells(arguments.iter().map(|value| cell::of(*value)), |cells| {
                // SAFETY: promised to `new`. The call is a number that the host looks up; the cells and what they
                // borrow live until the callback returns.
                unsafe { (self.call)(frame.handle(Kind::Call), cells.as_ptr(), cells.len(), self.user.user) }
            })
        });
        match work? {
            Work::Call(output) => output.into_inner(),
            _ => Ok(SqlOutput::Null),
        }
    }
}

type Scan = unsafe extern "C" fn(
    ctx: *mut zova_ext_ctx,
    args: *const zova_ext_cell,
    present: *const u8,
    n_args: usize,
    rows: *mut zova_ext_rows,
    user: *mut c_void,
) -> zova_ext_status;

/// The callback of a table function.
pub(super) struct TableFunction {
    scan: Scan,
    user: User,
}

// SAFETY: header: `user` may be used on whatever thread uses the database.
unsafe impl Send for TableFunction {}

impl TableFunction {
    /// As [`Function::new`].
    ///
    /// # Safety
    ///
    /// As [`Function::new`].
    pub(super) unsafe fn new(
        scan: Option<Scan>,
        destroy: Option<unsafe extern "C" fn(user: *mut c_void)>,
        user: *mut c_void,
    ) -> Result<Self, String> {
        let user = User { destroy, user };
        let scan = scan.ok_or("a table function has no callback")?;
        Ok(Self { scan, user })
    }

    fn scan(
        &self,
        extension: &str,
        context: &ExtensionContext<'_>,
        arguments: &[Option<SqlValue<'_>>],
        rows: &mut RowSink<'_>,
    ) -> ExtensionResult<()> {
        let present: Vec<u8> = arguments.iter().map(|value| u8::from(value.is_some())).collect();
        let mut push = |values: &[SqlValue<'_>]| rows.push(values);
        let taker: RowTaker<'_> = &mut push;
        let frame = Frame::new(extension, context.duplicate(), Work::Scan(RefCell::new(taker)));
        let work = frame.run(|frame| {
            with_cells(arguments.iter().map(|value| value.map_or(cell::EMPTY, cell::of)), |cells| {
                // SAFETY: promised to `new`. Context and rows are numbers that the host looks up; the cells and what
                // they borrow live until the callback returns.
                unsafe {
                    (self.scan)(
                        frame.handle(Kind::Context),
                        cells.as_ptr(),
                        present.as_ptr(),
                        cells.len(),
                        frame.handle(Kind::Rows),
                        self.user.user,
                    )
                }
            })
        });
        work.map(drop)
    }
}

/// Collects cells without an allocation for up to eight.
fn with_cells<T>(
    cells: impl ExactSizeIterator<Item = zova_ext_cell>,
    body: impl FnOnce(&[zova_ext_cell]) -> T,
) -> T {
    let mut few = [cell::EMPTY; 8];
    match few.get_mut(..cells.len()) {
        Some(few) => {
            few.iter_mut().zip(cells).for_each(|(place, cell)| *place = cell);
            body(few)
        }
        None => body(&cells.collect::<Vec<_>>()),
    }
}
