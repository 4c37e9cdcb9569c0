//! What is refused before a library is loaded, what its loading can meet, and that what runs is what was hashed.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use zova::{Database, ExtensionRegistry, OpenOptions, Status};

use crate::support::{Manifest, Scene, fault, refused, rows};

/// A bundle of the example with a changed manifest, trusted; loading it, and verifying it.
fn loading(key: &'static str, value: Option<&str>) -> (zova::Result<()>, zova::Result<()>) {
    let scene = Scene::new();
    let tags = scene.tags();
    scene.write_manifest(&tags, &Manifest::new("tags").with(key, value));
    scene.trust(&tags);
    (scene.create(&[&tags]).map(drop), scene.verify(&tags))
}

#[test]
fn a_bundle_of_the_first_published_version_is_trusted_but_not_loaded() {
    let (loaded, verified) = loading("abi", None);
    refused(loaded, Status::ExtensionIncompatible, "names no plugin interface");
    refused(verified, Status::ExtensionIncompatible, "made for Zova 0.21.0");
}

#[test]
fn a_bundle_of_another_plugin_interface_is_trusted_but_not_loaded() {
    let (loaded, verified) = loading("abi", Some("\"zova-c-2\""));
    refused(loaded, Status::ExtensionIncompatible, "needs the plugin interface \"zova-c-2\"");
    refused(verified, Status::ExtensionIncompatible, "zova-c-2");
}

#[test]
fn a_bundle_that_needs_a_newer_zova_is_not_loaded() {
    for newer in ["0.21.1", "0.22.0", "1.0.0", "0.100.0", "99999999999999999999999.0.0"] {
        let (loaded, verified) = loading("zova_abi_min", Some(&format!("{newer:?}")));
        refused(loaded, Status::ExtensionIncompatible, &format!("needs Zova {newer} or newer"));
        refused(verified, Status::ExtensionIncompatible, newer);
    }
    for malformed in ["0.21", "0.21.0.0", "0.21.x", "0.+1.0", "", "0..0", " 0.21.0", "v0.21.0"] {
        if malformed.is_empty() {
            continue;
        }
        let (loaded, _) = loading("zova_abi_min", Some(&format!("{malformed:?}")));
        refused(loaded, Status::ExtensionIncompatible, "not of the form 1.2.3");
    }
}

#[test]
fn numbers_of_versions_are_compared_as_numbers() {
    for older in ["0.3.0", "0.9.999", "0.021.0", "0.21.0"] {
        let (_, verified) = loading("zova_abi_min", Some(&format!("{older:?}")));
        verified.unwrap_or_else(|error| panic!("{older}: {error}"));
    }
}

#[test]
fn a_library_that_says_something_else_than_its_manifest_is_not_used() {
    for (key, value) in
        [("version", "2.0.0"), ("zova_abi_min", "0.20.0"), ("capabilities", "sql"), ("capabilities", "")]
    {
        let (loaded, verified) = loading(key, Some(&format!("{value:?}")));
        verified.unwrap();
        refused(loaded, Status::ExtensionIncompatible, &format!("states the {key}"));
    }
    let scene = Scene::new();
    let tags = scene.tags();
    scene.write_manifest(&tags, &Manifest::new("labels"));
    scene.trust(&tags);
    refused(scene.create(&[&tags]), Status::ExtensionIncompatible, "states the name \"tags\"");
}

#[test]
fn a_library_without_the_entry_function_is_a_clear_error() {
    let (loaded, verified) = loading("entrypoint", Some("\"tags_entry\""));
    verified.unwrap();
    refused(loaded, Status::ExtensionLoadFailed, "does not export the entry function tags_entry");
    let (loaded, _) = loading("entrypoint", Some("\"zova_extension_entry_v1\""));
    loaded.unwrap();
}

#[test]
fn a_library_for_another_processor_is_a_clear_error() {
    let scene = Scene::new();
    let tags = scene.tags();
    let library = tags.join("lib.so");
    let mut bytes = std::fs::read(&library).unwrap();
    // The machine of an ELF file is in these two bytes; 0x1234 is none.
    assert_eq!(&bytes[..4], b"\x7fELF");
    bytes[18..20].copy_from_slice(&[0x34, 0x12]);
    std::fs::write(&library, bytes).unwrap();
    scene.trust(&tags);
    refused(scene.create(&[&tags]), Status::ExtensionLoadFailed, "made for another processor (machine 4660)");
}

