//! What the machine must have before anything can be installed: each thing that is missing, with how to get it.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use anyhow::{Result, bail};

const OLDEST_PYTHON: (u32, u32) = (3, 10);
/// Where a Python that is new enough may be, on systems whose own is old.
const PYTHONS: [&str; 6] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
/// The oldest that the website's tools run with.
const OLDEST_NODE: (u32, u32) = (20, 19);
/// What `frontend/delivery/test.yml` looks for.
const BROWSERS: [&str; 3] = ["chromium-headless-shell", "chromium", "google-chrome"];
/// Prints the version, and fails where `venv` would fail later.
const PYTHON_PROBE: &str = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])";

/// Something that is missing.
struct Missing {
    what: String,
    debian: &'static str,
    fedora: &'static str,
}

/// Checks all prerequisites, those of a website if there is to be one, and answers the Python to make environments with.
pub fn check(website: bool) -> Result<PathBuf> {
    supported_system()?;
    let mut missing = Vec::new();
    if !has_git_http_backend() {
        missing.push(Missing { what: "git".to_owned(), debian: "apt install git", fedora: "dnf install git" });
    }
    if output("cc", &["--version"]).is_none() {
        let what = "a C compiler (cc)".to_owned();
        missing.push(Missing { what, debian: "apt install build-essential", fedora: "dnf install gcc" });
    }
    if output("rustup", &["--version"]).is_none() {
        let get = "https://rustup.rs";
        missing.push(Missing { what: "rustup, which installs the exact Rust".to_owned(), debian: get, fedora: get });
    }
    let is_new =
        |name: &str| output(name, &["-c", PYTHON_PROBE]).as_deref().and_then(version_of) >= Some(OLDEST_PYTHON);
    let python = PYTHONS.into_iter().find(|name| is_new(name));
    if python.is_none() {
        let what = "Python 3.10 or newer with venv and pip".to_owned();
        missing.push(Missing { what, debian: "apt install python3-venv", fedora: "dnf install python3" });
    }
    if website {
        missing.extend(missing_for_a_website());
    }
    match python {
        Some(name) if missing.is_empty() => Ok(PathBuf::from(name)),
        _ => bail!(explain(&missing)),
    }
}

fn missing_for_a_website() -> Vec<Missing> {
    let mut missing = Vec::new();
    let node = output("node", &["--print", "process.versions.node.split('.', 2).join('.')"]);
    if node.as_deref().and_then(version_of) < Some(OLDEST_NODE) || output("npm", &["--version"]).is_none() {
        missing.push(Missing {
            what: "Node.js 20.19 or newer with npm, for the website".to_owned(),
            debian: "from 13 on apt install nodejs npm, before https://nodejs.org",
            fedora: "dnf install nodejs npm",
        });
    }
    if !BROWSERS.iter().any(|name| output(name, &["--version"]).is_some()) && !has_playwrights_chromium() {
        missing.push(Missing {
            what: "Chromium or Chrome, for the website's browser tests".to_owned(),
            debian: "apt install chromium, or npx playwright install chromium",
            fedora: "dnf install chromium, or npx playwright install chromium",
        });
    }
    missing
}

/// Where `npx playwright install chromium` puts it.
fn has_playwrights_chromium() -> bool {
    let folder = env::var_os("PLAYWRIGHT_BROWSERS_PATH").map(PathBuf::from);
    let folder = folder.or_else(|| Some(env::home_dir()?.join(".cache/ms-playwright")));
    let entries = folder.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten();
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("chromium"))
}

/// The tools are prebuilt for glibc, and functions run on this machine as they would on Lambda's Linux.
fn supported_system() -> Result<()> {
    let glibc = cfg!(all(target_os = "linux", target_env = "gnu"));
    let processor = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));
    if glibc && processor {
        return Ok(());
    }
    bail!(
        "the local cloud runs on Linux with glibc on x86_64 or arm64, and this is {} on {}; use a virtual machine, such as \
         Debian in WSL, Lima or Multipass",
        std::env::consts::OS,
        std::env::consts::ARCH
    );
}

/// CodeCommit serves repositories through git's own HTTP back end, which some systems package apart.
fn has_git_http_backend() -> bool {
    output("git", &["--exec-path"]).is_some_and(|folder| PathBuf::from(folder).join("git-http-backend").is_file())
}

/// What a program prints, trimmed; `None` when it is missing or fails.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn version_of(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn explain(missing: &[Missing]) -> String {
    let mut text = String::from("this machine lacks what the local cloud needs:");
    for Missing { what, debian, fedora } in missing {
        let remedy =
            if debian == fedora { (*debian).to_owned() } else { format!("Debian: {debian}; Fedora: {fedora}") };
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  - {what} ({remedy})");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(version_of("3.9"), Some((3, 9)));
        assert!(version_of("3.9") < Some(OLDEST_PYTHON) && version_of("3.14") > Some(OLDEST_PYTHON));
        assert!(version_of("") < Some(OLDEST_PYTHON), "no version is too old");
    }

    #[test]
    fn all_that_is_missing_is_named_at_once() {
        let text = explain(&[
            Missing { what: "git".to_owned(), debian: "apt install git", fedora: "dnf install git" },
            Missing { what: "rustup".to_owned(), debian: "https://rustup.rs", fedora: "https://rustup.rs" },
        ]);
        assert!(
            text.ends_with(
                "\n  - git (Debian: apt install git; Fedora: dnf install git)\n  - rustup (https://rustup.rs)"
            )
        );
    }
}
