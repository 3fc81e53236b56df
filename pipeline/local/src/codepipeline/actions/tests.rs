use super::*;

fn action(category: &str, provider: &str, configuration: &[(&str, &str)]) -> ActionDeclaration {
    serde_json::from_value(serde_json::json!({
        "name": "Act",
        "actionTypeId": { "category": category, "owner": "AWS", "provider": provider, "version": "1" },
        "configuration": configuration.iter().copied().collect::<BTreeMap<_, _>>(),
        "inputArtifacts": [{ "name": "In" }],
    }))
    .unwrap()
}

fn parse(category: &str, provider: &str, configuration: &[(&str, &str)]) -> Result<Action, String> {
    let action = action(category, provider, configuration);
    Action::parse(&action, &action.configuration)
}

#[test]
fn what_the_local_pipeline_does_not_have_is_refused_by_name() {
    let source = [("RepositoryName", "shop"), ("BranchName", "main")];
    let not_polling = [source[0], source[1], ("PollForSourceChanges", "false")];
    let deploy = [("ActionMode", "CREATE"), ("StackName", "shop"), ("RoleArn", "role")];
    for (category, provider, configuration, named) in [
        ("Invoke", "StepFunctions", &[][..], "Invoke/AWS/StepFunctions/1"),
        ("Source", "S3", &[("S3Bucket", "b"), ("S3ObjectKey", "k")], "PollForSourceChanges"),
        ("Deploy", "S3", &[("BucketName", "b"), ("Extract", "false")], "ObjectKey"),
        ("Deploy", "S3", &[("BucketName", "b"), ("Extract", "maybe")], "Extract: maybe"),
        ("Invoke", "Lambda", &[], "FunctionName"),
        ("Source", "CodeCommit", &source, "PollForSourceChanges"),
        ("Source", "CodeCommit", &not_polling[1..], "RepositoryName"),
        ("Deploy", "CloudFormation", &deploy, "CREATE"),
        ("Build", "CodeBuild", &[("ProjectName", "shop"), ("CombineArtifacts", "true")], "CombineArtifacts"),
        ("Build", "CodeBuild", &[], "ProjectName"),
    ] {
        let refusal = parse(category, provider, configuration).unwrap_err();
        assert!(refusal.contains(named), "{refusal}");
    }
    parse("Source", "CodeCommit", &not_polling).unwrap();
}

#[test]
fn a_change_set_action_takes_its_template_from_an_artifact() {
    let configuration = [
        ("ActionMode", "CHANGE_SET_REPLACE"),
        ("StackName", "shop-staging"),
        ("ChangeSetName", "pipeline"),
        ("RoleArn", "role"),
        ("Capabilities", "CAPABILITY_IAM,CAPABILITY_AUTO_EXPAND"),
        ("TemplatePath", "Build::packaged.yaml"),
    ];
    parse("Deploy", "CloudFormation", &configuration).unwrap();

    let mut without_artifact = configuration;
    without_artifact[5].1 = "packaged.yaml";
    assert!(parse("Deploy", "CloudFormation", &without_artifact).unwrap_err().contains("Artifact::path"));
}