#[test]
fn a_library_of_another_system_or_none_at_all_is_a_clear_error() {
    for (start, text) in [
        (&b"MZ\x90\0"[..], "made for Windows"),
        (b"\xcf\xfa\xed\xfe", "made for macOS"),
        (b"#!/bin/sh\n", "not a shared library"),
        (b"", "not a shared library"),
        (b"\x7fELF", "cut off"),
    ] {
        let scene = Scene::new();
        let tags = scene.tags();
        std::fs::write(tags.join("lib.so"), start).unwrap();
        scene.trust(&tags);
        refused(scene.create(&[&tags]), Status::ExtensionLoadFailed, text);
    }
}

#[test]
fn a_library_that_is_cut_off_is_an_error_and_no_crash() {
    let scene = Scene::new();
    let tags = scene.tags();
    let library = tags.join("lib.so");
    let bytes = std::fs::read(&library).unwrap();
    for length in [64, 512, 1000] {
        std::fs::write(&library, &bytes[..length]).unwrap();
        scene.trust(&tags);
        let (status, message) = fault(scene.create(&[&tags]));
        assert_eq!(status, Status::ExtensionLoadFailed, "{message}");
        assert!(!message.contains("/proc/") && !message.contains("/tmp/zova-extension-"), "{message}");
    }
}

#[test]
fn links_inside_a_bundle_are_followed_and_those_that_leave_it_are_refused() {
    let scene = Scene::new();
    let tags = scene.tags();
    let (library, elsewhere) = (tags.join("lib.so"), scene.path("elsewhere.so"));
    std::fs::create_dir(tags.join("linux")).unwrap();
    std::fs::rename(&library, tags.join("linux/real.so")).unwrap();
    symlink("linux/real.so", &library).unwrap();
    scene.trust(&tags);
    scene.create(&[&tags]).unwrap();

    std::fs::rename(tags.join("linux/real.so"), &elsewhere).unwrap();
    std::fs::remove_file(&library).unwrap();
    symlink(&elsewhere, &library).unwrap();
    // The bytes are those that were trusted; where they are is not.
    refused(scene.verify(&tags), Status::ExtensionInvalid, "leads out of the bundle");
    refused(scene.create(&[&tags]), Status::ExtensionInvalid, "leads out of the bundle");
    let trusted = zova::trust_extension_bundle(&tags, Some(&scene.store()));
    refused(trusted, Status::ExtensionInvalid, "leads out of the bundle");

    std::fs::remove_file(&library).unwrap();
    symlink("..", tags.join("up")).unwrap();
    scene.write_manifest(&tags, &Manifest::new("tags").with("library", Some("\"up/elsewhere.so\"")));
    refused(scene.verify(&tags), Status::ExtensionInvalid, "leads out of the bundle");
    symlink(&library, &library).unwrap();
    scene.write_manifest(&tags, &Manifest::new("tags"));
    refused(scene.verify(&tags), Status::CantOpen, "SymLinkLoop");
}

#[test]
fn a_manifest_that_is_a_link_out_of_the_bundle_is_refused() {
    let scene = Scene::new();
    let tags = scene.tags();
    let manifest = tags.join("extension.json");
    std::fs::rename(&manifest, scene.path("extension.json")).unwrap();
    symlink(scene.path("extension.json"), &manifest).unwrap();
    refused(scene.verify(&tags), Status::ExtensionInvalid, "leads out of the bundle");
}

#[test]
fn a_bundle_reached_through_a_link_is_the_bundle_itself() {
    let scene = Scene::new();
    let tags = scene.tags();
    let link = scene.path("link.zovaext");
    symlink(&tags, &link).unwrap();
    scene.trust(&link);
    scene.verify(&tags).unwrap();
    let records = zova::trusted_extension_bundles(Some(&scene.store())).unwrap();
    assert_eq!(records[0].bundle_path, tags.to_str().unwrap());
    // The link now leads to a copy, which nobody trusted although every byte is the same.
    let copy = scene.path("copy.zovaext");
    std::fs::create_dir(&copy).unwrap();
    for file in ["lib.so", "extension.json"] {
        std::fs::copy(tags.join(file), copy.join(file)).unwrap();
    }
    std::fs::remove_file(&link).unwrap();
    symlink(&copy, &link).unwrap();
    refused(scene.verify(&link), Status::ExtensionUntrusted, "was never trusted");
}

