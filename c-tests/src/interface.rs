//! Cases about the header itself: it compiles alone everywhere, declares exactly the described interface, and
//! documents every item.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::abi::Abi;
use crate::cases::Cases;
use crate::compare;
use crate::header::{Header, canonical_type};
use crate::tools::Tool;
use crate::{assertions, paths, run};

const C_STANDARDS: [&str; 3] = ["c99", "c11", "c17"];
const CXX_STANDARDS: [&str; 3] = ["c++11", "c++17", "c++20"];

/// Adds the cases.
pub fn add(cases: &mut Cases) {
    cases.add("header", "declares_exactly_the_described_interface", &[], || {
        let (abi, pending) = Abi::load()?;
        no_lines(compare::differences(&Header::load()?, &abi, &pending))
    });
    cases.add("header", "declares_exactly_the_described_plugin_interface", &[], plugin_interface);
    cases.add("header", "documents_every_public_item", &[], || {
        no_lines(compare::undocumented(&Header::load()?))
    });
    for (tool, standards) in [
        (Tool::Gcc, C_STANDARDS),
        (Tool::Clang, C_STANDARDS),
        (Tool::Gxx, CXX_STANDARDS),
        (Tool::Clangxx, CXX_STANDARDS),
    ] {
        for standard in standards {
            let mode = format!("{} {standard}", tool.command());
            cases.add(&mode, "each_header_compiles_alone", &[tool], move || {
                HEADERS.into_iter().try_for_each(|header| alone(tool, standard, header))
            });
        }
    }
    for tool in [Tool::Gcc, Tool::Clang] {
        let mode = format!("{} x86-64", tool.command());
        cases
            .add(&mode, "layouts_and_signatures_are_the_described_ones", &[tool], move || layouts(tool, &[]));
    }
    cases.add("clang arm64", "layouts_and_signatures_are_the_described_ones", &[Tool::Clang], || {
        // Without the headers of a foreign C library: zova.h needs only those of the compiler itself.
        layouts(Tool::Clang, &["--target=aarch64-linux-gnu", "-ffreestanding"])
    });
}

fn no_lines(lines: Vec<String>) -> Result<(), String> {
    if lines.is_empty() { Ok(()) } else { Err(lines.join("\n")) }
}

/// The plugin interface declares what the chapter's listing (`abi/zova_extension.h`) declares, word for word, whatever
/// the order and the comments.
fn plugin_interface() -> Result<(), String> {
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path);
        text.map(|text| declarations(&text))
            .map_err(|error| format!("cannot read {}: {error}", path.display()))
    };
    let described = read(paths::c_tests().join("abi/zova_extension.h"))?;
    let declared = read(paths::include().join("zova_extension.h"))?;
    let missing: Vec<_> = described.difference(&declared).collect();
    let surplus: Vec<_> = declared.difference(&described).collect();
    if missing.is_empty() && surplus.is_empty() && !described.is_empty() {
        return Ok(());
    }
    Err(format!("described but not declared: {missing:#?}\ndeclared but not described: {surplus:#?}"))
}

/// The directives and declarations of a header, each on one line with one blank between its words and marks.
fn declarations(text: &str) -> BTreeSet<String> {
    let mut bare = String::new();
    let mut rest = text;
    while let Some((code, comment)) = rest.split_once("/*") {
        bare.push_str(code);
        rest = comment.split_once("*/").map_or("", |(_, code)| code);
    }
    bare.push_str(rest);
    let (directives, code): (Vec<&str>, Vec<&str>) = bare.lines().partition(|line| line.starts_with('#'));
    let mut found: BTreeSet<String> = directives.iter().map(|line| line.trim().to_owned()).collect();
    let mut depth = 0;
    let mut declaration = String::new();
    for letter in code.join("\n").replace("extern \"C\" {", "").chars() {
        declaration.push(letter);
        depth += match letter {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        if depth <= 0 && letter == ';' {
            found.insert(canonical_type(&declaration).replace(", }", " }"));
            declaration.clear();
            depth = 0;
        }
    }
    found
}

/// The installed headers.
const HEADERS: [&str; 3] = ["zova.h", "zova_extension.h", "zova_extension_host.h"];

/// A file that holds nothing but the include.
fn alone(tool: Tool, standard: &str, header: &str) -> Result<(), String> {
    let extension = if standard.starts_with("c++") { "cc" } else { "c" };
    let name = format!("alone_{header}_{}_{standard}.{extension}", tool.command());
    let source = write(&name, &format!("#include \"{header}\"\n"))?;
    let mut command = run::command(tool.command());
    command.arg(format!("-std={standard}")).args([
        "-Wall",
        "-Wextra",
        "-pedantic",
        "-Werror",
        "-fsyntax-only",
    ]);
    command.arg("-I").arg(paths::include()).arg(source);
    run::compile(command).map(drop)
}

fn layouts(tool: Tool, target: &[&str]) -> Result<(), String> {
    let (abi, pending) = Abi::load()?;
    let name = format!("layouts_{}{}.c", tool.command(), if target.is_empty() { "" } else { "_cross" });
    let source = write(&name, &assertions::source(&abi, &pending))?;
    let mut command = run::command(tool.command());
    command.args(target).args(["-std=c11", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]);
    command.arg("-I").arg(paths::include()).arg(source);
    run::compile(command).map(drop)
}

/// Writes a generated file below the output folder.
fn write(name: &str, text: &str) -> Result<PathBuf, String> {
    let directory = paths::output().join("header");
    let path = directory.join(name);
    std::fs::create_dir_all(&directory)
        .and_then(|()| std::fs::write(&path, text))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    Ok(path)
}
