//! A case: a name, the tools it needs, and what it does. Skips are visible and counted.

use std::collections::BTreeMap;
use std::sync::Mutex;

use libtest_mimic::{Failed, Trial};

use crate::tools::{self, Tool};

/// The cases of a run, and what was left out.
pub struct Cases {
    trials: Vec<Trial>,
    require_all: bool,
}

/// Parts that programs skipped while running, and cases whose tools are missing: reason → count.
static SKIPPED: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

/// Notes one skip for the final lines.
fn skip(reason: &str) {
    let mut skipped = SKIPPED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    *skipped.entry(reason.to_owned()).or_default() += 1;
}

/// `ZOVA_REQUIRE_ALL=1`: nothing may be skipped.
pub fn require_all() -> bool {
    std::env::var_os("ZOVA_REQUIRE_ALL").is_some_and(|value| value == "1")
}

impl Default for Cases {
    fn default() -> Self {
        Cases { trials: Vec::new(), require_all: require_all() }
    }
}

impl Cases {
    /// Adds a case. `mode` is shown in brackets before its name.
    pub fn add(
        &mut self,
        mode: &str,
        name: &str,
        needs: &[Tool],
        run: impl FnOnce() -> Result<(), String> + Send + 'static,
    ) {
        let trial = match tools::missing(needs) {
            None => Trial::test(name, move || run().map_err(Failed::from)).with_kind(mode),
            Some(reason) if self.require_all => {
                let message = format!("{reason}, and ZOVA_REQUIRE_ALL=1 allows no skip");
                Trial::test(name, move || Err(Failed::from(message))).with_kind(mode)
            }
            Some(reason) => {
                skip(&reason);
                let kind = format!("{mode}, skipped: {reason}");
                Trial::test(name, move || Err(Failed::from(reason))).with_kind(kind).with_ignored_flag(true)
            }
        };
        self.trials.push(trial);
    }

    /// The trials for the harness.
    pub fn into_trials(self) -> Vec<Trial> {
        self.trials
    }
}

/// Takes the `skipped: <part>: <reason>` lines of a program that ended well. Any other output, and any skip where
/// nothing may be skipped, is an error.
pub fn accept_output(output: &str) -> Result<(), String> {
    for line in output.lines() {
        let Some(part) = line.strip_prefix("skipped: ") else {
            return Err("ended well but printed something".to_owned());
        };
        if require_all() {
            return Err("skipped a part, and ZOVA_REQUIRE_ALL=1 allows no skip".to_owned());
        }
        skip(part);
    }
    Ok(())
}

/// One line per reason, for the end of the run.
pub fn skip_lines() -> Vec<String> {
    let skipped = SKIPPED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    skipped
        .iter()
        .map(|(reason, count)| {
            let noun = if *count == 1 { "case" } else { "cases" };
            format!("skipped: {count} {noun} ({reason})")
        })
        .collect()
}