#[test]
fn what_is_missing_or_of_the_wrong_kind_has_a_name() {
    let scene = Scene::new();
    let tags = scene.tags();
    refused(scene.verify(&scene.path("absent.zovaext")), Status::CantOpen, "FileNotFound");
    std::fs::write(scene.path("file.zovaext"), "").unwrap();
    refused(scene.verify(&scene.path("file.zovaext")), Status::CantOpen, "NotDir");
    refused(scene.verify(&scene.path("file.zovaext/x.zovaext")), Status::CantOpen, "NotDir");
    for path in [tags.join("."), scene.path("tags"), scene.path("tags.ZOVAEXT"), scene.path("tags.zovaext/")]
    {
        refused(scene.verify(&path), Status::ExtensionInvalid, "must end in .zovaext");
    }
    std::fs::remove_file(tags.join("lib.so")).unwrap();
    refused(scene.verify(&tags), Status::CantOpen, "FileNotFound");
    std::fs::create_dir(tags.join("lib.so")).unwrap();
    refused(scene.verify(&tags), Status::CantOpen, "IsDir");
    std::fs::remove_file(tags.join("extension.json")).unwrap();
    refused(scene.verify(&tags), Status::CantOpen, "FileNotFound");
    std::fs::create_dir(tags.join("extension.json")).unwrap();
    refused(scene.verify(&tags), Status::CantOpen, "IsDir");
}

#[test]
fn the_largest_manifest_has_65535_bytes() {
    let scene = Scene::new();
    let tags = scene.tags();
    let text = Manifest::new("tags").text();
    let padded = |length: usize| format!("{text}{}", " ".repeat(length - text.len()));
    std::fs::write(tags.join("extension.json"), padded(65_535)).unwrap();
    scene.trust(&tags);
    std::fs::write(tags.join("extension.json"), padded(65_536)).unwrap();
    refused(scene.verify(&tags), Status::ExtensionInvalid, "more than 65535 bytes");
}

#[test]
fn the_largest_library_has_256_mib() {
    let scene = Scene::new();
    let tags = scene.tags();
    let library = std::fs::File::options().write(true).open(tags.join("lib.so")).unwrap();
    library.set_len(256 * 1024 * 1024 + 1).unwrap();
    refused(scene.verify(&tags), Status::ExtensionInvalid, "more than 268435456 bytes");
}

#[test]
fn what_every_user_may_change_is_not_trusted() {
    let scene = Scene::new();
    let tags = scene.tags();
    scene.trust(&tags);
    let files = [tags.clone(), tags.join("extension.json"), tags.join("lib.so"), scene.store()];
    for path in &files {
        let before = std::fs::metadata(path).unwrap().permissions();
        for more in [0o002, 0o006] {
            let mode = before.mode() | more;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
            refused(scene.verify(&tags), Status::ExtensionUntrusted, "changed by every user");
            refused(scene.create(&[&tags]), Status::ExtensionUntrusted, "changed by every user");
        }
        std::fs::set_permissions(path, before).unwrap();
        scene.verify(&tags).unwrap();
    }
}

#[test]
fn the_code_that_runs_is_the_code_that_was_hashed() {
    let scene = Scene::new();
    let tags = scene.tags();
    scene.trust(&tags);
    let (mut db, path) = scene.create(&[&tags]).unwrap();
    // Were the file itself mapped, calling what was not called before would now read zeroes, or kill the process.
    let library = std::fs::File::options().write(true).open(tags.join("lib.so")).unwrap();
    let length = library.metadata().unwrap().len();
    library.set_len(0).unwrap();
    library.set_len(length).unwrap();
    db.install_extension("tags").unwrap();
    assert_eq!(rows(&mut db, "select zova_tags_add('a', 'red')"), ["1"]);
    assert_eq!(rows(&mut db, "select subject from zova_tags_find('red')"), ["a"]);
    db.check_extension("tags").unwrap();
    drop(db);
    // And what is there now is not what was trusted, although that code is in the process.
    refused(scene.open(&path, &[&tags]), Status::ExtensionUntrusted, "another library");
}

