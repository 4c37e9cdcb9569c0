//! The table behind the handles: which values are live, and the memory their owners keep beside them.
//!
//! A handle's value names a slot and how often that slot was issued before, so looking one up needs no search, no
//! lock, and above all no look through the caller's pointer:
//!
//! | Bits | Content |
//! |---|---|
//! | 63–56 | the kind, a capital letter: never an address that a program can have on x86-64 or arm64, never small |
//! | 51–32 | the slot; the bits above it are 0 |
//! | 31–0 | the generation, from 1 |
//!
//! Each issue of a slot has the next generation, and a slot whose generations are used up is not issued again: no
//! value is issued twice in a process. Slots live in chunks of static lifetime that are never freed, so a reference to
//! a slot is good for ever, and a thread that comes too late reads a slot that says so instead of freed memory. The
//! price is that memory for slots (64 bytes for a child, 384 for a database) stays at its highest mark.

use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};

use parking_lot::Mutex;

const _: () = assert!(usize::BITS == 64, "a handle needs all of a 64-bit pointer");

/// Slots in a chunk. A power of two, so that finding one takes a shift and a mask.
const SIZE: usize = 128;
/// Chunks of a table: 1,048,576 of its handles can be live at once. A power of two, so that every masked number is
/// that of a slot.
const CHUNKS: usize = 8192;
const SLOT_SHIFT: u32 = 32;
const SLOT_MASK: u64 = (SIZE * CHUNKS) as u64 - 1;
const KIND_SHIFT: u32 = 56;
/// What a slot without a live handle shows: the value of no slot.
const FREE: u64 = u64::MAX;
/// The end of the list of free slots.
const NONE: u32 = u32::MAX;

/// One slot: its state in the table and what its owner keeps there. Aligned, so that finding one takes a shift.
#[repr(align(64))]
pub(super) struct Slot<T> {
    /// The live handle's value, or [`FREE`].
    current: AtomicU64,
    index: u32,
    /// Generation of the last issue; changes under the table's lock only.
    generation: AtomicU32,
    /// The next free slot while this one is free; changes under the table's lock only.
    next: AtomicU32,
    /// What the owner keeps here. It outlives the handle and is there before the first.
    pub(super) body: T,
}

impl<T> Slot<T> {
    /// Whether this is the slot's live handle. Acquire: what was written before the handle was issued is visible.
    #[inline]
    pub(super) fn is(&self, value: u64) -> bool {
        self.current.load(Ordering::Acquire) == value
    }

    /// From here on the handle is no longer live. The slot is not free yet: [`Table::release`].
    pub(super) fn end(&self) {
        self.current.store(FREE, Ordering::Release);
    }
}

/// All slots of one type of body.
pub(super) struct Table<T: 'static> {
    chunks: [AtomicPtr<[Slot<T>; SIZE]>; CHUNKS],
    free: Mutex<Free>,
}

struct Free {
    /// First slot of the list of free ones.
    head: u32,
    /// Slots that exist.
    slots: u32,
}

impl<T: Default> Table<T> {
    pub(super) const fn new() -> Self {
        Self {
            chunks: [const { AtomicPtr::new(std::ptr::null_mut()) }; CHUNKS],
            free: Mutex::new(Free { head: NONE, slots: 0 }),
        }
    }

