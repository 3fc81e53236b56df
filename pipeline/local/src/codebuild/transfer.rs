//! Artifacts between the artifact bucket and this machine, with the service role's rights.

use std::path::Path;

use anyhow::{Context, Result};
use aws_sdk_s3::primitives::ByteStream;
use tokio::io::AsyncWriteExt;

use super::archive::{self, Member};
use super::types::ArtifactLocation;
use crate::aws::{CallError, Session};

/// Fetches the zip at `from` and unpacks it into the folder `into`.
pub async fn download(session: &Session, from: &ArtifactLocation, into: &Path) -> Result<()> {
    let zip = fetch(session, from)
        .await
        .with_context(|| format!("cannot read the source s3://{}/{}", from.bucket, from.key))?;
    let into = into.to_owned();
    tokio::task::spawn_blocking(move || archive::unzip(zip.path(), &into)).await?
}

async fn fetch(session: &Session, from: &ArtifactLocation) -> Result<tempfile::NamedTempFile> {
    let object = session.s3().get_object().bucket(&from.bucket).key(&from.key).send().await;
    let mut body = object.map_err(|error| CallError::from_sdk(&error))?.body;
    let zip = tempfile::NamedTempFile::new()?;
    let mut file = tokio::fs::File::from_std(zip.reopen()?);
    while let Some(chunk) = body.try_next().await? {
        file.write_all(&chunk).await?;
    }
    file.flush().await?;
    Ok(zip)
}

/// Packs `members` and puts the zip to `to`, whole or not at all.
pub async fn upload(session: &Session, members: Vec<Member>, to: &ArtifactLocation) -> Result<()> {
    let zip = tempfile::NamedTempFile::new()?.into_temp_path();
    let zip = tokio::task::spawn_blocking(move || archive::zip(&zip, &members).map(|()| zip)).await??;
    let put = session
        .s3()
        .put_object()
        .bucket(&to.bucket)
        .key(&to.key)
        .content_type("application/zip")
        .body(ByteStream::from_path(&zip).await?);
    put.send()
        .await
        .map_err(|error| CallError::from_sdk(&error))
        .with_context(|| format!("cannot write the artifact {} to s3://{}/{}", to.name, to.bucket, to.key))?;
    Ok(())
}
