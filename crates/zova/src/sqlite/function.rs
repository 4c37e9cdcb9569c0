//! Scalar SQL functions of Zova's own.

use std::ffi::{CStr, CString, c_int};
use std::slice;

use rusqlite::ffi;

use super::error::SqliteError;
use super::guard::{closing, guarded, release_box};
use super::link::{Link, LinkRef, Linked};
use super::value::{Output, SqlValue as Argument};

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

/// How SQLite may use a function.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FunctionKind {
    /// How many arguments it takes; -1 for any number.
    pub(crate) arguments: i32,
    /// Equal arguments always give equal results, whatever the database holds.
    pub(crate) deterministic: bool,
    /// Harmless even in the schema of a file that is not trusted.
    pub(crate) innocuous: bool,
    /// Refused in views, triggers and the rest of the schema.
    pub(crate) direct_only: bool,
    /// Numbers are given to it as the text that SQLite makes of them.
    pub(crate) numbers_as_text: bool,
}

struct Registered<C> {
    name: CString,
    numbers_as_text: bool,
    callback: C,
    link: LinkRef,
}

/// Makes `function` known to every statement of the connection.
pub(crate) fn register_function<F: ScalarFunction>(link: &Link, function: F) -> Result<(), SqliteError> {
    let kind = FunctionKind {
        arguments: F::ARGUMENTS,
        deterministic: F::DETERMINISTIC,
        numbers_as_text: F::NUMBERS_AS_TEXT,
        ..FunctionKind::default()
    };
    register_callback(link, F::NAME, kind, move |linked, arguments, output| {
        function.call(linked, arguments, output)
    })
}

/// Makes a function known to every statement of the connection. One of the same name and number of arguments is
/// replaced, which SQLite refuses (BUSY) while a statement is running.
pub(crate) fn register_callback<C>(
    link: &Link,
    name: &CStr,
    kind: FunctionKind,
    callback: C,
) -> Result<(), SqliteError>
where
    C: Fn(&Linked, &[Argument<'_>], &mut Output<'_>) -> Result<(), SqliteError> + 'static,
{
    let registered = Box::new(Registered {
        name: name.to_owned(),
        numbers_as_text: kind.numbers_as_text,
        callback,
        link: link.reference(),
    });
    let flag = |set, flag| if set { flag } else { 0 };
    let flags = ffi::SQLITE_UTF8
        | flag(kind.deterministic, ffi::SQLITE_DETERMINISTIC)
        | flag(kind.innocuous, ffi::SQLITE_INNOCUOUS)
        | flag(kind.direct_only, ffi::SQLITE_DIRECTONLY);
    let connection = link.linked().connection();
    // SAFETY: the connection is open and the name is NUL-terminated. SQLite calls `release_box` exactly once for the box,
    // also when this call fails.
    let code = unsafe {
        ffi::sqlite3_create_function_v2(
            connection.raw(),
            name.as_ptr(),
            kind.arguments,
            flags,
            Box::into_raw(registered).cast(),
            Some(call::<C>),
            None,
            None,
            Some(release_box::<Registered<C>>),
        )
    };
    connection.check(code)
}

unsafe extern "C" fn call<C>(
    context: *mut ffi::sqlite3_context,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) where
    C: Fn(&Linked, &[Argument<'_>], &mut Output<'_>) -> Result<(), SqliteError> + 'static,
{
    // SAFETY: SQLite passes the context of this call, which outlives it.
    let mut output = unsafe { Output::new(context) };
    // SAFETY: the user data is the box that `register_callback` made; SQLite keeps it until `release_box`.
    let registered = unsafe { &*ffi::sqlite3_user_data(context).cast::<Registered<C>>() };
    let outcome = guarded(&registered.name, || {
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
                if registered.numbers_as_text {
                    Argument::read_as_text(*value)?
                } else {
                    Argument::read(*value)?
                }
            };
        }
        (registered.callback)(&linked, arguments, &mut output)
    });
    if let Err(error) = outcome {
        output.error(&error);
    }
}
