//! The list of trusted bundles: its file, what it records, and how it is changed.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use zova::{Status, trust_extension_bundle, trusted_extension_bundles, untrust_extension_bundle};

use crate::support::{Manifest, Scene, fault, refused};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(scene: &Scene) -> Vec<String> {
    let records = trusted_extension_bundles(Some(&scene.store())).unwrap();
    records.into_iter().map(|record| record.name).collect()
}

/// Bundles that are trusted by their files alone: nothing loads these.
fn bundle(scene: &Scene, folder: &str, name: &str) -> std::path::PathBuf {
    let bundle = scene.path(folder);
    std::fs::create_dir(&bundle).unwrap();
    std::fs::write(bundle.join("lib.so"), "no library").unwrap();
    scene.write_manifest(&bundle, &Manifest::new(name));
    bundle
}

#[test]
fn the_file_has_the_published_form() {
    let scene = Scene::new();
    let path = bundle(&scene, "a.zovaext", "notes");
    scene.trust(&path);
    let text = std::fs::read_to_string(scene.store()).unwrap();
    let record = &trusted_extension_bundles(Some(&scene.store())).unwrap()[0];
    let manifest_sha256 =
        zova::object_id(&std::fs::read(path.join("extension.json")).unwrap()).unwrap().to_string();
    let library_sha256 = zova::object_id(b"no library").unwrap().to_string();
    let expected = format!(
        r#"{{
  "version": 1,
  "extensions": [
    {{
      "name": "notes",
      "version": "1.0.0",
      "storage_prefix": "_zova_ext_notes_",
      "bundle_path": "{}",
      "manifest_sha256": "{manifest_sha256}",
      "library_sha256": "{library_sha256}",
      "trusted_at_unix": {}
    }}
  ]
}}
"#,
        path.display(),
        record.trusted_at_unix
    );
    assert_eq!(text, expected);
    assert!(record.trusted_at_unix > 1_600_000_000);
}

#[test]
fn file_and_directories_are_for_the_user_alone() {
    let scene = Scene::new();
    let path = bundle(&scene, "a.zovaext", "notes");
    let store = scene.path("new/below/trust.json");
    trust_extension_bundle(&path, Some(&store)).unwrap();
    assert_eq!(
        (mode(&store), mode(&scene.path("new")), mode(&scene.path("new/below"))),
        (0o600, 0o700, 0o700)
    );
    // Also when the file was made by somebody with other habits, and no other file is left beside it.
    std::fs::set_permissions(&store, std::fs::Permissions::from_mode(0o644)).unwrap();
    trust_extension_bundle(&path, Some(&store)).unwrap();
    assert_eq!(mode(&store), 0o600);
    assert_eq!(std::fs::read_dir(scene.path("new/below")).unwrap().count(), 1);
}

#[test]
fn trusting_replaces_records_of_the_same_name_or_path() {
    let scene = Scene::new();
    let (a, b) = (bundle(&scene, "a.zovaext", "one"), bundle(&scene, "b.zovaext", "two"));
    scene.trust(&a);
    scene.trust(&b);
    assert_eq!(names(&scene), ["one", "two"]);
    scene.trust(&a);
    assert_eq!(names(&scene), ["two", "one"]);
    // The same path with another name, and then the same name at another path.
    scene.write_manifest(&a, &Manifest::new("three"));
    scene.trust(&a);
    assert_eq!(names(&scene), ["two", "three"]);
    let c = bundle(&scene, "c.zovaext", "two");
    scene.trust(&c);
    assert_eq!(names(&scene), ["three", "two"]);
    refused(scene.verify(&b), Status::ExtensionUntrusted, "was never trusted");
    scene.verify(&c).unwrap();
}

