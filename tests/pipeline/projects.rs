//! Projects as other people write them, in other languages, and what their buildspecs ask of CodeBuild.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::Test;
use crate::cloud::Cloud;
use crate::delivery::Delivery;
use crate::stages::{any, source, stage, with};

pub const TESTS: &[(&str, Test)] = &[
    ("a_python_project_with_pytest_and_coverage", python),
    ("a_node_project_with_two_artifacts", node),
    ("secrets_come_with_the_service_roles_rights_and_stay_hidden", secrets),
    ("builds_take_several_inputs_and_git_finds_codecommit", inputs),
];

fn python(cloud: &Cloud) -> Result<()> {
    let delivery = Delivery::new(
        cloud,
        "python",
        &[source("python"), build("python", &["Package"]), publish("python", "Package")],
    )?;
    let execution = push(&delivery, "python")?;
    delivery.ends_as(&execution, "Succeeded")?;

    let build = build_of(&delivery, &execution, "Build")?;
    let exported = &build["exportedEnvironmentVariables"];
    ensure!(*exported == json!([{ "name": "VERSION", "value": "1.4.0" }]), "{exported}");
    let reports = reports_of(cloud, &build)?;
    let coverage = &reports[0]["codeCoverageSummary"];
    ensure!(reports[0]["name"] == "python-coverage" && reports[0]["type"] == "CODE_COVERAGE", "{reports}");
    // Nine statements, and one branch that has two ways.
    ensure!(coverage["linesMissed"] == 1 && coverage["branchesCovered"] == 1, "{coverage}");
    let counts = &reports[1]["testSummary"]["statusCounts"];
    ensure!(reports[1]["name"] == "python-unit" && counts["SUCCEEDED"] == 5 && counts["SKIPPED"] == 1, "{reports}");

    let files = published(&delivery)?;
    let has = |name: &str| files.iter().any(|file| file == name);
    ensure!(has("links/handler.py") && has("itsdangerous/__init__.py"), "{files:?}");
    ensure!(!files.iter().any(|file| file.contains("__pycache__")), "{files:?}");
    Ok(())
}

fn node(cloud: &Cloud) -> Result<()> {
    let stages = [source("node"), build("node", &["Site", "Api"]), publish("node", "Site")];
    let delivery = Delivery::new(cloud, "node", &stages)?;
    let execution = push(&delivery, "node")?;
    delivery.ends_as(&execution, "Succeeded")?;
    let reports = reports_of(cloud, &build_of(&delivery, &execution, "Build")?)?;
    ensure!(reports[0]["testSummary"]["statusCounts"]["SUCCEEDED"] == 5, "{reports}");
    let files = published(&delivery)?;
    ensure!(files == ["index.html", "version.txt"], "{files:?}");

    // Its tests fail: they are counted, and nothing is packed.
    let hours = fs::read_to_string(folder("node").join("src/hours.mjs"))?.replace("'closed'", "'10 to 12'");
    let execution = delivery.deliver(&[("src/hours.mjs", &hours)])?;
    delivery.ends_as(&execution, "Failed")?;
    let reports = reports_of(cloud, &build_of(&delivery, &execution, "Build")?)?;
    let report = &reports[0];
    ensure!(report["status"] == "FAILED" && report["testSummary"]["statusCounts"]["FAILED"] == 1, "{report}");
    let cases = cloud.aws(
        "codebuild",
        "describe_test_cases",
        json!({ "reportArn": report["arn"], "filter": { "status": "FAILED" } }),
    )?;
    ensure!(cases["testCases"][0]["name"] == "are none on Sundays", "{cases}");
    Ok(())
}

const SECRETIVE: &str = "
version: 0.2
env:
  parameter-store: {WORD: /secrets/word}
  secrets-manager: {PASSWORD: 'secrets-database:password'}
