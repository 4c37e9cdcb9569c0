//! Results that are structs with texts: the structs and all their texts lie in one block, so that a result of a
//! thousand items costs one allocation, and releasing it one more call.

use std::ffi::c_char;
use std::mem::size_of;
use std::ptr::{NonNull, null_mut};

use zova::engine::{ByteBuffer, Fault};

use crate::arg::Empty;
use crate::mem::{Block, INSIDE};

/// Room for texts inside a block.
pub(crate) struct Texts<'b>(&'b mut [u8]);

impl Texts<'_> {
    /// Stores a text with its terminator: where it is, and its length.
    pub(crate) fn text(&mut self, text: &str) -> (*mut c_char, usize) {
        let place = self.put(text.as_bytes());
        self.put(&[0]);
        (place.cast(), text.len())
    }

    fn put(&mut self, bytes: &[u8]) -> *mut u8 {
        let (place, rest) = std::mem::take(&mut self.0).split_at_mut(bytes.len());
        place.copy_from_slice(bytes);
        self.0 = rest;
        place.as_mut_ptr()
    }

    /// As [`Texts::text`], with the byte that says whether there is one.
    pub(crate) fn optional(&mut self, text: Option<&str>) -> (*mut c_char, usize, u8) {
        match text {
            None => (null_mut(), 0, 0),
            Some(text) => {
                let (place, len) = self.text(text);
                (place, len, 1)
            }
        }
    }
}

/// How many bytes of [`Texts`] these need.
pub(crate) fn room<'a>(texts: impl IntoIterator<Item = Option<&'a str>>) -> usize {
    texts.into_iter().flatten().map(|text| text.len() + 1).sum()
}

/// An array of structs made from `sources`, and its length; null for none. `room` says how many bytes of texts each
/// needs; `what` completes "not enough memory for". The array's pointer is that of its block. The first text of each
/// element may be given to [`release`] as well, which does nothing then: freeing an element before its list is allowed.
pub(crate) fn list<S, T>(
    sources: impl ExactSizeIterator<Item = S> + Clone,
    room: impl Fn(&S) -> usize,
    what: &'static str,
    make: impl Fn(&mut Texts<'_>, S) -> T,
) -> Result<(*mut T, usize), Fault> {
    // What `malloc` and the header of a block guarantee.
    const { assert!(align_of::<T>() <= 16) }
    let len = sources.len();
    if len == 0 {
        return Ok((null_mut(), 0));
    }
    let texts: usize = sources.clone().map(|source| INSIDE.len() + room(&source)).sum();
    let head = len * size_of::<T>();
    let mut block = Block::with_len(head + texts).ok_or(Fault::OutOfMemory(what))?;
    let (items, texts) = block.bytes_mut().split_at_mut(head);
    let items = items.as_mut_ptr().cast::<T>();
    let mut texts = Texts(texts);
    for (index, source) in sources.enumerate() {
        assert!(index < len, "an iterator gives as many items as it says");
        texts.put(&INSIDE);
        let item = make(&mut texts, source);
        // SAFETY: the block begins with room for `len` items, is aligned for them, and `texts` lies behind them.
        unsafe { items.add(index).write(item) };
    }
    Ok((block.into_raw().cast(), len))
}

/// One struct whose texts lie in a block of their own; the first of them is at the block's beginning.
pub(crate) fn single<T>(
    room: usize,
    what: &'static str,
    make: impl FnOnce(&mut Texts<'_>) -> T,
) -> Result<T, Fault> {
    let mut block = Block::with_len(room).ok_or(Fault::OutOfMemory(what))?;
    let made = make(&mut Texts(block.bytes_mut()));
    let _ = block.into_raw();
    Ok(made)
}

/// Releases the block of a list or single struct.
///
/// # Safety
///
/// Null, or what [`list`] returned, or the first text of an element of it or of what [`single`] returned, and not
/// released since.
pub(crate) unsafe fn release<T>(block: *mut T) {
    // SAFETY: the caller's promise.
    drop(unsafe { Block::from_raw(block.cast()) });
}

/// The work of a free function: empties a result and releases its block.
///
/// # Safety
///
/// Null, or writable, and zero or filled from [`list`] or [`single`]; `block` gives the pointer that stands for its
/// block.
pub(crate) unsafe fn free<T: Empty>(result: *mut T, block: impl FnOnce(&T) -> *mut u8) {
    let Some(result) = NonNull::new(result) else { return };
    // SAFETY: the caller's promise.
    let taken = unsafe { result.replace(T::EMPTY) };
    // SAFETY: the caller's promise; the result just forgot its block.
    unsafe { release(block(&taken)) };
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    #[repr(C)]
    struct Item {
        number: u64,
        text: *mut c_char,
        len: usize,
    }

    #[test]
    fn items_and_their_texts_lie_in_one_block() {
        let sources = ["first", "", "third"];
        let (items, len) = list(
            sources.iter(),
            |text| room([Some(**text)]),
            "a test",
            |texts, text| {
                let (place, len) = texts.text(text);
                Item { number: 7, text: place, len }
            },
        )
        .unwrap();
        assert_eq!(len, 3);
        for (index, source) in sources.iter().enumerate() {
            // SAFETY: `list` wrote `len` items.
            let item = unsafe { &*items.add(index) };
            assert_eq!((item.number, item.len), (7, source.len()));
            // SAFETY: a text with its terminator.
            assert_eq!(unsafe { CStr::from_ptr(item.text) }.to_str(), Ok(*source));
        }
        // SAFETY: the first text of an element, then the list, made by `list` and not released yet.
        unsafe {
            release((*items.add(1)).text);
            release((*items.add(1)).text);
            release(items);
        }
    }

    #[test]
    fn no_items_need_no_memory() {
        let none: [&str; 0] = [];
        assert_eq!(list(none.iter(), |_| 0, "a test", |_, _| 0_u64), Ok((null_mut(), 0)));
        // SAFETY: null.
        unsafe { release(null_mut::<u8>()) };
    }

    #[test]
    fn absent_and_empty_texts_differ() {
        let (first, absent, empty) = single(room([Some("x"), None, Some("")]), "a test", |texts| {
            (texts.text("x"), texts.optional(None), texts.optional(Some("")))
        })
        .unwrap();
        assert_eq!(absent, (null_mut(), 0, 0));
        assert!(!empty.0.is_null() && (empty.1, empty.2) == (0, 1));
        // SAFETY: the first text of a single struct.
        unsafe { release(first.0) };
    }
}
