//! The parts in which bytes arrive have no influence on what is stored.

use proptest::prelude::*;
use zova::Database;

use crate::common::{Scratch, bytes, splitmix};
use crate::objects::{golden_vectors, manifest_of, object_id, quick_database, rows};
use crate::{assert_alone, stored_manifest};

const MIB: usize = 1024 * 1024;

/// Writes content in parts of the given sizes, the last one for all that is left.
fn write_in(db: &mut Database, content: &[u8], sizes: impl IntoIterator<Item = usize>) -> zova::ObjectId {
    let mut writer = db.object_writer().unwrap();
    let mut rest = content;
    for size in sizes {
        let (part, tail) = rest.split_at(size.min(rest.len()));
        writer.write(part).unwrap();
        rest = tail;
        if rest.is_empty() {
            break;
        }
    }
    writer.write(rest).unwrap();
    writer.finish().unwrap()
}

/// Sizes of all magnitudes.
fn random_sizes(seed: u64) -> impl Iterator<Item = usize> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        let bits = splitmix(&mut state) % 20;
        (splitmix(&mut state) % (1 << bits)) as usize
    })
}

#[test]
fn every_golden_vector_is_reproduced_whatever_the_split() {
    let scratch = Scratch::new();
    let (mut db, path) = quick_database(&scratch);
    for (number, golden) in (0..).zip(golden_vectors()) {
        let length = golden.content.len();
        let mut splits: Vec<Vec<usize>> =
            vec![vec![length], vec![65536; length / 65536 + 1], random_sizes(number).take(4000).collect()];
        if length < 20_000 {
            splits.push(vec![1; length]);
        }
        for sizes in splits {
            let id = write_in(&mut db, &golden.content, sizes);
            assert_eq!(id, golden.id, "{}", golden.name);
            golden.assert_manifest(&stored_manifest(&mut db, id));
            if length < 300_000 {
                assert!(db.get_object(id).unwrap() == golden.content, "{}", golden.name);
            }
            db.delete_object(id).unwrap();
        }
    }
    assert!(rows(&path) == Default::default());
    assert_alone(&path);
}

#[test]
fn sizes_around_every_boundary_are_stored_alike() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let mut lengths = vec![0, 1, 2];
    for boundary in [2048, 65536, MIB, MIB + 65536, 2 * MIB] {
        lengths.extend([boundary - 1, boundary, boundary + 1]);
    }
    for length in lengths {
        // Constant bytes are cut as late as possible, random ones early.
        for content in [vec![7; length], bytes(length as u64, length)] {
            let expected = manifest_of(&content);
            let splits: [&[usize]; 3] = [&[length], &[length.saturating_sub(1)], &[1, MIB - 1, 65535]];
            for sizes in splits {
                let id = write_in(&mut db, &content, sizes.iter().copied());
                assert_eq!(id, object_id(&content), "{length} bytes in {sizes:?}");
                assert_eq!(stored_manifest(&mut db, id), expected, "{length} bytes in {sizes:?}");
                db.delete_object(id).unwrap();
            }
        }
    }
}

#[test]
fn single_bytes_across_every_boundary_are_stored_alike() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let content = [&bytes(1, MIB - 3000)[..], &[9; 140_000], &bytes(2, 5000)].concat();
    // Large parts up to shortly before a boundary, then byte by byte across it.
    for (boundary, around) in [(65536, 3), (MIB, 2500), (MIB + 65536, 2500), (MIB + 131072, 2500)] {
        let sizes = std::iter::once(boundary - around).chain(std::iter::repeat_n(1, 2 * around));
        let id = write_in(&mut db, &content, sizes);
        assert_eq!(id, object_id(&content));
        assert_eq!(stored_manifest(&mut db, id), manifest_of(&content), "around {boundary}");
        db.verify_object(id).unwrap();
        db.delete_object(id).unwrap();
    }
}

#[test]
fn equal_parts_of_every_kind_are_stored_alike() {
    let scratch = Scratch::new();
    let (mut db, _) = quick_database(&scratch);
    let content = [&bytes(3, 700_000)[..], &[0; 400_000], &bytes(3, 700_000)].concat();
    let expected = manifest_of(&content);
    for size in [37, 4095, 65535, 65536, 65537, MIB - 1, MIB, MIB + 1] {
        let id = write_in(&mut db, &content, std::iter::repeat_n(size, content.len() / size));
        assert_eq!(id, object_id(&content));
        assert_eq!(stored_manifest(&mut db, id), expected, "parts of {size} bytes");
        db.delete_object(id).unwrap();
    }
}

/// Content of regions that are random, of few symbols, or constant.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let region = (
        0u64..5,
        prop::sample::select(vec![1u8, 2, 255]),
        prop_oneof![
            4 => 0usize..3000,
            2 => 3000usize..140_000,
            1 => 140_000usize..1_200_000,
        ],
    )
        .prop_map(|(seed, symbols, length)| {
            bytes(seed, length).into_iter().map(|byte| byte % symbols).collect::<Vec<u8>>()
        });
    prop::collection::vec(region, 0..5).prop_map(|regions| regions.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn streaming_equals_one_shot(content in content(), splits in any::<u64>()) {
        let scratch = Scratch::new();
        let (mut db, written) = quick_database(&scratch);
        let id = write_in(&mut db, &content, random_sizes(splits).take(3000));
        let put = scratch.path("put.zova");
        let mut one_shot = Database::create(&put).unwrap();
        prop_assert_eq!(one_shot.put_object(&content).unwrap(), id);
        prop_assert!(rows(&written) == rows(&put));
        prop_assert!(db.get_object(id).unwrap() == content);
        prop_assert!(one_shot.get_object(id).unwrap() == content);
    }
}
