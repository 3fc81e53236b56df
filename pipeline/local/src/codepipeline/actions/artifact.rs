//! Artifacts: the zips in S3 that actions hand to each other.

use std::io::{Cursor, Read, Write};
use std::time::Duration;

use anyhow::Context;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::{ActionContext, ActionFailure};
use crate::codepipeline::types::S3Location;

/// Of an artifact that a CloudFormation action reads. Source: "Quotas in AWS CodePipeline".
const LARGEST_FOR_CLOUDFORMATION: usize = 256 << 20;

pub type Archive = ZipArchive<Cursor<Vec<u8>>>;

/// `Artifact::path/in/artifact`.
#[derive(Debug, Clone, PartialEq)]
pub struct FileInArtifact {
    pub artifact: String,
    pub path: String,
}

impl FileInArtifact {
    pub fn parse(key: &str, text: &str) -> Result<Self, String> {
        match text.split_once("::") {
            Some((artifact, path)) if !artifact.is_empty() && !path.is_empty() => {
                Ok(Self { artifact: artifact.to_owned(), path: path.to_owned() })
            }
            _ => Err(format!("{key} is {text}; it reads Artifact::path/in/artifact")),
        }
    }

    /// The file's text, read with the action's role.
    pub async fn read(&self, context: &ActionContext) -> Result<String, ActionFailure> {
        let zip = fetch(context, context.input(&self.artifact)?).await?;
        if zip.len() > LARGEST_FOR_CLOUDFORMATION {
            let message =
                format!("the artifact {} is larger than 256 MB: hand on what CloudFormation needs", self.artifact);
            return Err(ActionFailure::new("ConfigurationError", message));
        }
        let mut archive = open(zip)?;
        let mut file = archive.by_name(&self.path).map_err(|error| {
            ActionFailure::new("ConfigurationError", format!("{} is not in {}: {error}", self.path, self.artifact))
        })?;
        let mut text = String::new();
        file.read_to_string(&mut text).with_context(|| format!("{} is no text", self.path))?;
        Ok(text)
    }
}

/// A presigned address of a text, which is put beside the artifact that it is from: by that, and not by its own rights,
/// CloudFormation reads a template.
pub async fn presigned(context: &ActionContext, file: &FileInArtifact, text: &str) -> Result<String, ActionFailure> {
    let artifact = context.input(&file.artifact)?;
    let key = format!("{}/{}", artifact.key, file.path);
    put(context, &S3Location { bucket: artifact.bucket.clone(), key: key.clone() }, text.as_bytes().to_vec()).await?;
    let config = PresigningConfig::expires_in(Duration::from_secs(3600)).context("no time to presign for")?;
    let request = context.session.s3().get_object().bucket(&artifact.bucket).key(key).presigned(config).await;
    Ok(request.map_err(|error| ActionFailure::sdk(&error))?.uri().to_owned())
}

/// An object, read with the action's role.
pub async fn fetch(context: &ActionContext, place: &S3Location) -> Result<Vec<u8>, ActionFailure> {
    let object = context.session.s3().get_object().bucket(&place.bucket).key(&place.key).send().await;
    let object = object.map_err(|error| ActionFailure::sdk(&error))?;
    Ok(object.body.collect().await.context("cannot read the artifact")?.into_bytes().into())
}

pub fn open(zip: Vec<u8>) -> Result<Archive, ActionFailure> {
    Ok(ZipArchive::new(Cursor::new(zip)).context("the artifact is no zip")?)
}

/// Makes an artifact of one file.
pub async fn write_file(
    context: &ActionContext,
    place: &S3Location,
    name: &str,
    text: &str,
) -> Result<(), ActionFailure> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file(name, SimpleFileOptions::default()).context("cannot write the artifact")?;
    archive.write_all(text.as_bytes()).context("cannot write the artifact")?;
    let zip = archive.finish().context("cannot write the artifact")?.into_inner();
    put(context, place, zip).await
}

pub async fn put(context: &ActionContext, place: &S3Location, content: Vec<u8>) -> Result<(), ActionFailure> {
    let put = context.session.s3().put_object().bucket(&place.bucket).key(&place.key).body(ByteStream::from(content));
    put.send().await.map_err(|error| ActionFailure::sdk(&error))?;
    Ok(())
}
