//! buildspec 0.2, as far as the local service runs it: any other key is an error that names it and its line.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Buildspec {
    version: String,
    #[serde(default)]
    pub env: Env,
    pub phases: Phases,
    #[serde(default)]
    pub reports: BTreeMap<String, ReportSpec>,
    pub artifacts: Option<Artifacts>,
    #[serde(default)]
    pub cache: Cache,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Env {
    #[serde(default)]
    pub shell: ShellKind,
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    #[serde(default)]
    pub exported_variables: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum ShellKind {
    #[serde(rename = "bash")]
    Bash,
    #[default]
    #[serde(rename = "/bin/sh")]
    Sh,
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

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Phase {
    #[serde(default)]
    pub commands: Vec<String>,
    /// Run after the commands, even when they failed.
    #[serde(default)]
    pub finally: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReportSpec {
    pub files: Vec<String>,
    pub base_directory: Option<String>,
    /// Every path in a report is its file's name already, so there is nothing to discard.
    #[serde(default)]
    #[allow(dead_code)]
    discard_paths: bool,
    #[serde(default)]
    #[allow(dead_code)]
    file_format: ReportFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum ReportFormat {
    #[default]
    #[serde(rename = "JUNITXML")]
    JunitXml,
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
        if let Some(name) = self.env.variables.keys().find(|name| name.starts_with("CODEBUILD_")) {
            return Some(format!("env/variables: the name {name} is reserved for CodeBuild"));
        }
        let exported = &self.env.exported_variables;
        if let Some(name) = exported.iter().find(|name| name.starts_with("AWS_") || !is_variable_name(name)) {
            return Some(format!("env/exported-variables: {name} cannot be exported"));
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

fn is_variable_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
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
                "version: 0.2\nproxy:\n  logs: yes\nphases: {}",
                "the key `proxy` is not supported by the local CodeBuild at line 2, column 1",
            ),
            (
                "version: 0.2\nphases:\n  build:\n    on-failure: ABORT\n",
                "the key `on-failure` is not supported by the local CodeBuild at line 4, column 5",
            ),
            (
                "version: 0.2\nphases:\n  install:\n    runtime-versions: {rust: 1.94}\n",
                "the key `runtime-versions` is not supported by the local CodeBuild at line 4, column 5",
            ),
            (
                "version: 0.2\nenv:\n  parameter-store: {A: b}\nphases: {}",
                "the key `parameter-store` is not supported by the local CodeBuild at line 3, column 3",
            ),
            ("version: 0.2\nenv:\n  shell: fish\nphases: {}", "unknown variant `fish`"),
            (
                "version: 0.2\nphases: {deploy: {}}",
                "the key `deploy` is not supported by the local CodeBuild at line 2",
            ),
            ("version: 0.2\nphases: {}\nenv: {variables: {CODEBUILD_X: 1}}", "CODEBUILD_X is reserved"),
            ("version: 0.2\nphases: {}\nenv: {exported-variables: [AWS_KEY]}", "AWS_KEY cannot be exported"),
            ("version: 0.2\nphases: {}\nenv: {exported-variables: ['A;rm']}", "A;rm cannot be exported"),
            ("version: 0.2\nphases: {}\nreports: {unit: {files: [a], file-format: CUCUMBERJSON}}", "CUCUMBERJSON"),
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
        Buildspec::parse(include_str!("../../../../buildspec.yml")).unwrap();
    }
}
