//! Results that own memory: the structs, their free functions, and how they are filled.

use std::ffi::c_char;
use std::ptr::{NonNull, null_mut};

use zova::engine::Fault;

use crate::arg::Empty;
use crate::guard::shield;
use crate::mem::Block;

/// Bytes the library returned. Release them with zova_buffer_free. All zero means empty: { NULL, 0 }.
#[repr(C)]
#[derive(Debug)]
pub struct zova_buffer {
    /// The bytes, or null. There is no terminator behind them. When len is 0 this may be null or not, and must not
    /// be dereferenced.
    pub data: *mut u8,
    /// Number of bytes in data.
    pub len: usize,
}

/// Why a call without a database handle failed (opening and creating). Initialise it with { NULL, 0 } before its
/// first use; after that it may be used for any number of calls, each of which replaces the content. Release it
/// with zova_message_free once at the end.
#[repr(C)]
#[derive(Debug)]
pub struct zova_message {
    /// One UTF-8 sentence with a NUL byte behind it, beginning with the error name
    /// ("NotZovaDatabase: ..."). Null after a call that succeeded.
    pub data: *mut c_char,
    /// Number of bytes in data, without the NUL byte.
    pub len: usize,
}

/// Text the library returned. Initialise it with { NULL, 0 } before its first use as an output; after that it may
/// be used for any number of calls, each of which replaces the content. Release it with zova_text_free once at
/// the end.
#[repr(C)]
#[derive(Debug)]
pub struct zova_text {
    /// The text with a NUL byte behind it, also when it is empty or contains NUL bytes itself. Null for SQL NULL.
    /// The encoding is that of the value: text that was stored as UTF-8 is UTF-8; nothing is checked or converted.
    pub data: *mut c_char,
    /// Number of bytes in data, without the NUL byte behind them.
    pub len: usize,
}

/// Releases the bytes of a buffer and sets every field to zero. Null and empty buffers are fine, so calling it
/// twice is harmless. Do not change the fields before, and do not free two copies of one buffer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_buffer_free(buffer: *mut zova_buffer) {
    // SAFETY: zova.h: null, or a buffer that is zero or owns its bytes.
    shield((), || unsafe { release(buffer) });
}

/// Releases the text of a message and sets every field to zero. Null and empty messages are fine, so calling it
/// twice is harmless. Do not change the fields before, and do not free two copies of one message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_message_free(message: *mut zova_message) {
    // SAFETY: zova.h: null, or a message that is zero or owns its text.
    shield((), || unsafe { release(message) });
}

/// Releases a text and sets every field to zero. Null and empty texts are fine, so calling it twice is harmless.
/// Do not change the fields before, and do not free two copies of one text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zova_text_free(text: *mut zova_text) {
    // SAFETY: zova.h: null, or a text that is zero or owns its bytes.
    shield((), || unsafe { release(text) });
}

/// A struct that owns one block.
pub(crate) trait Container: Empty {
    /// Whether a zero byte stands behind the content.
    const TERMINATED: bool;

    /// The struct with this content.
    fn with(data: *mut u8, len: usize) -> Self;

    /// Its block, or null.
    fn data(&self) -> *mut u8;
}

impl Empty for zova_buffer {
    const EMPTY: Self = Self { data: null_mut(), len: 0 };
}

impl Container for zova_buffer {
    const TERMINATED: bool = false;

    fn with(data: *mut u8, len: usize) -> Self {
        Self { data, len }
    }

    fn data(&self) -> *mut u8 {
        self.data
    }
}

impl zova_buffer {
    /// The buffer that hands a block filled by the core to the caller.
    pub(crate) fn owning(mut block: Block) -> Self {
        let len = zova::engine::ByteBuffer::bytes_mut(&mut block).len();
        Self { data: block.into_raw(), len }
    }
}

impl Empty for zova_message {
    const EMPTY: Self = Self { data: null_mut(), len: 0 };
}

impl Container for zova_message {
    const TERMINATED: bool = true;

    fn with(data: *mut u8, len: usize) -> Self {
        Self { data: data.cast(), len }
    }

    fn data(&self) -> *mut u8 {
        self.data.cast()
    }
}

