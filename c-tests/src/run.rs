//! Starting compilers and test programs: output captured, time limited, nothing left running.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a test program may take, valgrind included.
const LIMIT: Duration = Duration::from_secs(240);

/// A command without standard input.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    command
}

/// Runs a compiler or a similar tool to its end; the error holds the command and everything it printed.
pub fn compile(mut command: Command) -> Result<String, String> {
    let shown = shown(&command);
    let output = command.output().map_err(|error| format!("{shown}\ncannot be started: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    Err(format!("{shown}\n{}\n{text}{}", ending(output.status), String::from_utf8_lossy(&output.stderr)))
}

/// What a finished test program left behind.
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// Standard output and standard error, in the order written.
    pub output: String,
    /// The command line, for messages.
    pub shown: String,
}

impl Finished {
    /// An error with the command line, the way it ended, and its output.
    pub fn error(&self, reason: &str) -> String {
        format!("{}\n{reason}\n{}", self.shown, self.output)
    }
}

/// Runs a test program in `directory`, in a process group of its own that is killed when the time is over.
pub fn program(mut command: Command, directory: &Path) -> Result<Finished, String> {
    let shown = shown(&command);
    let log = directory.with_extension("log");
    let file = File::create(&log).map_err(|error| format!("cannot write {}: {error}", log.display()))?;
    let errors = file.try_clone().map_err(|error| format!("cannot write {}: {error}", log.display()))?;
    command.current_dir(directory).stdout(file).stderr(errors).process_group(0);
    let mut child = command.spawn().map_err(|error| format!("{shown}\ncannot be started: {error}"))?;
    let started = Instant::now();
    let mut late = false;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if started.elapsed() > LIMIT && !late => {
                late = true;
                kill_group(child.id());
            }
            Ok(None) => std::thread::sleep(Duration::from_millis(5)),
            Err(error) => return Err(format!("{shown}\ncannot be waited for: {error}")),
        }
    };
    let bytes = std::fs::read(&log).unwrap_or_default();
    let finished = Finished { status, output: String::from_utf8_lossy(&bytes).into_owned(), shown };
    if late {
        return Err(finished.error(&format!("did not end within {} seconds", LIMIT.as_secs())));
    }
    Ok(finished)
}

/// The program and the children it forked; the group was made for it alone.
fn kill_group(leader: u32) {
    let group = format!("-{leader}");
    // A failure means that the group has just ended by itself.
    let _ = command("kill").args(["-KILL", "--", &group]).status();
}

/// How a process ended, in words.
pub fn ending(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}

fn shown(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}
