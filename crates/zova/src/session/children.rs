//! What lives inside a session and is addressed by number from outside: statements, writers, readers.

use std::fmt;
use std::marker::PhantomData;

/// Names a child of one [`Session`](super::Session). A number that was ended addresses nothing, also after its place
/// was taken by another child.
pub struct ChildId<K> {
    place: u32,
    issue: u32,
    kind: PhantomData<fn() -> K>,
}

// Derives would ask the same of the marker type.
impl<K> Clone for ChildId<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for ChildId<K> {}

impl<K> PartialEq for ChildId<K> {
    fn eq(&self, other: &Self) -> bool {
        (self.place, self.issue) == (other.place, other.issue)
    }
}

impl<K> fmt::Debug for ChildId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.place, self.issue)
    }
}

struct Place<T> {
    issue: u32,
    child: Option<T>,
}

/// The children of one kind.
pub(super) struct Children<K, T> {
    places: Vec<Place<T>>,
    free: Vec<u32>,
    kind: PhantomData<fn() -> K>,
}

impl<K, T> Default for Children<K, T> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new(), kind: PhantomData }
    }
}

impl<K, T> Children<K, T> {
    pub(super) fn insert(&mut self, child: T) -> ChildId<K> {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place { issue: 0, child: None });
            u32::try_from(self.places.len() - 1).expect("fewer than four thousand million children")
        });
        let slot = &mut self.places[place as usize];
        slot.issue = slot.issue.wrapping_add(1);
        slot.child = Some(child);
        ChildId { place, issue: slot.issue, kind: PhantomData }
    }

    #[inline]
    pub(super) fn get(&mut self, id: ChildId<K>) -> Option<&mut T> {
        match self.places.get_mut(id.place as usize) {
            Some(Place { issue, child }) if *issue == id.issue => child.as_mut(),
            _ => None,
        }
    }

    /// A child to look at only.
    #[inline]
    pub(super) fn peek(&self, id: ChildId<K>) -> Option<&T> {
        match self.places.get(id.place as usize) {
            Some(Place { issue, child }) if *issue == id.issue => child.as_ref(),
            _ => None,
        }
    }

    /// Ends a child and gives it back.
    pub(super) fn remove(&mut self, id: ChildId<K>) -> Option<T> {
        let place = self.places.get_mut(id.place as usize).filter(|place| place.issue == id.issue)?;
        let child = place.child.take()?;
        self.free.push(id.place);
        Some(child)
    }

    /// Takes a child out while a call works on it, so that the call can use the session as well.
    pub(super) fn lend(&mut self, id: ChildId<K>) -> Option<T> {
        self.places.get_mut(id.place as usize).filter(|place| place.issue == id.issue)?.child.take()
    }

    /// Puts a lent child back.
    pub(super) fn give_back(&mut self, id: ChildId<K>, child: T) {
        self.places[id.place as usize].child = Some(child);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Kind;

    #[test]
    fn an_ended_number_addresses_nothing_even_when_its_place_is_taken() {
        let mut children = Children::<Kind, &str>::default();
        let first = children.insert("first");
        assert_eq!(children.remove(first), Some("first"));
        let second = children.insert("second");
        assert_ne!(first, second);
        assert_eq!(children.get(first), None);
        assert_eq!(children.remove(first), None);
        assert_eq!(children.lend(first), None);
        assert_eq!(children.get(second), Some(&mut "second"));
    }

    #[test]
    fn a_lent_child_keeps_its_place() {
        let mut children = Children::<Kind, u8>::default();
        let id = children.insert(1);
        let lent = children.lend(id).unwrap();
        let other = children.insert(2);
        children.give_back(id, lent + 10);
        assert_eq!((children.get(id).copied(), children.get(other).copied()), (Some(11), Some(2)));
    }
}
