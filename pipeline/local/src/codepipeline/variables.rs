//! `#{namespace.key}` in an action's configuration.

use std::collections::BTreeMap;

/// Values by namespace and key, as the actions that ran before have put them there.
pub type Namespaces = BTreeMap<String, BTreeMap<String, String>>;

/// Replaces each `#{namespace.key}` in `text`; a variable that nobody produced is an error that names it.
pub fn resolve(text: &str, namespaces: &Namespaces) -> Result<String, String> {
    let mut resolved = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("#{") {
        let Some(length) = rest[start..].find('}') else { break };
        let name = &rest[start + 2..start + length];
        let value = name
            .split_once('.')
            .and_then(|(namespace, key)| namespaces.get(namespace)?.get(key))
            .ok_or_else(|| format!("the variable #{{{name}}} has no value: no earlier action produced it"))?;
        resolved.push_str(&rest[..start]);
        resolved.push_str(value);
        rest = &rest[start + length + 1..];
    }
    resolved.push_str(rest);
    Ok(resolved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn namespaces() -> Namespaces {
        let source = BTreeMap::from([("CommitId".to_owned(), "abc".to_owned())]);
        BTreeMap::from([("Source".to_owned(), source)])
    }

    #[test]
    fn variables_are_replaced_wherever_they_stand() {
        for (text, expected) in [
            ("", ""),
            ("plain #text", "plain #text"),
            ("#{Source.CommitId}", "abc"),
            ("a #{Source.CommitId}-#{Source.CommitId} b", "a abc-abc b"),
            ("#{unclosed", "#{unclosed"),
        ] {
            assert_eq!(resolve(text, &namespaces()).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn a_variable_without_a_value_is_named() {
        for text in ["#{Source.Branch}", "#{Build.CommitId}", "#{CommitId}"] {
            assert!(resolve(text, &namespaces()).unwrap_err().contains(text));
        }
    }
}
