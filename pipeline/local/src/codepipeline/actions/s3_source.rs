//! The S3 source: a version of an object, which is a zip, becomes the first artifact.

use std::collections::BTreeMap;

use anyhow::Context;
use aws_sdk_s3::types::BucketVersioningStatus;

use super::{ActionContext, ActionFailure, Configuration, Outcome, artifact};
use crate::codepipeline::types::SourceRevision;

#[derive(Debug, Clone, PartialEq)]
pub struct S3Source {
    bucket: String,
    key: String,
    allows_other_keys: bool,
}

impl S3Source {
    pub fn parse(configuration: &mut Configuration) -> Result<Self, String> {
        // On AWS an omitted key means polling, and with an event rule beside it every upload then runs twice.
        if configuration.only("PollForSourceChanges", &["false"])?.is_none() {
            return Err("the S3 source needs PollForSourceChanges: 'false': the local CodePipeline does not poll, an \
                        EventBridge rule starts it"
                .to_owned());
        }
        let other_keys = configuration.only("AllowOverrideForS3ObjectKey", &["true", "false"])?;
        Ok(Self {
            bucket: configuration.required("S3Bucket")?,
            key: configuration.required("S3ObjectKey")?,
            allows_other_keys: other_keys.as_deref() == Some("true"),
        })
    }

    pub async fn run(&self, context: &ActionContext) -> Result<Outcome, ActionFailure> {
        let s3 = context.session.s3();
        let versioning = s3.get_bucket_versioning().bucket(&self.bucket).send().await;
        let versioning = versioning.map_err(|error| ActionFailure::sdk(&error))?;
        if versioning.status != Some(BucketVersioningStatus::Enabled) {
            let message =
                format!("the bucket {} keeps no versions: turn versioning on, a source needs it", self.bucket);
            return Err(ActionFailure::new("ConfigurationError", message));
        }
        let (key, version) = self.revision(context)?;
        let object = s3.get_object().bucket(&self.bucket).key(key).set_version_id(version.map(str::to_owned));
        let object = object.send().await.map_err(|error| ActionFailure::sdk(&error))?;
        let version = object.version_id.clone().unwrap_or_default();
        let etag = object.e_tag.clone().unwrap_or_default();
        let content = object.body.collect().await.context("cannot read the source")?.into_bytes();
        artifact::put(context, &context.outputs[0].s3location, content.into()).await?;

        let summary = format!("Amazon S3 version id: {version}");
        let revision = SourceRevision {
            action_name: String::new(),
            revision_id: version.clone(),
            revision_summary: summary.clone(),
        };
        let variables = BTreeMap::from([
            ("BucketName".to_owned(), self.bucket.clone()),
            ("ETag".to_owned(), etag.trim_matches('"').to_owned()),
            ("ObjectKey".to_owned(), key.to_owned()),
            ("VersionId".to_owned(), version),
        ]);
        Ok(Outcome { summary: Some(summary), variables, revision: Some(revision) })
    }

    /// The key, and the version where the execution was started for one.
    fn revision<'a>(&'a self, context: &'a ActionContext) -> Result<(&'a str, Option<&'a str>), ActionFailure> {
        match &context.pinned_revision {
            None => Ok((&self.key, None)),
            Some(pinned) if pinned.revision_type == "S3_OBJECT_VERSION_ID" => {
                Ok((&self.key, Some(&pinned.revision_value)))
            }
            Some(pinned) if self.allows_other_keys => Ok((&pinned.revision_value, None)),
            Some(_) => {
                let message =
                    "another object key needs AllowOverrideForS3ObjectKey: 'true' in the source's configuration";
                Err(ActionFailure::new("ConfigurationError", message))
            }
        }
    }
}
