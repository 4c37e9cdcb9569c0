//! A process that dies while it writes objects.

use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use zova::{Database, Progress};

use crate::common::process::{child, child_dir, test_of, this_executable};
use crate::common::reference::Rows;
use crate::common::{Scratch, bytes, entries, splitmix, text_of};
use crate::objects::{assert_holds, loose_chunks, object_id, rows};
use crate::{assert_alone, store};

const STORED: usize = 150_000;

/// What the child writes: contents that share chunks.
fn content(number: usize) -> Vec<u8> {
    let mut content = bytes(1, STORED);
    content.extend(bytes(number as u64 + 2, STORED));
    content
}

fn run(test: &str, scratch: &Scratch) -> std::process::Child {
    let mut command = child(&this_executable(), test, scratch.dir());
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn kill_this_process() -> ! {
    let _ = Command::new("kill").args(["-9", &std::process::id().to_string()]).status();
    unreachable!("killed")
}

fn was_killed(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal() == Some(9)
}

/// The file is sound and holds whole objects only, of the contents written so far.
fn assert_sound(path: &Path) -> usize {
    let mut db = Database::open(path).unwrap();
    assert_eq!(text_of(&mut db, "pragma integrity_check"), "ok");
    let found = rows(path);
    let present: Vec<Vec<u8>> = (0..found.objects.len() + 3)
        .map(content)
        .filter(|content| found.objects.contains_key(object_id(content).as_ref()))
        .collect();
    assert_eq!(present.len(), found.objects.len(), "objects that nobody wrote");
    assert!(found == Rows::of(present.iter().map(Vec::as_slice)), "rows are missing or left over");
    assert_eq!(loose_chunks(path), 0);
    present.len()
}

/// Three writers at a time; dies by SIGKILL in a write or in a finish.
#[test]
fn a_killed_process_leaves_whole_objects_and_no_loose_chunks() {
    if let Some(dir) = child_dir() {
        let mut db = Database::create(dir.join("a.zova")).unwrap();
        for first in (0..3000).step_by(3) {
            let mut writers: Vec<_> = (0..3).map(|_| db.object_writer_owned().unwrap()).collect();
            let contents: Vec<_> = (first..first + 3).map(content).collect();
            for start in (0..2 * STORED).step_by(50_000) {
                for (writer, content) in writers.iter_mut().zip(&contents) {
                    writer.write(&content[start..start + 50_000]).unwrap();
                }
            }
            for writer in writers {
                writer.finish().unwrap();
            }
            if first == 0 {
                std::fs::write(dir.join("started"), b"").unwrap();
            }
        }
        return;
    }
    let mut state = 3;
    for _ in 0..5 {
        let scratch = Scratch::new();
        let mut writing = run(test_of(&|| ()), &scratch);
        while !scratch.path("started").exists() {
            assert!(writing.try_wait().unwrap().is_none(), "the writer gave up");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(splitmix(&mut state) % 120_000));
        writing.kill().unwrap();
        assert!(was_killed(writing.wait().unwrap()));
        let path = scratch.path("a.zova");
        let left = entries(scratch.dir());
        let known = ["a.zova", "a.zova-journal", "started"];
        assert!(left.iter().all(|name| known.contains(&name.as_str())), "{left:?}");
        let stored = assert_sound(&path);
        assert!(stored >= 3);
        let mut db = Database::open(&path).unwrap();
        store(&mut db, &content(stored));
        assert_eq!(assert_sound(&path), stored + 1);
        drop(db);
        std::fs::remove_file(scratch.path("started")).unwrap();
        assert_alone(&path);
    }
}

/// Dies at a chosen moment of the finish: after most of the object was stored and SQLite had to write pages out.
#[test]
fn a_process_that_dies_in_finish_leaves_nothing_of_the_object() {
    let large = bytes(9, 6_000_000);
    if let Some(dir) = child_dir() {
        let mut db = Database::open(dir.join("a.zova")).unwrap();
        let mut die = |Progress { done, .. }: Progress| {
            if done > 11_500_000 {
                kill_this_process();
            }
            ControlFlow::Continue(())
        };
        let _ = db.put_object_file(dir.join("large"), &mut die);
        return;
    }
    let scratch = Scratch::new();
    let (mut db, path) = scratch.database("a.zova");
    store(&mut db, &content(0));
    drop(db);
    std::fs::write(scratch.path("large"), &large).unwrap();
    let mut dying = run(test_of(&|| ()), &scratch);
    assert!(was_killed(dying.wait().unwrap()));
    // The transaction was under way: its journal is hot, and the file has grown.
    assert_eq!(entries(scratch.dir()), ["a.zova", "a.zova-journal", "large"]);
    assert!(std::fs::metadata(&path).unwrap().len() > 3_000_000);
    assert_eq!(assert_sound(&path), 1);
    let mut db = Database::open(&path).unwrap();
    assert_eq!(store(&mut db, &large), object_id(&large));
    std::fs::remove_file(scratch.path("large")).unwrap();
    assert_holds(&path, [&content(0)[..], &large], []);
    assert_alone(&path);
}

/// Dies while bytes are set aside, which nobody sees.
#[test]
fn a_process_that_dies_between_writes_leaves_no_file_beside_the_database() {
    if let Some(dir) = child_dir() {
        let mut db = Database::open(dir.join("a.zova")).unwrap();
        let mut writer = db.object_writer().unwrap();
        for part in bytes(9, 4_000_000).chunks(65536) {
            writer.write(part).unwrap();
        }
        kill_this_process();
    }
    let scratch = Scratch::new();
    let (db, path) = scratch.database("a.zova");
    drop(db);
    let before = std::fs::read(&path).unwrap();
    let mut dying = run(test_of(&|| ()), &scratch);
    assert!(was_killed(dying.wait().unwrap()));
    assert!(std::fs::read(&path).unwrap() == before);
    assert_alone(&path);
}
