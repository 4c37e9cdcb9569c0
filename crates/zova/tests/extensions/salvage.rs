//! Salvaging extensions from one database into another (extensions.md, 6).

use std::path::{Path, PathBuf};

use zova::engine::{ExtensionSalvage, Session};
use zova::{
    ExtensionError, ExtensionResult, OpenOptions, SalvageContext, SalvageMode, SalvageReport, SqlValue,
    Status,
};

use crate::common::{Scratch, edit, number_of};
use crate::support::{Sample, create, data, installed, names, open, registry, schema, shown};

/// Copies the rows with a value and reports the others.
fn copying(context: &mut SalvageContext<'_>) -> ExtensionResult<Option<SalvageReport>> {
    let source = context.source();
    assert_eq!(source.salvage_mode(), Some(context.mode()));
    assert!(source.is_diagnostic() && source.is_read_only());
    let mut rows = source.prepare("select key, value from main._zova_ext_a_data order by key")?;
    let mut insert = match context.destination() {
        None => None,
        Some(destination) => {
            assert_eq!(destination.salvage_mode(), Some(SalvageMode::Copy));
            assert!(!destination.is_read_only() && destination.in_transaction());
            destination.exec("create table main._zova_ext_a_data (key text primary key, value)")?;
            Some(destination.prepare("insert into main._zova_ext_a_data values (?1, ?2)")?)
        }
    };
    let mut report = SalvageReport {
        copied_extensions: 1,
        copied_private_objects: 1,
        installed_in_destination: true,
        ..SalvageReport::default()
    };
    let mut left_out = Vec::new();
    while rows.step()? {
        if rows.column(1) == SqlValue::Null {
            report.skipped_rows += 1;
            left_out.push(shown(rows.column(0)));
        } else if let Some(insert) = &mut insert {
            insert.bind(1, rows.column(0))?;
            insert.bind(2, rows.column(1))?;
            insert.step()?;
            insert.reset()?;
        }
    }
    drop((rows, insert));
    left_out.into_iter().for_each(|row| context.name_left_out(row));
    Ok(Some(report))
}

/// The extensions of a case, made anew for each registry.
type Samples = fn() -> Vec<Sample>;

struct Case {
    scratch: Scratch,
    source: PathBuf,
}

impl Case {
    /// A source with extension `a` of three rows, one of them damaged.
    fn new() -> Self {
        let scratch = Scratch::new();
        let source = scratch.path("source.zova");
        installed(&source, Sample::new("a"));
        let rows = format!("insert into {} values (1, 'x'), (2, null), (3, 'z')", data("a"));
        edit(&source, &rows);
        Self { scratch, source }
    }

    /// Plans, copies into a new file, and gives both outcomes and the file.
    fn run(&self, samples: Samples) -> (Vec<ExtensionSalvage>, Vec<ExtensionSalvage>, PathBuf) {
        let destination = self.scratch.path("destination.zova");
        let _ = std::fs::remove_file(&destination);
        let registry = registry(samples());
        let mut source = Session::inspect(&self.source, &registry, true).unwrap();
        let plan = source.salvage_extensions(None).unwrap();
        let mut copy =
            Session::create_with_registry(&destination, OpenOptions::default(), &registry).unwrap();
        let copied = source.salvage_extensions(Some(&mut copy)).unwrap();
        copy.exec(c"create table usable(a)").unwrap();
        (plan, copied, destination)
    }
}

/// The one outcome, which must be that of an extension that was skipped; why.
#[track_caller]
fn skipped(mut outcomes: Vec<ExtensionSalvage>, private_objects: u64) -> Option<String> {
    let outcome = outcomes.pop().expect("an outcome");
    assert!(outcomes.is_empty() && outcome.left_out.is_empty());
    let expected = SalvageReport {
        skipped_extensions: 1,
        skipped_private_objects: private_objects,
        ..SalvageReport::default()
    };
    assert_eq!(outcome.report, expected, "{:?}", outcome.fault);
    outcome.fault.map(|fault| fault.to_string())
}

/// Nothing of an extension is in the file.
fn assert_empty(path: &Path, samples: Vec<Sample>) {
    let mut db = open(path, samples);
    assert_eq!(names(&mut db), "");
    assert_eq!(schema(&mut db), "table usable CREATE TABLE usable(a)");
}

#[test]
fn a_hook_copies_what_is_sound_and_reports_the_rest() {
    let case = Case::new();
    let samples = || vec![Sample::new("a").on_salvage(copying)];
    let (plan, copied, destination) = case.run(samples);
    assert_eq!(plan, copied);
    let [outcome] = &*copied else { panic!("{copied:?}") };
    assert_eq!((&*outcome.name, outcome.report.skipped_rows, &outcome.fault), ("a", 1, &None));
    assert_eq!(outcome.left_out, ["\"2\""]);
    let mut db = open(&destination, samples());
    assert_eq!(names(&mut db), "a");
    db.check_extensions().unwrap();
    assert_eq!(number_of(&mut db, &format!("select count(*) from {}", data("a"))), 2);
    db.drop_extension("a").unwrap();
}

#[test]
fn extensions_without_code_or_of_another_version_or_without_a_hook_are_skipped() {
    let case = Case::new();
    edit(
        &case.source,
        "create index _zova_ext_a_i on _zova_ext_a_data(value); create view _zova_ext_a_v as select 1",
    );
    for (samples, expected) in [
        ((|| vec![]) as Samples, Some("ExtensionUnavailable: a: ")),
        (|| vec![Sample::new("a").version("9").on_salvage(copying)], Some("ExtensionIncompatible: a: ")),
        (|| vec![Sample::new("a")], None),
    ] {
        let (plan, copied, destination) = case.run(samples);
        for outcomes in [plan, copied] {
            let fault = skipped(outcomes, 3);
            match (&fault, expected) {
                (Some(fault), Some(expected)) => assert!(fault.starts_with(expected), "{fault}"),
                (fault, expected) => assert_eq!((fault.is_none(), expected), (true, None)),
            }
        }
        assert_empty(&destination, samples());
    }
}