#[test]
fn trust_is_taken_away_by_name_and_by_path() {
    let scene = Scene::new();
    let store = scene.store();
    let bundles = ["a", "b", "c", "d"].map(|name| bundle(&scene, &format!("{name}.zovaext"), name));
    for bundle in &bundles {
        scene.trust(bundle);
    }
    let untrust = |identifier: &str| untrust_extension_bundle(identifier, Some(&store)).unwrap();
    assert!(untrust("a"));
    assert!(!untrust("a"));
    assert!(untrust(bundles[1].to_str().unwrap()));
    // A path that is spelled in another way, and a bundle that is gone.
    assert!(untrust(&format!("{}/../c.zovaext/", bundles[0].display())));
    std::fs::remove_dir_all(&bundles[3]).unwrap();
    assert!(untrust(bundles[3].to_str().unwrap()));
    assert_eq!(names(&scene), Vec::<String>::new());
    assert_eq!(std::fs::read_to_string(&store).unwrap(), "{\n  \"version\": 1,\n  \"extensions\": []\n}\n");
    for identifier in ["", "a b", "_zova_x", "caf\u{e9}"] {
        let outcome = untrust_extension_bundle(identifier, Some(&store));
        refused(outcome, Status::ExtensionInvalid, "neither the path of a bundle");
    }
}

#[test]
fn a_list_that_does_not_exist_is_empty_and_is_not_made_by_reading() {
    let scene = Scene::new();
    let store = scene.path("new/trust.json");
    assert_eq!(trusted_extension_bundles(Some(&store)).unwrap(), []);
    assert!(!untrust_extension_bundle("notes", Some(&store)).unwrap());
    assert!(!scene.path("new").exists());
}

#[test]
fn a_list_that_breaks_a_rule_is_refused_by_every_call_that_reads_it() {
    let scene = Scene::new();
    let path = bundle(&scene, "a.zovaext", "notes");
    scene.trust(&path);
    let good = std::fs::read_to_string(scene.store()).unwrap();
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1)
    };
    let hash = zova::object_id(b"no library").unwrap().to_string();
    for (text, why) in [
        (String::new(), "EOF"),
        ("[]".to_owned(), "not a JSON object"),
        (good[..good.len() / 2].to_owned(), "EOF"),
        (good.clone() + "x", "trailing"),
        ("{\"extensions\": []}".to_owned(), "\"version\" is missing"),
        ("{\"version\": 1}".to_owned(), "\"extensions\" is missing"),
        ("{\"version\": 1, \"extensions\": {}}".to_owned(), "an object instead of an array"),
        ("{\"version\": 1, \"extensions\": [1]}".to_owned(), "an integer instead of an object"),
        (changed("\"version\": 1,", "\"version\": 2,"), "has version 2"),
        (changed("\"version\": 1,", "\"version\": \"1\","), "a string instead of an integer"),
        (changed("\"version\": 1,", "\"version\": 1.0,"), "instead of an integer"),
        (changed("\"version\": 1,", "\"version\": 1, \"version\": 1,"), "occurs twice"),
        (changed("\"name\": \"notes\"", "\"name\": 3"), "instead of a string"),
        (changed("\"name\": \"notes\"", "\"name\": \"\""), "extension name"),
        (changed("\"storage_prefix\": \"_zova_ext_notes_\",", ""), "\"storage_prefix\" is missing"),
        (changed("_zova_ext_notes_", "_zova_ext_other_"), "storage prefix"),
        (changed(&hash, &hash[1..]), "64 hexadecimal digits"),
        (changed(&hash, &format!("g{}", &hash[1..])), "64 hexadecimal digits"),
        (changed("\"bundle_path\": \"/", "\"bundle_path\": \""), "not absolute"),
        (changed("\"trusted_at_unix\": ", "\"trusted_at_unix\": -1.5, \"x\": "), "instead of an integer"),
        (good.clone() + &" ".repeat(1024 * 1024), "more than 1048576 bytes"),
    ] {
        std::fs::write(scene.store(), &text).unwrap();
        refused(trusted_extension_bundles(Some(&scene.store())), Status::ExtensionInvalid, why);
        refused(trust_extension_bundle(&path, Some(&scene.store())), Status::ExtensionInvalid, why);
        refused(untrust_extension_bundle("notes", Some(&scene.store())), Status::ExtensionInvalid, why);
        refused(scene.verify(&path), Status::ExtensionInvalid, why);
        assert_eq!(std::fs::read_to_string(scene.store()).unwrap(), text, "nothing is repaired");
    }
    // Hashes may be written in capitals, and keys that nobody knows do not matter.
    let text = changed("\"version\": 1,", "\"version\": 1, \"x\": [null, {\"y\": 1.5}],");
    std::fs::write(scene.store(), text.replace(&hash, &hash.to_uppercase())).unwrap();
    scene.verify(&path).unwrap();
}

