//! What is measured: functions, and the environment that a deployed stack gives them, but for the data of this run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::runtime::Lambda;

/// A function of the workspace, as the stack has it.
pub struct Function {
    /// The folder's name, as in list-books.
    pub name: String,
    pub environment: BTreeMap<String, String>,
}

pub struct Shop {
    /// Where the AWS APIs are.
    pub endpoint: String,
    pub functions: Vec<Function>,
    binaries: PathBuf,
    /// What this run writes to.
    scratch: String,
}

impl Shop {
    /// Reads the stack, and makes a table and whatever else the functions write to.
    pub fn open(stack: &str, binaries: Option<PathBuf>) -> Result<Self> {
        let endpoint = env::var("AWS_ENDPOINT_URL").unwrap_or_else(|_| "http://localhost:4566".to_owned());
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
        let scratch = format!("measure-{}", std::process::id());
        let mut environments: BTreeMap<String, BTreeMap<String, String>> =
            python(&endpoint, "tests/environments.py", &[stack])?;
        let table = environments.values().find_map(|one| one.get("TABLE_NAME"));
        let table = table.with_context(|| format!("no function of {stack} has a TABLE_NAME"))?;
        let ours: BTreeMap<String, String> =
            python(&endpoint, "tests/measure/scratch.py", &["create", &scratch, table])?;
        for (name, value) in environments.values_mut().flatten() {
            if let Some(ours) = ours.get(name) {
                value.clone_from(ours);
            }
        }
        let functions = environments.into_iter();
        let functions = functions.map(|(id, environment)| Function { name: folder_of(&id), environment }).collect();
        Ok(Self { endpoint, functions, binaries: binaries.unwrap_or(target.join("lambda")), scratch })
    }

    pub fn close(&self) -> Result<()> {
        let _nothing: Value = python(&self.endpoint, "tests/measure/scratch.py", &["delete", &self.scratch])?;
        Ok(())
    }

    /// For uploads and covers.
    pub fn bucket(&self) -> &str {
        &self.scratch
    }

    pub fn function(&self, name: &str) -> Result<&Function> {
        let function = self.functions.iter().find(|function| function.name == name);
        function.with_context(|| format!("there is no {name} in the stack"))
    }

    /// Starts a function for what is prepared and not measured.
    pub async fn start(&self, name: &str) -> Result<Lambda> {
        let function = self.function(name)?;
        Lambda::start(function, &self.binary(function)?, &self.endpoint).await
    }

    pub fn binary(&self, function: &Function) -> Result<PathBuf> {
        binary_in(&self.binaries, function)
    }
}

/// The event to try a function with that lies in its folder, if there is one.
pub fn event(function: &Function) -> Result<Option<String>> {
    let file = workspace().join("functions").join(&function.name).join("event.json");
    let event = file.exists().then(|| fs::read_to_string(&file));
    event.transpose().with_context(|| format!("{} cannot be read", file.display()))
}

pub fn binary_in(folder: &Path, function: &Function) -> Result<PathBuf> {
    let binary = folder.join(&function.name).join("bootstrap");
    ensure!(binary.exists(), "there is no {}: run `cargo lambda build --release` first", binary.display());
    Ok(binary)
}

/// Runs a script of the repository with the Python that `cargo local up` has set up, and reads what it prints.
fn python<T: DeserializeOwned>(endpoint: &str, script: &str, arguments: &[&str]) -> Result<T> {
    let output = Command::new(workspace().join(".local/tools/bin/python"))
        .arg(workspace().join(script))
        .args(arguments)
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .envs(CREDENTIALS)
        .output()
        .context("no Python in .local/tools: run `cargo local up` first")?;
    ensure!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The local cloud's own.
pub const CREDENTIALS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate stands in the workspace")
}

/// `ListBooks` in the template is `list-books` in functions/.
fn folder_of(logical_id: &str) -> String {
    let mut folder = String::new();
    for letter in logical_id.chars() {
        if letter.is_ascii_uppercase() && !folder.is_empty() {
            folder.push('-');
        }
        folder.push(letter.to_ascii_lowercase());
    }
    folder
}
