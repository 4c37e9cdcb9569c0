//! The checked-in generated file, the description and the list of pending items belong together.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::generator::{Description, Pending};

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn description() -> Description {
    let text = std::fs::read_to_string(tests().join("data/rust-api.json")).expect("the description");
    Description::new(serde_json::from_str(&text).expect("JSON"))
}

fn pending() -> Pending {
    Pending::parse(&std::fs::read_to_string(tests().join("data/pending.txt")).expect("the list"))
}

#[test]
fn the_generated_checks_are_those_of_the_description() {
    let path = tests().join("api_generated.rs");
    let text = crate::generator::generate(&description(), &pending());
    if std::env::var_os("ZOVA_REGENERATE").is_some() {
        std::fs::write(&path, &text).expect("the generated file");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let difference = text.lines().zip(committed.lines()).find(|(new, old)| new != old);
    assert!(
        text == committed,
        "tests/api_generated.rs is out of date ({difference:?}); run ZOVA_REGENERATE=1 cargo test -p zova --test api"
    );
}

#[test]
fn every_pending_name_is_one_of_the_description() {
    let known = description().names();
    for name in pending().names() {
        assert!(known.contains(name), "tests/data/pending.txt: {name} is not in rust-api.json");
    }
}

#[test]
fn every_pending_name_is_listed_once_and_has_a_reason() {
    let pending = pending();
    let names: Vec<&str> = pending.names().collect();
    for (at, name) in names.iter().enumerate() {
        assert!(!names[..at].contains(name), "{name} is listed twice");
        let owner = name.split_once("::").map(|(owner, _)| owner);
        assert!(!owner.is_some_and(|owner| names.contains(&owner)), "{name}: its whole type is pending");
        assert!(!pending.reason(name).is_empty(), "{name} stands under no reason");
    }
}

#[test]
fn every_method_of_the_description_has_a_function_pointer() {
    let description = description();
    for (type_name, definition) in description.types() {
        for method in definition["methods"].as_object().into_iter().flat_map(|methods| methods.keys()) {
            let path = format!("{type_name}::{method}");
            assert!(description.pointers().contains_key(&path), "{path} has no function pointer");
        }
    }
}

#[test]
fn the_description_is_that_of_this_version() {
    let description = description();
    assert_eq!(description.json["crate"], Value::from("zova"));
    assert_eq!(description.json["version"], Value::from(env!("CARGO_PKG_VERSION")));
    assert_eq!(description.json["exports"].as_array().map(Vec::len), Some(47));
}
