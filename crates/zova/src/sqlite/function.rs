//! Scalar SQL functions of Zova's own.

use std::ffi::{CStr, c_int, c_void};
use std::slice;

use rusqlite::ffi;

use super::error::SqliteError;
use super::guard::{closing, guarded};
use super::link::{Link, LinkRef, Linked};
use super::value::{Argument, Output};

/// A scalar function. Like every SQL function of SQLite itself it works in views and triggers.
pub(crate) trait ScalarFunction: 'static {
    /// Its name in SQL.
    const NAME: &'static CStr;
    /// How many arguments it takes; -1 for any number.
    const ARGUMENTS: i32;
    /// True if equal arguments always give equal results, whatever the database holds.
    const DETERMINISTIC: bool;
    /// True if the function takes numbers as the text that SQLite makes of them.
    const NUMBERS_AS_TEXT: bool = false;

    /// One call.
    fn call(
        &self,
        linked: &Linked,
        arguments: &[Argument<'_>],
        output: &mut Output<'_>,
    ) -> Result<(), SqliteError>;
}

struct Registered<F> {
    function: F,
    link: LinkRef,
}

/// Makes `function` known to every statement of the connection.
pub(crate) fn register_function<F: ScalarFunction>(link: &Link, function: F) -> Result<(), SqliteError> {
    let registered = Box::new(Registered { function, link: link.reference() });
    let flags = ffi::SQLITE_UTF8 | if F::DETERMINISTIC { ffi::SQLITE_DETERMINISTIC } else { 0 };
    let connection = link.linked().connection();
    // SAFETY: the connection is open and the name is NUL-terminated. SQLite calls `release` exactly once for the box,
    // also when this call fails.
    let code = unsafe {
        ffi::sqlite3_create_function_v2(
            connection.raw(),
            F::NAME.as_ptr(),
            F::ARGUMENTS,
            flags,
            Box::into_raw(registered).cast(),
            Some(call::<F>),
            None,
            None,
            Some(release::<F>),
        )
    };
    connection.check(code)
}

unsafe extern "C" fn call<F: ScalarFunction>(
    context: *mut ffi::sqlite3_context,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    // SAFETY: SQLite passes the context of this call, which outlives it.
    let mut output = unsafe { Output::new(context) };
    // SAFETY: the user data is the box that `register_function` made; SQLite keeps it until `release`.
    let registered = unsafe { &*ffi::sqlite3_user_data(context).cast::<Registered<F>>() };
    let outcome = guarded(F::NAME.to_str().unwrap_or_default(), || {
        let linked = registered.link.get().ok_or_else(closing)?;
        // SAFETY: SQLite passes `count` values, protected and live during the call; without any the pointer may be
        // null, which is not read.
        let values = if count == 0 { &[] } else { unsafe { slice::from_raw_parts(values, count as usize) } };
        // Functions of up to eight arguments, hence all of ours but the variadic ones, allocate nothing.
        let mut few = [Argument::Null; 8];
        let mut many = Vec::new();
        let arguments = if let Some(few) = few.get_mut(..values.len()) {
            few
        } else {
            many.resize(values.len(), Argument::Null);
            &mut many[..]
        };
        for (argument, value) in arguments.iter_mut().zip(values) {
            // SAFETY: as above; each value is read once.
            *argument = unsafe {
                if F::NUMBERS_AS_TEXT { Argument::read_as_text(*value)? } else { Argument::read(*value)? }
            };
        }
        registered.function.call(&linked, arguments, &mut output)
    });
    if let Err(error) = outcome {
        output.error(&error);
    }
}

unsafe extern "C" fn release<F: ScalarFunction>(registered: *mut c_void) {
    let _ = guarded(F::NAME.to_str().unwrap_or_default(), || {
        // SAFETY: SQLite gives back, once, the box that `register_function` made.
        drop(unsafe { Box::from_raw(registered.cast::<Registered<F>>()) });
        Ok(())
    });
}
