//! The background service: whether it runs, starting it and stopping it.

mod port;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use crate::api::Timestamp;
use crate::console;
use crate::home::{DEFAULT_PORT, Home};

/// How long the service may take to answer, and to store everything when it ends.
const PATIENCE: Duration = Duration::from_secs(60);
const LOG_LINES_SHOWN: usize = 20;

/// What a running service says of itself; it stays behind when the service ends, and with it the port last used.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServiceRecord {
    pub pid: u32,
    pub port: u16,
    /// Which build of the program and of the glue it runs, see [`build`].
    pub binary: String,
    pub started: Timestamp,
}

impl ServiceRecord {
    /// This process, as the service of a home.
    pub fn new(home: &Home, port: u16) -> Result<Self> {
        Ok(Self { pid: std::process::id(), port, binary: build(home)?, started: Timestamp::now() })
    }

    pub fn write(&self, home: &Home) -> Result<()> {
        let path = home.service_file();
        let written = || -> Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(home.root())?;
            serde_json::to_writer(&mut file, self)?;
            file.persist(&path)?;
            Ok(())
        };
        written().with_context(|| format!("cannot write {}", path.display()))
    }

    fn read(home: &Home) -> Result<Option<Self>> {
        let path = home.service_file();
        match fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map(Some).with_context(|| format!("cannot read {}", path.display()))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Whether the process is there and is this home's service: process ids are used again.
    fn is_alive(&self, home: &Home) -> bool {
        let command_line = fs::read(format!("/proc/{}/cmdline", self.pid)).unwrap_or_default();
        let mut arguments = command_line.split(|byte| *byte == 0);
        let Some(served) = arguments.find(|argument| argument == b"--home").and_then(|_| arguments.next()) else {
            return false;
        };
        let same_home = match (fs::canonicalize(OsStr::from_bytes(served)), fs::canonicalize(home.root())) {
            (Ok(served), Ok(root)) => served == root,
            _ => false,
        };
        same_home && arguments.any(|argument| argument == b"serve")
    }
}

/// The running service of a home, if there is one.
pub fn running(home: &Home) -> Result<Option<ServiceRecord>> {
    Ok(ServiceRecord::read(home)?.filter(|record| record.is_alive(home)))
}

/// The port of a home: the one asked for, else the one last used.
pub fn port(home: &Home, asked: Option<u16>) -> Result<u16> {
    let last = ServiceRecord::read(home)?.map(|record| record.port);
    match (asked, last) {
        (Some(asked), Some(last)) if asked != last && home.state_dir().exists() => bail!(
            "the local cloud in {} was made on port {last}, and its URLs carry that; keep the port, start anew after \
             `cargo local destroy`, or make a second one with --home",
            home.root().display()
        ),
        _ => Ok(asked.or(last).unwrap_or(DEFAULT_PORT)),
    }
}

/// Starts the service unless it runs; one of an older build is replaced.
pub async fn ensure(home: &Home, port: u16) -> Result<()> {
    let address = endpoint(port);
    if let Some(record) = running(home)? {
        if record.binary == build(home)? {
            anstream::println!("The local cloud is running at {address}");
            return Ok(());
        }
        anstream::println!("The running local cloud is of an older build; restarting it …");
        stop(home, &record).await?;
    }
    port::refuse_taken(port)?;
    let started = Instant::now();
    let mut child = start(home, port)?;
    if let Err(error) = healthy(home, port, &mut child).await {
        let log = fs::read_to_string(home.service_log()).unwrap_or_default();
        let lines: Vec<String> = log.lines().map(str::to_owned).collect();
        console::tail(&lines, LOG_LINES_SHOWN).iter().for_each(|line| anstream::eprintln!("  {line}"));
        return Err(
            error.context(format!("the local cloud did not start; its log is {}", home.service_log().display()))
        );
    }
    let took = console::duration(started.elapsed());
    anstream::println!("{} The local cloud runs at {address}, started in {took}", console::styled(console::GOOD, "✓"));
    Ok(())
}

