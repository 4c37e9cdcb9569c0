//! Services with which a plugin puts off what it writes.
//!
//! What a plugin registers is a writer like any other ([`Deferred`]), whose entries are bytes. It is found by its name
//! among what the extension registered on the connection at hand, so there is nothing that a plugin could keep too long.

use std::ffi::{c_char, c_void};

use super::abi::{zova_ext_ctx, zova_ext_deferred, zova_ext_entry, zova_ext_status};
use super::adapter::User;
use super::cell;
use super::frame::{Frame, Kind, Work, on_context};
use super::host::{INVALID_ARGUMENT, MISUSE, register, sized, terminated};
use crate::error::Status;
use crate::extension::{
    CallContext, Deferred, DeferredWriter, ExtensionContext, ExtensionError, ExtensionResult,
};

type Write = unsafe extern "C" fn(
    ctx: *mut zova_ext_ctx,
    entries: *const zova_ext_entry,
    n_entries: usize,
    user: *mut c_void,
) -> zova_ext_status;

/// The callback that writes what was put off.
pub(super) struct WriteCallback {
    write: Write,
    user: User,
}

// SAFETY: header: `user` may be used on whatever thread uses the database.
unsafe impl Send for WriteCallback {}
// SAFETY: the callback is only used in calls on one connection, which one thread at a time makes.
unsafe impl Sync for WriteCallback {}

impl WriteCallback {
    /// Takes over what belongs to the callback, also when it is refused. The text of an error is the reason.
    ///
    /// # Safety
    ///
    /// The functions are those of the header, and stay valid with `user` until `destroy` was called.
    unsafe fn new(
        write: Option<Write>,
        destroy: Option<unsafe extern "C" fn(user: *mut c_void)>,
        user: *mut c_void,
    ) -> Result<Self, String> {
        let user = User { destroy, user };
        let write = write.ok_or("writes that are put off have no callback")?;
        Ok(Self { write, user })
    }

    pub(super) fn of_extension(self, extension: &str) -> Writer {
        Writer { extension: extension.into(), callback: self }
    }
}

/// The callback as a writer like any other.
pub(super) struct Writer {
    extension: Box<str>,
    callback: WriteCallback,
}

/// Bytes of memory that an entry takes besides its own: its pointers, those for the plugin, and what the allocator adds.
const OVERHEAD: usize = 48;

impl DeferredWriter for Writer {
    type Entry = Box<[u8]>;

    fn size(&self, entry: &Self::Entry) -> usize {
        entry.len() + OVERHEAD
    }

    fn write(&self, context: &mut ExtensionContext<'_>, entries: &[Self::Entry]) -> ExtensionResult<()> {
        let views: Vec<zova_ext_entry> = entries
            .iter()
            .map(|entry| zova_ext_entry { data: entry.as_ptr().cast(), len: entry.len() })
            .collect();
        let frame = Frame::new(&self.extension, context.duplicate(), Work::Hook);
        let WriteCallback { write, user } = &self.callback;
        // SAFETY: promised to `new`. The context is a number that the host looks up; the views and what they point at
        // live until the callback returns.
        let done = frame.run(|frame| unsafe {
            write(frame.handle(Kind::Context), views.as_ptr(), views.len(), user.user)
        });
        done.map(drop)
    }
}

pub(super) unsafe extern "C" fn create_deferred(
    ctx: *mut zova_ext_ctx,
    def: *const zova_ext_deferred,
) -> zova_ext_status {
    // SAFETY: header: null, or a definition that is readable for the call and says how long it is.
    let Some(def) = (unsafe { sized(def, |def| def.struct_size) }) else { return INVALID_ARGUMENT };
    // From here on `destroy` is called whatever happens.
    // SAFETY: header: the functions and `user` stay valid until `destroy` was called.
    let callback = unsafe { WriteCallback::new(def.write, def.destroy, def.user) };
    register(ctx, |frame, registrar| {
        let callback = callback?;
        // SAFETY: header: null, or NUL-terminated for the call.
        let name = unsafe { terminated(def.name, "the name of writes that are put off") }?;
        Ok(frame.answer(registrar.add_deferred(name, callback)))
    })
}

pub(super) unsafe extern "C" fn defer(
    ctx: *mut zova_ext_ctx,
    name: *const c_char,
    name_len: usize,
    data: *const c_void,
    len: usize,
) -> zova_ext_status {
    on_context(ctx, MISUSE, |frame, context| {
        if !matches!(frame.work, Work::Call(_)) {
            let message = "writes can only be put off by an SQL function";
            return frame.failed(ExtensionError::new(Status::Misuse, message));
        }
        // SAFETY: header: null, or readable for the call.
        let deferred = match unsafe { find(frame, context, name, name_len) } {
            Ok(deferred) => deferred,
            Err(reason) => return frame.unacceptable(reason),
        };
        // SAFETY: header: null, or readable for the call.
        let entry: Box<[u8]> = match unsafe { cell::bytes(data.cast(), len) } {
            Ok(bytes) => bytes.into(),
            Err(reason) => return frame.unacceptable(reason),
        };
        frame.answer(deferred.add(&mut CallContext::new(context.linked()), |_| Ok(entry)))
    })
}

pub(super) unsafe extern "C" fn write_deferred(
    ctx: *mut zova_ext_ctx,
    name: *const c_char,
    name_len: usize,
) -> zova_ext_status {
    on_context(ctx, MISUSE, |frame, context| {
        // SAFETY: header: null, or readable for the call.
        match unsafe { find(frame, context, name, name_len) } {
            Ok(deferred) => frame.answer(deferred.flush(context)),
            Err(reason) => frame.unacceptable(reason),
        }
    })
}

/// What the extension registered under this name on the connection. The text of an error is the reason.
///
/// # Safety
///
/// As for `cell::text`.
unsafe fn find(
    frame: &Frame<'_>,
    context: &ExtensionContext<'_>,
    name: *const c_char,
    name_len: usize,
) -> Result<Deferred<Writer>, String> {
    // SAFETY: the caller's promise.
    let name = unsafe { cell::text(name, name_len) }?;
    Deferred::find(context.linked(), frame.extension, name).ok_or_else(|| {
        format!("this extension has not registered writes that are put off under the name {name:?}")
    })
}
