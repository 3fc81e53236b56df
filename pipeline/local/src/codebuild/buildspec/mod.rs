//! buildspec 0.2, as far as the local service runs it: any other key is an error that names it and its line.

mod env;
mod report;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::on_failure::OnFailure;

pub use env::{Env, ShellKind};
pub use report::{ReportFormat, ReportSpec};

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Buildspec {
    version: String,
    #[serde(default)]
    pub env: Env,
    /// Settings of an explicit proxy server: builds here use the machine's own network.
    #[serde(default)]
    #[allow(dead_code)]
    proxy: BTreeMap<String, String>,
    #[serde(default)]
    run_as: Option<String>,
    pub phases: Phases,
    #[serde(default)]
    pub reports: BTreeMap<String, ReportSpec>,
    pub artifacts: Option<Artifacts>,
    #[serde(default)]
    pub cache: Cache,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phases {
    #[serde(default)]
    pub install: Phase,
    #[serde(default)]
    pub pre_build: Phase,
    #[serde(default)]
    pub build: Phase,
    #[serde(default)]
    pub post_build: Phase,
}

impl Phases {
    /// In their order.
    pub fn all(&self) -> [&Phase; 4] {
        [&self.install, &self.pre_build, &self.build, &self.post_build]
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Phase {
    #[serde(default, deserialize_with = "one_or_many")]
    pub commands: Vec<String>,
    /// Run after the commands, even when they failed.
    #[serde(default, deserialize_with = "one_or_many")]
    pub finally: Vec<String>,
    #[serde(default)]
    pub on_failure: Option<OnFailure>,
    #[serde(default)]
    run_as: Option<String>,
    /// The install phase's: which runtimes are to be there, in which versions.
    #[serde(default)]
    pub runtime_versions: BTreeMap<String, String>,
}

/// A list of commands, or a single one.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Commands {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Commands::deserialize(deserializer)? {
        Commands::One(command) => vec![command],
        Commands::Many(commands) => commands,
    })
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Artifacts {
    #[serde(default)]
    pub files: Vec<String>,
    /// A pipeline names its artifacts itself.
    #[allow(dead_code)]
    name: Option<String>,
    pub base_directory: Option<String>,
    #[serde(default)]
    pub discard_paths: bool,
    #[serde(default)]
    pub exclude_paths: Vec<String>,
    /// Links are followed either way: an artifact here holds files.
    #[allow(dead_code)]
    enable_symlinks: Option<String>,
    /// For artifacts that go to a bucket of the project; a pipeline places its artifacts itself.
    #[allow(dead_code)]
    s3_prefix: Option<String>,
    #[serde(default)]
    pub secondary_artifacts: BTreeMap<String, Artifacts>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Cache {
    /// Keys and actions tell entries of an S3 cache apart; a local cache is the folders themselves.
    #[allow(dead_code)]
    key: Option<String>,
    #[serde(default)]
    #[allow(dead_code)]
    fallback_keys: Vec<String>,
    #[allow(dead_code)]
    action: Option<CacheAction>,
    #[serde(default)]
    pub paths: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CacheAction {
    Restore,
    Save,
}

/// A buildspec that is no YAML, or asks for what it may not; the message says what and where.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BuildspecError(String);

impl Buildspec {
    pub fn parse(text: &str) -> Result<Self, BuildspecError> {
        let options = serde_saphyr::options! { with_snippet: false };
        let spec: Self = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| BuildspecError(refusal(&error.to_string())))?;
        match spec.fault() {
            Some(fault) => Err(BuildspecError(fault)),
            None => Ok(spec),
        }
    }

    fn fault(&self) -> Option<String> {
        if self.version != "0.2" {
            return Some(format!("version {} is not supported: write 0.2", self.version));
        }
        if let Some(fault) = self.env.fault() {
            return Some(fault);
        }
        let phases = self.phases.all();
        if let Some(user) = phases.iter().find_map(|phase| phase.run_as.as_ref()).or(self.run_as.as_ref())
            && Some(user) != me().as_ref()
        {
            return Some(format!("run-as: {user} is not supported by the local CodeBuild: builds run as you"));
        }
        if phases[1..].iter().any(|phase| !phase.runtime_versions.is_empty()) {
            return Some("runtime-versions stands in the phase install only".to_owned());
        }
        let secondary = self.artifacts.iter().flat_map(|artifacts| &artifacts.secondary_artifacts);
        if let Some((name, _)) = secondary.clone().find(|(_, nested)| !nested.secondary_artifacts.is_empty()) {
            return Some(format!("secondary-artifacts/{name} cannot hold secondary-artifacts"));
        }
        if let Some((name, _)) = secondary.clone().find(|(_, artifacts)| artifacts.files.is_empty()) {
            return Some(format!("secondary-artifacts/{name} names no files"));
        }
        None
    }
}

/// The user's name, as far as it is known.
fn me() -> Option<String> {
    if rustix::process::getuid().is_root() { Some("root".to_owned()) } else { std::env::var("USER").ok() }
}

/// Says that a key is unsupported, rather than what other keys there are.
fn refusal(error: &str) -> String {
    let Some((key, rest)) = error.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`')) else {
        return error.to_owned();
    };
    let place = rest.rfind(" at line").map_or("", |at| &rest[at..]);
    format!("the key `{key}` is not supported by the local CodeBuild{place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_supported_is_named_with_its_line() {
        let cases = [
            ("version: 0.1\nphases: {}", "version 0.1 is not supported: write 0.2"),
            (
                "version: 0.2\nbatch:\n  fast-fail: yes\nphases: {}",
                "the key `batch` is not supported by the local CodeBuild at line 2, column 1",
            ),
            ("version: 0.2\nphases:\n  build:\n    on-failure: PERHAPS\n", "PERHAPS"),
            ("version: 0.2\nphases: {build: {runtime-versions: {rust: 1.94}}}", "in the phase install only"),
            (
                "version: 0.2\nenv:\n  parameter-store: {A: b}\n  exported-variables: [A]\nphases: {}",
                "A cannot be exported",
            ),
            ("version: 0.2\nenv:\n  shell: fish\nphases: {}", "unknown variant `fish`"),
            (
                "version: 0.2\nphases: {deploy: {}}",
                "the key `deploy` is not supported by the local CodeBuild at line 2",
            ),
            ("version: 0.2\nphases: {}\nenv: {variables: {CODEBUILD_X: 1}}", "CODEBUILD_X is reserved"),
            ("version: 0.2\nphases: {}\nenv: {exported-variables: [AWS_KEY]}", "AWS_KEY cannot be exported"),
            ("version: 0.2\nphases: {}\nenv: {exported-variables: ['A;rm']}", "A;rm cannot be exported"),
            ("version: 0.2\nphases: {}\nreports: {unit: {files: [a], file-format: LCOV}}", "LCOV"),
            ("version: 0.2\nrun-as: somebody\nphases: {}", "run-as: somebody is not supported"),
            ("version: 0.2\nphases: {build: {run-as: somebody}}", "run-as: somebody is not supported"),
            ("version: 0.2", "missing field `phases`"),
            ("version: [", "line 1"),
        ];
        for (text, expected) in cases {
            let error = Buildspec::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text:?} says {error:?}");
        }
    }

    #[test]
    fn a_whole_buildspec_is_understood() {
        let spec = Buildspec::parse(
            r#"
            version: 0.2
            env:
              shell: bash
              variables: {PORT: 80, DEBUG: no}
              exported-variables: [RELEASE]
            phases:
              install:
                commands: [echo hello]
              build:
                commands:
                  - |
                    one
                    two
                finally: [echo bye]
            reports:
              unit: {files: ['**/*.xml'], base-directory: target, file-format: JUNITXML}
            artifacts:
              files: ['**/*']
              base-directory: out
              discard-paths: yes
              exclude-paths: [secret]
              secondary-artifacts:
                site: {files: [index.html]}
            cache:
              key: rust-$(codebuild-hash-files Cargo.lock)
              paths: ['target/**/*']
            "#,
        )
        .unwrap();
        assert_eq!(spec.env.shell, ShellKind::Bash);
        assert_eq!(spec.env.variables["PORT"], "80");
        assert_eq!(spec.env.variables["DEBUG"], "no");
        assert_eq!(spec.phases.build.commands, ["one\ntwo\n"]);
        let artifacts = spec.artifacts.unwrap();
        assert!(artifacts.discard_paths);
        assert_eq!(artifacts.secondary_artifacts["site"].files, ["index.html"]);
    }

    #[test]
    fn the_projects_own_buildspec_is_supported() {
        Buildspec::parse(include_str!("../../../../../buildspec.yml")).unwrap();
    }
}
