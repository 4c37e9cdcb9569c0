//! Random sequences of extension operations, SQL, transactions and savepoints against a model.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use zova::{Database, Status};

use crate::common::{Scratch, text_of};
use crate::support::{Sample, create, data, names, open};

/// One the beginning of another, letter case, and one whose hooks fail when told to.
const NAMES: [&str; 4] = ["foo", "foo_bar", "FOO", "odd.name"];

#[derive(Debug, Clone)]
enum Operation {
    Install(usize),
    /// An installation that fails behind its hook.
    InstallAndFail(usize),
    Drop(usize),
    Check(usize),
    Insert(usize, u8),
    Begin,
    Savepoint(u8),
    RollbackTo(u8),
    Release(u8),
    Commit,
    Rollback,
    Reopen,
}

fn operation() -> impl Strategy<Value = Operation> {
    let name = 0..NAMES.len();
    let savepoint = 0..3_u8;
    prop_oneof![
        5 => name.clone().prop_map(Operation::Install),
        2 => name.clone().prop_map(Operation::InstallAndFail),
        4 => name.clone().prop_map(Operation::Drop),
        2 => name.clone().prop_map(Operation::Check),
        5 => (name, any::<u8>()).prop_map(|(name, key)| Operation::Insert(name, key)),
        2 => Just(Operation::Begin),
        3 => savepoint.clone().prop_map(Operation::Savepoint),
        3 => savepoint.clone().prop_map(Operation::RollbackTo),
        2 => savepoint.prop_map(Operation::Release),
        2 => Just(Operation::Commit),
        2 => Just(Operation::Rollback),
        1 => Just(Operation::Reopen),
    ]
}

/// The installed extensions with the keys in their tables.
type State = BTreeMap<&'static str, BTreeSet<u8>>;

/// A scope: the state it goes back to, and its name; a transaction has none.
type Scope = (Option<u8>, State);

#[derive(Default)]
struct Model {
    state: State,
    scopes: Vec<Scope>,
}

impl Model {
    /// What an installation answers; it takes effect in the model.
    fn install(&mut self, name: &'static str) -> Option<Status> {
        if self.state.contains_key(name) {
            return Some(Status::ExtensionExists);
        }
        if self.state.keys().any(|other| other.eq_ignore_ascii_case(name)) {
            return Some(Status::ExtensionInvalid);
        }
        self.state.insert(name, BTreeSet::new());
        None
    }

    fn place(&self, savepoint: u8) -> Option<usize> {
        self.scopes.iter().rposition(|(name, _)| *name == Some(savepoint))
    }
}

fn samples() -> Vec<Sample> {
    NAMES
        .iter()
        .map(|name| {
            let fails = format!("select count(*) from pragma_table_info('fail_{name}')");
            // The table that tells it to fail is temporary: the file does not know.
            Sample::new(name).on_register(move |context| {
                let mut told = context.prepare(&fails)?;
                told.step()?;
                match told.column(0) {
                    zova::SqlValue::Integer(0) => Ok(()),
                    _ => Err(Status::VectorCorrupt.into()),
                }
            })
        })
        .collect()
}

fn status(result: zova::Result<()>) -> Option<Status> {
    result.err().map(|error| error.status().expect("a status"))
}

fn apply(db: &mut Database, model: &mut Model, operation: &Operation) {
    match *operation {
        Operation::Install(index) => {
            let expected = model.install(NAMES[index]);
            assert_eq!(status(db.install_extension(NAMES[index])), expected, "{operation:?}");
        }
        Operation::InstallAndFail(index) => {
            // Registering is done once on a connection, so telling it to fail works on a fresh one only; a name that is
            // registered installs as usual.
            let name = NAMES[index];
            db.exec(&format!("create temp table \"fail_{name}\"(a)")).unwrap();
            let before = model.state.clone();
            let expected = model.install(name);
            let answer = status(db.install_extension(name));
            if answer == Some(Status::VectorCorrupt) {
                assert_eq!(expected, None);
                model.state = before;
            } else {
                assert_eq!(answer, expected, "{operation:?}");
            }
            db.exec(&format!("drop table temp.\"fail_{name}\"")).unwrap();
        }
        Operation::Drop(index) => {
            let expected = match model.state.remove(NAMES[index]) {
                Some(_) => None,
                None => Some(Status::ExtensionNotFound),
            };
            assert_eq!(status(db.drop_extension(NAMES[index])), expected, "{operation:?}");
        }
        Operation::Check(index) => {
            let expected =
                if model.state.contains_key(NAMES[index]) { None } else { Some(Status::ExtensionNotFound) };
            assert_eq!(status(db.check_extension(NAMES[index])), expected, "{operation:?}");
        }
        Operation::Insert(index, key) => {
            let sql = format!("insert or replace into {} values ({key}, {key})", data(NAMES[index]));
            let inserted = db.exec(&sql).is_ok();
            // Names of tables are the same in either letter case.
            let owner = model.state.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(NAMES[index]));
            assert_eq!(inserted, owner.map(|(_, keys)| keys.insert(key)).is_some());
        }
        Operation::Begin => {
            let begun = db.begin().is_ok();
            assert_eq!(begun, model.scopes.is_empty());
            if begun {
                model.scopes.push((None, model.state.clone()));
            }
        }
        Operation::Savepoint(name) => {
            db.savepoint(&format!("s{name}")).unwrap();
            model.scopes.push((Some(name), model.state.clone()));
        }
        Operation::RollbackTo(name) => {
            let place = model.place(name);
            assert_eq!(db.rollback_to_savepoint(&format!("s{name}")).is_ok(), place.is_some());
            if let Some(place) = place {
                model.scopes.truncate(place + 1);
                model.state = model.scopes[place].1.clone();
            }
        }
        Operation::Release(name) => {
            let place = model.place(name);
            assert_eq!(db.release_savepoint(&format!("s{name}")).is_ok(), place.is_some());
            if let Some(place) = place {
                model.scopes.truncate(place);
            }
        }
        Operation::Commit => {
            assert_eq!(db.commit().is_ok(), !model.scopes.is_empty());
            model.scopes.clear();
        }
        Operation::Rollback => {
            assert_eq!(db.rollback().is_ok(), !model.scopes.is_empty());
            if let Some((_, state)) = model.scopes.drain(..).next() {
                model.state = state;
            }
        }
        Operation::Reopen => {}
    }
}

fn compare(db: &mut Database, model: &Model) {
    let expected: Vec<&str> = model.state.keys().copied().collect();
    assert_eq!(names(db), expected.join(" "));
    for (name, keys) in &model.state {
        let stored = text_of(
            db,
            &format!("select coalesce(group_concat(value order by value), '') from {}", data(name)),
        );
        let keys: Vec<String> = keys.iter().map(u8::to_string).collect();
        assert_eq!(stored, keys.join(","), "{name}");
    }
    let tables =
        text_of(db, "select count(*) from sqlite_schema where name glob '_zova_ext_*' and type = 'table'");
    assert_eq!(tables, model.state.len().to_string());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_operations_and_scopes_does_what_the_model_does(
        operations in prop::collection::vec(operation(), 1..60),
    ) {
        let scratch = Scratch::new();
        let path = scratch.path("a.zova");
        let mut db = create(&path, samples());
        let mut model = Model::default();
        for operation in &operations {
            if let Operation::Reopen = operation {
                // Closing rolls an open transaction back.
                drop(db);
                if let Some((_, state)) = model.scopes.drain(..).next() {
                    model.state = state;
                }
                db = open(&path, samples());
            } else {
                apply(&mut db, &mut model, operation);
            }
            compare(&mut db, &model);
        }
    }
}
