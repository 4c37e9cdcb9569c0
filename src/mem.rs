//! Memory that the caller owns after a call and hands back to a `zova_…_free` function.
//!
//! It comes from `malloc`, not from Rust's allocator, because a block in the caller's hands carries no Rust layout.
//! Every block begins with a header that holds its capacity, out of the caller's sight. So releasing never depends
//! on a length field the caller may have changed, and a block that is about to be replaced can be filled again when
//! it is large enough: reading a column in a loop allocates once.

use std::ptr::NonNull;

use zova::engine::ByteBuffer;

/// Bytes before the data: keeps the data as aligned as `malloc` aligns.
const HEADER: usize = 16;

/// The header of data inside a block of more than one result: a capacity that no block has. A free function that is
/// given one of the results recognises by it that the memory is not the result's own.
pub(crate) const INSIDE: [u8; HEADER] = [0xff; HEADER];

/// A block that is filled again may be at most this much larger than its new content needs, so that one huge value
/// does not stay in memory for the sake of small ones.
const SPARE: usize = 16 * 1024;

/// One block, released when dropped.
#[derive(Debug)]
pub(crate) struct Block {
    data: NonNull<u8>,
    len: usize,
}

// SAFETY: a block owns its memory, and `malloc` and `free` may be called from any thread.
unsafe impl Send for Block {}

impl Block {
    /// A block for at least `capacity` bytes with unspecified content; `None` when memory is short.
    fn allocate(capacity: usize) -> Option<Self> {
        // Small blocks get the 48 bytes that malloc would round up to anyway, and a chance to be filled again.
        let capacity = capacity.max(48);
        let size = capacity.checked_add(HEADER)?;
        // SAFETY: the size is not 0.
        let base = NonNull::new(unsafe { libc::malloc(size) })?;
        // SAFETY: `base` is a fresh block of HEADER + `capacity` bytes.
        Some(unsafe { Self::begin(base, capacity) })
    }

    /// Writes the header.
    ///
    /// # Safety
    ///
    /// `base` comes from `malloc` or `calloc`, is owned by nobody, and has HEADER + `capacity` bytes.
    unsafe fn begin(base: NonNull<libc::c_void>, capacity: usize) -> Self {
        // SAFETY: the caller's promise; malloc aligns for every type.
        unsafe { base.cast::<usize>().write(capacity) };
        // SAFETY: within the block, by the caller's promise.
        Self { data: unsafe { base.cast::<u8>().add(HEADER) }, len: 0 }
    }

    /// A block that holds these values one behind the other; `None` when memory is short.
    pub(crate) fn array<T: Copy>(values: impl ExactSizeIterator<Item = T>) -> Option<Self> {
        const { assert!(align_of::<T>() <= HEADER) };
        let count = values.len();
        let mut block = Self::allocate(count.checked_mul(size_of::<T>())?)?;
        for (place, value) in (0..count).zip(values) {
            // SAFETY: the block has room for `count` values, and its data is as aligned as the header is long.
            unsafe { block.data.cast::<T>().add(place).write(value) };
        }
        block.len = count * size_of::<T>();
        Some(block)
    }

    /// Takes a block back; `None` for null and for data inside a block, which goes with it.
    ///
    /// # Safety
    ///
    /// Null, or a pointer that [`Block::into_raw`] returned and that was not taken back since, or one right behind
    /// [`INSIDE`] in a block that is still there.
    pub(crate) unsafe fn from_raw(data: *mut u8) -> Option<Self> {
        let data = NonNull::new(data)?;
        // SAFETY: HEADER bytes of either kind of header stand before the data, by the caller's promise.
        let capacity = unsafe { data.sub(HEADER).cast::<usize>().read_unaligned() };
        if capacity == usize::MAX { None } else { Some(Self { data, len: 0 }) }
    }

    /// Hands the block to the caller of the library.
    pub(crate) fn into_raw(self) -> *mut u8 {
        let data = self.data.as_ptr();
        std::mem::forget(self);
        data
    }