phases:
  build:
    commands:
      - test $WORD-$PASSWORD-$TOKEN = plough-xyzzy-plugh
      - echo \"the words are $WORD, $PASSWORD and $TOKEN\"
";

fn secrets(cloud: &Cloud) -> Result<()> {
    let parameter = |name: &str, value: &str| json!({ "Name": name, "Value": value, "Type": "SecureString" });
    cloud.aws("ssm", "put_parameter", parameter("/secrets/word", "plough"))?;
    cloud.aws("ssm", "put_parameter", parameter("/secrets/token", "plugh"))?;
    let secret = json!({ "Name": "secrets-database", "SecretString": r#"{"password": "xyzzy"}"# });
    cloud.aws("secretsmanager", "create_secret", secret)?;
    let variables = json!([{ "name": "TOKEN", "value": "/secrets/token", "type": "PARAMETER_STORE" }]);
    let configuration = json!({ "ProjectName": "secrets", "EnvironmentVariables": variables.to_string() });
    let action =
        with(any("Build", "Build", "CodeBuild", configuration), json!({ "inputArtifacts": [{ "name": "Source" }] }));
    let delivery = Delivery::new(cloud, "secrets", &[source("secrets"), stage("Build", &[action])])?;

    let attempt = |statements: Value, commit: &str| -> Result<(String, Value)> {
        let policy = json!({ "Version": "2012-10-17", "Statement": statements });
        let input =
            json!({ "RoleName": "secrets-build", "PolicyName": "secrets", "PolicyDocument": policy.to_string() });
        cloud.aws("iam", "put_role_policy", input)?;
        let execution = delivery.deliver(&[("buildspec.yml", SECRETIVE), ("attempt", commit)])?;
        let status = delivery.execution_ended(&execution)?;
        Ok((status, build_of(&delivery, &execution, "Build")?))
    };
    let parameters = json!({ "Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "*" });
    let secrets = json!({ "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*" });
    let refusals = [
        (json!([secrets]), "Decrypted Variables Error", "ssm:GetParameters"),
        (json!([parameters]), "Secrets Manager Error", "secretsmanager:GetSecretValue"),
    ];
    for (statements, code, action) in refusals {
        let (_, build) = attempt(statements, code)?;
        let phases = build["phases"].as_array().context("the build has no phases")?;
        let failed = phases.iter().find(|phase| phase["phaseStatus"] == "FAILED").context("no phase has failed")?;
        let context = &failed["contexts"][0];
        ensure!(failed["phaseType"] == "DOWNLOAD_SOURCE" && context["statusCode"] == code, "{failed}");
        ensure!(context["message"].as_str().is_some_and(|message| message.contains(action)), "{failed}");
    }
    let (status, build) = attempt(json!([parameters, secrets]), "with all rights")?;
    let log = log_of(cloud, &build)?;
    ensure!(status == "Succeeded", "{log}");
    ensure!(log.contains("the words are ***, *** and ***"), "{log}");
    ensure!(["plough", "xyzzy", "plugh"].iter().all(|word| !log.contains(word)), "{log}");
    Ok(())
}

/// In the first action it makes an artifact, which the second one takes in beside the source.
const TWICE: &str = "
version: 0.2
env: {git-credential-helper: yes}
phases:
  build:
    commands:
      - mkdir -p out && echo \"made of $(cat word)\" > out/note
      - if [ -n \"$CODEBUILD_SRC_DIR_Package\" ]; then grep 'made of reeds' \"$CODEBUILD_SRC_DIR_Package/note\"; fi
      - git clone --quiet https://git-codecommit.us-east-1.amazonaws.com/v1/repos/inputs again && cmp word again/word
artifacts: {base-directory: out, files: [note]}
";

fn inputs(cloud: &Cloud) -> Result<()> {
    let configuration = json!({ "ProjectName": "inputs", "PrimarySource": "Source" });
    let artifacts = json!({ "inputArtifacts": [{ "name": "Package" }, { "name": "Source" }] });
    let again = stage("Again", &[with(any("Again", "Build", "CodeBuild", configuration), artifacts)]);
    let delivery = Delivery::new(cloud, "inputs", &[source("inputs"), build("inputs", &["Package"]), again])?;
    let execution = delivery.deliver(&[("buildspec.yml", TWICE), ("word", "reeds")])?;
    delivery.ends_as(&execution, "Succeeded")?;
    let log = log_of(cloud, &build_of(&delivery, &execution, "Again")?)?;
    ensure!(log.contains("\nmade of reeds"), "{log}");
    Ok(())
}

fn build(project: &str, outputs: &[&str]) -> Value {
    let outputs = outputs.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>();
    let artifacts = json!({ "inputArtifacts": [{ "name": "Source" }], "outputArtifacts": outputs });
    stage("Build", &[with(any("Build", "Build", "CodeBuild", json!({ "ProjectName": project })), artifacts)])
}

/// Unpacks an artifact into the bucket of the site.
fn publish(name: &str, artifact: &str) -> Value {
    let configuration = json!({ "BucketName": format!("{name}-site"), "Extract": "true" });
    let input = json!({ "inputArtifacts": [{ "name": artifact }] });
    stage("Publish", &[with(any("Publish", "Deploy", "S3", configuration), input)])
}

fn published(delivery: &Delivery) -> Result<Vec<String>> {
    let bucket = json!({ "Bucket": format!("{}-site", delivery.name) });
    let list = delivery.cloud.aws("s3", "list_objects_v2", bucket)?;
    let objects = list["Contents"].as_array().context("nothing was published")?;
    Ok(objects.iter().filter_map(|object| object["Key"].as_str().map(str::to_owned)).collect())
}

fn folder(project: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pipeline/projects").join(project)
}

/// Pushes one of the projects, and gives the execution that it starts.
fn push(delivery: &Delivery, project: &str) -> Result<String> {
    let mut files = Vec::new();
    read(&folder(project), "", &mut files)?;
    let files = files.iter().map(|(name, content)| (name.as_str(), content.as_str())).collect::<Vec<_>>();
    delivery.deliver(&files)
}

fn read(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        match entry.file_type()?.is_dir() {
            true => read(&entry.path(), &format!("{name}/"), files)?,
            false => files.push((name, fs::read_to_string(entry.path())?)),
        }
    }
    Ok(())
}

fn build_of(delivery: &Delivery, execution: &str, action: &str) -> Result<Value> {
    let filter = json!({ "filter": { "pipelineExecutionId": execution } });
    let list = delivery.call("list_action_executions", filter)?;
    let details = list["actionExecutionDetails"].as_array().context("there are no actions")?;
    let found = details.iter().find(|found| found["actionName"] == action).context("there is no such action")?;
    let id = &found["output"]["executionResult"]["externalExecutionId"];
    let builds = delivery.cloud.aws("codebuild", "batch_get_builds", json!({ "ids": [id] }))?;
    Ok(builds["builds"][0].clone())
}

/// By their names.
fn reports_of(cloud: &Cloud, build: &Value) -> Result<Value> {
    let mut answer = cloud.aws("codebuild", "batch_get_reports", json!({ "reportArns": build["reportArns"] }))?;
    let reports = answer["reports"].as_array_mut().context("there are no reports")?;
    reports.sort_by_key(|report| report["name"].to_string());
    Ok(answer["reports"].take())
}

fn log_of(cloud: &Cloud, build: &Value) -> Result<String> {
    let logs = &build["logs"];
    let stream =
        json!({ "logGroupName": logs["groupName"], "logStreamName": logs["streamName"], "startFromHead": true });
    let events = cloud.aws("logs", "get_log_events", stream)?;
    let events = events["events"].as_array().context("there is no log")?;
    Ok(events.iter().filter_map(|event| event["message"].as_str()).collect())
}
