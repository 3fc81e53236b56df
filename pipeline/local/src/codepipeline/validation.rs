//! What makes a declaration a pipeline, checked before anything runs.

use std::collections::BTreeSet;

use super::actions::Action;
use super::declaration::{ExecutionMode, PipelineDeclaration, PipelineType};
use crate::api::ApiError;

/// Refuses a declaration that AWS or the local service would not run, with one sentence that names the reason.
pub fn check(pipeline: &PipelineDeclaration) -> Result<(), ApiError> {
    broken_rule(pipeline).map_or(Ok(()), |reason| {
        Err(ApiError::new("InvalidStructureException", format!("the pipeline {}: {reason}", pipeline.name)))
    })
}

fn broken_rule(pipeline: &PipelineDeclaration) -> Option<String> {
    let is_name = |name: &str| {
        (1..=100).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || ".@-_".contains(c))
    };
    if !is_name(&pipeline.name) {
        return Some("its name may have 1 to 100 letters, digits and .@-_".to_owned());
    }
    if pipeline.pipeline_type != PipelineType::V2 {
        return Some("the local CodePipeline has the type V2 only: set PipelineType: V2".to_owned());
    }
    if pipeline.execution_mode == ExecutionMode::Parallel {
        return Some(
            "the local CodePipeline has the modes QUEUED and SUPERSEDED: set ExecutionMode: QUEUED".to_owned(),
        );
    }
    if pipeline.artifact_store.r#type != "S3" {
        return Some(format!("{} is no type of artifact store, S3 is", pipeline.artifact_store.r#type));
    }
    if pipeline.stages.len() < 2 {
        return Some("a pipeline has at least two stages".to_owned());
    }
    let mut stages = BTreeSet::new();
    let mut artifacts = BTreeSet::new();
    let mut namespaces = BTreeSet::from(["codepipeline", "variables"]);
    for (index, stage) in pipeline.stages.iter().enumerate() {
        if !is_name(&stage.name) || !stages.insert(stage.name.as_str()) {
            return Some(format!("the stage name {} is no name or stands twice", stage.name));
        }
        let mut names = BTreeSet::new();
        let mut actions = stage.actions.iter().collect::<Vec<_>>();
        actions.sort_by_key(|action| action.run_order);
        if actions.is_empty() {
            return Some(format!("the stage {} has no action", stage.name));
        }
        for action in actions {
            if !is_name(&action.name) || !names.insert(action.name.as_str()) {
                return Some(format!("the action name {} is no name or stands twice in {}", action.name, stage.name));
            }
            if !(1..=999).contains(&action.run_order) {
                return Some(format!("the action {} has a run order outside 1 to 999", action.name));
            }
            let is_approval = action.action_type_id.category == "Approval";
            if action.timeout_in_minutes.is_some_and(|minutes| !is_approval || !(5..=86_400).contains(&minutes)) {
                return Some(format!(
                    "the action {} has a TimeoutInMinutes; it is for manual approvals, and 5 to 86400",
                    action.name
                ));
            }
            if let Some((key, _)) = action.configuration.iter().find(|(_, value)| value.chars().count() > 1000) {
                return Some(format!("the action {} has more than 1000 characters in {key}", action.name));
            }
            if (action.action_type_id.category == "Source") != (index == 0) {
                return Some("source actions stand in the first stage, and no other actions do".to_owned());
            }
            if let Err(reason) = Action::parse(action, &action.configuration) {
                return Some(reason);
            }
            if let Some(input) = action.input_artifacts.iter().find(|input| !artifacts.contains(input.name.as_str())) {
                return Some(format!(
                    "the action {} takes the artifact {}, which no earlier action makes",
                    action.name, input.name
                ));
            }
            if action.action_type_id.category == "Source" && action.output_artifacts.len() != 1 {
                return Some(format!("the source {} makes exactly one artifact", action.name));
            }
            for output in &action.output_artifacts {
                if !artifacts.insert(output.name.as_str()) {
                    return Some(format!("the artifact {} is made twice", output.name));
                }
            }
            if let Some(namespace) = &action.namespace
                && !namespaces.insert(namespace)
            {
                return Some(format!("the namespace {namespace} stands twice"));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn pipeline() -> Value {
        json!({
            "name": "shop", "roleArn": "role", "pipelineType": "V2", "executionMode": "QUEUED",
            "artifactStore": { "type": "S3", "location": "bucket" },
            "stages": [
                { "name": "Source", "actions": [{
                    "name": "Commit",
                    "actionTypeId": { "category": "Source", "owner": "AWS", "provider": "CodeCommit", "version": "1" },
                    "configuration": { "RepositoryName": "shop", "BranchName": "main", "PollForSourceChanges": false },
                    "outputArtifacts": [{ "name": "Source" }],
                }]},
                { "name": "Build", "actions": [{
                    "name": "Build",
                    "actionTypeId": { "category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1" },
                    "configuration": { "ProjectName": "shop" },
                    "inputArtifacts": [{ "name": "Source" }],
                }]},
            ],
        })
    }

    fn refusal(change: impl FnOnce(&mut Value)) -> Option<String> {
        let mut value = pipeline();
        change(&mut value);
        check(&serde_json::from_value(value).unwrap()).err().map(|error| error.message)
    }

    #[test]
    fn a_whole_pipeline_passes() {
        assert_eq!(refusal(|_| ()), None);
    }

    #[test]
    fn each_broken_rule_is_named() {
        type Change = fn(&mut Value);
        let cases: [(&str, Change); 10] = [
            ("V2", |p| p["pipelineType"] = json!("V1")),
            ("QUEUED", |p| p["executionMode"] = json!("PARALLEL")),
            ("two stages", |p| p["stages"].as_array_mut().unwrap().truncate(1)),
            ("stands twice", |p| p["stages"][1]["name"] = json!("Source")),
            ("no earlier action makes", |p| p["stages"][1]["actions"][0]["inputArtifacts"][0]["name"] = json!("Other")),
            ("made twice", |p| p["stages"][1]["actions"][0]["outputArtifacts"] = json!([{ "name": "Source" }])),
            ("exactly one artifact", |p| p["stages"][0]["actions"][0]["outputArtifacts"] = json!([])),
            ("Invoke/AWS/StepFunctions/1", |p| {
                p["stages"][1]["actions"][0]["actionTypeId"]["category"] = json!("Invoke");
                p["stages"][1]["actions"][0]["actionTypeId"]["provider"] = json!("StepFunctions");
            }),
            ("more than 1000 characters in ProjectName", |p| {
                p["stages"][1]["actions"][0]["configuration"]["ProjectName"] = json!("x".repeat(1001));
            }),
            ("TimeoutInMinutes", |p| p["stages"][1]["actions"][0]["timeoutInMinutes"] = json!(5)),
        ];
        for (named, change) in cases {
            let refusal = refusal(change).expect(named);
            assert!(refusal.contains(named), "{refusal}");
        }
    }

    #[test]
    fn a_property_that_the_service_does_not_act_on_is_named() {
        let mut value = pipeline();
        value["stages"][1]["onFailure"] = json!({ "result": "ROLLBACK", "conditions": [] });
        let error = serde_json::from_value::<PipelineDeclaration>(value.clone()).unwrap_err();
        assert!(error.to_string().contains("conditions"), "{error}");
        value["stages"][1]["onFailure"] = json!({ "result": "ROLLBACK" });
        value["stages"][1]["beforeEntry"] = json!({});
        let error = serde_json::from_value::<PipelineDeclaration>(value).unwrap_err();
        assert!(error.to_string().contains("beforeEntry"), "{error}");
    }
}
