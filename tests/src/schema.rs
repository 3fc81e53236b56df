//! The schemas of OpenAPI 3.0 as those of JSON Schema 2020-12.

use anyhow::{Context, Result};
use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

pub fn validator(document: &Value, schema: &Value) -> Result<Validator> {
    let schema = converted(document, schema, true)?;
    let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
    options.build(&schema).with_context(|| format!("no schema: {schema}"))
}

/// References replaced by what they name (no schema of ours contains itself), and `nullable` by a second type. Clients
/// shall ignore fields that they do not know, so the contract leaves answers open; a test shall see them: `closed`.
fn converted(document: &Value, schema: &Value, closed: bool) -> Result<Value> {
    let schema = resolved(document, schema)?;
    let mut converted_schema = Map::new();
    for (keyword, value) in schema.as_object().context("a schema that is no object")? {
        let value = match keyword.as_str() {
            "nullable" | "example" => continue,
            "type" if schema["nullable"] == true => json!([value, "null"]),
            "properties" => {
                let properties = value.as_object().context("properties that are no object")?.iter();
                let each = properties.map(|(name, one)| Ok((name.clone(), converted(document, one, true)?)));
                Value::Object(each.collect::<Result<_>>()?)
            }
            "items" => converted(document, value, true)?,
            "not" => converted(document, value, false)?,
            "allOf" => {
                let all = value.as_array().context("allOf that is no array")?;
                all.iter().map(|one| converted(document, one, false)).collect::<Result<_>>()?
            }
            _ => value.clone(),
        };
        converted_schema.insert(keyword.clone(), value);
    }
    let has = |keyword| schema.get(keyword).is_some();
    if closed && (has("properties") || has("allOf")) && !has("additionalProperties") {
        converted_schema.insert("unevaluatedProperties".into(), json!(false));
    }
    Ok(Value::Object(converted_schema))
}

/// What stands at the other end of a reference, or the thing itself.
pub fn resolved<'a>(document: &'a Value, value: &'a Value) -> Result<&'a Value> {
    match value["$ref"].as_str() {
        Some(reference) => {
            let pointer = reference.strip_prefix('#').with_context(|| format!("{reference} is elsewhere"))?;
            document.pointer(pointer).with_context(|| format!("{reference} names nothing"))
        }
        None => Ok(value),
    }
}

pub fn member<'a>(value: &'a Value, name: &str) -> Result<&'a Map<String, Value>> {
    value[name].as_object().with_context(|| format!("no {name}"))
}

/// Every example of the document with its schema, and where it stands.
pub fn examples(document: &Value) -> Vec<(String, &Value, &Value)> {
    fn collect<'a>(place: &str, value: &'a Value, found: &mut Vec<(String, &'a Value, &'a Value)>) {
        if let (Some(example), Some(schema)) = (value.get("example"), value.get("schema").or(Some(value))) {
            found.push((place.to_owned(), example, schema));
        }
        let members = value.as_object().into_iter().flatten().map(|(name, member)| (name.clone(), member));
        let elements = value.as_array().into_iter().flatten().enumerate();
        for (name, member) in members.chain(elements.map(|(index, element)| (index.to_string(), element))) {
            if name != "example" {
                collect(&format!("{place}/{name}"), member, found);
            }
        }
    }
    let mut found = Vec::new();
    collect("", document, &mut found);
    found
}
