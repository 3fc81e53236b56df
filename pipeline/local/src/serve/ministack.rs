//! MiniStack as a child process, with `glue/` loaded into it.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::process::{Child, ChildStdin, Command};

use crate::aws::{REGION, ROOT_KEY};
use crate::daemon;
use crate::home::Home;

/// How long MiniStack may take to save its state and end.
const PATIENCE: Duration = Duration::from_secs(20);

/// What MiniStack and the functions that it runs see of the user's environment.
const PASSED_ON: [&str; 4] = ["PATH", "LANG", "TZ", "TMPDIR"];

/// A running MiniStack. It ends when this process does, however that may be: nothing is left that keeps the port.
pub struct MiniStack {
    child: Child,
    /// Apart from the child, because to wait for a child closes its standard input.
    lifeline: ChildStdin,
}

pub fn start(home: &Home, port: u16, service_url: &str, token: &str) -> Result<MiniStack> {
    let state = home.state_dir();
    let passed_on = PASSED_ON.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    let mut command = Command::new(home.ministack_python());
    command
        .arg("-m")
        .arg("glue")
        .current_dir(home.local_crate_dir())
        .env_clear()
        .envs(passed_on)
        .env("HOME", home.build_home_dir())
        .env("PYTHONUNBUFFERED", "1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("AUTH", "true")
        // What functions sign for browsers has to name the host that browsers are told.
        .env("AWS_ENDPOINT_URL", daemon::endpoint(port))
        .env("AWS_REGION", REGION)
        .env("MINISTACK_REGION", REGION)
        .env("AWS_ACCESS_KEY_ID", ROOT_KEY)
        .env("AWS_SECRET_ACCESS_KEY", ROOT_KEY)
        .env("BIND_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        .env("IOT_MTLS_ENABLED", "0")
        .env("SFTP_ENABLED", "0")
        .env("PERSIST_STATE", "1")
        .env("STATE_DIR", state.join("ministack"))
        .env("S3_PERSIST", "1")
        .env("S3_DATA_DIR", state.join("s3"))
        .env("DEVTOOLS_URL", service_url)
        .env("DEVTOOLS_TOKEN", token)
        .env("DEVTOOLS_LIFELINE", "stdin")
        .stdin(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().with_context(|| {
        format!(
            "cannot start MiniStack from {}; `cargo local up` makes the tool environment",
            home.tools_dir().display()
        )
    })?;
    let lifeline = child.stdin.take().context("MiniStack has no standard input")?;
    Ok(MiniStack { child, lifeline })
}

impl MiniStack {
    /// Waits until MiniStack ends by itself.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        self.child.wait().await.context("cannot wait for MiniStack")
    }

    /// Lets MiniStack save its state, then end.
    pub async fn stop(mut self) -> Result<()> {
        drop(self.lifeline);
        if tokio::time::timeout(PATIENCE, self.child.wait()).await.is_err() {
            tracing::warn!("MiniStack did not end within {} s and is killed", PATIENCE.as_secs());
            self.child.kill().await.context("cannot kill MiniStack")?;
        }
        Ok(())
    }
}
