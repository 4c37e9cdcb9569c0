//! How far a copy has come: one growing scale of pages copied, then of items verified.

use crate::error::Fault;
use crate::options::{Watch, report};
use crate::sqlite::StopWhen;

/// Tells the watcher, and stops the work for the watcher, for an interrupt and at the deadline.
pub(super) struct Meter<'w> {
    watch: Watch<'w>,
    when: StopWhen,
    done: u64,
    total: u64,
    /// From how much on the watcher is told again.
    due: u64,
}

impl<'w> Meter<'w> {
    /// Pages or items between two reports.
    const STEP: u64 = 128;

    pub(super) fn new(watch: Watch<'w>, when: StopWhen) -> Self {
        Self { watch, when, done: 0, total: 0, due: 0 }
    }

    /// There is so much to do, as far as is known now.
    pub(super) fn expect(&mut self, total: u64) {
        self.total = total.max(self.done);
    }

    /// So much is done. The end of everything is told by [`Meter::finish`] alone.
    pub(super) fn advance(&mut self, done: u64) -> Result<(), Fault> {
        self.done = self.done.max(done);
        self.expect(self.total);
        if self.done < self.due || (self.done == self.total && self.done > 0) {
            return self.go_on();
        }
        self.due = self.done + Self::STEP;
        self.tick()
    }

    /// Work goes on that is not counted. While there is any, not everything is done.
    pub(super) fn tick(&mut self) -> Result<(), Fault> {
        self.go_on()?;
        report(self.watch, self.done.min(self.total.saturating_sub(1)), self.total)
    }

    /// Everything is done but giving the file its name.
    pub(super) fn finish(&mut self) -> Result<(), Fault> {
        self.go_on()?;
        self.done = self.total;
        report(self.watch, self.done, self.total)
    }

    pub(super) fn done(&self) -> u64 {
        self.done
    }

    /// Whether it is time to stop.
    pub(super) fn go_on(&self) -> Result<(), Fault> {
        if self.when.has_come() { Err(Fault::Interrupted) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::options::Progress;

    #[test]
    fn done_never_decreases_and_equals_total_at_the_end_alone() {
        let mut told = Vec::new();
        let mut watch = |progress: Progress| {
            told.push((progress.done, progress.total));
            ControlFlow::Continue(())
        };
        let mut meter = Meter::new(&mut watch, StopWhen::default());
        meter.expect(1000);
        for done in [0, 10, 300, 200, 999, 1000] {
            meter.advance(done).unwrap();
        }
        meter.tick().unwrap();
        meter.expect(1300);
        meter.advance(1299).unwrap();
        meter.finish().unwrap();
        assert_eq!(told, [(0, 1000), (300, 1000), (999, 1000), (999, 1000), (1299, 1300), (1300, 1300)]);
    }

    #[test]
    fn an_interrupt_is_noticed_although_nothing_is_due() {
        let when = StopWhen::default();
        let mut watch = |_: Progress| ControlFlow::Continue(());
        let mut meter = Meter::new(&mut watch, when.clone());
        meter.expect(1000);
        meter.advance(1).unwrap();
        when.asked.interrupt();
        assert_eq!(meter.advance(2), Err(Fault::Interrupted));
    }
}
