//! How the developer tools services speak: the two wire protocols of AWS and their errors.

mod time;
mod wire;

pub use time::Timestamp;
pub use wire::{Call, Reply};

/// An error as an AWS service answers it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// The exception's name in the service's model, such as `PipelineNotFoundException`.
    pub code: &'static str,
    /// One sentence for a person, with the remedy where there is one.
    pub message: String,
}

impl ApiError {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// What the local service does not do, refused by its name.
    pub fn unsupported(operation: &str) -> Self {
        Self::new("UnknownOperationException", format!("the local service does not support {operation}"))
    }
}

/// A failure of this machine (a full disk, say) rather than of the request.
impl From<anyhow::Error> for ApiError {
    fn from(error: anyhow::Error) -> Self {
        tracing::error!("{error:#}");
        Self::new("InternalFailure", format!("{error:#}"))
    }
}
