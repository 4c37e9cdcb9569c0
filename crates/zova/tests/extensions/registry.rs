//! The registry of code: what it takes, and when.

use std::sync::Arc;

use zova::{Database, Extension, ExtensionManifest, ExtensionRegistry, OpenOptions, SharedDatabase, Status};

use crate::common::{Scratch, fault, native_fault};
use crate::support::{Sample, data};

fn add(registry: &mut ExtensionRegistry, sample: Sample) -> zova::Result<()> {
    registry.add(Arc::new(sample))
}

#[test]
fn a_manifest_that_breaks_a_rule_is_refused() {
    let mut registry = ExtensionRegistry::new();
    let change = |change: &dyn Fn(&mut ExtensionManifest)| {
        let mut sample = Sample::new("legal");
        change(&mut sample.manifest);
        sample
    };
    let illegal: [&dyn Fn(&mut ExtensionManifest); 14] = [
        &|manifest| manifest.name = String::new(),
        &|manifest| *manifest = ExtensionManifest::new("n".repeat(65), "1", "1"),
        &|manifest| *manifest = ExtensionManifest::new("a b", "1", "1"),
        &|manifest| *manifest = ExtensionManifest::new("_zova_a", "1", "1"),
        &|manifest| *manifest = ExtensionManifest::new("_Zova_a", "1", "1"),
        &|manifest| manifest.version = String::new(),
        &|manifest| manifest.version = "v".repeat(65),
        &|manifest| manifest.storage_prefix = "_zova_ext_legal".to_owned(),
        &|manifest| manifest.storage_prefix = "_zova_ext_Legal_".to_owned(),
        &|manifest| manifest.zova_abi_min = String::new(),
        &|manifest| manifest.zova_abi_min = "v".repeat(65),
        &|manifest| manifest.capabilities = "c".repeat(513),
        &|manifest| manifest.manifest_json = "m".repeat(4097),
        &|manifest| manifest.required = false,
    ];
    for breaking in illegal {
        fault(add(&mut registry, change(breaking)), Status::ExtensionInvalid);
    }
    let legal: [&dyn Fn(&mut ExtensionManifest); 5] = [
        &|manifest| *manifest = ExtensionManifest::new("n".repeat(64), "v".repeat(64), "a".repeat(64)),
        &|manifest| *manifest = ExtensionManifest::new("A.b:c-9_", "1", "1"),
        &|manifest| *manifest = ExtensionManifest::new("_zova", "1", "1"),
        &|manifest| {
            *manifest = ExtensionManifest::new("long", "1", "1");
            manifest.capabilities = "c".repeat(512);
            manifest.manifest_json = "m".repeat(4096);
        },
        &|_| {},
    ];
    for keeping in legal {
        add(&mut registry, change(keeping)).unwrap();
    }
}

#[test]
fn a_name_is_taken_once_and_letter_case_makes_another() {
    let mut registry = ExtensionRegistry::new();
    add(&mut registry, Sample::new("a")).unwrap();
    native_fault(add(&mut registry, Sample::new("a").version("2")), Status::ExtensionInvalid);
    add(&mut registry, Sample::new("A")).unwrap();
    let shown = format!("{registry:?}");
    assert!(shown.contains("\"a\"") && shown.contains("\"A\""), "{shown}");
}

#[test]
fn the_first_open_freezes_a_registry_and_handles_outlive_it() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let mut registry = ExtensionRegistry::new();
    add(&mut registry, Sample::new("a")).unwrap();
    assert!(!registry.is_in_use());
    let mut db = Database::create_with_registry(&path, OpenOptions::default(), &registry).unwrap();
    assert!(registry.is_in_use());
    fault(add(&mut registry, Sample::new("b")), Status::Misuse);
    let shared = SharedDatabase::open_with_registry(&path, OpenOptions::default(), &registry).unwrap();
    drop(shared);
    assert!(registry.is_in_use());
    drop(registry);
    db.install_extension("a").unwrap();
    db.check_extension("a").unwrap();
}

