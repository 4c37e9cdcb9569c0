//! Where a copy may go, who may read it, and what a failure leaves.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use zova::{Database, Status};

use crate::Way;
use crate::common::process::{in_own_directory, set_mode, with_umask, without_privileges};
use crate::common::{Scratch, entries, fault, native_fault, side_file};
use crate::limit::limit_files;

#[test]
fn nothing_that_exists_is_ever_replaced_or_followed() {
    for way in Way::ALL {
        let scratch = Scratch::new();
        let source = scratch.path("source.zova");
        if way == Way::Convert {
            crate::plain(&source);
        } else {
            crate::filled(&source);
        }
        std::fs::create_dir(scratch.path("directory.zova")).unwrap();
        std::fs::write(scratch.path("file.zova"), "mine").unwrap();
        symlink("nowhere", scratch.path("dangling.zova")).unwrap();
        symlink("file.zova", scratch.path("link.zova")).unwrap();
        let before = entries(scratch.dir());
        let itself = scratch.path("directory.zova/../source.zova");
        for name in
            ["directory.zova", "file.zova", "dangling.zova", "link.zova", "source.zova", "./file.zova"]
        {
            native_fault(way.copy(&source, &scratch.path(name)), Status::DestinationExists);
        }
        native_fault(way.copy(&source, &itself), Status::DestinationExists);
        native_fault(way.copy(&source, &scratch.path("no suffix")), Status::NotZovaPath);
        native_fault(way.copy(&source, &scratch.path("directory.zova/x.ZOVA")), Status::NotZovaPath);
        for name in ["missing/x.zova", "file.zova/x.zova"] {
            native_fault(way.copy(&source, &scratch.path(name)), Status::CantOpen);
        }
        let long = format!("{}.zova", "n".repeat(300));
        native_fault(way.copy(&source, &scratch.path(&long)), Status::CantOpen);
        assert_eq!(entries(scratch.dir()), before, "{way:?}");
        assert_eq!(std::fs::read(scratch.path("file.zova")).unwrap(), b"mine");
        assert!(std::fs::read_link(scratch.path("dangling.zova")).is_ok());
    }
}

#[test]
fn a_source_is_looked_at_before_the_destination_only_where_the_order_says_so() {
    let scratch = Scratch::new();
    let missing = scratch.path("missing.zova");
    // Restore opens its source first, convert last.
    fault(Way::Restore.copy(&missing, &scratch.path("no suffix")), Status::NotZovaDatabase);
    fault(Way::Restore.copy(&scratch.path("missing"), &scratch.path("no suffix")), Status::NotZovaPath);
    fault(Way::Convert.copy(&missing, &scratch.path("no suffix")), Status::NotZovaPath);
    fault(Way::Convert.copy(&missing, &scratch.path("none/x.zova")), Status::CantOpen);
    let store = scratch.fixture("bound_objects.zova");
    fault(Way::Restore.copy(&store, &scratch.path("x.zova")), Status::BoundStoreInvalid);
    let hot = scratch.fixture("hot.zova");
    fault(Way::Restore.copy(&hot, &scratch.path("x.zova")), Status::ReadOnly);
    assert!(!scratch.path("x.zova").exists());
}

#[test]
fn journals_of_an_earlier_database_of_that_name_do_not_reach_the_copy() {
    for way in Way::ALL {
        let scratch = Scratch::new();
        let (source, target) = (scratch.path("source.zova.db.zova"), scratch.path("x.zova"));
        way.source(&source);
        for suffix in ["-journal", "-wal", "-shm"] {
            std::fs::write(side_file(&target, suffix), "left behind by somebody").unwrap();
        }
        way.copy(&source, &target).unwrap();
        assert_eq!(entries(scratch.dir()), ["source.zova.db.zova", "x.zova"], "{way:?}");
        drop(Database::open(&target).unwrap());
    }
}

