//! The compilers and checkers of the machine, looked up once.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::{paths, run};

/// A program of the machine that a case needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// The C compiler of the documented link line.
    Cc,
    /// GNU C.
    Gcc,
    /// GNU C++.
    Gxx,
    /// LLVM C.
    Clang,
    /// LLVM C++.
    Clangxx,
    /// The memory checker.
    Valgrind,
    /// Lists symbols.
    Nm,
    /// Takes members out of archives.
    Ar,
    /// Reads the dynamic section of the shared library.
    Readelf,
    /// The Rust compiler, for the foreign Rust library.
    Rustc,
    /// `cc` with working address and undefined-behaviour sanitizers.
    Sanitizers,
}

impl Tool {
    /// The program's name on the search path.
    pub fn command(self) -> &'static str {
        match self {
            Tool::Cc | Tool::Sanitizers => "cc",
            Tool::Gcc => "gcc",
            Tool::Gxx => "g++",
            Tool::Clang => "clang",
            Tool::Clangxx => "clang++",
            Tool::Valgrind => "valgrind",
            Tool::Nm => "nm",
            Tool::Ar => "ar",
            Tool::Readelf => "readelf",
            Tool::Rustc => "rustc",
        }
    }

    /// Why a case that needs this tool cannot run here; `None` if it can.
    pub fn missing(self) -> Option<String> {
        if self == Tool::Sanitizers {
            return sanitizers_missing();
        }
        match find(self.command()) {
            Some(_) => None,
            None => Some(format!("{} not found", self.command())),
        }
    }
}

/// The first reason among several tools.
pub fn missing(tools: &[Tool]) -> Option<String> {
    tools.iter().find_map(|tool| tool.missing())
}

/// The flags of the sanitized build.
pub const SANITIZER_FLAGS: [&str; 3] =
    ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];

fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(name)).find(|candidate| candidate.is_file())
}

/// A compiler may be present without the runtime libraries of the sanitizers, so one program is tried.
fn sanitizers_missing() -> Option<String> {
    static PROBE: OnceLock<Option<String>> = OnceLock::new();
    PROBE
        .get_or_init(|| {
            if find("cc").is_none() {
                return Some("cc not found".to_owned());
            }
            let source = paths::output().join("sanitizer_probe.c");
            let program = paths::output().join("sanitizer_probe");
            let written = std::fs::create_dir_all(paths::output())
                .and_then(|()| std::fs::write(&source, "int main(void) { return 0; }\n"));
            if let Err(error) = written {
                return Some(format!("cannot write {}: {error}", source.display()));
            }
            let mut compile = run::command("cc");
            compile.args(SANITIZER_FLAGS).arg(&source).arg("-o").arg(&program);
            if run::compile(compile).is_err() || run::compile(run::command(&program)).is_err() {
                return Some("cc cannot build sanitized programs".to_owned());
            }
            None
        })
        .clone()
}
