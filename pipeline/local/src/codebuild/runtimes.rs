//! `runtime-versions`: an image of AWS installs what is asked for; this machine is asked whether it has it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use tokio::process::Command;

use super::log::BuildLog;
use super::refusal::Refusal;

/// The runtimes that CodeBuild's images know, and how each tells its version.
///
/// Source: "Available runtimes" of the user guide.
const RUNTIMES: [(&str, &str); 12] = [
    ("android", "java -version"),
    ("docker", "docker --version"),
    ("dotnet", "dotnet --version"),
    ("golang", "go version"),
    ("java", "java -version"),
    ("nodejs", "node --version"),
    ("perl", "perl -e 'print $^V'"),
    ("php", "php --version"),
    ("python", "python3 --version"),
    ("ruby", "ruby --version"),
    ("rust", "rustc --version"),
    ("swift", "swift --version"),
];

/// Checks that each runtime is there in the version that is asked for, as commands with these `variables` find it.
///
/// A Python is made the build's own in `folder`, whose `bin` is first in `PATH`: what the build installs with pip goes
/// there, and not into the machine's Python. A version that is not there fails DOWNLOAD_SOURCE, as on AWS
/// (aws/aws-codebuild-docker-images, issue 489).
pub async fn select(
    wanted: &BTreeMap<String, String>,
    variables: &BTreeMap<String, String>,
    folder: &Path,
    log: &BuildLog,
) -> Result<()> {
    for (runtime, version) in wanted {
        log.line(format!("Selecting '{runtime}' runtime version '{version}' based on manual selections..."));
        let Some((_, command)) = RUNTIMES.iter().find(|(name, _)| name == runtime) else {
            let known = RUNTIMES.map(|(name, _)| name).join(", ");
            return Err(Refusal::yaml(format!("Unknown runtime named '{runtime}': CodeBuild has {known}")).into());
        };
        let mut commands = vec![(*command).to_owned()];
        if runtime == "python" {
            // Several versions may stand side by side.
            commands.insert(0, format!("python{version} --version"));
        }
        let command = installed(runtime, version, &commands, variables).await?;
        if let Some(python) = command.strip_suffix(" --version").filter(|_| runtime == "python") {
            log.line(format!("Its packages go to {}", folder.display()));
            if output(&format!("{python} -m venv '{}'", folder.display()), variables).await?.is_none() {
                let message = format!("`{python} -m venv` fails on this machine: install python3-venv");
                return Err(Refusal::yaml(message).into());
            }
        }
    }
    Ok(())
}

/// The first command whose program says that it is the version that is asked for.
async fn installed<'a>(
    runtime: &str,
    wanted: &str,
    commands: &'a [String],
    variables: &BTreeMap<String, String>,
) -> Result<&'a str> {
    let mut there = None;
    for command in commands {
        let found = output(command, variables).await?.as_deref().and_then(number);
        if found.as_ref().is_some_and(|found| fits(wanted, found)) {
            return Ok(command);
        }
        there = found.or(there);
    }
    let remedy = match there {
        Some(found) => format!("this machine has {found}: install {wanted}, or ask for {found}"),
        None => format!("`{}` finds none on this machine: install it", commands[commands.len() - 1]),
    };
    Err(Refusal::yaml(format!("Unknown runtime version named '{wanted}' of {runtime}; {remedy}")).into())
}

/// What a command prints; `None` when it fails.
async fn output(command: &str, variables: &BTreeMap<String, String>) -> Result<Option<String>> {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("{command} 2>&1")]).env_clear().envs(variables).kill_on_drop(true);
    let output = shell.output().await.context("cannot start /bin/sh")?;
    Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// The first version number in what a program says of itself, such as 1.95.0 or 21.
fn number(said: &str) -> Option<String> {
    let is_part = |char: char| char.is_ascii_digit() || char == '.';
    // A year, as in Java's date, comes after the version.
    let mut words = said.split(|char: char| !is_part(char)).map(|word| word.trim_matches('.'));
    words.find(|word| !word.is_empty()).map(str::to_owned)
}

