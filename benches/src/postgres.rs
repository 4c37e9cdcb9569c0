//! A PostgreSQL server of the benchmark's own: started on a socket in a temporary directory, stopped and removed
//! afterwards.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

pub struct Postgres {
    programs: PathBuf,
    directory: tempfile::TempDir,
}

impl Postgres {
    /// A running server with `pg_trgm`; `None` where that is not possible.
    pub fn start() -> Option<Self> {
        let programs = programs()?;
        let directory = tempfile::tempdir().ok()?;
        let server = Self { programs, directory };
        if is_root() {
            // The server refuses to run as root; the package has made a user for it.
            let done = Command::new("chown").arg("postgres").arg(server.directory.path()).status().ok()?;
            done.success().then_some(())?;
        }
        let data = server.directory.path().join("data");
        let data = data.to_str()?;
        server.quietly("initdb", &["-D", data, "-U", "bench", "-A", "trust", "--no-sync"])?;
        let socket = server.directory.path().display();
        // One process answers a query, as one thread does here.
        let options = format!("-k {socket} -c listen_addresses= -c max_parallel_workers_per_gather=0");
        server.quietly(
            "pg_ctl",
            &["-D", data, "-w", "-o", &options, "-l", &format!("{socket}/log"), "start"],
        )?;
        server.sql("create extension pg_trgm")?;
        Some(server)
    }

    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        }
    }

    fn quietly(&self, program: &str, arguments: &[&str]) -> Option<()> {
        let mut command = self.command(program);
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
        command.current_dir(self.directory.path()).status().ok()?.success().then_some(())
    }

    /// Runs a script and gives what it prints.
    fn sql(&self, script: &str) -> Option<String> {
        let mut command = Command::new(self.programs.join("psql"));
        command.arg("-h").arg(self.directory.path());
        command.args(["-U", "bench", "-d", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1"]);
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut client = pipes.spawn().ok()?;
        client.stdin.take()?.write_all(script.as_bytes()).ok()?;
        let output = client.wait_with_output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Stores and indexes the texts.
    pub fn load(&self, texts: &[String]) {
        let mut script =
            "create table names(id serial, text text);\ncopy names(text) from stdin;\n".to_owned();
        for text in texts {
            script.push_str(text);
            script.push('\n');
        }
        script.push_str("\\.\ncreate index on names using gin (text gin_trgm_ops);\nvacuum analyze names;\n");
        self.sql(&script).expect("the texts are loaded");
    }

    /// The time the server takes for the searches, by its own clock: neither client nor connection counts.
    pub fn search(&self, queries: &[String]) -> Duration {
        let list = queries.iter().fold(String::new(), |mut list, query| {
            let comma = if list.is_empty() { "" } else { "," };
            let _ = write!(list, "{comma}'{query}'");
            list
        });
        let script = format!(
            "set pg_trgm.similarity_threshold = 0.3;
             create temp table taken(seconds float);
             do $$ declare start timestamptz; wanted text; begin
                start := clock_timestamp();
                foreach wanted in array array[{list}] loop
                    perform id from names where text % wanted order by similarity(text, wanted) desc limit 10;
                end loop;
                insert into taken values (extract(epoch from clock_timestamp() - start));
             end $$;
             select seconds from taken;"
        );
        let printed = self.sql(&script).expect("the searches run");
        Duration::from_secs_f64(printed.trim().parse().expect("seconds"))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.directory.path().join("data");
        let data = data.to_string_lossy();
        let _ = self.quietly("pg_ctl", &["-D", &data, "-m", "immediate", "stop"]);
    }
}

/// Where the programs of a server are that has `pg_trgm`.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> = versions.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.sort();
    let has_trgm = |path: &&PathBuf| path.join("lib/pg_trgm.so").exists() && path.join("bin/initdb").exists();
    found.iter().rev().find(has_trgm).map(|path| path.join("bin"))
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(Path::new("/proc/self")).is_ok_and(|process| process.uid() == 0)
}
