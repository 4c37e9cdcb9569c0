//! A process that dies while it creates files.

use std::process::Stdio;
use std::time::Duration;

use zova::Database;

use crate::common::process::{child, child_dir, test_of, this_executable};
use crate::common::{Scratch, entries, raw, splitmix, text_of};
use crate::open_accepted;

const ROUNDS: usize = 12;

/// The child creates one file after the other and dies by SIGKILL somewhere among them. Whatever has its final name
/// then is complete, and every name can be used.
#[test]
fn a_killed_creator_leaves_complete_files_or_none_and_a_retry_works() {
    if let Some(dir) = child_dir() {
        // Far more than it gets to.
        for at in 0..5000 {
            drop(Database::create(dir.join(format!("{at}.zova"))).unwrap());
        }
        return;
    }
    let mut state = 7;
    let mut interrupted = 0;
    for _ in 0..ROUNDS {
        let scratch = Scratch::new();
        let mut command = child(&this_executable(), test_of(&|| ()), scratch.dir());
        let mut creator = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while !scratch.path("1.zova").exists() {
            assert!(creator.try_wait().unwrap().is_none(), "the creator gave up");
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_micros(splitmix(&mut state) % 5000));
        creator.kill().unwrap();
        creator.wait().unwrap();

        let names = entries(scratch.dir());
        let (complete, rest): (Vec<_>, Vec<_>) = names.iter().partition(|name| name.ends_with(".zova"));
        assert!(rest.iter().all(|name| name.starts_with(".zova-new-")), "{rest:?}");
        interrupted += usize::from(!rest.is_empty());
        for name in &complete {
            open_accepted(&scratch.path(name));
        }
        let last = complete.len();
        assert!(!scratch.path(&format!("{last}.zova")).exists(), "{complete:?}");
        let (mut db, path) = scratch.database(&format!("{last}.zova"));
        assert_eq!(text_of(&mut db, "pragma integrity_check"), "ok");
        drop(db);
        open_accepted(&path);
        drop(raw(&path));
    }
    assert!(interrupted > 0, "no creation was interrupted in {ROUNDS} rounds");
}