#[test]
fn a_registry_is_free_again_when_its_last_handle_closes_and_stays_frozen() {
    let scratch = Scratch::new();
    let mut registry = ExtensionRegistry::new();
    let db =
        Database::create_with_registry(scratch.path("a.zova"), OpenOptions::default(), &registry).unwrap();
    drop(db);
    assert!(!registry.is_in_use());
    fault(add(&mut registry, Sample::new("b")), Status::Misuse);
    // A file that does not open freezes, too.
    let mut registry = ExtensionRegistry::new();
    Database::open_with_registry(scratch.path("b.zova"), OpenOptions::default(), &registry).unwrap_err();
    assert!(!registry.is_in_use());
    fault(add(&mut registry, Sample::new("b")), Status::Misuse);
}

#[test]
fn registries_of_different_handles_are_independent() {
    let scratch = Scratch::new();
    let path = scratch.path("a.zova");
    let (mut first, mut second) = (ExtensionRegistry::new(), ExtensionRegistry::new());
    add(&mut first, Sample::new("a")).unwrap();
    add(&mut second, Sample::new("a").version("2.0")).unwrap();
    let mut db = Database::create_with_registry(&path, OpenOptions::default(), &first).unwrap();
    db.install_extension("a").unwrap();
    native_fault(
        Database::open_with_registry(&path, OpenOptions::default(), &second),
        Status::ExtensionIncompatible,
    );
    native_fault(Database::open(&path), Status::ExtensionUnavailable);
    db.exec(&format!("insert into {} values (1, 2)", data("a"))).unwrap();
}

#[test]
fn one_extension_serves_many_handles_on_many_threads() {
    let scratch = Scratch::new();
    let registry = crate::support::registry([Sample::new("a")]);
    std::thread::scope(|scope| {
        for index in 0..4 {
            let (registry, path) = (&registry, scratch.path(&format!("{index}.zova")));
            scope.spawn(move || {
                let options = OpenOptions::default();
                let mut db = Database::create_with_registry(&path, options, registry).unwrap();
                for _ in 0..20 {
                    db.install_extension("a").unwrap();
                    db.check_extensions().unwrap();
                    db.drop_extension("a").unwrap();
                }
            });
        }
    });
}

#[test]
fn a_manifest_is_read_once() {
    struct Changing([ExtensionManifest; 2], std::sync::atomic::AtomicUsize);
    impl Extension for Changing {
        fn manifest(&self) -> &ExtensionManifest {
            let calls = self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            &self.0[calls.min(1)]
        }
        fn install(&self, _: &mut zova::ExtensionContext<'_>) -> zova::ExtensionResult<()> {
            Ok(())
        }
        fn check(&self, _: &mut zova::ExtensionContext<'_>) -> zova::ExtensionResult<()> {
            Ok(())
        }
        fn drop_storage(&self, _: &mut zova::ExtensionContext<'_>) -> zova::ExtensionResult<()> {
            Ok(())
        }
    }
    let scratch = Scratch::new();
    let manifests = [ExtensionManifest::new("first", "1", "1"), ExtensionManifest::new("", "2", "2")];
    let mut registry = ExtensionRegistry::new();
    registry.add(Arc::new(Changing(manifests, Default::default()))).unwrap();
    let options = OpenOptions::default();
    let mut db = Database::create_with_registry(scratch.path("a.zova"), options, &registry).unwrap();
    db.install_extension("first").unwrap();
    assert_eq!(db.extension_info("first").unwrap().version, "1");
    db.drop_extension("first").unwrap();
}

#[test]
fn a_panic_in_a_manifest_is_internal_and_leaves_the_registry_as_it_was() {
    struct Panicking;
    impl Extension for Panicking {
        fn manifest(&self) -> &ExtensionManifest {
            panic!("asked to panic")
        }
        fn install(&self, _: &mut zova::ExtensionContext<'_>) -> zova::ExtensionResult<()> {
            Ok(())
        }
        fn check(&self, _: &mut zova::ExtensionContext<'_>) -> zova::ExtensionResult<()> {
            Ok(())
        }
        fn drop_storage(&self, _: &mut zova::ExtensionContext<'_>) -> zova::ExtensionResult<()> {
            Ok(())
        }
    }
    let mut registry = ExtensionRegistry::new();
    fault(registry.add(Arc::new(Panicking)), Status::Internal);
    add(&mut registry, Sample::new("a")).unwrap();
}
