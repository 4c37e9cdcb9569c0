//! Looking at a file whose extensions cannot be used (extensions.md, 3.2).

use zova::engine::{Session, Status as EngineStatus};
use zova::{Database, Status};

use crate::common::{Scratch, edit, fault};
use crate::support::{Sample, data, installed, registry, try_open};

fn listed(session: &mut Session) -> Vec<String> {
    session.list_extensions().unwrap().into_iter().map(|info| info.name).collect()
}

#[test]
fn an_inspection_needs_neither_code_nor_sound_storage() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    installed(&path, Sample::new("a"));
    edit(&path, &format!("drop table {}; create table _zova_ext_nobody_t(a)", data("a")));
    for samples in [vec![], vec![Sample::new("a").on_register(|_| panic!("no code runs"))]] {
        let mut session = Session::inspect(&path, &registry(samples), false).unwrap();
        assert_eq!(listed(&mut session), ["a"]);
        assert!(session.illegible_extensions().is_none());
        assert_eq!(session.exec(c"create table t(a)").unwrap_err().status(), EngineStatus::ReadOnly);
        session.close();
    }
    fault(try_open(&path, [Sample::new("a")]), Status::ExtensionInvalid);
}

#[test]
fn a_malformed_list_is_tolerated_when_asked_and_reported() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let mut db = Database::create(&path).unwrap();
    let id = db.put_object(b"content").unwrap();
    drop(db);
    edit(&path, "insert into _zova_extensions values ('a', '', '_zova_ext_a_', '1', '', 1, 0, '')");
    let registry = registry([]);
    let refused = Session::inspect(&path, &registry, false).map(|_| ()).unwrap_err();
    assert_eq!(refused.status(), EngineStatus::ExtensionInvalid);
    let mut session = Session::inspect(&path, &registry, true).unwrap();
    let fault = session.illegible_extensions().expect("a fault");
    assert_eq!(fault.status(), EngineStatus::ExtensionInvalid);
    assert_eq!(session.get_object::<Vec<u8>>(id).unwrap(), b"content");
    assert_eq!(session.list_extensions().unwrap_err().status(), EngineStatus::ExtensionInvalid);
}

#[test]
fn hooks_know_that_they_run_for_a_diagnosis() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let sample = || {
        Sample::new("a").on_check(|context| {
            match (context.is_diagnostic(), context.is_read_only(), context.in_transaction()) {
                (true, true, true) => Err(Status::ObjectCorrupt.into()),
                _ => Ok(()),
            }
        })
    };
    installed(&path, sample());
    let mut session = Session::inspect(&path, &registry([sample()]), true).unwrap();
    let fault = session.check_extension(b"a").unwrap_err();
    assert_eq!(fault.to_string(), "ExtensionInvalid: ObjectCorrupt");
    drop(session);
    try_open(&path, [sample()]).unwrap().check_extension("a").unwrap();
}
