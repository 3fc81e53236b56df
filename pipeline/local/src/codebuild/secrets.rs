//! Values that a build takes from Parameter Store and Secrets Manager, with its service role's rights.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};

use super::buildspec::Env;
use super::refusal::Refusal;
use super::types::{EnvironmentVariable, VariableType};
use crate::aws::{JsonService, Session};

/// Variables by their names, and the values that a log must not show.
#[derive(Debug, Default)]
pub struct Secrets {
    pub of_buildspec: BTreeMap<String, String>,
    /// The project's variables and those of the action that started the build, plain ones too.
    pub of_project: BTreeMap<String, String>,
    pub values: Vec<String>,
}

pub async fn fetch(session: &Session, env: &Env, project: &[EnvironmentVariable]) -> Result<Secrets> {
    let mut secrets = Secrets::default();
    for (name, parameter) in &env.parameter_store {
        let value = parameter_of(session, parameter).await?;
        secrets.values.push(value.clone());
        secrets.of_buildspec.insert(name.clone(), value);
    }
    for (name, reference) in &env.secrets_manager {
        let value = secret_of(session, reference).await?;
        secrets.values.push(value.clone());
        secrets.of_buildspec.insert(name.clone(), value);
    }
    for EnvironmentVariable { name, value, variable_type } in project {
        let value = match variable_type {
            VariableType::Plaintext => value.clone(),
            VariableType::ParameterStore => parameter_of(session, value).await?,
            VariableType::SecretsManager => secret_of(session, value).await?,
        };
        if *variable_type != VariableType::Plaintext {
            if env.exported_variables.contains(name) {
                return Err(Refusal::yaml(format!(
                    "env/exported-variables: {name} is a secret and cannot be exported"
                ))
                .into());
            }
            secrets.values.push(value.clone());
        }
        secrets.of_project.insert(name.clone(), value);
    }
    // An empty value is everywhere.
    secrets.values.retain(|value| !value.is_empty());
    Ok(secrets)
}

async fn parameter_of(session: &Session, parameter: &str) -> Result<String> {
    let input = json!({ "Names": [parameter], "WithDecryption": true });
    let answer = session.call::<Value>(JsonService::SSM, "GetParameters", &input).await;
    let answer = answer.map_err(|error| Refusal::parameter(error.to_string()))?;
    let value = answer["Parameters"][0]["Value"].as_str();
    let value = value.ok_or_else(|| Refusal::parameter(format!("parameter does not exist: {parameter}")))?;
    Ok(value.to_owned())
}

/// What a secret is asked for by, and the key in its JSON.
#[derive(Debug, PartialEq)]
struct Reference<'a> {
    id: String,
    key: Option<&'a str>,
    stage: Option<&'a str>,
    version: Option<&'a str>,
}

impl<'a> Reference<'a> {
    /// Of `secret-id:json-key:version-stage:version-id`; a secret's ARN has colons of its own.
    fn parse(text: &'a str) -> Option<Self> {
        let parts = text.split(':').collect::<Vec<_>>();
        let of_id = if text.starts_with("arn:") { 7 } else { 1 };
        if parts.len() < of_id || parts.len() > of_id + 3 {
            return None;
        }
        let (id, rest) = parts.split_at(of_id);
        let part = |index: usize| rest.get(index).copied().filter(|part| !part.is_empty());
        Some(Self { id: id.join(":"), key: part(0), stage: part(1), version: part(2) })
    }
}

async fn secret_of(session: &Session, text: &str) -> Result<String> {
    let form = "secret-id:json-key:version-stage:version-id";
    let reference =
        Reference::parse(text).ok_or_else(|| Refusal::secret(format!("{text} is not of the form {form}")))?;
    let mut input = json!({ "SecretId": reference.id });
    for (member, value) in [("VersionStage", reference.stage), ("VersionId", reference.version)] {
        if let Some(value) = value {
            input[member] = json!(value);
        }
    }
    let answer = session.call::<Value>(JsonService::SECRETS_MANAGER, "GetSecretValue", &input).await;
    let answer = answer.map_err(|error| Refusal::secret(error.to_string()))?;
    let value = value_of(answer["SecretString"].as_str(), reference.key);
    Ok(value.map_err(|fault| Refusal::secret(format!("the secret {} {fault}", reference.id)))?)
}

/// The secret itself, or what its JSON has under a key.
fn value_of(secret: Option<&str>, key: Option<&str>) -> Result<String, String> {
    let secret = secret.ok_or("is no text")?;
    let Some(key) = key else { return Ok(secret.to_owned()) };
    let json: Value = serde_json::from_str(secret).map_err(|_| format!("is no JSON, so it has no key {key}"))?;
    match &json[key] {
        Value::String(value) => Ok(value.clone()),
        Value::Null => Err(format!("has no key {key}")),
        other => Ok(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_up_to_four_parts() {
        let arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf";
        let cases = [
            ("db", Some(("db", None, None, None))),
            ("db:password", Some(("db", Some("password"), None, None))),
            ("db::AWSPREVIOUS", Some(("db", None, Some("AWSPREVIOUS"), None))),
            ("db:password:AWSCURRENT:v1", Some(("db", Some("password"), Some("AWSCURRENT"), Some("v1")))),
            (arn, Some((arn, None, None, None))),
            ("db:a:b:c:d", None),
            ("arn:aws:secretsmanager", None),
        ];
        for (text, expected) in cases {
            let expected =
                expected.map(|(id, key, stage, version)| Reference { id: id.to_owned(), key, stage, version });
            assert_eq!(Reference::parse(text), expected, "{text}");
        }
        let with_key = format!("{arn}:password");
        assert_eq!(Reference::parse(&with_key).unwrap().key, Some("password"));
    }

    #[test]
    fn a_key_is_looked_up_in_json() {
        let json = r#"{"password": "plough", "port": 5432}"#;
        assert_eq!(value_of(Some(json), Some("password")).unwrap(), "plough");
        assert_eq!(value_of(Some(json), Some("port")).unwrap(), "5432");
        assert_eq!(value_of(Some("plain"), None).unwrap(), "plain");
        for (secret, key, expected) in [
            (Some(json), Some("user"), "has no key user"),
            (Some("plain"), Some("user"), "is no JSON"),
            (None, None, "is no text"),
        ] {
            assert!(value_of(secret, key).unwrap_err().contains(expected), "{secret:?} {key:?}");
        }
    }
}
