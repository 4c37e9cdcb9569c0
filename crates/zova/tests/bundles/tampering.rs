//! Whatever changes in a trusted bundle takes the trust away; whatever a manifest says, it breaks no rule unnoticed.

use std::os::unix::fs::FileExt;
use std::path::Path;

use proptest::prelude::*;
use zova::Status;

use crate::support::{Manifest, Scene, fault, root};

/// Changes every byte of a file, one at a time, and restores it.
fn with_every_byte_changed(path: &Path, mut check: impl FnMut(usize)) {
    let bytes = std::fs::read(path).unwrap();
    let file = std::fs::File::options().write(true).open(path).unwrap();
    for (at, byte) in bytes.iter().enumerate() {
        // Another bit each time, so that all of them take part.
        file.write_all_at(&[byte ^ (1 << (at % 8))], at as u64).unwrap();
        check(at);
        file.write_all_at(&[*byte], at as u64).unwrap();
    }
}

#[test]
fn a_change_of_any_byte_of_the_manifest_is_refused() {
    let scene = Scene::new();
    let tags = scene.tags();
    scene.trust(&tags);
    with_every_byte_changed(&tags.join("extension.json"), |at| {
        let (status, message) = fault(scene.verify(&tags));
        let expected = [Status::ExtensionUntrusted, Status::ExtensionInvalid, Status::CantOpen];
        assert!(expected.contains(&status), "byte {at}: {message}");
        let (loaded, _) = fault(scene.create(&[&tags]));
        assert_eq!(loaded, status, "byte {at}");
    });
    scene.verify(&tags).unwrap();
}

#[test]
fn a_change_of_any_byte_of_the_library_is_refused() {
    let scene = Scene::new();
    let tags = scene.tags();
    scene.trust(&tags);
    with_every_byte_changed(&tags.join("lib.so"), |at| {
        let (status, message) = fault(scene.verify(&tags));
        assert_eq!(status, Status::ExtensionUntrusted, "byte {at}: {message}");
        if at % 64 == 0 {
            let (status, message) = fault(scene.create(&[&tags]));
            assert_eq!(status, Status::ExtensionUntrusted, "byte {at}: {message}");
        }
    });
    scene.verify(&tags).unwrap();
}

#[test]
fn bytes_added_or_taken_away_are_refused() {
    let scene = Scene::new();
    let tags = scene.tags();
    scene.trust(&tags);
    for name in ["extension.json", "lib.so"] {
        let path = tags.join(name);
        let bytes = std::fs::read(&path).unwrap();
        for changed in
            [[&bytes[..], b"\n"].concat(), [b" ", &bytes[..]].concat(), bytes[..bytes.len() - 1].to_vec()]
        {
            std::fs::write(&path, changed).unwrap();
            let (status, message) = fault(scene.verify(&tags));
            assert!([Status::ExtensionUntrusted, Status::ExtensionInvalid].contains(&status), "{message}");
        }
        std::fs::write(&path, bytes).unwrap();
        scene.verify(&tags).unwrap();
    }
}