#[test]
fn a_failing_hook_is_undone_and_its_extension_skipped() {
    let case = Case::new();
    let failing: [(Samples, &str); 3] = [
        (
            || {
                vec![Sample::new("a").on_salvage(|context| {
                    copying(context)?;
                    Err(ExtensionError::new(Status::Corrupt, "asked to fail"))
                })]
            },
            "Corrupt: asked to fail",
        ),
        (
            || {
                vec![Sample::new("a").on_salvage(|context| {
                    copying(context)?;
                    panic!("asked to panic")
                })]
            },
            "Internal: ",
        ),
        (
            || {
                vec![Sample::new("a").on_salvage(|context| {
                    context.source().exec("delete from main._zova_ext_a_data")?;
                    Ok(None)
                })]
            },
            "ReadOnly: ",
        ),
    ];
    for (samples, expected) in failing {
        let (plan, copied, destination) = case.run(samples);
        for outcomes in [plan, copied] {
            let fault = skipped(outcomes, 1).expect("a fault");
            assert!(fault.starts_with(expected), "{fault}");
        }
        assert_empty(&destination, samples());
    }
}

#[test]
fn a_copy_that_breaks_the_rules_is_undone() {
    let case = Case::new();
    let breaking: [Samples; 6] = [
        // A table outside the prefix.
        || {
            vec![Sample::new("a").on_salvage(|context| {
                if let Some(destination) = context.destination() {
                    destination.exec("create table main.stray(a)")?;
                }
                copying(context)
            })]
        },
        // Storage, and no installation.
        || {
            vec![Sample::new("a").on_salvage(|context| {
                let report = copying(context)?.unwrap();
                Ok(Some(SalvageReport { installed_in_destination: false, ..report }))
            })]
        },
        // A report of storage that is not there.
        || {
            vec![Sample::new("a").on_salvage(|_| {
                Ok(Some(SalvageReport { copied_private_objects: 1, ..SalvageReport::default() }))
            })]
        },
        // Storage that is not even reported.
        || {
            vec![Sample::new("a").on_salvage(|context| {
                copying(context)?;
                Ok(None)
            })]
        },
        // Another extension recorded.
        || {
            vec![Sample::new("a").on_salvage(|context| {
                if let Some(destination) = context.destination() {
                    destination.exec(
                        "insert into _zova_extensions values ('b', '1', '_zova_ext_b_', '1', '', 1, 0, '')",
                    )?;
                }
                copying(context)
            })]
        },
        // The transaction rolled back under it.
        || {
            vec![Sample::new("a").on_salvage(|context| {
                let report = copying(context)?;
                if let Some(destination) = context.destination() {
                    destination
                        .exec("insert or rollback into main._zova_ext_a_data values (1, 1)")
                        .unwrap_err();
                }
                Ok(report)
            })]
        },
    ];
    for samples in breaking {
        let (_, copied, destination) = case.run(samples);
        let fault = skipped(copied, 1).expect("a fault");
        assert!(fault.starts_with("ExtensionInvalid: "), "{fault}");
        assert_empty(&destination, samples());
    }
}

#[test]
fn a_hook_may_record_its_installation_itself() {
    let case = Case::new();
    let samples = || {
        vec![Sample::new("a").on_salvage(|context| {
            if let Some(destination) = context.destination() {
                destination.exec(
                    "insert into _zova_extensions values ('a', '1.0', '_zova_ext_a_', '0.21.0', 'mine', 1, 77, '')",
                )?;
            }
            copying(context)
        })]
    };
    let (_, _, destination) = case.run(samples);
    assert_eq!(open(&destination, samples()).extension_info("a").unwrap().installed_at_unix, 77);
}

#[test]
fn one_that_fails_does_not_keep_others_from_being_copied() {
    let scratch = Scratch::new();
    let source = scratch.path("source.zova");
    let samples = || {
        vec![
            Sample::new("a").on_salvage(copying),
            Sample::new("a_b").on_salvage(|_| panic!("asked to panic")),
            Sample::new("A1").on_salvage(|_| Err(Status::Corrupt.into())),
        ]
    };
    let mut db = create(&source, samples());
    for name in ["a_b", "a", "A1"] {
        db.install_extension(name).unwrap();
    }
    drop(db);
    let case = Case { scratch, source };
    let (plan, copied, destination) = case.run(samples);
    assert_eq!(plan, copied);
    let skipped: Vec<(&str, u64, u64)> = copied
        .iter()
        .map(|outcome| {
            let report = &outcome.report;
            (&*outcome.name, report.skipped_extensions, report.skipped_private_objects)
        })
        .collect();
    assert_eq!(skipped, [("A1", 1, 1), ("a", 0, 0), ("a_b", 1, 1)]);
    assert_eq!(names(&mut open(&destination, samples())), "a");
}

#[test]
fn a_malformed_list_is_refused_as_a_whole() {
    let case = Case::new();
    edit(&case.source, "update _zova_extensions set version = ''");
    let mut source = Session::inspect(&case.source, &registry([]), true).unwrap();
    let fault = source.salvage_extensions(None).unwrap_err();
    assert!(fault.to_string().starts_with("ExtensionInvalid: "), "{fault}");
}
