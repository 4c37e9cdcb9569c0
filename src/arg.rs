//! The caller's pointers. Each function here checks one pointer and turns it into something safe to use for the
//! rest of the call; a null one that is required is a fault that names the field.
//!
//! All of them are `unsafe` for the same reason: only the caller of the C function can promise that a pointer that
//! is not null is valid. The functions of the header pass that promise on.

use std::ffi::{CStr, c_char};
use std::marker::PhantomData;
use std::path::Path;
use std::ptr::NonNull;

use zova::engine::Fault;

use crate::container::{Container, Refill};
use crate::guard::Failure;

/// A request struct.
///
/// # Safety
///
/// Null, or readable and unchanged for `'a`.
#[inline]
pub(crate) unsafe fn request<'a, T>(request: *const T) -> Result<&'a T, Failure> {
    // SAFETY: the caller's promise.
    unsafe { request.as_ref() }.ok_or(Failure::INVALID_ARGUMENT)
}

/// Bytes with their length; null is fine for none. `too_long` is the fault of a length no memory can have.
///
/// # Safety
///
/// Null, or `len` bytes readable and unchanged for `'a`; not looked at when `len` is 0.
#[inline]
pub(crate) unsafe fn bytes<'a>(
    data: *const u8,
    len: usize,
    field: &'static str,
    too_long: impl FnOnce(usize) -> Fault,
) -> Result<&'a [u8], Fault> {
    if len == 0 {
        Ok(&[])
    } else if data.is_null() {
        Err(null_with_length(field, len))
    } else if isize::try_from(len).is_err() {
        Err(too_long(len))
    } else {
        // SAFETY: the caller's promise; neither null nor longer than a slice can be.
        Ok(unsafe { std::slice::from_raw_parts(data, len) })
    }
}

/// Elements with their count; null is fine for none.
///
/// # Safety
///
/// Null, or `len` elements readable and unchanged for `'a`; not looked at when `len` is 0.
pub(crate) unsafe fn elements<'a, T>(
    data: *const T,
    len: usize,
    field: &'static str,
) -> Result<&'a [T], Fault> {
    let possible = len.checked_mul(size_of::<T>()).is_some_and(|size| isize::try_from(size).is_ok());
    if len == 0 {
        Ok(&[])
    } else if data.is_null() {
        Err(null_with_length(field, len))
    } else if !possible {
        Err(Fault::argument(format!("{field} cannot have {len} elements, more than any memory")))
    } else {
        // SAFETY: the caller's promise; neither null nor longer than a slice can be.
        Ok(unsafe { std::slice::from_raw_parts(data, len) })
    }
}

/// Texts with their number; null is fine for none, but not for one of them.
///
/// # Safety
///
/// As [`elements`], and each element as [`text`].
pub(crate) unsafe fn texts<'a>(
    data: *const *const c_char,
    len: usize,
    field: &'static str,
) -> Result<Vec<&'a [u8]>, Fault> {
    // SAFETY: the caller's promise.
    let pointers = unsafe { elements(data, len, field) }?;
    // SAFETY: the caller's promise.
    pointers.iter().map(|pointer| Ok(unsafe { text(*pointer, field) }?.to_bytes())).collect()
}

/// A buffer to fill; null is fine for an empty one.
///
/// # Safety
///
/// Null, or `len` bytes readable, writable and used by nobody else for `'a`; not looked at when `len` is 0.
pub(crate) unsafe fn room<'a>(data: *mut u8, len: usize, field: &'static str) -> Result<Room<'a>, Fault> {
    match NonNull::new(data) {
        Some(data) => Ok(Room { data, len, buffer: PhantomData }),
        None if len == 0 => Ok(Room { data: NonNull::dangling(), len, buffer: PhantomData }),
        None => Err(null_with_length(field, len)),
    }
}

/// A caller's buffer. A caller that does not care says it is larger than it is, or than memory is, so only the part
/// that is needed is ever treated as bytes.
pub(crate) struct Room<'a> {
    data: NonNull<u8>,
    len: usize,
    buffer: PhantomData<&'a mut [u8]>,
}

impl<'a> Room<'a> {
    /// How many bytes fit.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The first `len` bytes, which must fit.
    pub(crate) fn first(self, len: usize) -> &'a mut [u8] {
        assert!(len <= self.len, "more bytes than fit");
        // SAFETY: whoever made this promised that so many bytes are readable, writable and unaliased.
        unsafe { std::slice::from_raw_parts_mut(self.data.as_ptr(), len) }
    }
}

