//! The S3 deploy action: an artifact's files, or the artifact itself, put into a bucket. What is there and not in the
//! artifact stays.

use std::io::Read;

use anyhow::Context;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ObjectCannedAcl;

use super::{ActionContext, ActionFailure, Configuration, Outcome, artifact};
use crate::codepipeline::declaration::ActionDeclaration;

#[derive(Debug, Clone, PartialEq)]
pub struct S3Deploy {
    artifact: String,
    bucket: String,
    form: Form,
    cache_control: Option<String>,
    canned_acl: Option<ObjectCannedAcl>,
}

#[derive(Debug, Clone, PartialEq)]
enum Form {
    /// Each file under this prefix, which may be empty.
    Files { prefix: String },
    /// The zip, as one object.
    Zip { key: String },
}

impl S3Deploy {
    pub fn parse(configuration: &mut Configuration, action: &ActionDeclaration) -> Result<Self, String> {
        let [input] = &action.input_artifacts[..] else {
            return Err(format!("the action {} takes exactly one input artifact", action.name));
        };
        let extract = configuration.required("Extract")?;
        let key = configuration.optional("ObjectKey");
        let form = match (extract.as_str(), key) {
            ("true", key) => {
                Form::Files { prefix: key.map_or_else(String::new, |key| format!("{}/", key.trim_matches('/'))) }
            }
            ("false", Some(key)) => Form::Zip { key },
            ("false", None) => return Err(format!("the action {} needs ObjectKey, as Extract is false", action.name)),
            _ => return Err(format!("the action {} has Extract: {extract}; it is true or false", action.name)),
        };
        Ok(Self {
            artifact: input.name.clone(),
            bucket: configuration.required("BucketName")?,
            form,
            cache_control: configuration.optional("CacheControl"),
            canned_acl: configuration.optional("CannedACL").as_deref().map(ObjectCannedAcl::from),
        })
    }

    pub async fn run(&self, context: &ActionContext) -> Result<Outcome, ActionFailure> {
        let zip = artifact::fetch(context, context.input(&self.artifact)?).await?;
        let count = match &self.form {
            Form::Zip { key } => {
                self.put(context, key, zip).await?;
                1
            }
            Form::Files { prefix } => self.put_files(context, prefix, zip).await?,
        };
        let files = if count == 1 { "1 object".to_owned() } else { format!("{count} objects") };
        Ok(Outcome { summary: Some(format!("{files} put into {}", self.bucket)), ..Outcome::default() })
    }

    async fn put_files(&self, context: &ActionContext, prefix: &str, zip: Vec<u8>) -> Result<usize, ActionFailure> {
        let mut archive = artifact::open(zip)?;
        let names = archive.file_names().map(|name| name.map(|name| name.into_owned())).collect::<Result<Vec<_>, _>>();
        let mut names = names.context("the artifact is broken")?;
        names.retain(|name| !name.ends_with('/'));
        names.sort();
        for name in &names {
            let mut content = Vec::new();
            archive
                .by_name(name)
                .context("the artifact is broken")?
                .read_to_end(&mut content)
                .with_context(|| format!("cannot unpack {name}"))?;
            self.put(context, &format!("{prefix}{name}"), content).await?;
        }
        Ok(names.len())
    }

    async fn put(&self, context: &ActionContext, key: &str, content: Vec<u8>) -> Result<(), ActionFailure> {
        let put = context
            .session
            .s3()
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(mime_guess::from_path(key).first_or_octet_stream().essence_str())
            .set_cache_control(self.cache_control.clone())
            .set_acl(self.canned_acl.clone())
            .body(ByteStream::from(content));
        put.send().await.map_err(|error| ActionFailure::sdk(&error))?;
        Ok(())
    }
}
