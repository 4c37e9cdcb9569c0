//! Running the body of a test in a process of its own: as a user whom file permissions apply to, in another
//! directory, or to be killed.
//!
//! The child is this very test executable, told to run one test. That test finds out through [`child_dir`] that it
//! is the child.

use std::any::type_name;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Scratch;

const CHILD_DIR: &str = "ZOVA_TEST_CHILD_DIR";

/// The umask of a child of [`with_umask`].
pub(crate) const UMASK: &str = "ZOVA_TEST_UMASK";

/// The user that owns nothing.
const NOBODY: u32 = 65534;

/// The directory a child works in; `None` in the process that runs the tests.
pub(crate) fn child_dir() -> Option<PathBuf> {
    std::env::var_os(CHILD_DIR).map(PathBuf::from)
}

/// The name of the test function that a closure was written in, as the test harness knows it.
pub(crate) fn test_of<F>(_closure: &F) -> &'static str {
    let name = type_name::<F>();
    let name = name.split_once("::").expect("a path inside the crate").1;
    name.split("::{{closure}}").next().expect("the function's path")
}

/// A command that runs one test of this executable as a child working in `dir`.
pub(crate) fn child(executable: &Path, test: &str, dir: &Path) -> Command {
    let mut command = Command::new(executable);
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(CHILD_DIR, dir);
    command
}

/// Runs a child to its end; it must pass, and must have run its one test.
#[track_caller]
pub(crate) fn pass(mut command: Command) {
    let output = command.output().expect("the test executable");
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

/// Runs `body` in a process whose current directory is a new one.
#[track_caller]
pub(crate) fn in_own_directory(body: impl FnOnce(&Path)) {
    if let Some(dir) = child_dir() {
        return body(&dir);
    }
    let scratch = Scratch::new();
    let mut command = child(&this_executable(), test_of(&body), scratch.dir());
    command.current_dir(scratch.dir());
    pass(command);
}

/// Runs `body` in a process with the given umask.
#[track_caller]
pub(crate) fn with_umask(umask: &str, body: impl FnOnce(&Path)) {
    if let Some(dir) = child_dir() {
        return body(&dir);
    }
    let scratch = Scratch::new();
    let test = child(&this_executable(), test_of(&body), scratch.dir());
    let mut command = Command::new("sh");
    command.args(["-c", "umask $0; exec \"$@\"", umask]).arg(test.get_program()).args(test.get_args());
    command.env(CHILD_DIR, scratch.dir()).env(UMASK, umask);
    pass(command);
}

/// Runs `body` as a user whom file permissions apply to, in a directory that `prepare` has filled. The superuser's
/// tests do that in a child; other users need none.
#[track_caller]
pub(crate) fn without_privileges(prepare: impl FnOnce(&Path), body: impl FnOnce(&Path)) {
    if let Some(dir) = child_dir() {
        assert!(!is_superuser());
        return body(&dir);
    }
    let scratch = Scratch::new();
    let dir = scratch.path("work");
    std::fs::create_dir(&dir).expect("a directory");
    set_mode(scratch.dir(), 0o755);
    set_mode(&dir, 0o777);
    prepare(&dir);
    if is_superuser() {
        // A copy, because the way to the original may be closed to others.
        let executable = scratch.path("test-executable");
        std::fs::copy(this_executable(), &executable).expect("a copy of the test executable");
        set_mode(&executable, 0o755);
        let mut command = child(&executable, test_of(&body), &dir);
        command.uid(NOBODY).gid(NOBODY).current_dir(&dir);
        pass(command);
    } else {
        body(&dir);
    }
    open_directories(&dir);
}

pub(crate) fn this_executable() -> PathBuf {
    std::env::current_exe().expect("the test executable")
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("permissions");
}

pub(crate) fn is_superuser() -> bool {
    std::fs::metadata("/proc/self").expect("/proc").uid() == 0
}

/// Lets the scratch directory be removed whatever was done to the directories in it.
fn open_directories(dir: &Path) {
    set_mode(dir, 0o755);
    for entry in std::fs::read_dir(dir).expect("a directory") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a file type").is_dir() {
            open_directories(&entry.path());
        }
    }
}
