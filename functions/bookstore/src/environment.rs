//! What `template.yaml` tells a function in its environment.

use std::env;

use crate::domain::CoversUrl;

/// The function was started without something that its code needs.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {name} must be set")]
pub struct MissingVariable {
    name: &'static str,
    source: env::VarError,
}

pub fn variable(name: &'static str) -> Result<String, MissingVariable> {
    env::var(name).map_err(|source| MissingVariable { name, source })
}

/// Where browsers find covers.
pub fn covers_url() -> Result<CoversUrl, MissingVariable> {
    variable("COVERS_URL").map(CoversUrl::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_variable_is_named() {
        let error = variable("NOBODY_SETS_THIS").unwrap_err();
        assert_eq!(error.to_string(), "the environment variable NOBODY_SETS_THIS must be set");
        assert!(variable("CARGO_MANIFEST_DIR").is_ok());
    }
}
