//! What can go wrong with the table.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::domain::InvalidCursor;

#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Throttled, out of time or not reachable, after all attempts. The same request may succeed later.
    #[error("the table does not answer in time")]
    Busy(#[source] Box<dyn Error + Send + Sync>),
    /// The request is wrong or not permitted: trying again is of no use.
    #[error("the table refused a request")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
    /// An item is not what this version of the code writes and reads.
    #[error("an item of the table has an unexpected shape")]
    Shape(#[source] serde_dynamo::Error),
    /// The client's cursor is not one of this list.
    #[error("the cursor belongs to another list")]
    Cursor(#[source] InvalidCursor),
}

impl StorageError {
    pub(super) fn refused(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Refused(error.into())
    }

    /// What was read had changed before it was written, again and again.
    pub(super) fn restless() -> Self {
        Self::Busy("the item changes faster than it can be written".into())
    }
}

impl<E: ProvideErrorMetadata + Error + Send + Sync + 'static> From<SdkError<E>> for StorageError {
    fn from(error: SdkError<E>) -> Self {
        let busy = match &error {
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
            SdkError::ServiceError(service) => {
                service.raw().status().is_server_error() || service.err().code().is_some_and(passes)
            }
            _ => false,
        };
        if busy { Self::Busy(error.into()) } else { Self::Refused(error.into()) }
    }
}

/// DynamoDB answers 400 to what is too much at present.
fn passes(code: &str) -> bool {
    let codes = [
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionConflictException",
    ];
    codes.contains(&code)
}
