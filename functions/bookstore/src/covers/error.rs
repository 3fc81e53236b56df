//! What can go wrong with a bucket.

use std::error::Error;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::http::Problem;

#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// Throttled, out of time or not reachable, after all attempts. The same request may succeed later.
    #[error("the bucket does not answer in time")]
    Busy(#[source] Box<dyn Error + Send + Sync>),
    /// The request is wrong or not permitted: trying again is of no use.
    #[error("the bucket refused a request")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
}

impl<E: ProvideErrorMetadata + Error + Send + Sync + 'static> From<SdkError<E>> for BucketError {
    fn from(error: SdkError<E>) -> Self {
        let busy = match &error {
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
            // Also when it is too much: S3 then answers 503.
            SdkError::ServiceError(service) => service.raw().status().is_server_error(),
            _ => false,
        };
        if busy { Self::Busy(error.into()) } else { Self::Refused(error.into()) }
    }
}

impl From<BucketError> for Problem {
    fn from(error: BucketError) -> Self {
        match error {
            BucketError::Busy(_) => Self::busy(1, error),
            BucketError::Refused(_) => Self::internal(error),
        }
    }
}