#[test]
fn a_list_that_cannot_be_made_fails_at_once() {
    let scene = Scene::new();
    let path = bundle(&scene, "a.zovaext", "notes");
    std::fs::write(scene.path("file"), "").unwrap();
    let trust = |store: &str| fault(trust_extension_bundle(&path, Some(&scene.path(store))));
    for (store, name) in [
        ("file/trust.json", "PathAlreadyExists"),
        ("file/below/trust.json", "NotDir"),
        ("a.zovaext", "IsDir"),
        ("/proc/absent/below/trust.json", "FileNotFound"),
    ] {
        let (status, message) = trust(store);
        assert_eq!(status, Status::CantOpen, "{message}");
        assert!(message.contains(name), "{name} is not in: {message}");
    }
    let (status, message) = fault(trust_extension_bundle(&path, Some(Path::new(""))));
    assert_eq!((status, message.contains("BadPathName")), (Status::CantOpen, true), "{message}");
}

#[test]
fn a_list_that_is_a_link_stays_one() {
    let scene = Scene::new();
    let path = bundle(&scene, "a.zovaext", "notes");
    let real = scene.path("real.json");
    trust_extension_bundle(&path, Some(&real)).unwrap();
    symlink(&real, scene.store()).unwrap();
    let other = bundle(&scene, "b.zovaext", "other");
    scene.trust(&other);
    assert!(scene.store().symlink_metadata().unwrap().is_symlink());
    assert_eq!(trusted_extension_bundles(Some(&real)).unwrap().len(), 2);
}

#[test]
fn a_list_that_every_user_may_change_is_not_blessed_by_writing_it() {
    let scene = Scene::new();
    let path = bundle(&scene, "a.zovaext", "notes");
    scene.trust(&path);
    std::fs::set_permissions(scene.store(), std::fs::Permissions::from_mode(0o666)).unwrap();
    let text = "can be changed by every user";
    refused(trust_extension_bundle(&path, Some(&scene.store())), Status::ExtensionUntrusted, text);
    refused(untrust_extension_bundle("notes", Some(&scene.store())), Status::ExtensionUntrusted, text);
    assert_eq!(mode(&scene.store()), 0o666);
}

#[test]
fn writers_at_the_same_time_lose_nothing() {
    let scene = Scene::new();
    let bundles: Vec<_> =
        (0..8).map(|at| bundle(&scene, &format!("{at}.zovaext"), &format!("extension{at}"))).collect();
    std::thread::scope(|threads| {
        for bundle in &bundles {
            threads.spawn(|| {
                for _ in 0..10 {
                    scene.trust(bundle);
                }
            });
        }
        threads.spawn(|| {
            for _ in 0..200 {
                // A reader sees some whole list.
                trusted_extension_bundles(Some(&scene.store())).unwrap();
            }
        });
    });
    let mut listed = names(&scene);
    listed.sort();
    assert_eq!(listed, (0..8).map(|at| format!("extension{at}")).collect::<Vec<_>>());
}

#[test]
fn a_path_that_json_cannot_hold_is_not_trusted() {
    use std::os::unix::ffi::OsStrExt;
    let scene = Scene::new();
    let path = scene.path("").join(std::ffi::OsStr::from_bytes(b"\xff.zovaext"));
    let error = trust_extension_bundle(&path, Some(&scene.store())).unwrap_err();
    assert_eq!(error, zova::Error::NonUtf8Path);
}