#[test]
fn two_versions_of_a_bundle_live_side_by_side_in_one_process() {
    let scene = Scene::new();
    let tags = scene.tags();
    scene.trust(&tags);
    let (mut old, _) = scene.create(&[&tags]).unwrap();
    old.install_extension("tags").unwrap();
    // Another library under the same path: it keeps other bytes, and is code of its own.
    let source = std::fs::read_to_string(crate::support::root().join("examples-c/tags/tags.c")).unwrap();
    let changed = scene.path("changed.c");
    std::fs::write(&changed, source.replace("\"1.0.0\"", "\"1.0.1\"")).unwrap();
    std::fs::remove_file(tags.join("lib.so")).unwrap();
    crate::support::compile(&changed, &tags.join("lib.so"), &[]);
    scene.write_manifest(&tags, &Manifest::new("tags").with("version", Some("\"1.0.1\"")));
    refused(scene.verify(&tags), Status::ExtensionUntrusted, "another manifest");
    scene.trust(&tags);
    let (mut new, path) = scene.create(&[&tags]).unwrap();
    new.install_extension("tags").unwrap();
    assert_eq!(old.extension_info("tags").unwrap().version, "1.0.0");
    assert_eq!(new.extension_info("tags").unwrap().version, "1.0.1");
    assert_eq!(rows(&mut old, "select zova_tags_add('a', 'red')"), ["1"]);
    assert_eq!(rows(&mut new, "select zova_tags_count('red')"), ["0"]);
    drop(new);
    // Code of another version does not fit what the first one installed.
    drop(old);
    scene.open(&path, &[&tags]).unwrap();
}

#[test]
fn a_bundle_is_loaded_once_and_verified_every_time() {
    let scene = Scene::new();
    let counted = scene.plugin("counted", &[]);
    scene.trust(&counted);
    let mut databases = Vec::new();
    for _ in 0..3 {
        let (mut db, _) = scene.create(&[&counted]).unwrap();
        db.install_extension("counted").unwrap();
        databases.push(db);
    }
    // The function tells how often the entry point was called.
    for db in &mut databases {
        assert_eq!(rows(db, "select zova_counted_entries()"), ["1"]);
    }
    assert!(zova::untrust_extension_bundle("counted", Some(&scene.store())).unwrap());
    refused(scene.create(&[&counted]), Status::ExtensionUntrusted, "never trusted");
    assert_eq!(rows(&mut databases[0], "select zova_counted_entries()"), ["1"]);
}

#[test]
fn a_name_occurs_once_in_a_registry() {
    let scene = Scene::new();
    let tags = scene.tags();
    scene.trust(&tags);
    refused(scene.create(&[&tags, &tags]), Status::ExtensionInvalid, "tags");
    let mut registry = ExtensionRegistry::new();
    registry.load_bundle(&tags, Some(&scene.store())).unwrap();
    let again = registry.load_bundle(&tags, Some(&scene.store()));
    refused(again, Status::ExtensionInvalid, "tags");
}

#[test]
fn a_registry_that_was_used_loads_nothing_more() {
    let scene = Scene::new();
    let counted = scene.plugin("counted", &[&marker(&scene)]);
    scene.trust(&counted);
    let mut registry = ExtensionRegistry::new();
    let db = Database::create_with_registry(scene.path("a.zova"), OpenOptions::default(), &registry).unwrap();
    refused(registry.load_bundle(&counted, Some(&scene.store())), Status::Misuse, "nothing more");
    assert!(!scene.path("marker").exists());
    drop(db);
    refused(registry.load_bundle(&counted, Some(&scene.store())), Status::Misuse, "nothing more");
}

#[test]
fn a_fault_of_a_bundle_leaves_no_file() {
    let scene = Scene::new();
    let tags = scene.tags();
    let outcome = scene.create(&[&tags]);
    refused(outcome, Status::ExtensionUntrusted, "was never trusted");
    let left = std::fs::read_dir(scene.path("")).unwrap();
    let names: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["tags.zovaext"]);
}

/// The flag that makes the plugin `counted` leave a file when it is mapped.
fn marker(scene: &Scene) -> String {
    format!("-DMARKER={}", scene.path("marker").display())
}

