//! Many writers at once, on one handle and on several, and deletes while they are open.

use std::sync::Barrier;

use zova::{Database, ObjectId, OpenOptions, OwnedObjectWriter, SharedDatabase};

use crate::assert_alone;
use crate::common::reference::{Rows, chunks};
use crate::common::{Scratch, bytes, splitmix};
use crate::objects::{assert_holds, chunk_id, loose_chunks, object_id, quick_database, rows};

const PATIENT: OpenOptions = OpenOptions { read_only: false, busy_timeout_ms: 60_000 };

/// Contents that share most of their chunks.
fn family(count: u64, size: usize) -> Vec<Vec<u8>> {
    let base = bytes(1, size);
    (0..count)
        .map(|number| {
            let mut content = base.clone();
            let at = (number as usize * 37_003) % size;
            content[at] ^= 0xff;
            content.truncate(size - number as usize * 100);
            content
        })
        .collect()
}

fn owned(db: &mut Database, content: &[u8]) -> OwnedObjectWriter {
    let mut writer = db.object_writer_owned().unwrap();
    writer.write(content).unwrap();
    writer
}

#[test]
fn many_writers_of_one_handle_do_not_disturb_each_other() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let contents = family(40, 150_000);
    let mut writers: Vec<Option<OwnedObjectWriter>> =
        contents.iter().map(|_| Some(db.object_writer_owned().unwrap())).collect();
    let mut written = vec![0; contents.len()];
    let mut finished: Vec<&[u8]> = Vec::new();
    let mut state = 5;
    while writers.iter().any(Option::is_some) {
        let at = splitmix(&mut state) as usize % writers.len();
        let Some(writer) = &mut writers[at] else { continue };
        let rest = &contents[at][written[at]..];
        let size = rest.len().min(splitmix(&mut state) as usize % 60_000);
        writer.write(&rest[..size]).unwrap();
        written[at] += size;
        if written[at] == contents[at].len() {
            let writer = writers[at].take().unwrap();
            match at % 4 {
                0 => writer.cancel().unwrap(),
                1 => drop(writer),
                _ => {
                    assert_eq!(writer.finish().unwrap(), object_id(&contents[at]));
                    finished.push(&contents[at]);
                }
            }
        }
    }
    assert_eq!(finished.len(), 20);
    assert_holds(&path, finished, []);
    assert_alone(&path);
}

#[test]
fn writers_of_the_same_content_all_finish_with_the_same_id() {
    for size in [10, 100_000, 1_500_000] {
        let scratch = Scratch::new();
        let (mut db, path) = quick_database(&scratch);
        let content = bytes(2, size);
        let writers: Vec<_> = (0..5).map(|_| owned(&mut db, &content)).collect();
        for (number, writer) in writers.into_iter().enumerate() {
            match number {
                1 => writer.cancel().unwrap(),
                3 => drop(writer),
                _ => assert_eq!(writer.finish().unwrap(), object_id(&content)),
            }
        }
        assert_holds(&path, [content.as_slice()], []);
        db.delete_object(object_id(&content)).unwrap();
        assert_holds(&path, [], []);
    }
}

#[test]
fn cancelling_one_of_two_writers_leaves_the_other_whole() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let content = bytes(3, 1_300_000);
    for destroy in [true, false] {
        let stays = owned(&mut db, &content);
        let goes = owned(&mut db, &content[..900_000]);
        if destroy {
            drop(goes);
        } else {
            goes.cancel().unwrap();
        }
        let id = stays.finish().unwrap();
        assert!(db.get_object(id).unwrap() == content);
        assert_holds(&path, [content.as_slice()], []);
        db.delete_object(id).unwrap();
    }
}

#[test]
fn deleting_what_a_writer_has_met_does_not_fail_its_finish() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let mut other = Database::open(&path).unwrap();
    let content = bytes(4, 200_000);
    let mut relative = content.clone();
    relative[190_000] ^= 1;
    let loose = chunks(&content)[2];
    for from_other in [false, true] {
        let stored = db.put_object(&content).unwrap();
        let near = db.put_object(&relative).unwrap();
        let writer = owned(&mut db, &content);
        let deleting = if from_other { &mut other } else { &mut db };
        deleting.delete_object(stored).unwrap();
        deleting.delete_object(near).unwrap();
        assert_eq!(writer.finish().unwrap(), stored);
        assert_holds(&path, [content.as_slice()], []);
        db.delete_object(stored).unwrap();

        db.put_object_chunk(chunk_id(loose), loose).unwrap();
        let writer = owned(&mut db, &content);
        let deleting = if from_other { &mut other } else { &mut db };
        assert!(deleting.delete_object_chunk(chunk_id(loose)).unwrap());
        assert_eq!(writer.finish().unwrap(), stored);
        assert_holds(&path, [content.as_slice()], []);
        db.delete_object(stored).unwrap();
    }
}

