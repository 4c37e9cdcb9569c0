//! What the libraries export, and what they can be linked with: another SQLite, another Rust library, C++, `dlopen`.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::cases::Cases;
use crate::header::Header;
use crate::programs::{C_FLAGS, LINK_LINE};
use crate::tools::Tool;
use crate::{paths, run};

/// Adds the cases.
pub fn add(cases: &mut Cases) {
    cases.add("static", "exports_exactly_the_functions_of_the_header", &[Tool::Nm], || {
        exports(&["-g", "--defined-only", "-P"], &paths::static_library()?)
    });
    cases.add("shared", "exports_exactly_the_functions_of_the_header", &[Tool::Nm], || {
        exports(&["-D", "--defined-only", "-P"], &paths::shared_library()?)
    });
    cases.add("shared", "carries_the_name_programs_are_linked_to", &[Tool::Readelf], soname);
    for (mode, foreign_first) in [("zova first", false), ("sqlite first", true)] {
        cases.add(mode, "links_beside_another_sqlite", &[Tool::Cc], move || {
            beside("foreign_sqlite", &other_sqlite()?, foreign_first)
        });
    }
    for (mode, foreign_first) in [("zova first", false), ("rust first", true)] {
        cases.add(mode, "links_beside_another_rust_library", &[Tool::Cc, Tool::Rustc], move || {
            beside("foreign_rust", &other_rust(mode)?, foreign_first)
        });
    }
    for tool in [Tool::Gxx, Tool::Clangxx] {
        for standard in ["c++11", "c++20"] {
            let mode = format!("{} {standard}", tool.command());
            cases.add(&mode, "a_cxx_program_stores_and_reads", &[tool], move || cxx(tool, standard));
        }
    }
    cases.add("dlopen", "the_shared_library_can_be_loaded_at_run_time", &[Tool::Cc], loaded_at_run_time);
}

fn exports(flags: &[&str], library: &Path) -> Result<(), String> {
    let mut command = run::command("nm");
    command.args(flags).arg(library);
    let text = run::compile(command)?;
    let mut exported = BTreeSet::new();
    for line in text.lines() {
        let mut fields = line.split_whitespace();
        if let (Some(name), Some(_kind), Some(_address)) = (fields.next(), fields.next(), fields.next()) {
            exported.insert(name.to_owned());
        }
    }
    let declared: BTreeSet<String> =
        Header::load()?.functions.into_iter().map(|function| function.named.name).collect();
    let surplus: Vec<_> = exported.difference(&declared).take(20).collect();
    let missing: Vec<_> = declared.difference(&exported).collect();
    if surplus.is_empty() && missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}\nexported but not declared: {surplus:?}\ndeclared but not exported: {missing:?}",
        library.display()
    ))
}

fn soname() -> Result<(), String> {
    let mut command = run::command("readelf");
    command.arg("-d").arg(paths::shared_library()?);
    let text = run::compile(command)?;
    if text.lines().any(|line| line.contains("SONAME") && line.contains("[libzova_c.so.0]")) {
        return Ok(());
    }
    Err(format!("the soname is not libzova_c.so.0:\n{text}"))
}

/// The complete SQLite that Cargo compiled for the core, with all its symbols global.
fn other_sqlite() -> Result<PathBuf, String> {
    let mut newest = None;
    for profile in ["release", "debug"] {
        let Ok(entries) = std::fs::read_dir(paths::target().join(profile).join("build")) else { continue };
        for entry in entries.flatten() {
            let archive = entry.path().join("out/libsqlite3.a");
            let Ok(changed) = std::fs::metadata(&archive).and_then(|info| info.modified()) else { continue };
            if newest.as_ref().is_none_or(|(time, _)| changed > *time) {
                newest = Some((changed, archive));
            }
        }
    }
    newest
        .map(|(_, archive)| archive)
        .ok_or_else(|| "Cargo has not built libsqlite3.a: run `make lib` first".to_owned())
}

/// A Rust static library with its own copy of the standard library.
fn other_rust(mode: &str) -> Result<PathBuf, String> {
    let directory = output()?;
    let archive = directory.join(format!("libforeign_{}.a", mode.replace(' ', "_")));
    let mut command = run::command("rustc");
    command.args([
        "--edition",
        "2024",
        "--crate-type",
        "staticlib",
        "--crate-name",
        "foreign",
        "-C",
        "opt-level=1",
    ]);
    command.arg("-o").arg(&archive).arg(source("foreign_rust.rs"));
    run::compile(command)?;
    Ok(archive)
}

/// Links the archive beside a foreign one, in either order, with the documented link line. The linker has to take the
/// whole foreign archive, so that a symbol that both define cannot go unnoticed.
fn beside(program: &str, foreign: &Path, foreign_first: bool) -> Result<(), String> {
    let zova = paths::static_library()?;
    let binary = output()?.join(format!("{program}_{}", if foreign_first { "first" } else { "last" }));
    let mut command = run::command("cc");
    command.args(C_FLAGS).args(include_flags()).arg("-o").arg(&binary).arg(source(&format!("{program}.c")));
    let whole =
        [OsStr::new("-Wl,--whole-archive"), foreign.as_os_str(), OsStr::new("-Wl,--no-whole-archive")];
    if foreign_first {
        command.args(whole).arg(&zova);
    } else {
        command.arg(&zova).args(whole);
    }
    command.args(LINK_LINE);
    run::compile(command)?;
    succeeds(&binary)
}

fn cxx(tool: Tool, standard: &str) -> Result<(), String> {
    let binary = output()?.join(format!("cxx_{}_{standard}", tool.command()));
    let mut command = run::command(tool.command());
    command.arg(format!("-std={standard}")).args(["-Wall", "-Wextra", "-pedantic", "-Werror", "-g"]);
    command.args(include_flags()).arg("-o").arg(&binary).arg(source("program.cc"));
    command.arg(paths::static_library()?).args(LINK_LINE);
    run::compile(command)?;
    succeeds(&binary)
}

fn loaded_at_run_time() -> Result<(), String> {
    let library = paths::shared_library()?;
    let binary = output()?.join("loaded");
    let mut command = run::command("cc");
    command.args(C_FLAGS).args(include_flags()).arg(format!("-DLIBRARY=\"{}\"", library.display()));
    command.arg("-o").arg(&binary).arg(source("loaded.c")).args(["-ldl", "-lpthread"]);
    run::compile(command)?;
    succeeds(&binary)
}

/// Runs a linked program in a fresh directory; it prints nothing and exits with 0.
fn succeeds(binary: &Path) -> Result<(), String> {
    let scratch = tempfile::Builder::new().prefix("zova-c-tests-").tempdir();
    let scratch = scratch.map_err(|error| format!("cannot make a temporary directory: {error}"))?;
    let directory = scratch.path().join("run");
    std::fs::create_dir(&directory)
        .map_err(|error| format!("cannot make {}: {error}", directory.display()))?;
    let finished = run::program(run::command(binary), &directory)?;
    if finished.status.success() && finished.output.is_empty() {
        return Ok(());
    }
    Err(finished.error(&run::ending(finished.status)))
}

fn source(name: &str) -> PathBuf {
    paths::c_tests().join("links").join(name)
}

fn include_flags() -> [OsString; 4] {
    let flag = OsString::from("-I");
    [flag.clone(), paths::include().into_os_string(), flag, paths::c_tests().as_os_str().to_owned()]
}

fn output() -> Result<PathBuf, String> {
    let directory = paths::output().join("links");
    std::fs::create_dir_all(&directory)
        .map_err(|error| format!("cannot make {}: {error}", directory.display()))?;
    Ok(directory)
}
