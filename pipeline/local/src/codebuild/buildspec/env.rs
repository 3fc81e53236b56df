//! `env` of a buildspec: variables, where their values come from and which of them leave the build.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::aws::REGION;
use crate::codecommit::http;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Env {
    #[serde(default)]
    pub shell: ShellKind,
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Names of parameters in Systems Manager, by variable.
    #[serde(default)]
    pub parameter_store: BTreeMap<String, String>,
    /// `secret-id:json-key:version-stage:version-id`, by variable.
    #[serde(default)]
    pub secrets_manager: BTreeMap<String, String>,
    #[serde(default)]
    pub exported_variables: Vec<String>,
    #[serde(default)]
    git_credential_helper: bool,
}

impl Env {
    /// Variables by which git finds CodeCommit by its address on AWS: at this `endpoint`, which asks for no credentials.
    pub fn git(&self, endpoint: &str) -> BTreeMap<String, String> {
        if !self.git_credential_helper {
            return BTreeMap::new();
        }
        let [key, value] = [endpoint.to_owned(), format!("https://git-codecommit.{REGION}.amazonaws.com")]
            .map(|host| format!("{host}{}", http::PREFIX));
        [
            ("GIT_CONFIG_COUNT", "1".to_owned()),
            ("GIT_CONFIG_KEY_0", format!("url.{key}.insteadOf")),
            ("GIT_CONFIG_VALUE_0", value),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    pub(super) fn fault(&self) -> Option<String> {
        let taken = [&self.variables, &self.parameter_store, &self.secrets_manager];
        if let Some(name) = taken.iter().flat_map(|map| map.keys()).find(|name| name.starts_with("CODEBUILD_")) {
            return Some(format!("env: the name {name} is reserved for CodeBuild"));
        }
        let is_secret =
            |name: &String| self.parameter_store.contains_key(name) || self.secrets_manager.contains_key(name);
        let is_forbidden = |name: &&String| name.starts_with("AWS_") || !is_variable_name(name) || is_secret(name);
        let forbidden = self.exported_variables.iter().find(is_forbidden);
        forbidden.map(|name| format!("env/exported-variables: {name} cannot be exported"))
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum ShellKind {
    #[serde(rename = "bash")]
    Bash,
    #[default]
    #[serde(rename = "/bin/sh")]
    Sh,
}

fn is_variable_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
}

#[cfg(test)]
mod tests {
    use super::super::Buildspec;

    #[test]
    fn git_finds_codecommit_by_its_address_on_aws_when_it_is_asked_to() {
        let git = |helper: &str| {
            let spec =
                Buildspec::parse(&format!("version: 0.2\nenv: {{git-credential-helper: {helper}}}\nphases: {{}}"));
            spec.unwrap().env.git("http://127.0.0.1:1")
        };
        assert!(git("no").is_empty());
        let variables = git("yes");
        assert_eq!(variables["GIT_CONFIG_KEY_0"], "url.http://127.0.0.1:1/v1/repos/.insteadOf");
        assert_eq!(variables["GIT_CONFIG_VALUE_0"], "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/");
    }
}