/// NUL-terminated text, whatever its encoding.
///
/// # Safety
///
/// Null, or NUL-terminated and unchanged for `'a`.
pub(crate) unsafe fn text<'a>(text: *const c_char, field: &'static str) -> Result<&'a CStr, Fault> {
    if text.is_null() {
        return Err(null(field));
    }
    // SAFETY: the caller's promise.
    Ok(unsafe { CStr::from_ptr(text) })
}

/// NUL-terminated text that may be absent.
///
/// # Safety
///
/// As [`text`].
pub(crate) unsafe fn optional_text<'a>(text: *const c_char) -> Option<&'a CStr> {
    // SAFETY: the caller's promise.
    if text.is_null() { None } else { Some(unsafe { CStr::from_ptr(text) }) }
}

/// A path: on Unix any bytes, elsewhere UTF-8.
///
/// # Safety
///
/// As [`text`].
pub(crate) unsafe fn path<'a>(path: *const c_char, field: &'static str) -> Result<&'a Path, Fault> {
    // SAFETY: the caller's promise.
    let text = unsafe { text(path, field) }?;
    #[cfg(unix)]
    return Ok(Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(text.to_bytes())));
    #[cfg(not(unix))]
    return text.to_str().map(Path::new).map_err(|_| Fault::argument(format!("{field} is not valid UTF-8")));
}

/// A path that may be absent.
///
/// # Safety
///
/// As [`text`].
pub(crate) unsafe fn optional_path<'a>(
    given: *const c_char,
    field: &'static str,
) -> Result<Option<&'a Path>, Fault> {
    // SAFETY: the caller's promise.
    if given.is_null() { Ok(None) } else { unsafe { path(given, field) }.map(Some) }
}

/// Paths with their number; null is fine for none, but not for one of them.
///
/// # Safety
///
/// As [`elements`], and each element as [`text`].
pub(crate) unsafe fn paths<'a>(
    data: *const *const c_char,
    len: usize,
    field: &'static str,
) -> Result<Vec<&'a Path>, Fault> {
    // SAFETY: the caller's promise.
    let pointers = unsafe { elements(data, len, field) }?;
    // SAFETY: the caller's promise.
    pointers.iter().map(|pointer| unsafe { path(*pointer, field) }).collect()
}

/// Flags of which only those in `defined` may be set.
pub(crate) fn flags(given: u32, defined: u32) -> Result<u32, Fault> {
    match given & !defined {
        0 => Ok(given),
        unknown => {
            Err(Fault::argument(format!("flags has bits that are not defined for this call: {unknown:#x}")))
        }
    }
}

/// Where one result goes. It can only be written, once and whole: what is there before may be uninitialised.
pub(crate) struct Out<T>(NonNull<T>);

impl<T> Out<T> {
    /// Stores the result.
    #[inline]
    pub(crate) fn set(self, value: T) {
        // SAFETY: whoever made this promised that the place is writable for the whole call.
        unsafe { self.0.write(value) }
    }
}

/// A place that must be there.
pub(crate) fn present<T>(pointer: *mut T, field: &'static str) -> Result<NonNull<T>, Fault> {
    NonNull::new(pointer).ok_or_else(|| null(field))
}

/// An output that stays as it is until the call succeeds.
///
/// # Safety
///
/// Null, or writable and used by nobody else for the rest of the call.
#[inline]
pub(crate) unsafe fn out<T>(out: *mut T, field: &'static str) -> Result<Out<T>, Fault> {
    present(out, field).map(Out)
}

/// An output that is empty after a call that failed: emptied here, without looking at what it holds.
///
/// # Safety
///
/// As [`out`].
#[inline]
pub(crate) unsafe fn cleared<T: Empty>(out: *mut T, field: &'static str) -> Result<Out<T>, Fault> {
    let out = NonNull::new(out).ok_or_else(|| null(field))?;
    // SAFETY: the caller's promise.
    unsafe { out.write(T::EMPTY) };
    Ok(Out(out))
}

/// An output that owns the memory of an earlier result: emptied here, its memory released or used again.
///
/// # Safety
///
/// As [`out`], and holds zeroes or an earlier result of this library that was not released elsewhere.
#[inline]
pub(crate) unsafe fn refill<T: Container>(out: *mut T, field: &'static str) -> Result<Refill<T>, Fault> {
    let out = present(out, field)?;
    // SAFETY: the caller's promise.
    Ok(unsafe { Refill::new(out) })
}

/// Outputs that have a value for "no result".
pub(crate) trait Empty {
    /// That value.
    const EMPTY: Self;
}

impl<T> Empty for *mut T {
    const EMPTY: Self = std::ptr::null_mut();
}

