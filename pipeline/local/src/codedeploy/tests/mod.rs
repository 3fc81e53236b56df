//! Deployments against a cloud that has one alias, alarms, and hooks that answer what a test says.

mod api;
mod shifts;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::CodeDeploy;
use crate::api::Call;
use crate::aws::Cloud;
use crate::store::Store;

const TOKEN_HEADER: &str = "x-token";
const ASSUMED: &str = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
    <Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
    <Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";

/// What the cloud is and what it was asked for.
#[derive(Default)]
struct World {
    version: String,
    /// Each change of the alias: `1+2:0.1` is version 1 with a tenth of the traffic at version 2.
    routes: Vec<String>,
    ringing: Vec<&'static str>,
    /// Rings as soon as traffic is shifted.
    rings_at_shift: bool,
    refuses_shift: bool,
    hooks: Vec<Value>,
    raised: Vec<String>,
}

type Shared = Arc<Mutex<World>>;

fn answer(world: &Shared, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Response {
    let mut world = world.lock().unwrap();
    let target = headers.get("x-amz-target").map(|target| target.to_str().unwrap());
    let input: Value = serde_json::from_slice(body).unwrap_or_default();
    match (method.as_str(), uri.path(), target) {
        ("POST", "/", None) => ASSUMED.into_response(),
        ("POST", "/", Some("AWSEvents.PutEvents")) => {
            let detail: Value = serde_json::from_str(input["Entries"][0]["Detail"].as_str().unwrap()).unwrap();
            world.raised.push(detail["state"].as_str().unwrap().to_owned());
            json!({ "FailedEntryCount": 0 }).to_string().into_response()
        }
        ("POST", "/", Some(_)) => {
            let asked = input["AlarmNames"].as_array().unwrap();
            let ringing = world.ringing.iter().filter(|name| asked.contains(&json!(name)));
            let alarms = ringing.map(|name| json!({ "AlarmName": name })).collect::<Vec<_>>();
            json!({ "MetricAlarms": alarms }).to_string().into_response()
        }
        ("GET", "/2015-03-31/functions/shop/aliases/live", _) => {
            json!({ "FunctionVersion": world.version }).to_string().into_response()
        }
        ("PUT", "/2015-03-31/functions/shop/aliases/live", _) => {
            let weights = input["RoutingConfig"]["AdditionalVersionWeights"].as_object().unwrap();
            if world.refuses_shift && !weights.is_empty() {
                let denied = json!({ "__type": "AccessDeniedException", "message": "no" });
                return (StatusCode::FORBIDDEN, denied.to_string()).into_response();
            }
            world.version = input["FunctionVersion"].as_str().unwrap().to_owned();
            let others = weights.iter().map(|(version, weight)| format!("+{version}:{weight}"));
            let route = world.version.clone() + &others.collect::<String>();
            world.routes.push(route);
            if world.rings_at_shift && !weights.is_empty() {
                world.ringing.push("errors");
            }
            input.to_string().into_response()
        }
        ("POST", "/2015-03-31/functions/check/invocations", _) => {
            world.hooks.push(input);
            StatusCode::ACCEPTED.into_response()
        }
        (method, path, target) => panic!("{method} {path} {target:?}"),
    }
}

struct Bench {
    world: Shared,
    service: Arc<CodeDeploy>,
    folder: tempfile::TempDir,
    cloud: Cloud,
}

impl Bench {
    /// An application with a group: a minute lasts `minute`, and the group's rules are these.
    async fn new(minute: Duration, config: &str, rollback: &[&str]) -> Self {
        let world = Shared::default();
        world.lock().unwrap().version = "1".to_owned();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let cloud = Cloud::new(format!("http://{}", listener.local_addr().unwrap()));
        let served = Arc::clone(&world);
        let router = Router::new().fallback(move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            std::future::ready(answer(&served, &method, &uri, &headers, &body))
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        let folder = tempfile::tempdir().unwrap();
        let service = CodeDeploy::open(Store::open(folder.path().into()).unwrap(), cloud.clone(), minute).unwrap();
        let bench = Self { world, service, folder, cloud };
        bench.call("CreateApplication", json!({ "applicationName": "a", "computePlatform": "Lambda" })).await.unwrap();
        let group = json!({
            "applicationName": "a", "deploymentGroupName": "g", "serviceRoleArn": "arn:aws:iam::0:role/r",
            "deploymentConfigName": format!("CodeDeployDefault.Lambda{config}"),
            "alarmConfiguration": { "enabled": true, "alarms": [{ "name": "errors" }] },
            "autoRollbackConfiguration": { "enabled": true, "events": rollback },
        });
        bench.call("CreateDeploymentGroup", group).await.unwrap();
        bench
    }

    /// The answer of an operation, or its error's code.
    async fn call(&self, operation: &str, input: Value) -> Result<Value, String> {
        let target = format!("CodeDeploy_20141006.{operation}");
        let headers =
            HeaderMap::from_iter([("x-amz-target".parse().unwrap(), HeaderValue::from_str(&target).unwrap())]);
        let call = Call::parse(&Uri::from_static("/"), headers, input.to_string().into()).unwrap();
        let reply = self.service.handle(&call).await.map_err(|error| format!("{}: {}", error.code, error.message))?;
        let body = axum::body::to_bytes(reply.into_body(), usize::MAX).await.unwrap();
        Ok(serde_json::from_slice(&body).unwrap())
    }

    async fn deploy(&self, hooks: Value) -> Result<String, String> {
        let properties = json!({ "Name": "shop", "Alias": "live", "CurrentVersion": "1", "TargetVersion": "2" });
        let resource = json!({ "shop": { "Type": "AWS::Lambda::Function", "Properties": properties } });
        let content = json!({ "version": 0.0, "Resources": [resource], "Hooks": hooks }).to_string();
        let revision = json!({ "revisionType": "AppSpecContent", "appSpecContent": { "content": content } });
        let input = json!({ "applicationName": "a", "deploymentGroupName": "g", "revision": revision });
        Ok(self.call("CreateDeployment", input).await?["deploymentId"].as_str().unwrap().to_owned())
    }

    async fn info(&self, id: &str) -> Value {
        self.call("GetDeployment", json!({ "deploymentId": id })).await.unwrap()["deploymentInfo"].take()
    }

    async fn ended(&self, id: &str) -> Value {
        self.until(|| self.service.deployment(id).unwrap().info.status.is_final()).await;
        self.info(id).await
    }

    async fn until(&self, condition: impl Fn() -> bool) {
        let waited = tokio::time::timeout(Duration::from_secs(10), async {
            while !condition() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        waited.await.expect("what a test waits for takes less than ten seconds");
    }

    fn routes(&self) -> Vec<String> {
        self.world.lock().unwrap().routes.clone()
    }

    async fn shifted(&self) {
        self.until(|| !self.routes().is_empty()).await;
    }
}

/// A minute that passes at once, and one that no test waits for.
const QUICK: Duration = Duration::from_millis(1);
const SLOW: Duration = Duration::from_secs(60);
