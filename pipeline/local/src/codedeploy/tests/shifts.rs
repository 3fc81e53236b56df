//! How traffic moves, and how it goes back.

use serde_json::json;

use super::{Bench, QUICK, SLOW, TOKEN_HEADER, World};
use crate::codedeploy::CodeDeploy;
use crate::store::Store;

#[tokio::test]
async fn traffic_moves_as_the_configuration_says() {
    let linear = ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9"].map(|share| format!("1+2:{share}"));
    let mut linear = linear.to_vec();
    linear.push("2".to_owned());
    for (config, routes) in [
        ("AllAtOnce", vec!["2".to_owned()]),
        ("Canary10Percent5Minutes", vec!["1+2:0.1".to_owned(), "2".to_owned()]),
        ("Linear10PercentEvery1Minute", linear),
    ] {
        let bench = Bench::new(QUICK, config, &[]).await;
        let id = bench.deploy(json!([])).await.unwrap();
        assert_eq!(bench.ended(&id).await["status"], "Succeeded", "{config}");
        assert_eq!(bench.routes(), routes, "{config}");
        let target = json!({ "deploymentId": id, "targetId": "shop:live" });
        let target = bench.call("GetDeploymentTarget", target).await.unwrap();
        assert_eq!(target["deploymentTarget"]["lambdaTarget"]["lambdaFunctionInfo"]["targetVersionWeight"], 1.0);
    }
}

#[tokio::test]
async fn what_goes_wrong_ends_a_deployment_with_its_reason() {
    struct Case {
        what: &'static str,
        rollback: &'static [&'static str],
        arrange: fn(&mut World),
        status: &'static str,
        code: &'static str,
        routes: &'static [&'static str],
        rolled_back: bool,
    }
    let alarm = &["DEPLOYMENT_STOP_ON_ALARM"][..];
    let failure = &["DEPLOYMENT_FAILURE"][..];
    let cases = [
        Case {
            what: "an alarm that rings already: nothing moves",
            rollback: alarm,
            arrange: |world| world.ringing = vec!["errors"],
            status: "Stopped",
            code: "ALARM_ACTIVE",
            routes: &[],
            rolled_back: false,
        },
        Case {
            what: "an alarm during the canary",
            rollback: alarm,
            arrange: |world| world.rings_at_shift = true,
            status: "Stopped",
            code: "ALARM_ACTIVE",
            routes: &["1+2:0.1", "1"],
            rolled_back: true,
        },
        Case {
            what: "an alarm, and no rollback",
            rollback: failure,
            arrange: |world| world.rings_at_shift = true,
            status: "Stopped",
            code: "ALARM_ACTIVE",
            routes: &["1+2:0.1"],
            rolled_back: false,
        },
        Case {
            what: "a role that may not",
            rollback: failure,
            arrange: |world| world.refuses_shift = true,
            status: "Failed",
            code: "IAM_ROLE_PERMISSIONS",
            routes: &["1"],
            rolled_back: true,
        },
        Case {
            what: "an alias that is elsewhere, and stays there",
            rollback: failure,
            arrange: |world| world.version = "7".to_owned(),
            status: "Failed",
            code: "INVALID_LAMBDA_CONFIGURATION",
            routes: &[],
            rolled_back: false,
        },
    ];
    for case in cases {
        let bench = Bench::new(SLOW, "Canary10Percent5Minutes", case.rollback).await;
        (case.arrange)(&mut bench.world.lock().unwrap());
        let id = bench.deploy(json!([])).await.unwrap();
        let info = bench.ended(&id).await;
        let error = &info["errorInformation"];
        assert_eq!((&info["status"], &error["code"]), (&json!(case.status), &json!(case.code)), "{}", case.what);
        assert_eq!(bench.routes(), case.routes, "{}", case.what);
        let back = info["rollbackInfo"]["rollbackDeploymentId"].as_str();
        assert_eq!(back.is_some(), case.rolled_back, "{}", case.what);
        if let Some(back) = back {
            let back = bench.info(back).await;
            assert_eq!((&back["status"], &back["creator"]), (&json!("Succeeded"), &json!("codeDeployRollback")));
            assert_eq!(back["rollbackInfo"]["rollbackTriggeringDeploymentId"], json!(id));
        }
    }
}

