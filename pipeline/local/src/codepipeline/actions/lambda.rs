//! The Lambda invoke action: a function is given a job, and says itself how it went.
//!
//! Source: "Invoke an AWS Lambda function in a pipeline" of the user guide.

use std::time::Duration;

use serde_json::{Value, json};

use super::{ActionContext, ActionFailure, Configuration, Outcome};
use crate::aws::ACCOUNT;
use crate::codepipeline::jobs::JobResult;
use crate::codepipeline::types::ArtifactDetail;

/// How long a function may take to answer.
const PATIENCE: Duration = Duration::from_secs(20 * 60);
/// Before a function is called again that asked to go on later.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, PartialEq)]
pub struct LambdaInvoke {
    function: String,
    user_parameters: Option<String>,
}

impl LambdaInvoke {
    pub fn parse(configuration: &mut Configuration) -> Result<Self, String> {
        Ok(Self {
            function: configuration.required("FunctionName")?,
            user_parameters: configuration.optional("UserParameters"),
        })
    }

    pub async fn run(&self, context: &ActionContext) -> Result<Outcome, ActionFailure> {
        let mut continuation = None;
        loop {
            let data = self.data(context, continuation.as_deref());
            let mut job = context.jobs.open(data.clone());
            let event = json!({ "CodePipeline.job": { "id": job.id, "accountId": ACCOUNT, "data": data } });
            let path = format!("/2015-03-31/functions/{}/invocations", self.function);
            let headers = [("x-amz-invocation-type", "Event")];
            context.session.post("lambda", &path, &headers, event.to_string().into_bytes()).await?;
            let _ = context.external_execution.send(job.id.clone());
            match tokio::time::timeout(PATIENCE, job.result()).await {
                Err(_) => {
                    let message = format!("{} has not answered within 20 minutes", self.function);
                    return Err(ActionFailure::new("JobFailed", message));
                }
                Ok(JobResult::Success { continuation_token: Some(token), .. }) => {
                    continuation = Some(token);
                    tokio::time::sleep(PAUSE).await;
                }
                Ok(JobResult::Success { variables, summary, .. }) => {
                    return Ok(Outcome { summary, variables, ..Outcome::default() });
                }
                Ok(JobResult::Failure { message }) => return Err(ActionFailure::new("JobFailed", message)),
            }
        }
    }

    fn data(&self, context: &ActionContext, continuation: Option<&str>) -> Value {
        let mut configuration = json!({ "FunctionName": self.function });
        if let Some(parameters) = &self.user_parameters {
            configuration["UserParameters"] = json!(parameters);
        }
        let credentials = context.session.credentials();
        let mut data = json!({
            "actionConfiguration": { "configuration": configuration },
            "inputArtifacts": context.inputs.iter().map(artifact).collect::<Vec<_>>(),
            "outputArtifacts": context.outputs.iter().map(artifact).collect::<Vec<_>>(),
            "artifactCredentials": {
                "accessKeyId": credentials.access_key_id(),
                "secretAccessKey": credentials.secret_access_key(),
                "sessionToken": credentials.session_token(),
            },
        });
        if let Some(token) = continuation {
            data["continuationToken"] = json!(token);
        }
        data
    }
}

fn artifact(artifact: &ArtifactDetail) -> Value {
    let place = &artifact.s3location;
    json!({
        "name": artifact.name,
        "revision": null,
        "location": { "type": "S3", "s3Location": { "bucketName": place.bucket, "objectKey": place.key } },
    })
}