/// Whether a version is what was asked for: `latest`, `3.x`, `20` or `3.11`, which any later part may follow.
fn fits(wanted: &str, found: &str) -> bool {
    if wanted == "latest" {
        return true;
    }
    // Amazon's Java is asked for as corretto17.
    let wanted = wanted.trim_start_matches(|char: char| char.is_ascii_alphabetic());
    let mut found = found.split('.');
    wanted.split('.').filter(|part| *part != "x").all(|part| found.next() == Some(part))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// Selects on a machine that has these programs alone, and gives the folder and what became of it.
    async fn select_on(
        programs: &[(&str, &str)],
        runtime: &str,
        version: &str,
    ) -> (tempfile::TempDir, Result<(), String>) {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("machine");
        fs::create_dir(&bin).unwrap();
        for (name, script) in programs {
            fs::write(bin.join(name), format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        let variables = BTreeMap::from([("PATH".to_owned(), bin.display().to_string())]);
        let log = BuildLog::create(folder.path().join("log")).unwrap();
        let wanted = BTreeMap::from([(runtime.to_owned(), version.to_owned())]);
        let selected = select(&wanted, &variables, folder.path(), &log).await;
        let selected = selected.map_err(|error| error.downcast::<Refusal>().unwrap()).map_err(|refusal| {
            assert_eq!(refusal.code, "YAML_FILE_ERROR");
            refusal.message
        });
        (folder, selected)
    }

    #[tokio::test]
    async fn what_is_not_there_is_refused_with_what_is_there() {
        let php = [("php", "echo PHP 8.3.1")];
        let cases = [
            ("php", "8.3", None),
            ("php", "8.1", Some("Unknown runtime version named '8.1' of php; this machine has 8.3.1: install 8.1")),
            ("swift", "6", Some("Unknown runtime version named '6' of swift; `swift --version` finds none")),
            ("cobol", "1", Some("Unknown runtime named 'cobol'")),
        ];
        for (runtime, version, expected) in cases {
            match (select_on(&php, runtime, version).await.1, expected) {
                (Ok(()), None) => {}
                (Err(message), Some(expected)) => assert!(message.starts_with(expected), "{message}"),
                (selected, _) => panic!("{runtime} {version}: {selected:?}"),
            }
        }
    }

    #[tokio::test]
    async fn the_build_gets_a_python_of_its_own() {
        let python = |version: &str| format!("[ $1 = --version ] && echo Python {version} || echo {version} > $3/venv");
        let (old, new) = (python("3.11.2"), python("3.14.0"));
        let machine = [("python3", old.as_str()), ("python3.14", new.as_str())];
        for (wanted, made) in [("3.11", "3.11.2\n"), ("3.14", "3.14.0\n"), ("3.x", "3.11.2\n")] {
            let (folder, selected) = select_on(&machine, "python", wanted).await;
            selected.unwrap();
            assert_eq!(fs::read_to_string(folder.path().join("venv")).unwrap(), made, "{wanted}");
        }
        let broken = [("python3", "[ $1 = --version ] && echo Python 3.11.2")];
        let message = select_on(&broken, "python", "3.11").await.1.unwrap_err();
        assert!(message.ends_with("install python3-venv"), "{message}");
    }

    #[test]
    fn a_version_is_found_and_compared_part_by_part() {
        for (said, wanted, expected) in [
            ("Python 3.11.2", "3.11", true),
            ("Python 3.11.2", "3.1", false),
            ("Python 3.11.2", "3.x", true),
            ("v20.19.2", "20", true),
            ("v20.19.2", "22", false),
            ("v20.19.2", "20.x", true),
            ("rustc 1.95.0 (abc 2026-01-01)", "1.95", true),
            ("go version go1.22.1 linux/amd64", "1.22", true),
            ("openjdk version \"17.0.1\" 2021-10-19", "corretto17", true),
            ("openjdk version \"21\" 2023-09-19", "corretto21", true),
            ("This is swift, Apple Swift version 6.0", "6", true),
            ("Docker version 28.5.2, build x", "latest", true),
        ] {
            assert_eq!(fits(wanted, &number(said).unwrap()), expected, "{said} for {wanted}");
        }
        assert_eq!(number("command not found"), None);
    }
}