impl Empty for zova_text {
    const EMPTY: Self = Self { data: null_mut(), len: 0 };
}

impl Container for zova_text {
    const TERMINATED: bool = true;

    fn with(data: *mut u8, len: usize) -> Self {
        Self { data: data.cast(), len }
    }

    fn data(&self) -> *mut u8 {
        self.data.cast()
    }
}

/// # Safety
///
/// Null, or writable, and zero or owning its block.
unsafe fn release<T: Container>(container: *mut T) {
    if let Some(container) = NonNull::new(container) {
        // SAFETY: the caller's promise. Dropping what is taken out releases it.
        drop(unsafe { Refill::new(container) });
    }
}

/// A container of the caller whose old content is taken out of it. Until it is filled it is empty; its old block is
/// filled again or released.
#[derive(Debug)]
pub(crate) struct Refill<T> {
    container: NonNull<T>,
    old: Option<Block>,
}

impl<T: Container> Refill<T> {
    /// # Safety
    ///
    /// Writable and used by nobody else as long as this lives; zero or owning its block.
    #[inline]
    pub(crate) unsafe fn new(container: NonNull<T>) -> Self {
        // SAFETY: the caller's promise: initialised and writable.
        let content = unsafe { container.replace(T::EMPTY) };
        // SAFETY: the caller's promise: its block is its own, and the container just forgot it.
        Self { container, old: unsafe { Block::from_raw(content.data()) } }
    }

    /// Stores these bytes, with the terminator the struct has. `what` completes "not enough memory for".
    #[inline]
    pub(crate) fn fill(mut self, bytes: &[u8], what: &'static str) -> Result<(), Fault> {
        let block = Block::holding(self.old.take(), bytes, T::TERMINATED).ok_or(Fault::OutOfMemory(what))?;
        // SAFETY: whoever made this promised that the place is writable.
        unsafe { self.container.write(T::with(block.into_raw(), bytes.len())) };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    #[test]
    fn filling_replaces_the_content_and_reuses_the_memory() {
        let mut text = zova_text::EMPTY;
        let mut places = Vec::new();
        for content in ["first", "a\0b", ""] {
            // SAFETY: zero at first, owning its block afterwards.
            let refill = unsafe { Refill::new(NonNull::from(&mut text)) };
            refill.fill(content.as_bytes(), "a test").unwrap();
            assert_eq!(text.len, content.len());
            // SAFETY: `len` bytes and a NUL byte were stored.
            let stored = unsafe { std::slice::from_raw_parts(text.data.cast::<u8>(), text.len + 1) };
            assert_eq!(stored, [content.as_bytes(), b"\0"].concat());
            places.push(text.data);
        }
        assert!(places.iter().all(|&place| place == places[0]));
        // SAFETY: owns its block.
        unsafe { zova_text_free(&raw mut text) };
        assert!(text.data.is_null() && text.len == 0);
    }

    #[test]
    fn a_container_that_is_not_filled_ends_empty() {
        let mut message = zova_message::EMPTY;
        // SAFETY: zero.
        unsafe { Refill::new(NonNull::from(&mut message)) }.fill(b"old", "a test").unwrap();
        // SAFETY: NUL-terminated by `fill`.
        assert_eq!(unsafe { CStr::from_ptr(message.data) }, c"old");
        // SAFETY: owns its block.
        drop(unsafe { Refill::new(NonNull::from(&mut message)) });
        assert!(message.data.is_null() && message.len == 0);
    }

    #[test]
    fn freeing_does_not_depend_on_the_length_and_may_be_repeated() {
        let mut buffer = zova_buffer::EMPTY;
        // SAFETY: zero.
        unsafe { Refill::new(NonNull::from(&mut buffer)) }.fill(&[1; 100], "a test").unwrap();
        buffer.len = usize::MAX;
        // SAFETY: owns its block the first time, zero or null afterwards.
        unsafe {
            zova_buffer_free(&raw mut buffer);
            assert!(buffer.data.is_null() && buffer.len == 0);
            zova_buffer_free(&raw mut buffer);
            zova_buffer_free(null_mut());
            zova_message_free(null_mut());
            zova_text_free(null_mut());
        }
    }
}