    fn base(&self) -> NonNull<u8> {
        // SAFETY: the data of every block begins HEADER bytes into it.
        unsafe { self.data.sub(HEADER) }
    }

    fn capacity(&self) -> usize {
        // SAFETY: the header of every block begins with its capacity, written by `begin`.
        unsafe { self.base().cast::<usize>().read() }
    }

    /// A block that holds `bytes`, with a zero byte behind them if they are to be `terminated`: `old` when it fits,
    /// else a new one. `None` when memory is short; `old` is released then.
    #[inline]
    pub(crate) fn holding(old: Option<Self>, bytes: &[u8], terminated: bool) -> Option<Self> {
        // A slice is at most half as long as memory could be, so this does not overflow.
        let needed = bytes.len() + usize::from(terminated);
        let mut block = match old {
            Some(old) if (needed..=needed + SPARE).contains(&old.capacity()) => old,
            old => Self::instead_of(old, needed)?,
        };
        // SAFETY: the block has room for `needed` bytes, and being owned it overlaps nothing.
        unsafe {
            block.data.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len());
            if terminated {
                block.data.add(bytes.len()).write(0);
            }
        }
        block.len = needed;
        Some(block)
    }

    #[cold]
    fn instead_of(old: Option<Self>, needed: usize) -> Option<Self> {
        drop(old);
        Self::allocate(needed)
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: the base of every block came from malloc or calloc, and an owned block was not freed.
        unsafe { libc::free(self.base().as_ptr().cast()) }
    }
}

/// Room for large results that the core fills in place. The memory is zeroed, by the operating system for large
/// blocks.
impl ByteBuffer for Block {
    fn with_len(len: usize) -> Option<Self> {
        let size = len.checked_add(HEADER)?;
        // SAFETY: plain numbers.
        let base = NonNull::new(unsafe { libc::calloc(1, size) })?;
        // SAFETY: a fresh block of HEADER + `len` bytes.
        let mut block = unsafe { Self::begin(base, len) };
        block.len = len;
        Some(block)
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: `len` bytes are initialised, by calloc or by `holding`, and owned.
        unsafe { std::slice::from_raw_parts_mut(self.data.as_ptr(), self.len) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_filled_again_when_it_is_large_enough() {
        let first = Block::holding(None, &[7; 40], true).unwrap().into_raw();
        // SAFETY: returned by into_raw just now.
        let old = unsafe { Block::from_raw(first) };
        let mut second = Block::holding(old, b"abc", true).unwrap();
        assert_eq!(second.bytes_mut(), b"abc\0");
        assert_eq!(second.into_raw(), first);
        // SAFETY: as above.
        drop(unsafe { Block::from_raw(first) });
    }

    #[test]
    fn a_block_that_is_too_small_or_far_too_large_is_replaced() {
        let small = Block::holding(None, b"x", false).unwrap();
        let mut grown = Block::holding(Some(small), &[1; 100_000], false).unwrap();
        assert_eq!((grown.bytes_mut().len(), grown.capacity()), (100_000, 100_000));
        let shrunk = Block::holding(Some(grown), b"y", false).unwrap();
        assert_eq!(shrunk.capacity(), 48);
    }

    #[test]
    fn room_for_a_large_result_is_zeroed_and_has_its_length() {
        let mut block = Block::with_len(1 << 20).unwrap();
        assert!(block.bytes_mut().len() == 1 << 20 && block.bytes_mut().iter().all(|&byte| byte == 0));
        assert!(Block::with_len(0).unwrap().bytes_mut().is_empty());
    }

    #[test]
    fn memory_that_cannot_be_had_is_refused() {
        assert!(Block::with_len(usize::MAX).is_none());
        assert!(Block::with_len(isize::MAX as usize).is_none());
        assert!(Block::allocate(usize::MAX - 4).is_none());
    }

    #[test]
    fn data_is_aligned_for_every_element_type() {
        for len in [1, 17, 100, 5000] {
            assert_eq!(Block::allocate(len).unwrap().data.addr().get() % 16, 0);
        }
    }
}
