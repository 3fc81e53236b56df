//! What the API answers and refuses.

use serde_json::json;

use super::{Bench, QUICK};

#[tokio::test]
async fn what_it_does_not_have_is_refused_by_its_name() {
    let bench = Bench::new(QUICK, "AllAtOnce", &[]).await;
    let group = |more: serde_json::Value| {
        let mut group =
            json!({ "applicationName": "a", "deploymentGroupName": "h", "serviceRoleArn": "arn:aws:iam::0:role/r" });
        group.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        group
    };
    let routing = |percentage: u32| {
        let canary = json!({ "canaryPercentage": percentage, "canaryInterval": 1 });
        json!({ "deploymentConfigName": "c", "computePlatform": "Lambda",
            "trafficRoutingConfig": { "type": "TimeBasedCanary", "timeBasedCanary": canary } })
    };
    let revision = |kind: &str| json!({ "applicationName": "a", "deploymentGroupName": "g", "revision": { "revisionType": kind } });
    for (operation, input, code, named) in [
        (
            "CreateApplication",
            json!({ "applicationName": "b", "computePlatform": "ECS" }),
            "InvalidComputePlatform",
            "ECS",
        ),
        ("CreateApplication", json!({ "applicationName": "b" }), "InvalidComputePlatform", "Server"),
        (
            "CreateApplication",
            json!({ "applicationName": "a", "computePlatform": "Lambda" }),
            "ApplicationAlreadyExists",
            "a",
        ),
        ("CreateDeploymentGroup", group(json!({ "ecsServices": [] })), "InvalidInput", "ecsServices"),
        (
            "CreateDeploymentGroup",
            group(json!({ "deploymentStyle": { "deploymentType": "IN_PLACE" } })),
            "InvalidInput",
            "IN_PLACE",
        ),
        (
            "CreateDeploymentGroup",
            group(json!({ "deploymentConfigName": "tea" })),
            "DeploymentConfigDoesNotExist",
            "tea",
        ),
        ("CreateDeploymentGroup", group(json!({ "applicationName": "b" })), "ApplicationDoesNotExist", "b"),
        ("CreateDeploymentConfig", routing(100), "InvalidTrafficRoutingConfiguration", "99 percent"),
        (
            "DeleteDeploymentConfig",
            json!({ "deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce" }),
            "InvalidOperation",
            "AWS",
        ),
        ("CreateDeployment", revision("S3"), "InvalidInput", "S3"),
        ("GetDeployment", json!({ "deploymentId": "d-0" }), "DeploymentDoesNotExist", "d-0"),
        ("TagResource", json!({ "ResourceArn": "arn:else", "Tags": [] }), "ApplicationDoesNotExist", "arn:else"),
        ("RegisterOnPremisesInstance", json!({}), "UnknownOperation", "RegisterOnPremisesInstance"),
    ] {
        let error = bench.call(operation, input).await.unwrap_err();
        assert!(error.starts_with(&format!("{code}Exception")) && error.contains(named), "{operation}: {error}");
    }
}

#[tokio::test]
async fn what_was_made_is_found_again_and_goes() {
    let bench = Bench::new(QUICK, "AllAtOnce", &[]).await;
    let linear =
        json!({ "type": "TimeBasedLinear", "timeBasedLinear": { "linearPercentage": 50, "linearInterval": 1 } });
    let config =
        json!({ "deploymentConfigName": "halves", "computePlatform": "Lambda", "trafficRoutingConfig": linear });
    bench.call("CreateDeploymentConfig", config).await.unwrap();
    let update = json!({ "applicationName": "a", "currentDeploymentGroupName": "g", "deploymentConfigName": "halves" });
    bench.call("UpdateDeploymentGroup", update).await.unwrap();
    let named = json!({ "applicationName": "a", "deploymentGroupName": "g" });
    let group = bench.call("GetDeploymentGroup", named.clone()).await.unwrap()["deploymentGroupInfo"].take();
    assert_eq!(
        (&group["deploymentConfigName"], &group["alarmConfiguration"]["enabled"]),
        (&json!("halves"), &json!(true))
    );
    let in_use = bench.call("DeleteDeploymentConfig", json!({ "deploymentConfigName": "halves" })).await.unwrap_err();
    assert!(in_use.starts_with("DeploymentConfigInUseException"), "{in_use}");

    let arn = json!("arn:aws:codedeploy:us-east-1:000000000000:deploymentgroup:a/g");
    let tag = |key: &str, value: &str| json!({ "Key": key, "Value": value });
    bench.call("TagResource", json!({ "ResourceArn": arn, "Tags": [tag("a", "1"), tag("b", "2")] })).await.unwrap();
    bench.call("TagResource", json!({ "ResourceArn": arn, "Tags": [tag("a", "3")] })).await.unwrap();
    bench.call("UntagResource", json!({ "ResourceArn": arn, "TagKeys": ["b"] })).await.unwrap();
    let tags = bench.call("ListTagsForResource", json!({ "ResourceArn": arn })).await.unwrap();
    assert_eq!(tags["Tags"], json!([tag("a", "3")]));

    let id = bench.deploy(json!([])).await.unwrap();
    bench.ended(&id).await;
    for (statuses, found) in
        [(json!(["Succeeded"]), json!([id])), (json!(["Failed"]), json!([])), (json!([]), json!([id]))]
    {
        let filter = json!({ "applicationName": "a", "deploymentGroupName": "g", "includeOnlyStatuses": statuses });
        assert_eq!(bench.call("ListDeployments", filter).await.unwrap()["deployments"], found);
    }
    let many = bench.call("BatchGetDeployments", json!({ "deploymentIds": [id, "d-0"] })).await.unwrap();
    assert_eq!(many["deploymentsInfo"].as_array().unwrap().len(), 1);
    let targets = bench.call("ListDeploymentTargets", json!({ "deploymentId": id })).await.unwrap();
    assert_eq!(targets["targetIds"], json!(["shop:live"]));

    bench.call("DeleteApplication", json!({ "applicationName": "a" })).await.unwrap();
    let gone = bench.call("GetDeploymentGroup", named).await.unwrap_err();
    assert!(gone.starts_with("ApplicationDoesNotExistException"), "{gone}");
}
