//! The appspec of a Lambda deployment: which alias goes from which version to which.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::record::Phase;

const FUNCTION: &str = "AWS::Lambda::Function";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LambdaTarget {
    pub function: String,
    pub alias: String,
    pub current_version: String,
    pub target_version: String,
    /// Functions that are called before and after the traffic moves.
    #[serde(default)]
    pub before_allow_traffic: Option<String>,
    #[serde(default)]
    pub after_allow_traffic: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppSpec {
    version: Version,
    #[serde(rename = "Resources", alias = "resources")]
    resources: Vec<BTreeMap<String, Resource>>,
    #[serde(rename = "Hooks", alias = "hooks", default)]
    hooks: Vec<BTreeMap<String, String>>,
}

/// `0.0`, as a text or as a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Version {
    Text(String),
    Number(f64),
}

#[derive(Deserialize)]
struct Resource {
    #[serde(rename = "Type", alias = "type")]
    kind: String,
    #[serde(rename = "Properties", alias = "properties")]
    properties: Properties,
}

#[derive(Deserialize)]
struct Properties {
    #[serde(rename = "Name", alias = "name")]
    name: String,
    #[serde(rename = "Alias", alias = "alias")]
    alias: String,
    #[serde(rename = "CurrentVersion", alias = "currentversion")]
    current_version: String,
    #[serde(rename = "TargetVersion", alias = "targetversion")]
    target_version: String,
}

impl LambdaTarget {
    /// Reads an appspec, which is YAML or JSON.
    pub fn parse(text: &str) -> Result<Self, String> {
        let options = serde_saphyr::options! { with_snippet: false };
        let spec: AppSpec = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| format!("the appspec cannot be read: {error}"))?;
        if !matches!(spec.version, Version::Text(ref text) if text == "0.0")
            && !matches!(spec.version, Version::Number(0.0))
        {
            return Err("the appspec's version is not 0.0".to_owned());
        }
        let mut resources = spec.resources.into_iter().flatten();
        let (Some((_, resource)), None) = (resources.next(), resources.next()) else {
            return Err("the appspec names exactly one resource".to_owned());
        };
        if resource.kind != FUNCTION {
            return Err(format!("the local CodeDeploy deploys {FUNCTION}, not {}", resource.kind));
        }
        let mut hooks = spec.hooks.into_iter().flatten().collect::<BTreeMap<_, _>>();
        let Properties { name, alias, current_version, target_version } = resource.properties;
        let target = Self {
            function: name,
            alias,
            current_version,
            target_version,
            before_allow_traffic: hooks.remove("BeforeAllowTraffic"),
            after_allow_traffic: hooks.remove("AfterAllowTraffic"),
        };
        match hooks.into_keys().next() {
            Some(hook) => Err(format!("a Lambda deployment has no hook {hook}")),
            None => Ok(target),
        }
    }
}

impl LambdaTarget {
    /// Where Lambda's API has the alias.
    pub fn path(&self) -> String {
        format!("/2015-03-31/functions/{}/aliases/{}", self.function, self.alias)
    }

    /// The function that is called in a phase.
    pub fn hook(&self, phase: Phase) -> Option<&str> {
        match phase {
            Phase::Before => self.before_allow_traffic.as_deref(),
            Phase::Shift => None,
            Phase::After => self.after_allow_traffic.as_deref(),
        }
    }

    /// What puts the traffic back; no hook is asked.
    pub fn reversed(&self) -> Self {
        Self {
            current_version: self.target_version.clone(),
            target_version: self.current_version.clone(),
            before_allow_traffic: None,
            after_allow_traffic: None,
            ..self.clone()
        }
    }

    /// The appspec that says so.
    pub fn to_appspec(&self) -> String {
        let properties = json!({
            "Name": self.function, "Alias": self.alias,
            "CurrentVersion": self.current_version, "TargetVersion": self.target_version,
        });
        let resource = json!({ &self.function: { "Type": FUNCTION, "Properties": properties } });
        json!({ "version": "0.0", "Resources": [resource] }).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = "version: 0.0\nResources:\n  - it:\n      Type: AWS::Lambda::Function\n      Properties:\n        \
                        Name: shop\n        Alias: live\n        CurrentVersion: '1'\n        TargetVersion: '2'\n\
                        Hooks:\n  - BeforeAllowTraffic: check\n";

    #[test]
    fn yaml_and_json_are_read() {
        let json = r#"{"version": "0.0", "Resources": [{"it": {"Type": "AWS::Lambda::Function", "Properties":
            {"Name": "shop", "Alias": "live", "CurrentVersion": "1", "TargetVersion": "2"}}}],
            "Hooks": [{"BeforeAllowTraffic": "check"}]}"#;
        let target = LambdaTarget::parse(YAML).unwrap();
        assert_eq!((target.function.as_str(), target.target_version.as_str()), ("shop", "2"));
        assert_eq!(target.before_allow_traffic.as_deref(), Some("check"));
        assert_eq!(LambdaTarget::parse(json).unwrap(), target);
    }

    #[test]
    fn what_puts_it_back_is_an_appspec_too() {
        let back = LambdaTarget::parse(YAML).unwrap().reversed();
        assert_eq!((back.current_version.as_str(), back.target_version.as_str()), ("2", "1"));
        assert_eq!(LambdaTarget::parse(&back.to_appspec()).unwrap(), back);
    }

    #[test]
    fn what_it_does_not_deploy_is_named() {
        for (from, to, named) in [
            ("AWS::Lambda::Function", "AWS::ECS::Service", "AWS::ECS::Service"),
            ("BeforeAllowTraffic", "BeforeInstall", "no hook BeforeInstall"),
            ("version: 0.0", "version: 1.0", "version is not 0.0"),
            ("Alias: live", "Tea: live", "Alias"),
        ] {
            let error = LambdaTarget::parse(&YAML.replace(from, to)).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }
}