impl Empty for usize {
    const EMPTY: Self = 0;
}

#[cold]
fn null(field: &'static str) -> Fault {
    Fault::argument(format!("{field} must not be null"))
}

#[cold]
fn null_with_length(field: &'static str, len: usize) -> Fault {
    Fault::argument(format!("{field} is null although its length is {len}"))
}

/// The fault of a length above the largest possible one, where no other status fits.
#[cold]
pub(crate) fn impossible_length(field: &'static str, len: usize) -> Fault {
    Fault::argument(format!("{field} cannot have {len} bytes, more than any memory"))
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::*;

    fn too_long(len: usize) -> Fault {
        impossible_length("data", len)
    }

    #[test]
    fn no_bytes_need_no_pointer_and_a_dangling_one_is_not_read() {
        // SAFETY: neither pointer may be looked at, because the length is 0.
        let (null, dangling) = unsafe {
            (bytes(ptr::null(), 0, "data", too_long), bytes(ptr::without_provenance(8), 0, "data", too_long))
        };
        assert_eq!((null.unwrap(), dangling.unwrap()), (&[][..], &[][..]));
        // SAFETY: as above.
        assert!(unsafe { room(ptr::null_mut(), 0, "buffer") }.unwrap().first(0).is_empty());
    }

    #[test]
    fn a_null_pointer_with_a_length_is_a_fault_that_names_the_field() {
        // SAFETY: null.
        let fault = unsafe { bytes(ptr::null(), 3, "payload", too_long) }.unwrap_err();
        assert_eq!(fault.to_string(), "InvalidArgument: payload is null although its length is 3");
        // SAFETY: null.
        let fault = unsafe { room(ptr::null_mut(), 3, "buffer") }.err().unwrap();
        assert_eq!(fault.to_string(), "InvalidArgument: buffer is null although its length is 3");
    }

    #[test]
    fn a_length_no_memory_can_have_is_refused_without_reading() {
        let byte = 1_u8;
        for len in [usize::MAX, isize::MAX as usize + 1] {
            // SAFETY: the length is refused before the pointer is used.
            let fault = unsafe { bytes(&raw const byte, len, "data", too_long) }.unwrap_err();
            assert_eq!(Failure::from(fault), Failure::INVALID_ARGUMENT);
        }
    }

    #[test]
    fn only_as_much_of_a_buffer_is_used_as_is_needed() {
        let mut bytes = [1_u8; 4];
        // SAFETY: only as many bytes as there are will be asked for.
        let room = unsafe { room(bytes.as_mut_ptr(), usize::MAX, "buffer") }.unwrap();
        assert_eq!(room.len(), usize::MAX);
        room.first(2).fill(7);
        assert_eq!(bytes, [7, 7, 1, 1]);
    }

    #[test]
    fn null_text_paths_and_outputs_are_faults_that_name_the_field() {
        // SAFETY: null.
        let faults = unsafe {
            [
                text(ptr::null(), "sql").unwrap_err(),
                path(ptr::null(), "path").unwrap_err(),
                out::<u64>(ptr::null_mut(), "out_size").err().unwrap(),
                cleared::<usize>(ptr::null_mut(), "out_copied").err().unwrap(),
            ]
        };
        let texts = faults.map(|fault| fault.to_string());
        assert_eq!(
            texts,
            ["sql", "path", "out_size", "out_copied"]
                .map(|f| format!("InvalidArgument: {f} must not be null"))
        );
        // SAFETY: null.
        assert_eq!(unsafe { request::<u64>(ptr::null()) }, Err(Failure::INVALID_ARGUMENT));
    }

    #[test]
    fn flags_that_are_not_defined_are_named() {
        assert_eq!((flags(0, 1).unwrap(), flags(1, 1).unwrap()), (0, 1));
        let fault = flags(7, 1).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "InvalidArgument: flags has bits that are not defined for this call: 0x6"
        );
    }

    #[test]
    fn an_output_is_untouched_until_it_is_set_and_a_cleared_one_is_empty_at_once() {
        let (mut kept, mut emptied) = (5_u64, 5_usize);
        // SAFETY: both outlive the outputs and nothing else uses them meanwhile.
        let (set_kept, set_emptied) =
            unsafe { (out(&raw mut kept, "a").unwrap(), cleared(&raw mut emptied, "b").unwrap()) };
        // SAFETY: no reference to either exists.
        assert_eq!(unsafe { ((&raw const kept).read(), (&raw const emptied).read()) }, (5, 0));
        set_kept.set(6);
        set_emptied.set(7);
        assert_eq!((kept, emptied), (6, 7));
    }
}
