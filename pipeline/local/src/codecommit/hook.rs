//! The repositories' post-receive hook: reports a push to the service and shows the pusher what it set off.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result};

/// The route that the hook reports to.
pub const ROUTE: &str = "/hooks/post-receive";

const PROGRAM: &str = "BOOKSTORE_HOOK_PROGRAM";
const URL: &str = "BOOKSTORE_HOOK_URL";
const TOKEN: &str = "BOOKSTORE_HOOK_TOKEN";
const REPOSITORY: &str = "BOOKSTORE_REPOSITORY";

/// Writes the hook into `folder` and gives the environment under which git runs it for every repository.
pub fn install(folder: &Path, service_url: &str, token: &str) -> Result<Vec<(String, String)>> {
    let program = std::env::current_exe().context("cannot tell which program this is")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let script = folder.join("post-receive");
    fs::write(&script, format!("#!/bin/sh\nexec \"${PROGRAM}\" hook\n"))
        .with_context(|| format!("cannot write {}", script.display()))?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    let environment = [
        ("GIT_CONFIG_COUNT", "1".to_owned()),
        ("GIT_CONFIG_KEY_0", "core.hooksPath".to_owned()),
        ("GIT_CONFIG_VALUE_0", folder.display().to_string()),
        (PROGRAM, program.display().to_string()),
        (URL, format!("{service_url}{ROUTE}")),
        (TOKEN, token.to_owned()),
    ];
    Ok(environment.map(|(name, value)| (name.to_owned(), value)).to_vec())
}

/// Runs as the hook: what the service answers becomes the pusher's `remote:` lines.
pub async fn run() -> Result<()> {
    let variable =
        |name: &str| std::env::var(name).with_context(|| format!("{name} is not set: git runs this, nobody else"));
    let mut moved = String::new();
    std::io::stdin().read_to_string(&mut moved).context("git does not tell what was pushed")?;
    let url = format!("{}/{}", variable(URL)?, variable(REPOSITORY)?);
    let request =
        crate::aws::loopback_client().post(url).header(crate::serve::TOKEN_HEADER, variable(TOKEN)?).body(moved);
    let answer = request.send().await.context("the local service does not answer")?;
    print!("{}", answer.text().await.context("the local service broke off")?);
    Ok(())
}