#[test]
fn chunks_that_were_there_before_stay_after_cancel_and_drop() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let content = bytes(5, 300_000);
    let (loose, stored) = (chunks(&content)[4], &content[..100_000]);
    db.put_object_chunk(chunk_id(loose), loose).unwrap();
    db.put_object(stored).unwrap();
    owned(&mut db, &content).cancel().unwrap();
    assert_holds(&path, [stored], [loose]);
    drop(owned(&mut db, &content));
    assert_holds(&path, [stored], [loose]);
    owned(&mut db, &content).finish().unwrap();
    assert_holds(&path, [stored, &content], []);
}

#[test]
fn nothing_is_stored_before_finish() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let content = bytes(6, 3_000_000);
    let before = std::fs::read(&path).unwrap();
    let mut writer = db.object_writer_owned().unwrap();
    for part in content.chunks(200_000) {
        writer.write(part).unwrap();
        assert_alone(&path);
    }
    assert!(std::fs::read(&path).unwrap() == before);
    assert!(!db.has_object(object_id(&content)).unwrap());
    writer.finish().unwrap();
    assert_alone(&path);
}

#[test]
fn what_was_finished_and_deleted_can_be_written_again() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let contents = family(6, 120_000);
    for round in 0..3 {
        let writers: Vec<_> = contents.iter().map(|content| owned(&mut db, content)).collect();
        for (writer, content) in writers.into_iter().zip(&contents) {
            assert_eq!(writer.finish().unwrap(), object_id(content));
        }
        assert_holds(&path, contents.iter().map(Vec::as_slice), []);
        for content in &contents[..5 - round] {
            db.delete_object(object_id(content)).unwrap();
        }
        assert_holds(&path, contents[5 - round..].iter().map(Vec::as_slice), []);
    }
}

#[test]
fn an_assembled_object_of_the_same_content_keeps_its_boundaries() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let content = bytes(7, 40_000);
    let writer = owned(&mut db, &content);
    crate::objects::assemble(&mut db, &content, [10_000; 4]);
    let before = rows(&path);
    assert_eq!(writer.finish().unwrap(), object_id(&content));
    assert!(rows(&path) == before);
    db.delete_object(object_id(&content)).unwrap();
    assert_holds(&path, [], []);
}

#[test]
fn threads_write_through_one_shared_handle() {
    let scratch = Scratch::new();
    let (db, path) = quick_database(&scratch);
    drop(db);
    let db = SharedDatabase::open(&path).unwrap();
    let contents = family(8, 700_000);
    let together = Barrier::new(4);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (db, contents, together) = (db.clone(), &contents, &together);
            scope.spawn(move || {
                together.wait();
                // Half of the contents are written by two threads.
                let mine = [0, 1, 2].map(|at| &contents[(2 * thread + at) % 8]);
                let mut writers = mine.map(|content| (db.object_writer().unwrap(), content.chunks(90_001)));
                for (writer, parts) in &mut writers {
                    writer.write(parts.next().unwrap()).unwrap();
                }
                for ((mut writer, parts), content) in writers.into_iter().zip(mine) {
                    parts.for_each(|part| writer.write(part).unwrap());
                    assert_eq!(writer.finish().unwrap(), object_id(content));
                    assert_eq!(db.object_size(object_id(content)).unwrap(), content.len() as u64);
                }
            });
        }
    });
    assert_holds(&path, contents.iter().map(Vec::as_slice), []);
}

#[test]
fn threads_write_through_handles_of_their_own() {
    let scratch = Scratch::new();
    let (db, path) = quick_database(&scratch);
    drop(db);
    let contents = family(6, 300_000);
    let together = Barrier::new(3);
    std::thread::scope(|scope| {
        for thread in 0..3 {
            let (path, contents, together) = (&path, &contents, &together);
            scope.spawn(move || {
                let mut db = Database::open_with_options(path, PATIENT).unwrap();
                db.exec("pragma synchronous = off").unwrap();
                together.wait();
                for round in 0..4 {
                    let order = (0..contents.len()).map(|at| (at + 2 * thread + round) % contents.len());
                    let writers: Vec<_> =
                        order.map(|at| (owned(&mut db, &contents[at]), &contents[at])).collect();
                    for (number, (writer, content)) in writers.into_iter().enumerate() {
                        let id: ObjectId = writer.finish().unwrap();
                        assert_eq!(id, object_id(content));
                        // The others may delete it at any moment; so does this thread.
                        if (number + round) % 3 == 0 {
                            drop(db.delete_object(id));
                        }
                    }
                }
            });
        }
    });
    let stored = rows(&path);
    let present: Vec<&[u8]> = contents
        .iter()
        .filter(|content| stored.objects.contains_key(object_id(content).as_ref()))
        .map(Vec::as_slice)
        .collect();
    assert!(stored == Rows::of(present.iter().copied()), "chunks are missing or left over");
    assert_eq!(loose_chunks(&path), 0);
}

#[test]
fn a_writer_moves_between_threads() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    let content = bytes(8, 1_100_000);
    let mut writer = db.object_writer_owned().unwrap();
    let id = std::thread::scope(|scope| {
        writer.write(&content[..600_000]).unwrap();
        let rest = &content[600_000..];
        scope
            .spawn(move || {
                writer.write(rest).unwrap();
                writer.finish().unwrap()
            })
            .join()
            .unwrap()
    });
    assert_eq!(id, object_id(&content));
    assert_holds(&path, [content.as_slice()], []);
}