#[test]
fn no_code_is_loaded_by_anything_but_naming_a_trusted_bundle() {
    let scene = Scene::new();
    let counted = scene.plugin("counted", &[&marker(&scene)]);
    let marker = scene.path("marker");
    let never = |what: &str| assert!(!marker.exists(), "{what} loaded the library");

    refused(scene.create(&[&counted]), Status::ExtensionUntrusted, "");
    never("a bundle that is not trusted");
    scene.trust(&counted);
    never("trusting");
    scene.verify(&counted).unwrap();
    never("verifying");
    zova::trusted_extension_bundles(Some(&scene.store())).unwrap();
    never("listing");

    let manifest = std::fs::read(counted.join("extension.json")).unwrap();
    scene.write_manifest(&counted, &Manifest::new("counted").with("abi", None));
    scene.trust(&counted);
    refused(scene.create(&[&counted]), Status::ExtensionIncompatible, "");
    never("a bundle of another interface");
    std::fs::write(counted.join("extension.json"), manifest).unwrap();
    refused(scene.create(&[&counted]), Status::ExtensionUntrusted, "another manifest");
    never("a changed bundle");
    scene.trust(&counted);

    // A file that needs the extension: first made by a process that has it.
    let path = scene.path("needs.zova");
    drop(Database::create(&path).unwrap());
    pretend_installed(&path, "counted");
    refused(Database::open(&path), Status::ExtensionUnavailable, "counted");
    refused(scene.open(&path, &[]), Status::ExtensionUnavailable, "counted");
    never("a file that says the extension is installed");

    scene.open(&path, &[&counted]).unwrap();
    assert!(marker.exists(), "the test's own marker works");
}

/// Writes the row that says an extension is installed, as any SQLite program can.
fn pretend_installed(path: &Path, name: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    let row = "insert into _zova_extensions(name, version, storage_prefix, zova_abi_min, capabilities, required, \
               installed_at_unix) values (?1, '1.0.0', ?2, '0.21.0', '', 1, 1)";
    connection.execute(row, [name, &format!("_zova_ext_{name}_")]).unwrap();
}

#[test]
fn an_entry_point_that_refuses_is_told_apart_from_one_that_fails() {
    for (status, expected, text) in [
        ("93", Status::ExtensionIncompatible, "does not fit this version"),
        ("17", Status::ExtensionLoadFailed, "failed with status 17 (ZOVA_SQLITE_ERROR)"),
        ("-5", Status::ExtensionLoadFailed, "failed with status -5 (ZOVA_UNKNOWN_STATUS)"),
    ] {
        let scene = Scene::new();
        let counted = scene.plugin("counted", &[&format!("-DENTRY_STATUS={status}")]);
        scene.trust(&counted);
        refused(scene.create(&[&counted]), expected, text);
    }
}

#[test]
fn a_description_that_does_not_fit_the_interface_is_refused() {
    for (change, expected, text) in [
        ("out->abi_major = 2", Status::ExtensionIncompatible, "built for version 2"),
        ("out->abi_major = 0", Status::ExtensionIncompatible, "built for version 0"),
        ("out->struct_size = 0", Status::ExtensionIncompatible, "describes itself in 0 bytes"),
        ("out->struct_size = offsetof(zova_ext_plugin, drop)", Status::ExtensionIncompatible, "are needed"),
        ("out->name = 0", Status::ExtensionInvalid, "its name is null"),
        ("out->version = \"\\xff\"", Status::ExtensionInvalid, "not UTF-8"),
        ("out->storage_prefix = \"_zova_ext_other_\"", Status::ExtensionInvalid, "storage prefix"),
        ("out->install = 0", Status::ExtensionInvalid, "no hook install"),
        ("out->check = 0", Status::ExtensionInvalid, "no hook check"),
        ("out->drop = 0", Status::ExtensionInvalid, "no hook drop"),
    ] {
        let scene = Scene::new();
        let counted = scene.plugin("counted", &[&format!("-DCHANGE={change}")]);
        scene.trust(&counted);
        refused(scene.create(&[&counted]), expected, text);
    }
}

#[test]
fn a_newer_minor_version_and_a_description_without_optional_members_are_accepted() {
    for change in [
        "out->abi_minor = 7",
        "out->struct_size = sizeof *out + 64",
        "out->struct_size = offsetof(zova_ext_plugin, salvage)",
    ] {
        let scene = Scene::new();
        let counted = scene.plugin("counted", &[&format!("-DCHANGE={change}")]);
        scene.trust(&counted);
        let (mut db, _) = scene.create(&[&counted]).unwrap();
        db.install_extension("counted").unwrap();
        assert_eq!(rows(&mut db, "select zova_counted_entries()"), ["1"], "{change}");
    }
}
