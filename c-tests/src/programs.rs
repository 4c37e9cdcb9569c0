//! Every C program in every mode: compiled by `cc` with the documented link line, run in a fresh directory, expected
//! to print nothing and to exit with 0.
//!
//! There is no mode for the thread sanitizer. It has to see every lock, and those of the library are in code that it
//! did not compile, so it reports a race for whatever they protect.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::abi::Abi;
use crate::cases::{self, Cases};
use crate::header::Header;
use crate::tools::{self, Tool};
use crate::{paths, run, sweep};

/// What follows the archive on the documented link line.
pub const LINK_LINE: [&str; 3] = ["-lpthread", "-ldl", "-lm"];

/// How a test program is compiled, beyond the library.
pub const C_FLAGS: [&str; 6] = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-g"];

/// Exit code with which the sanitizers and valgrind report a finding.
const FINDING: &str = "99";

/// How a program is linked and run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Static,
    Shared,
    Sanitized,
    Valgrind,
}

/// Which of the three binaries of a program a mode runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Build {
    Static,
    Shared,
    Sanitized,
}

impl Mode {
    const ALL: [Mode; 4] = [Mode::Static, Mode::Shared, Mode::Sanitized, Mode::Valgrind];

    fn name(self) -> &'static str {
        match self {
            Mode::Static => "static",
            Mode::Shared => "shared",
            Mode::Sanitized => "sanitized",
            Mode::Valgrind => "valgrind",
        }
    }

    fn needs(self) -> &'static [Tool] {
        match self {
            Mode::Static | Mode::Shared => &[Tool::Cc],
            Mode::Sanitized => &[Tool::Sanitizers],
            Mode::Valgrind => &[Tool::Cc, Tool::Valgrind],
        }
    }

    fn build(self) -> Build {
        match self {
            Mode::Static | Mode::Valgrind => Build::Static,
            Mode::Shared => Build::Shared,
            Mode::Sanitized => Build::Sanitized,
        }
    }
}

/// A program with the binaries compiled so far.
struct Program {
    name: String,
    source: PathBuf,
    binaries: [OnceLock<Result<PathBuf, String>>; 3],
}

/// Adds one case for each program and mode.
pub fn add(cases: &mut Cases) {
    let mut sources = match listed(&paths::c_tests().join("programs")) {
        Ok(sources) => sources,
        Err(error) => return cases.add("programs", "the_programs_can_be_listed", &[], move || Err(error)),
    };
    sources.push(("null_and_length_sweep".to_owned(), paths::c_tests().join("sweep/sweep.c")));
    for (name, source) in sources {
        let program = Arc::new(Program { name, source, binaries: Default::default() });
        for mode in Mode::ALL {
            let program = Arc::clone(&program);
            let name = program.name.clone();
            cases.add(mode.name(), &name, mode.needs(), move || program.check(mode));
        }
    }
}

/// The C files of a folder with their names, sorted.
fn listed(folder: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let error = |error: std::io::Error| format!("cannot list {}: {error}", folder.display());
    let mut sources = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(error)? {
        let path = entry.map_err(error)?.path();
        if path.extension().is_some_and(|extension| extension == "c") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            sources.push((name, path));
        }
    }
    sources.sort();
    Ok(sources)
}

impl Program {
    fn check(&self, mode: Mode) -> Result<(), String> {
        let binary = self.binary(mode.build())?;
        let fixtures = paths::fixtures();
        if !fixtures.is_dir() {
            return Err(format!("{} does not exist", fixtures.display()));
        }
        let scratch = tempfile::Builder::new().prefix("zova-c-tests-").tempdir();
        let scratch = scratch.map_err(|error| format!("cannot make a temporary directory: {error}"))?;
        let directory = scratch.path().join("run");
        std::fs::create_dir(&directory)
            .map_err(|error| format!("cannot make {}: {error}", directory.display()))?;
        // Tests that give up their rights must still reach their files.
        make_searchable(scratch.path())?;
        make_searchable(&directory)?;
        let report = scratch.path().join("valgrind");
        let mut command = match mode {
            Mode::Valgrind => valgrind(&report),
            _ => run::command(&binary),
        };
        if mode == Mode::Valgrind {
            command.arg(&binary);
        }
        command.arg(&fixtures);
        if mode == Mode::Valgrind {
            command.arg("small");
        }
        if mode == Mode::Sanitized {
            // Sizes that no memory can have must come back as a status, not end the process.
            let options = format!("exitcode={FINDING}:detect_leaks=1:allocator_may_return_null=1");
            command.env("ASAN_OPTIONS", options).env("UBSAN_OPTIONS", "print_stacktrace=1");
        }
        let finished = run::program(command, &directory)?;
        if !finished.status.success() {
            let findings = std::fs::read_to_string(&report).unwrap_or_default();
            return Err(finished.error(&run::ending(finished.status)) + &findings);
        }
        let output = match mode {
            Mode::Sanitized => without_allocation_warnings(&finished.output),
            _ => finished.output.clone(),
        };
        cases::accept_output(&output).map_err(|reason| finished.error(&reason))
    }

