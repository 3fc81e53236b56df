//! A stack's parameters and tags: from the template configuration file, and over them the action's own overrides.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{Parameter, Tag};
use serde::Deserialize;
use serde_json::Value;

use super::StackContent;
use crate::codepipeline::actions::artifact::FileInArtifact;
use crate::codepipeline::actions::{ActionContext, ActionFailure};

/// Source: "Quotas in AWS CodePipeline".
const LARGEST_OVERRIDES: usize = 1024;

/// A value of `ParameterOverrides`.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterValue {
    Text(String),
    /// `Fn::GetArtifactAtt`: where an input artifact is.
    ArtifactAttribute {
        artifact: String,
        attribute: ArtifactAttribute,
    },
    /// `Fn::GetParam`: a member of a JSON file in an input artifact.
    FileMember {
        file: FileInArtifact,
        key: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum ArtifactAttribute {
    BucketName,
    ObjectKey,
    #[serde(rename = "URL")]
    Url,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    ArtifactAttribute {
        #[serde(rename = "Fn::GetArtifactAtt")]
        of: (String, ArtifactAttribute),
    },
    FileMember {
        #[serde(rename = "Fn::GetParam")]
        of: (String, String, String),
    },
}

/// The file that `TemplateConfiguration` names.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct TemplateConfiguration {
    parameters: BTreeMap<String, String>,
    tags: BTreeMap<String, String>,
    stack_policy: Option<Value>,
}

pub fn parse_overrides(text: Option<&str>) -> Result<BTreeMap<String, ParameterValue>, String> {
    let Some(text) = text else { return Ok(BTreeMap::new()) };
    if text.len() > LARGEST_OVERRIDES {
        return Err(format!(
            "ParameterOverrides has {} bytes, {LARGEST_OVERRIDES} are allowed: put the rest into TemplateConfiguration",
            text.len()
        ));
    }
    let written: BTreeMap<String, Written> = serde_json::from_str(text)
        .map_err(|_| "ParameterOverrides is no JSON object of texts, Fn::GetArtifactAtt and Fn::GetParam".to_owned())?;
    let values = written.into_iter().map(|(name, value)| {
        let value = match value {
            Written::Text(text) => ParameterValue::Text(text),
            Written::ArtifactAttribute { of: (artifact, attribute) } => {
                ParameterValue::ArtifactAttribute { artifact, attribute }
            }
            Written::FileMember { of: (artifact, path, key) } => {
                ParameterValue::FileMember { file: FileInArtifact { artifact, path }, key }
            }
        };
        (name, value)
    });
    Ok(values.collect())
}

/// What a stack operation is given, and what is to be said of it.
pub struct Settings {
    pub parameters: Vec<Parameter>,
    pub tags: Vec<Tag>,
    /// A remark for the action's summary.
    pub remark: &'static str,
}

impl Settings {
    pub async fn read(content: &StackContent, context: &ActionContext) -> Result<Self, ActionFailure> {
        let file = match &content.configuration {
            None => TemplateConfiguration::default(),
            Some(file) => serde_json::from_str(&file.read(context).await?).map_err(|error| {
                let message = format!("{} is no template configuration: {error}", file.path);
                ActionFailure::new("ConfigurationError", message)
            })?,
        };
        let mut parameters = file.parameters;
        for (name, value) in &content.parameters {
            parameters.insert(name.clone(), value.resolve(context).await?);
        }
        let parameter = |(key, value)| Parameter::builder().parameter_key(key).parameter_value(value).build();
        let tag = |(key, value)| Tag::builder().key(key).value(value).build();
        Ok(Self {
            parameters: parameters.into_iter().map(parameter).collect(),
            tags: file.tags.into_iter().map(tag).collect(),
            remark: if file.stack_policy.is_some() { "; StackPolicy is not applied: a command sets it" } else { "" },
        })
    }
}

impl ParameterValue {
    async fn resolve(&self, context: &ActionContext) -> Result<String, ActionFailure> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::ArtifactAttribute { artifact, attribute } => {
                let place = context.input(artifact)?;
                Ok(match attribute {
                    ArtifactAttribute::BucketName => place.bucket.clone(),
                    ArtifactAttribute::ObjectKey => place.key.clone(),
                    ArtifactAttribute::Url => format!("{}/{}/{}", context.cloud.endpoint(), place.bucket, place.key),
                })
            }
            Self::FileMember { file, key } => {
                let text = file.read(context).await?;
                let value: Option<Value> = serde_json::from_str::<Value>(&text).ok().map(|json| json[key].clone());
                match value {
                    Some(Value::String(text)) => Ok(text),
                    Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(value.to_string()),
                    _ => {
                        let message = format!("{} in {} has no text {key}", file.path, file.artifact);
                        Err(ActionFailure::new("ConfigurationError", message))
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_are_texts_and_two_functions() {
        let text = r#"{"A": "b", "B": {"Fn::GetArtifactAtt": ["Package", "ObjectKey"]}, "C": {"Fn::GetParam": ["Package", "x.json", "k"]}}"#;
        let values = parse_overrides(Some(text)).unwrap();
        assert_eq!(values["A"], ParameterValue::Text("b".to_owned()));
        let attribute = ArtifactAttribute::ObjectKey;
        assert_eq!(values["B"], ParameterValue::ArtifactAttribute { artifact: "Package".to_owned(), attribute });
        let file = FileInArtifact { artifact: "Package".to_owned(), path: "x.json".to_owned() };
        assert_eq!(values["C"], ParameterValue::FileMember { file, key: "k".to_owned() });
    }

    #[test]
    fn other_values_and_too_many_bytes_are_refused() {
        for (text, named) in [
            (r#"{"A": 1}"#.to_owned(), "no JSON object of texts"),
            (r#"{"A": {"Fn::GetArtifactAtt": ["Package", "Size"]}}"#.to_owned(), "no JSON object of texts"),
            (format!(r#"{{"A": "{}"}}"#, "x".repeat(1024)), "1024 are allowed"),
        ] {
            assert!(parse_overrides(Some(&text)).unwrap_err().contains(named), "{text}");
        }
    }
}
