//! Cases about the header itself: it compiles alone everywhere, declares exactly the described interface, and
//! documents every item.

use std::path::PathBuf;

use crate::abi::Abi;
use crate::cases::Cases;
use crate::compare;
use crate::header::Header;
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
            cases.add(&mode, "the_header_compiles_alone", &[tool], move || alone(tool, standard));
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

/// A file that holds nothing but the include.
fn alone(tool: Tool, standard: &str) -> Result<(), String> {
    let extension = if standard.starts_with("c++") { "cc" } else { "c" };
    let name = format!("alone_{}_{standard}.{extension}", tool.command());
    let source = write(&name, "#include \"zova.h\"\n")?;
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
