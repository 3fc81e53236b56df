//! The shop in AWS, as the processing of an upload sees it.

use bookstore::{
    covers::{self, CoverBucket, Pictures, UploadBucket, UploadKey},
    domain::Cover,
    metrics::{Metric, Metrics},
    storage::{Table, Upload},
};
use lambda_runtime::Error;

use crate::process::Shop;

/// Table and buckets, but for the one of the uploads: the event names that.
pub struct Cloud {
    table: Table,
    s3: covers::Client,
    covers: CoverBucket,
    metrics: Metrics,
}

pub struct CloudWithUploads<'a> {
    cloud: &'a Cloud,
    uploads: UploadBucket,
}

impl Cloud {
    pub async fn from_env() -> Result<Self, Error> {
        let s3 = covers::client().await;
        let covers = CoverBucket::from_env(s3.clone())?;
        Ok(Self { table: Table::from_env().await?, s3, covers, metrics: Metrics::from_env()? })
    }

    pub fn with_uploads(&self, bucket: String) -> CloudWithUploads<'_> {
        CloudWithUploads { cloud: self, uploads: UploadBucket::new(self.s3.clone(), bucket) }
    }
}

impl Shop for CloudWithUploads<'_> {
    async fn upload(&self, key: UploadKey) -> Result<Option<Upload>, Error> {
        Ok(self.cloud.table.upload(key.book, key.upload).await?)
    }

    async fn file(&self, key: UploadKey) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.uploads.read(key).await?)
    }

    async fn put(&self, cover: &Cover, pictures: Pictures) -> Result<(), Error> {
        Ok(self.cloud.covers.put(cover, pictures).await?)
    }

    async fn show(&self, key: UploadKey, cover: Cover) -> Result<Option<Cover>, Error> {
        Ok(self.cloud.table.show_cover(key.book, key.upload, cover).await?)
    }

    async fn fail(&self, key: UploadKey, reason: String) -> Result<bool, Error> {
        Ok(self.cloud.table.fail_upload(key.book, key.upload, reason).await?)
    }

    async fn delete(&self, cover: &Cover) -> Result<(), Error> {
        Ok(self.cloud.covers.delete(cover).await?)
    }

    fn record(&self, metric: Metric) {
        self.cloud.metrics.record(metric);
    }
}