#[tokio::test]
async fn a_stopped_deployment_goes_back_where_that_is_wanted() {
    for (wanted, routes) in [(true, &["1+2:0.1", "1"][..]), (false, &["1+2:0.1"])] {
        let bench = Bench::new(SLOW, "Canary10Percent5Minutes", &[]).await;
        let id = bench.deploy(json!([])).await.unwrap();
        bench.shifted().await;
        let second = bench.deploy(json!([])).await.unwrap_err();
        assert!(second.starts_with("DeploymentLimitExceededException"), "{second}");
        let stop = json!({ "deploymentId": id, "autoRollbackEnabled": wanted });
        bench.call("StopDeployment", stop.clone()).await.unwrap();
        let info = bench.ended(&id).await;
        assert_eq!((&info["status"], &info["errorInformation"]["code"]), (&json!("Stopped"), &json!("MANUAL_STOP")));
        assert_eq!(bench.routes(), routes);
        let again = bench.call("StopDeployment", stop).await.unwrap_err();
        assert!(again.starts_with("DeploymentAlreadyCompletedException"), "{again}");
    }
}

#[tokio::test]
async fn hooks_decide() {
    for (phase, says, status, routes) in [
        ("BeforeAllowTraffic", "Succeeded", "Succeeded", &["2"][..]),
        ("BeforeAllowTraffic", "Failed", "Failed", &["1"]),
        ("AfterAllowTraffic", "Failed", "Failed", &["2", "1"]),
    ] {
        let bench = Bench::new(SLOW, "AllAtOnce", &["DEPLOYMENT_FAILURE"]).await;
        let id = bench.deploy(json!([{ phase: "check" }])).await.unwrap();
        bench.until(|| !bench.world.lock().unwrap().hooks.is_empty()).await;
        let event = bench.world.lock().unwrap().hooks[0].clone();
        assert_eq!(event["DeploymentId"], json!(id));
        let said = json!({
            "deploymentId": id, "status": says,
            "lifecycleEventHookExecutionId": event["LifecycleEventHookExecutionId"],
        });
        bench.call("PutLifecycleEventHookExecutionStatus", said.clone()).await.unwrap();
        let again = bench.call("PutLifecycleEventHookExecutionStatus", said).await.unwrap_err();
        assert!(again.starts_with("LifecycleEventAlreadyCompletedException"), "{again}");
        assert_eq!(bench.ended(&id).await["status"], status, "{phase} {says}");
        assert_eq!(bench.routes(), routes, "{phase} {says}");
    }
    let bench = Bench::new(QUICK, "AllAtOnce", &[]).await;
    let id = bench.deploy(json!([{ "BeforeAllowTraffic": "check" }])).await.unwrap();
    let message = bench.ended(&id).await["errorInformation"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("PutLifecycleEventHookExecutionStatus"), "{message}");
}

#[tokio::test]
async fn a_restart_ends_what_was_under_way_and_puts_the_traffic_back() {
    let mut bench = Bench::new(SLOW, "Canary10Percent5Minutes", &[]).await;
    let id = bench.deploy(json!([])).await.unwrap();
    bench.shifted().await;
    // The old service's task goes on to wait for its minutes: nobody hears of it.
    let store = Store::open(bench.folder.path().into()).unwrap();
    bench.service = CodeDeploy::open(store, bench.cloud.clone(), QUICK).unwrap();
    bench.service.resume(TOKEN_HEADER, "token").await;
    let info = bench.info(&id).await;
    assert_eq!(info["status"], "Failed");
    assert!(info["errorInformation"]["message"].as_str().unwrap().contains("deploy once more"), "{info}");
    assert_eq!(bench.routes(), ["1+2:0.1", "1"]);

    // EventBridge hears of what happens from now on; and the group is free again.
    let id = bench.deploy(json!([])).await.unwrap();
    assert_eq!(bench.ended(&id).await["status"], "Succeeded");
    let states = || bench.world.lock().unwrap().raised.clone();
    bench.until(|| states().ends_with(&["START".to_owned(), "SUCCESS".to_owned()])).await;
    assert!(states().contains(&"FAILURE".to_owned()), "{:?}", states());
}
