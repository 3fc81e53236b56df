//! Stages and actions, as a pipeline's declaration has them.

use serde_json::{Value, json};

pub fn stage(name: &str, actions: &[Value]) -> Value {
    json!({ "name": name, "actions": actions })
}

fn action(name: &str, category: &str, provider: &str, configuration: Value) -> Value {
    json!({
        "name": name,
        "actionTypeId": { "category": category, "owner": "AWS", "provider": provider, "version": "1" },
        "configuration": configuration,
    })
}

/// An action with more of its members: run order, artifacts, namespace.
pub fn with(mut action: Value, members: Value) -> Value {
    if let (Value::Object(action), Value::Object(members)) = (&mut action, members) {
        action.extend(members);
    }
    action
}

pub fn source(repository: &str) -> Value {
    let configuration = json!({ "RepositoryName": repository, "BranchName": "main", "PollForSourceChanges": "false" });
    let members = json!({ "outputArtifacts": [{ "name": "Source" }], "namespace": "Commit" });
    stage("Source", &[with(action("Source", "Source", "CodeCommit", configuration), members)])
}

pub fn build(project: &str) -> Value {
    let members = json!({ "inputArtifacts": [{ "name": "Source" }], "outputArtifacts": [{ "name": "Package" }], "namespace": "Build" });
    stage("Build", &[with(action("Build", "Build", "CodeBuild", json!({ "ProjectName": project })), members)])
}

/// A stage that makes a change set of `template.yaml` in the package, and executes it.
pub fn deploy(name: &str, stack: &str, role: &str) -> Value {
    let change_set = |mode: &str| json!({ "ActionMode": mode, "StackName": stack, "ChangeSetName": "pipeline" });
    let mut create = change_set("CHANGE_SET_REPLACE");
    create["RoleArn"] = json!(role);
    create["TemplatePath"] = json!("Package::template.yaml");
    create["Capabilities"] = json!("CAPABILITY_NAMED_IAM");
    let input = json!({ "inputArtifacts": [{ "name": "Package" }] });
    stage(
        name,
        &[
            with(action("CreateChangeSet", "Deploy", "CloudFormation", create), input),
            with(
                action("ExecuteChangeSet", "Deploy", "CloudFormation", change_set("CHANGE_SET_EXECUTE")),
                json!({ "runOrder": 2 }),
            ),
        ],
    )
}

pub fn approval(name: &str) -> Value {
    stage(name, &[approve(json!({}))])
}

pub fn approve(configuration: Value) -> Value {
    action("Approve", "Approval", "Manual", configuration)
}

/// An action of any type, to be refused or tried.
pub fn any(name: &str, category: &str, provider: &str, configuration: Value) -> Value {
    action(name, category, provider, configuration)
}