    /// The slot of a handle's value while that value is live; any other value of any origin has none.
    #[inline]
    pub(super) fn find(&'static self, value: u64) -> Option<&'static Slot<T>> {
        self.slot((value >> SLOT_SHIFT & SLOT_MASK) as u32).filter(|slot| slot.is(value))
    }

    #[inline]
    fn slot(&'static self, index: u32) -> Option<&'static Slot<T>> {
        let index = index as usize;
        let chunk = self.chunks.get(index / SIZE)?.load(Ordering::Acquire);
        // SAFETY: null, or a chunk of static lifetime that `grow` stored.
        unsafe { chunk.as_ref() }.map(|chunk| &chunk[index % SIZE])
    }

    /// Takes a free slot; `None` when memory or slots are used up.
    pub(super) fn reserve(&'static self) -> Option<Seat<T>> {
        let mut free = self.free.lock();
        if free.head == NONE {
            self.grow(&mut free)?;
        }
        let slot = self.slot(free.head)?;
        free.head = slot.next.load(Ordering::Relaxed);
        Some(Seat { table: self, slot })
    }

    /// Puts a slot whose handle has ended into the list of free ones.
    pub(super) fn release(&'static self, slot: &'static Slot<T>) {
        let mut free = self.free.lock();
        if slot.generation.load(Ordering::Relaxed) < u32::MAX {
            slot.next.store(free.head, Ordering::Relaxed);
            free.head = slot.index;
        }
    }

    /// Adds a chunk of free slots.
    fn grow(&'static self, free: &mut Free) -> Option<()> {
        let place = self.chunks.get(free.slots as usize / SIZE)?;
        let end = free.slots + SIZE as u32;
        let mut slots = Vec::new();
        slots.try_reserve_exact(SIZE).ok()?;
        slots.extend((free.slots..end).map(|index| Slot {
            current: AtomicU64::new(FREE),
            index,
            generation: AtomicU32::new(0),
            next: AtomicU32::new(if index + 1 < end { index + 1 } else { free.head }),
            body: T::default(),
        }));
        let chunk: Box<[Slot<T>; SIZE]> = slots.into_boxed_slice().try_into().ok()?;
        place.store(Box::leak(chunk), Ordering::Release);
        free.head = free.slots;
        free.slots = end;
        Some(())
    }
}

/// A slot that is taken but has no live handle yet. Dropped unused, it is free again.
pub(super) struct Seat<T: Default + 'static> {
    table: &'static Table<T>,
    pub(super) slot: &'static Slot<T>,
}

impl<T: Default> Seat<T> {
    /// Issues the slot: returns the new handle's value. Release: what was written to the body before is visible to
    /// whoever finds the handle.
    pub(super) fn issue(self, kind: u8) -> u64 {
        let slot = self.slot;
        std::mem::forget(self);
        // Only the owner of the seat and the table's lock come near the generation of a slot that is not live.
        let generation = slot.generation.load(Ordering::Relaxed) + 1;
        slot.generation.store(generation, Ordering::Relaxed);
        let value =
            u64::from(kind) << KIND_SHIFT | u64::from(slot.index) << SLOT_SHIFT | u64::from(generation);
        slot.current.store(value, Ordering::Release);
        value
    }
}

impl<T: Default> Drop for Seat<T> {
    fn drop(&mut self) {
        self.table.release(self.slot);
    }
}

/// The kind that a value claims to be.
#[inline]
pub(super) fn kind_of(value: u64) -> u8 {
    (value >> KIND_SHIFT) as u8
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn table() -> &'static Table<AtomicU32> {
        Box::leak(Box::new(Table::new()))
    }

    #[test]
    fn handles_are_refused_when_all_slots_are_live() {
        let table = table();
        // As if all but one chunk were in use.
        table.free.lock().slots = (SIZE * (CHUNKS - 1)) as u32;
        let seats: Vec<_> = (0..SIZE).map(|_| table.reserve().unwrap()).collect();
        assert!(table.reserve().is_none());
        assert!(seats.iter().all(|seat| std::ptr::eq(seat.slot, table.slot(seat.slot.index).unwrap())));
        drop(seats);
        assert!(table.reserve().is_some());
    }

    #[test]
    fn values_are_never_issued_twice_and_find_only_their_own_slot() {
        let table = table();
        let mut seen = HashSet::new();
        let mut live = Vec::new();
        for round in 0..2000_u32 {
            let seat = table.reserve().unwrap();
            seat.slot.body.store(round, Ordering::Relaxed);
            let value = seat.issue(b'S');
            assert!(value > 4096 && seen.insert(value));
            live.push((value, round));
            if round % 3 != 0 {
                let (ended, _) = live.swap_remove(round as usize % live.len());
                let slot = table.find(ended).unwrap();
                slot.end();
                table.release(slot);
            }
        }
        for &(value, round) in &live {
            assert_eq!(table.find(value).unwrap().body.load(Ordering::Relaxed), round);
        }
        let live: HashSet<u64> = live.into_iter().map(|(value, _)| value).collect();
        assert!(seen.difference(&live).all(|&ended| table.find(ended).is_none()));
    }

    #[test]
    fn a_slot_whose_generations_are_used_up_is_not_issued_again() {
        let table = table();
        let seat = table.reserve().unwrap();
        seat.slot.generation.store(u32::MAX - 1, Ordering::Relaxed);
        let slot = seat.slot;
        let value = seat.issue(b'S');
        assert_eq!(value as u32, u32::MAX);
        slot.end();
        table.release(slot);
        for _ in 0..200 {
            assert_ne!(std::mem::ManuallyDrop::new(table.reserve().unwrap()).slot.index, slot.index);
        }
        assert!(table.find(value).is_none());
    }

    #[test]
    fn a_seat_that_is_not_used_is_free_again() {
        let table = table();
        let first = table.reserve().unwrap().slot.index;
        assert_eq!(table.reserve().unwrap().slot.index, first);
    }

    #[test]
    fn values_of_any_origin_find_nothing() {
        let table = table();
        let issued = table.reserve().unwrap().issue(b'D');
        let on_the_stack = &raw const issued as u64;
        for bit in 0..64 {
            assert!(table.find(1 << bit).is_none());
            assert!(table.find(issued ^ 1 << bit).is_none());
        }
        for value in [0, 1, 4095, u64::MAX, on_the_stack, b'D' as u64 * 0x0101_0101_0101_0101] {
            assert!(table.find(value).is_none());
        }
    }
}
