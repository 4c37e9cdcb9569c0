//! The C programs of `docs/extension-authoring.md`. Its Rust program runs as a documentation test.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{Scene, root, rows};

/// The code blocks of one language, in order.
fn blocks(language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("docs/extension-authoring.md")).unwrap();
    let mut blocks = Vec::new();
    let mut rest = text.as_str();
    let start = format!("```{language}\n");
    while let Some((_, from)) = rest.split_once(&start) {
        let (block, after) = from.split_once("```\n").unwrap();
        blocks.push(block.to_owned());
        rest = after;
    }
    blocks
}

#[test]
fn the_plugin_of_the_guide_becomes_a_bundle_that_works() {
    let scene = Scene::new();
    let source = scene.path("tally.c");
    std::fs::write(&source, &blocks("c")[0]).unwrap();
    let tally = scene.bundle("tally", &source, &["-fvisibility=hidden"]);
    std::fs::rename(tally.join("lib.so"), tally.join("libtally.so")).unwrap();
    std::fs::write(tally.join("extension.json"), &blocks("json")[0]).unwrap();
    scene.trust(&tally);
    let (mut db, path) = scene.create(&[&tally]).unwrap();
    db.install_extension("tally").unwrap();
    assert_eq!(rows(&mut db, "select zova_tally_add('visits', 2)"), ["2"]);
    assert_eq!(rows(&mut db, "select zova_tally_add('visits', 3)"), ["5"]);
    db.check_extension("tally").unwrap();
    drop(db);
    scene.open(&path, &[&tally]).unwrap().drop_extension("tally").unwrap();
}

#[test]
fn the_other_programs_of_the_guide_compile() {
    let blocks = blocks("c");
    assert_eq!(blocks.len(), 3);
    compile(&format!(
        "#include \"zova_extension_host.h\"\nint program(void);\nint program(void)\n{{\n{}\nreturn 0;\n}}\n",
        blocks[1]
    ));
    compile(&format!(
        "#include \"zova_extension.h\"\nstatic const zova_ext_host *host;\n{}\n\
         zova_ext_hook hook(const zova_ext_host *);\n\
         zova_ext_hook hook(const zova_ext_host *services) {{ host = services; return register_log; }}\n",
        blocks[2]
    ));
}

/// Checks a source without a warning.
fn compile(text: &str) {
    let scene = Scene::new();
    let source = scene.path("program.c");
    std::fs::write(&source, text).unwrap();
    let include: PathBuf = root().join("include");
    let mut command = Command::new("cc");
    command
        .args(["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", "-I"])
        .arg(include);
    let output = command.arg(&source).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
