//! Manual approval: whom it asks, and what it tells them.

use serde_json::{Value, json};

use super::{ActionContext, ActionFailure, Configuration};
use crate::api::Timestamp;
use crate::aws::REGION;

#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    notification_arn: Option<String>,
    pub external_entity_link: Option<String>,
    pub custom_data: Option<String>,
}

impl Approval {
    pub fn parse(configuration: &mut Configuration) -> Result<Self, String> {
        Ok(Self {
            notification_arn: configuration.optional("NotificationArn"),
            external_entity_link: configuration.optional("ExternalEntityLink"),
            custom_data: configuration.optional("CustomData"),
        })
    }

    /// Tells the topic that somebody has to decide, where the action names one.
    pub async fn notify(
        &self,
        context: &ActionContext,
        stage: &str,
        action: &str,
        token: &str,
        expires: Timestamp,
    ) -> Result<(), ActionFailure> {
        let Some(topic) = &self.notification_arn else { return Ok(()) };
        let message = self.message(&context.pipeline, stage, action, token, expires);
        let subject = format!("APPROVAL NEEDED: AWS CodePipeline {} for action {action}", context.pipeline);
        let form = [
            ("Action", "Publish"),
            ("Version", "2010-03-31"),
            ("TopicArn", topic.as_str()),
            // A subject holds no more than 100 characters.
            ("Subject", subject.get(..100).unwrap_or(&subject)),
            ("Message", &message.to_string()),
        ];
        context.session.query("sns", &form).await?;
        Ok(())
    }

    /// The message's format. Source: "JSON data format for manual approval notifications" of the user guide.
    fn message(&self, pipeline: &str, stage: &str, action: &str, token: &str, expires: Timestamp) -> Value {
        let console =
            format!("https://console.aws.amazon.com/codesuite/codepipeline/pipelines/{pipeline}/view?region={REGION}");
        json!({
            "region": REGION,
            "consoleLink": console,
            "approval": {
                "pipelineName": pipeline,
                "stageName": stage,
                "actionName": action,
                "token": token,
                "expires": expires.rfc3339(),
                "externalEntityLink": self.external_entity_link,
                "approvalReviewLink": format!("{console}#/{stage}/{action}/approve/{token}"),
                "customData": self.custom_data,
            },
        })
    }
}
