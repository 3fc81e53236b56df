//! Why a build's source could not be prepared, in CodeBuild's words.

/// A status code of CodeBuild and its message.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    pub code: &'static str,
    pub message: String,
}

impl Refusal {
    /// The buildspec asks for what cannot be.
    pub fn yaml(message: impl Into<String>) -> Self {
        Self { code: "YAML_FILE_ERROR", message: message.into() }
    }

    /// A parameter cannot be had. The code is AWS's own (aws/aws-cdk, issue 9980).
    pub fn parameter(message: impl Into<String>) -> Self {
        Self { code: "Decrypted Variables Error", message: message.into() }
    }

    /// A secret cannot be had.
    pub fn secret(message: impl Into<String>) -> Self {
        Self { code: "Secrets Manager Error", message: message.into() }
    }
}
