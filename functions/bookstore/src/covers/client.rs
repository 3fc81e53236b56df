//! The client of S3, made once for the life of the process.

pub use aws_sdk_s3::Client;
use aws_sdk_s3::config::{self, RequestChecksumCalculation};

use crate::aws;

pub async fn client() -> Client {
    Client::from_conf(settings(config::Builder::from(&aws::config().await)))
}

pub(super) fn settings(builder: config::Builder) -> config::Config {
    builder
        // The bucket in the path and not in the host name: that works with AWS, and with every endpoint that is an
        // address or has a certificate for one name.
        .force_path_style(true)
        // Else the SDK would sign a checksum into the URL for an upload, of a body that it does not have: a browser could
        // upload nothing but the empty file.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .build()
}
