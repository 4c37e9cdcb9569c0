//! A process that dies while it copies.

use std::process::Stdio;
use std::time::Duration;

use zova::Database;

use crate::Way;
use crate::common::process::{child, child_dir, test_of, this_executable};
use crate::common::{Scratch, entries, one, raw, splitmix};

const ROUNDS: usize = 10;

/// The child copies one file after the other and dies by SIGKILL somewhere among them.
fn killed(way: Way, test: &str) {
    if let Some(dir) = child_dir() {
        // Far more than it gets to.
        for at in 0..5000 {
            way.copy(&dir.join("source.zova"), &dir.join(format!("{at}.zova"))).unwrap();
        }
        return;
    }
    let mut state = 11;
    let mut interrupted = 0;
    for _ in 0..ROUNDS {
        let scratch = Scratch::new();
        let source = scratch.path("source.zova");
        way.source(&source);
        let before = std::fs::read(&source).unwrap();
        let mut command = child(&this_executable(), test, scratch.dir());
        let mut copier = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while !scratch.path("1.zova").exists() {
            assert!(copier.try_wait().unwrap().is_none(), "the child gave up");
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_micros(splitmix(&mut state) % 50_000));
        copier.kill().unwrap();
        copier.wait().unwrap();

        let names = entries(scratch.dir());
        let (complete, rest): (Vec<_>, Vec<_>) = names.iter().partition(|name| name.ends_with(".zova"));
        assert!(rest.iter().all(|name| name.starts_with(".zova-new-")), "{rest:?}");
        interrupted += usize::from(!rest.is_empty());
        for name in &complete {
            if *name != "source.zova" {
                drop(Database::open(scratch.path(name)).unwrap());
            }
            assert_eq!(one::<String>(&raw(&scratch.path(name)), "pragma integrity_check"), "ok");
        }
        assert!(std::fs::read(&source).unwrap() == before);
        // What is left does not stand in the way of the next copy.
        let next = scratch.path(&format!("{}.zova", complete.len() - 1));
        assert!(!next.exists());
        way.copy(&source, &next).unwrap();
        drop(Database::open(next).unwrap());
    }
    assert!(interrupted > 0, "no copy was interrupted in {ROUNDS} rounds");
}

#[test]
fn a_killed_backup_leaves_complete_files_or_none() {
    killed(Way::Backup, test_of(&|| ()));
}

#[test]
fn a_killed_compact_leaves_complete_files_or_none() {
    killed(Way::Compact, test_of(&|| ()));
}

#[test]
fn a_killed_restore_leaves_complete_files_or_none() {
    killed(Way::Restore, test_of(&|| ()));
}

#[test]
fn a_killed_conversion_leaves_complete_files_or_none_and_its_source_as_it_was() {
    killed(Way::Convert, test_of(&|| ()));
}