    /// Compiles once for all modes that run the same binary.
    fn binary(&self, build: Build) -> Result<PathBuf, String> {
        self.binaries[build as usize].get_or_init(|| self.compile(build)).clone()
    }

    fn compile(&self, build: Build) -> Result<PathBuf, String> {
        let (folder, library) = match build {
            Build::Static => ("static", paths::static_library()?),
            Build::Shared => ("shared", paths::shared_library()?),
            Build::Sanitized => ("sanitized", paths::static_library()?),
        };
        let directory = paths::output().join(folder);
        std::fs::create_dir_all(&directory)
            .map_err(|error| format!("cannot make {}: {error}", directory.display()))?;
        let binary = directory.join(&self.name);
        let mut command = run::command("cc");
        command.args(C_FLAGS);
        if build == Build::Sanitized {
            command.args(tools::SANITIZER_FLAGS);
        }
        command.arg("-I").arg(paths::include()).arg("-I").arg(paths::c_tests()).arg("-I").arg(generated()?);
        let example = paths::root().join("examples-c/tags");
        command.arg(format!("-DTAGS_LIBRARY=\"{}\"", tags()?.display()));
        command.arg(format!("-DTAGS_MANIFEST=\"{}\"", example.join("extension.json").display()));
        command.arg("-o").arg(&binary).arg(&self.source).arg(&library);
        if build == Build::Shared {
            let folder = library.parent().unwrap_or(paths::root());
            command.arg(format!("-Wl,-rpath,{}", folder.display())).arg("-lpthread");
        } else {
            command.args(LINK_LINE);
        }
        run::compile(command)?;
        Ok(binary)
    }
}

/// The folder of generated headers, written once.
fn generated() -> Result<&'static Path, String> {
    static WRITTEN: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let written = WRITTEN.get_or_init(|| {
        let (abi, _) = Abi::load()?;
        let header = Header::load()?;
        let directory = paths::output().join("generated");
        let error = |error: std::io::Error| format!("cannot write to {}: {error}", directory.display());
        std::fs::create_dir_all(&directory).map_err(error)?;
        std::fs::write(directory.join("sweep_table.h"), sweep::table(&header, &abi)?).map_err(error)?;
        std::fs::write(directory.join("status_table.h"), status_table(&abi)).map_err(error)?;
        Ok(directory)
    });
    written.as_deref().map_err(Clone::clone)
}

/// The library of the example extension, compiled once.
fn tags() -> Result<&'static Path, String> {
    static COMPILED: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(|| {
        let directory = paths::output().join("plugins");
        std::fs::create_dir_all(&directory)
            .map_err(|error| format!("cannot make {}: {error}", directory.display()))?;
        let library = directory.join("libtags.so");
        let mut command = run::command("cc");
        command.args(C_FLAGS).args(["-fPIC", "-shared", "-I"]).arg(paths::include()).arg("-o").arg(&library);
        command.arg(paths::root().join("examples-c/tags/tags.c"));
        run::compile(command)?;
        Ok(library)
    });
    compiled.as_deref().map_err(Clone::clone)
}

/// `STATUSES(X)` with one X(constant, value) per status.
fn status_table(abi: &Abi) -> String {
    let mut text =
        String::from("/* Generated from abi/abi.json and abi/additions.json. */\n#define STATUSES(X)");
    for (constant, value) in abi.enums.get("zova_status").into_iter().flatten() {
        text.push_str(&format!(" \\\n    X({constant}, {value})"));
    }
    text.push('\n');
    text
}

fn valgrind(report: &Path) -> std::process::Command {
    let mut command = run::command("valgrind");
    command.args(["--quiet", "--vgdb=no", "--fair-sched=try", "--num-callers=30", "--leak-check=full"]);
    command.arg("--errors-for-leak-kinds=definite,possible").arg("--show-leak-kinds=definite,possible");
    command.arg(format!("--error-exitcode={FINDING}")).arg(format!("--log-file={}", report.display()));
    command.arg(format!("--suppressions={}", paths::c_tests().join("valgrind.supp").display()));
    command
}

fn make_searchable(directory: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o777))
        .map_err(|error| format!("cannot set the mode of {}: {error}", directory.display()))
}

/// The address sanitizer announces every allocation that it refuses, with a stack.
fn without_allocation_warnings(output: &str) -> String {
    let noise = |line: &str| {
        let line = line.trim_start();
        line.is_empty()
            || line.starts_with('#')
            || line.contains("WARNING: AddressSanitizer failed to allocate")
    };
    output.lines().filter(|line| !noise(line)).map(|line| format!("{line}\n")).collect()
}