#[test]
fn relative_paths_lead_from_the_current_directory() {
    in_own_directory(|dir| {
        for way in Way::ALL {
            let source = format!("source of {way:?}.zova");
            way.source(Path::new(&source));
            let target = format!("{way:?}.zova");
            way.copy(Path::new(&source), Path::new(&target)).unwrap();
            drop(Database::open(dir.join(target)).unwrap());
        }
        std::fs::create_dir("file:odd?mode=ro").unwrap();
        for way in Way::ALL {
            let target = Path::new("file:odd?mode=ro").join(format!("{way:?}.zova"));
            way.copy(Path::new(&format!("source of {way:?}.zova")), &target).unwrap();
            drop(Database::open(dir.join(target)).unwrap());
        }
        // A source whose path SQLite could take for a URI, with its log's index present.
        let source = dir.join("file:odd?mode=ro/a b%41.db");
        crate::plain(&source);
        let connection = crate::common::raw(&source);
        connection.execute_batch("pragma journal_mode = wal; insert into t(b) values ('x')").unwrap();
        Way::Convert.copy(&source, &dir.join("converted.zova")).unwrap();
        assert_eq!(
            crate::common::one::<i64>(
                &crate::common::raw(&dir.join("converted.zova")),
                "select count(*) from t"
            ),
            20_001
        );
    });
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_copy_has_the_permissions_of_its_source_as_far_as_the_umask_allows() {
    with_umask("022", |dir| {
        for way in Way::ALL {
            for (source_mode, wanted) in [
                (0o600, 0o600),
                (0o644, 0o644),
                (0o666, 0o644),
                (0o640, 0o640),
                (0o444, 0o444),
                (0o755, 0o644),
            ] {
                let folder = dir.join(format!("{way:?}-{source_mode:o}"));
                std::fs::create_dir(&folder).unwrap();
                let (source, target) = (folder.join("source.zova"), folder.join("x.zova"));
                if way == Way::Convert {
                    crate::plain(&source);
                } else {
                    drop(Database::create(&source).unwrap());
                }
                set_mode(&source, source_mode);
                way.copy(&source, &target).unwrap();
                assert_eq!(mode(&target), wanted, "{way:?} of {source_mode:o}");
            }
        }
    });
}

#[test]
fn the_group_of_a_copy_is_that_of_its_source_or_has_no_rights_of_its_own() {
    without_privileges(
        |dir| {
            for (name, gid, mode) in [("foreign.zova", 12345, 0o640), ("shared.zova", 12345, 0o664)] {
                let path = dir.join(name);
                drop(Database::create(&path).unwrap());
                if crate::common::process::is_superuser() {
                    std::os::unix::fs::chown(&path, Some(65534), Some(gid)).unwrap();
                }
                set_mode(&path, mode);
            }
        },
        |dir| {
            for (name, wanted) in [("foreign.zova", 0o600), ("shared.zova", 0o644)] {
                let (source, target) = (dir.join(name), dir.join(format!("copy of {name}")));
                Way::Backup.copy(&source, &target).unwrap();
                let (from, to) = (std::fs::metadata(&source).unwrap(), std::fs::metadata(&target).unwrap());
                if from.gid() != to.gid() {
                    assert_eq!(mode(&target), wanted, "{name}");
                } else {
                    assert_eq!(mode(&target) & !mode(&source), 0, "{name}");
                }
            }
        },
    );
}

#[test]
fn a_directory_that_cannot_be_written_and_a_source_that_cannot_be_read_are_refused() {
    without_privileges(
        |dir| {
            for way in Way::ALL {
                let source = dir.join(format!("{way:?}.zova"));
                way.source(&source);
                set_mode(&source, 0o666);
            }
            crate::plain(&dir.join("secret.db"));
            set_mode(&dir.join("secret.db"), 0o000);
            std::fs::create_dir(dir.join("closed")).unwrap();
            set_mode(&dir.join("closed"), 0o555);
        },
        |dir| {
            for way in Way::ALL {
                let source = dir.join(format!("{way:?}.zova"));
                native_fault(way.copy(&source, &dir.join("closed/x.zova")), Status::CantOpen);
            }
            native_fault(Way::Convert.copy(&dir.join("secret.db"), &dir.join("x.zova")), Status::CantOpen);
            assert!(!dir.join("x.zova").exists());
        },
    );
}

#[test]
fn a_disk_that_fills_up_leaves_nothing_and_the_copy_can_be_made_later() {
    in_own_directory(|dir| {
        for way in Way::ALL {
            let source = dir.join(format!("source of {way:?}.zova"));
            way.source(&source);
            let size = std::fs::metadata(&source).unwrap().len();
            let before = entries(dir);
            let target = dir.join(format!("{way:?}.zova"));
            for limit in [0, 512, 4096, 65536, size / 2, size - 4096] {
                limit_files(Some(limit));
                let outcome = way.copy(&source, &target);
                limit_files(None);
                native_fault(outcome, Status::SqliteError);
                assert_eq!(entries(dir), before, "{way:?} with {limit} bytes");
            }
            way.copy(&source, &target).unwrap();
            drop(Database::open(&target).unwrap());
        }
    });
}