/// Ends the service and waits until it has stored everything.
pub async fn stop(home: &Home, record: &ServiceRecord) -> Result<()> {
    let pid = Pid::from_raw(i32::try_from(record.pid)?).context("the service file names no process")?;
    kill_process(pid, Signal::TERM).with_context(|| format!("cannot stop process {}", record.pid))?;
    let asked = Instant::now();
    while record.is_alive(home) {
        if asked.elapsed() > PATIENCE {
            bail!(
                "the service did not stop; its log is {}, and `kill -9 {}` ends it",
                home.service_log().display(),
                record.pid
            );
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// The one endpoint, as people and their tools write it.
pub fn endpoint(port: u16) -> String {
    format!("http://localhost:{port}")
}

fn start(home: &Home, port: u16) -> Result<Child> {
    let log = home.service_log();
    let open = || -> std::io::Result<File> {
        fs::create_dir_all(home.log_dir())?;
        if log.exists() {
            fs::rename(&log, log.with_extension("previous.log"))?;
        }
        File::create(&log)
    };
    let output = open().with_context(|| format!("cannot write {}", log.display()))?;
    Command::new(std::env::current_exe().context("cannot find this program's own file")?)
        .arg("--home")
        .arg(home.root())
        .arg("--tools-dir")
        .arg(home.tools_dir())
        .args(["--port", &port.to_string(), "serve"])
        .current_dir(home.workspace())
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        // A group of its own: Ctrl-C at the terminal is for the command, not for the service.
        .process_group(0)
        .spawn()
        .context("cannot start the service")
}

async fn healthy(home: &Home, port: u16, child: &mut Child) -> Result<()> {
    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
    let url = format!("http://127.0.0.1:{port}/_ministack/health");
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            bail!("the service ended at once ({status})");
        }
        let described = ServiceRecord::read(home)?.is_some_and(|record| record.pid == child.id());
        if described && http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
            return Ok(());
        }
        if started.elapsed() > PATIENCE {
            child.kill()?;
            bail!("the service did not answer within {}", console::duration(PATIENCE));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Which build a service runs: the sizes and times of the program and of the glue that it loads.
fn build(home: &Home) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    hash_file(&std::env::current_exe()?, &mut hasher)?;
    hash_python_files(&home.local_crate_dir().join("glue"), &mut hasher)?;
    Ok(format!("{:016x}", hasher.finish()))
}

fn hash_python_files(folder: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() && !path.ends_with("tests") && !path.ends_with("__pycache__") {
            hash_python_files(&path, hasher)?;
        } else if path.extension().is_some_and(|extension| extension == "py") {
            hash_file(&path, hasher)?;
        }
    }
    Ok(())
}

fn hash_file(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    let metadata = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    let modified = metadata.modified()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    (path, metadata.len(), modified).hash(hasher);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(folder: &Path) -> Home {
        fs::write(folder.join("Cargo.toml"), "").unwrap();
        fs::write(folder.join("template.yaml"), "").unwrap();
        fs::create_dir_all(folder.join("pipeline/local/glue")).unwrap();
        fs::create_dir_all(folder.join(".local")).unwrap();
        Home::find(folder, None, None).unwrap()
    }

    #[test]
    fn a_home_keeps_its_port_once_it_has_state() {
        let folder = tempfile::tempdir().unwrap();
        let home = home(folder.path());
        assert_eq!(port(&home, None).unwrap(), DEFAULT_PORT);
        assert_eq!(port(&home, Some(4570)).unwrap(), 4570);

        ServiceRecord::new(&home, 4580).unwrap().write(&home).unwrap();
        assert_eq!(port(&home, None).unwrap(), 4580);
        assert_eq!(port(&home, Some(4570)).unwrap(), 4570, "nothing is remembered yet");

        fs::create_dir_all(home.state_dir()).unwrap();
        assert_eq!(port(&home, Some(4580)).unwrap(), 4580);
        assert!(port(&home, Some(4570)).unwrap_err().to_string().contains("was made on port 4580"));
    }

    #[test]
    fn a_process_that_is_not_the_service_is_not_taken_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let home = home(folder.path());
        ServiceRecord::new(&home, 4580).unwrap().write(&home).unwrap();
        assert!(running(&home).unwrap().is_none());
    }

    #[test]
    fn changed_glue_is_another_build() {
        let folder = tempfile::tempdir().unwrap();
        let home = home(folder.path());
        let before = build(&home).unwrap();
        assert_eq!(build(&home).unwrap(), before);
        fs::write(folder.path().join("pipeline/local/glue/git.py"), "pass").unwrap();
        assert_ne!(build(&home).unwrap(), before);
    }
}
