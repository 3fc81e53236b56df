//! The one shell that runs all commands of a build.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdin, Command};

use super::buildspec::ShellKind;
use super::log::BuildLog;
use super::processes;

/// Reads from stdin, for each command, whether the build is succeeding so far; runs the script file in this very shell
/// and writes its status to stderr.
///
/// Both are moved away first: commands find an empty stdin and the log behind stdout and stderr, and cannot read the
/// next command or forge a status. An `exit` in a command ends the shell, and with it the pipe of statuses.
const DRIVER: &str = r#"
exec 3<&0 4>&2 0</dev/null 2>&1
export CODEBUILD_BUILD_SUCCEEDING
while read -r CODEBUILD_BUILD_SUCCEEDING <&3; do
    . "$0" 3<&- 4>&-
    echo "$?" >&4
done
"#;

/// A shell whose working folder, variables and functions last from one command to the next.
#[derive(Debug)]
pub struct Shell {
    kind: ShellKind,
    build_id: String,
    environment: BTreeMap<String, String>,
    folder: PathBuf,
    script: PathBuf,
    running: Option<Running>,
    /// The process group of the shell that runs, or was running a command when its future was dropped.
    group: Option<u32>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    commands: ChildStdin,
    statuses: Lines<BufReader<ChildStderr>>,
}

impl Shell {
    /// A shell that starts in `folder` with nothing but `environment`; `script` is a file for its own use.
    pub fn new(
        kind: ShellKind,
        build_id: &str,
        environment: BTreeMap<String, String>,
        folder: &Path,
        script: PathBuf,
    ) -> Self {
        let folder = folder.to_owned();
        Self { kind, build_id: build_id.to_owned(), environment, folder, script, running: None, group: None }
    }

    /// Runs one command and gives its exit status.
    pub async fn run(&mut self, command: &str, succeeding: bool, log: &BuildLog) -> Result<i32> {
        fs::write(&self.script, command).with_context(|| format!("cannot write {}", self.script.display()))?;
        let mut shell = match self.running.take() {
            Some(running) => running,
            None => self.start(log)?,
        };
        shell.commands.write_all(if succeeding { b"1\n" } else { b"0\n" }).await.context("the shell ended")?;
        let answer = tokio::select! {
            biased;
            line = shell.statuses.next_line() => line.context("cannot read the command's status")?,
            // A process in the background may hold the pipe open.
            _ = shell.child.wait() => None,
        };
        if let Some(status) = answer {
            self.running = Some(shell);
            return status.parse().with_context(|| format!("the shell answered {status:?}"));
        }
        // The command ended the shell. The next one starts where the first did.
        let status = shell.child.wait().await.context("cannot wait for the shell")?;
        // The number may be another group's from now on.
        self.group = None;
        log.line("The command ended its shell: the next one starts a new shell");
        Ok(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default()))
    }

    fn start(&mut self, log: &BuildLog) -> Result<Running> {
        let program = match self.kind {
            ShellKind::Bash => "bash",
            ShellKind::Sh => "/bin/sh",
        };
        let mut child = Command::new(program)
            .args(["-c", DRIVER])
            .arg(&self.script)
            .env_clear()
            .envs(&self.environment)
            .current_dir(&self.folder)
            .stdin(Stdio::piped())
            .stdout(log.output()?)
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        self.group = child.id();
        let commands = child.stdin.take().context("the shell has no stdin")?;
        let statuses = BufReader::new(child.stderr.take().context("the shell has no stderr")?).lines();
        Ok(Running { child, commands, statuses })
    }
}

/// A build's processes end with its shell, as they do with their container on AWS.
impl Drop for Shell {
    fn drop(&mut self) {
        processes::kill_all(&self.build_id, self.group);
    }
}