/// Texts that lie near the rules: the right ones, those at the limits, and anything.
fn near(right: &'static str) -> BoxedStrategy<String> {
    prop_oneof![
        4 => Just(right.to_owned()),
        1 => Just(String::new()),
        1 => prop::sample::select(vec![1_usize, 64, 65, 128, 129, 512, 513]).prop_map(|length| "a".repeat(length)),
        1 => "[a-zA-Z0-9_.:/-]{0,70}",
        1 => prop::sample::select(vec![
            "_zova_x", "_ZOVA_x", "../x", "x/../y", "./x", "/x", "a/b", "a//b", "zova-c-1", "zova_extension_entry",
            "\u{e9}", "a\0b", "lib.so", "tags ",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
    .boxed()
}

/// What a member of a manifest may be: mostly a text, sometimes something else, sometimes nothing.
fn member(right: &'static str) -> BoxedStrategy<Option<serde_json::Value>> {
    prop_oneof![
        12 => near(right).prop_map(|text| Some(text.into())),
        1 => Just(None),
        1 => prop::sample::select(vec!["null", "1", "true", "[]", "{}", "1.5"])
            .prop_map(|text| Some(serde_json::from_str(text).unwrap())),
    ]
    .boxed()
}

/// The rules of the chapter, once more and in other words.
fn follows_the_rules(members: &serde_json::Map<String, serde_json::Value>) -> bool {
    let text = |key: &str| members.get(key).and_then(|value| value.as_str());
    let (Some(name), Some(version), Some(prefix), Some(minimum), Some(capabilities), Some(library)) = (
        text("name"),
        text("version"),
        text("storage_prefix"),
        text("zova_abi_min"),
        text("capabilities"),
        text("library"),
    ) else {
        return false;
    };
    let entry = match members.get("entrypoint") {
        None => None,
        Some(value) => match value.as_str() {
            Some(text) => Some(text),
            None => return false,
        },
    };
    let abi = match members.get("abi") {
        None => None,
        Some(value) => match value.as_str() {
            Some(text) => Some(text),
            None => return false,
        },
    };
    (1..=64).contains(&name.len())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_.:-".contains(letter))
        && !name.to_lowercase().starts_with("_zova_")
        && (1..=64).contains(&version.len())
        && (1..=64).contains(&minimum.len())
        && capabilities.len() <= 512
        && prefix == format!("_zova_ext_{name}_")
        && (1..=512).contains(&library.len())
        && !library.starts_with('/')
        && !library.contains('\0')
        && library.split('/').all(|part| part != "." && part != "..")
        && entry.is_none_or(|entry| {
            (1..=128).contains(&entry.len())
                && entry.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
                && !(abi == Some("zova-c-1") && entry == "zova_extension_entry")
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_manifest_is_accepted_exactly_when_it_follows_the_rules(
        name in member("tags"),
        version in member("1.0.0"),
        prefix in member("_zova_ext_tags_"),
        minimum in member("0.21.0"),
        capabilities in member("sql"),
        library in member("lib.so"),
        entry in prop_oneof![3 => Just(None), 1 => member("zova_extension_entry_v1")],
        abi in member("zova-c-1"),
    ) {
        let mut members = serde_json::Map::new();
        for (key, value) in [
            ("name", name), ("version", version), ("storage_prefix", prefix), ("zova_abi_min", minimum),
            ("capabilities", capabilities), ("library", library), ("entrypoint", entry), ("abi", abi),
        ] {
            members.extend(value.map(|value| (key.to_owned(), value)));
        }
        let expected = follows_the_rules(&members);
        let text = serde_json::to_string_pretty(&members).unwrap();
        let accepted = manifest_is_accepted(text.as_bytes());
        prop_assert_eq!(accepted, expected, "{}", text);
    }

    #[test]
    fn no_change_of_the_bytes_of_a_manifest_breaks_a_rule_unnoticed(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4), 1..6),
    ) {
        let mut bytes = Manifest::new("tags").text().into_bytes();
        mutate(&mut bytes, &changes);
        if manifest_is_accepted(&bytes) {
            // Whatever is accepted is JSON to another parser, too, and follows the rules there.
            let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            prop_assert!(follows_the_rules(value.as_object().unwrap()), "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn no_change_of_the_bytes_of_a_trust_store_breaks_a_rule_unnoticed(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4), 1..6),
    ) {
        let record = |name: &str| format!(
            "{{\"name\": \"{name}\", \"version\": \"1\", \"storage_prefix\": \"_zova_ext_{name}_\", \
             \"bundle_path\": \"/a/{name}.zovaext\", \"manifest_sha256\": \"{0}\", \"library_sha256\": \"{0}\", \
             \"trusted_at_unix\": 1700000000}}",
            "0123456789abcdef".repeat(4),
        );
        let mut bytes =
            format!("{{\"version\": 1, \"extensions\": [{}, {}]}}", record("one"), record("two")).into_bytes();
        mutate(&mut bytes, &changes);
        let store = scratch("trust.json");
        std::fs::write(&store, &bytes).unwrap();
        match zova::trusted_extension_bundles(Some(&store)) {
            Ok(records) => {
                let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
                prop_assert_eq!(&value["version"], &serde_json::Value::from(1));
                prop_assert_eq!(value["extensions"].as_array().unwrap().len(), records.len());
                for record in records {
                    prop_assert!(Path::new(&record.bundle_path).is_absolute());
                    prop_assert_eq!(&record.storage_prefix, &format!("_zova_ext_{}_", record.name));
                    for digest in [record.manifest_sha256, record.library_sha256] {
                        prop_assert!(digest.len() == 64 && digest.chars().all(|digit| digit.is_ascii_hexdigit()));
                    }
                }
            }
            Err(error) => prop_assert_eq!(error.status(), Some(Status::ExtensionInvalid)),
        }
    }
}

/// Overwrites, inserts, takes away or doubles bytes.
fn mutate(bytes: &mut Vec<u8>, changes: &[(prop::sample::Index, u8, i32)]) {
    for (place, byte, kind) in changes {
        if bytes.is_empty() {
            return;
        }
        let at = place.index(bytes.len());
        match kind {
            0 => bytes[at] = *byte,
            1 => bytes.insert(at, *byte),
            2 => drop(bytes.remove(at)),
            _ => {
                let doubled = bytes[at..].iter().take(usize::from(*byte)).copied().collect::<Vec<_>>();
                bytes.splice(at..at, doubled);
            }
        }
    }
}

/// A path for this thread's properties.
fn scratch(name: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!(
        "bundles-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    ));
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

/// Whether a manifest is in order, whatever else is wrong with its bundle: its library may well be missing.
fn manifest_is_accepted(bytes: &[u8]) -> bool {
    let bundle = scratch("x.zovaext");
    std::fs::create_dir_all(&bundle).unwrap();
    std::fs::write(bundle.join("lib.so"), "").unwrap();
    std::fs::write(bundle.join("extension.json"), bytes).unwrap();
    let store = scratch("none.json");
    match fault(zova::verify_extension_bundle(&bundle, Some(&store))) {
        (Status::ExtensionInvalid, message) => {
            assert!(message.contains("extension.json is not acceptable"), "{message}");
            false
        }
        (Status::ExtensionUntrusted | Status::CantOpen, _) => true,
        (status, message) => panic!("{status}: {message}"),
    }
}

#[test]
fn the_manifest_of_the_example_is_in_order() {
    assert!(manifest_is_accepted(&std::fs::read(root().join("examples-c/tags/extension.json")).unwrap()));
}
