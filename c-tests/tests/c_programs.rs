//! The runner: `cargo test -p zova-c-tests --test c_programs [-- FILTER]`.

use zova_c_tests::cases::{self, Cases};
use zova_c_tests::{interface, links, programs};

fn main() {
    let arguments = libtest_mimic::Arguments::from_args();
    let mut all = Cases::default();
    interface::add(&mut all);
    links::add(&mut all);
    programs::add(&mut all);
    let listed = arguments.list;
    let conclusion = libtest_mimic::run(&arguments, all.into_trials());
    if !listed {
        for line in cases::skip_lines() {
            println!("{line}");
        }
    }
    conclusion.exit();
}
