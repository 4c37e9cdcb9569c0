//! Generates the headers from the sources: `zova.h` and `zova_extension_host.h` from this package, `zova_extension.h`
//! from the plugin interface of the core. They go into Cargo's output folder; `include/` has committed copies of them.
//! A test compares the two, and `make header` copies. Nothing is written outside the output folder.

use std::env;
use std::fs;
use std::path::PathBuf;

/// The files with declarations of the header, in the order of the header.
const CHAPTERS: &[&str] = &[
    "status",
    "container",
    "database",
    "sql",
    "transaction",
    "event",
    "statement",
    "column",
    "object",
    "manifest",
    "chunk",
    "writer",
    "reader",
    "progress",
    "interrupt",
    "copies",
    "object_file",
    "object_progress",
    "object_list",
    "vocabulary",
    "vector_results",
    "vector",
    "vector_search",
    "graph/result",
    "graph",
    "graph/node",
    "graph/edge",
    "graph/query",
    "graph/page",
    "graph/target",
    "extension",
    "bundle",
];

/// Where the core defines the plugin interface.
const PLUGIN_INTERFACE: &str = "crates/zova/src/extension/plugin/abi.rs";

/// Characters in a line of a comment of the header.
const WIDTH: usize = 110;

fn main() {
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed={PLUGIN_INTERFACE}");
    let sources: Vec<String> = CHAPTERS.iter().map(|chapter| format!("src/{chapter}.rs")).collect();
    header("zova.h", "cbindgen.toml", &sources);
    header("zova_extension.h", "cbindgen.extension.toml", &[PLUGIN_INTERFACE.to_owned()]);
    header("zova_extension_host.h", "cbindgen.extension_host.toml", &["src/extension_host.rs".to_owned()]);

    // Programs linked with the shared library look for this name, so a library with another interface version never
    // takes its place.
    if variable("CARGO_CFG_TARGET_OS") == "linux" {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libzova_c.so.0");
    }
}

/// Generates one header and tells the tests where it is.
fn header(name: &str, config: &str, sources: &[String]) {
    println!("cargo::rerun-if-changed={config}");
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join(config)).expect("the configuration is readable");
    let builder = sources.iter().fold(cbindgen::Builder::new().with_config(config), |builder, source| {
        builder.with_src(root.join(source))
    });
    let mut text = Vec::new();
    builder.generate().expect("cbindgen understands the sources").write(&mut text);
    let path = PathBuf::from(variable("OUT_DIR")).join(name);
    let text = String::from_utf8(text).expect("the sources are UTF-8");
    fs::write(&path, readable(&text)).expect("the output folder is writable");
    println!("cargo::rustc-env=GENERATED_{}={}", name.replace('.', "_").to_uppercase(), path.display());
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("Cargo sets {name}"))
}

/// Gives the output of cbindgen the form a person would write: types without `struct` and `enum` where they are used,
/// and short comments on one line.
fn readable(header: &str) -> String {
    let untagged: Vec<String> = header
        .lines()
        .map(|line| match line.trim_start() {
            code if code.starts_with("typedef") || code.starts_with('*') => line.to_owned(),
            _ => line.replace("struct zova_", "zova_").replace("enum zova_", "zova_"),
        })
        .collect();
    let mut rest = untagged.as_slice();
    let mut text = String::new();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let mut line = first.clone();
        if let [second, third, tail @ ..] = tail
            && (first.trim(), third.trim()) == ("/**", "*/")
        {
            let joined = format!("{first} {} */", second.trim().trim_start_matches("* "));
            if joined.len() <= WIDTH {
                rest = tail;
                line = joined;
            }
        }
        text.push_str(&line);
        text.push('\n');
    }
    text
}
