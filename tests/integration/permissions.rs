//! Each function works with a role of its own, which permits what the function does and nothing beside it.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use libtest_mimic::{Completion, Trial};
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::http::text;
use crate::rights::{ACTIONS, OWN_LOGS, RIGHTS, TRACES};
use crate::shop::{self, Shop};
use crate::{skippable, trial};

pub fn tests() -> Vec<Trial> {
    vec![
        trial("account::permissions::every_function_is_written_down".into(), complete),
        trial("account::permissions::each_role_permits_what_its_function_does_and_nothing_else".into(), exact),
        skippable("account::permissions::what_is_not_permitted_is_refused".into(), refused),
    ]
}

fn complete(shop: &Shop) -> Result<()> {
    let resources = shop.aws.call("cloudformation", "describe_stack_resources", json!({ "StackName": shop.stack }))?;
    let resources = resources["StackResources"].as_array().context("the stack has no resources")?;
    let functions = resources.iter().filter(|resource| resource["ResourceType"] == "AWS::Lambda::Function");
    let deployed = functions.map(|function| text(function, "LogicalResourceId")).collect::<Result<BTreeSet<_>>>()?;
    let known = RIGHTS.map(|(function, _)| function.to_owned()).into();
    ensure!(deployed == known, "only one of both: {:?}", deployed.symmetric_difference(&known).collect::<Vec<_>>());
    Ok(())
}

fn exact(shop: &Shop) -> Result<()> {
    let targets = targets(shop)?;
    let mut wrong = Vec::new();
    for (function, rights) in RIGHTS {
        let should = should(rights);
        let role = role(shop, function)?;
        let mut may = BTreeSet::new();
        for target in &targets {
            may.extend(permitted(shop, &role, target)?.into_iter().map(|action| (target.name.clone(), action)));
        }
        let too_much = may.difference(&should).map(|(target, action)| format!("{function} may {action} on {target}"));
        wrong.extend(too_much);
        let too_little =
            should.difference(&may).map(|(target, action)| format!("{function} needs {action} on {target}"));
        wrong.extend(too_little);
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

fn should(rights: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    // SAM lets each write to every log group; the boundary leaves the stack's own, which are there already.
    let common = [("a log group", OWN_LOGS), ("*", TRACES)];
    let all = rights.iter().chain(&common);
    all.flat_map(|(target, actions)| actions.split(' ').map(|action| ((*target).to_owned(), action.to_owned())))
        .collect()
}

/// Of all actions that concern a target, those that the role permits.
fn permitted(shop: &Shop, role: &str, target: &Target) -> Result<Vec<String>> {
    let service = target.arn.split(':').nth(2);
    let concern = ACTIONS.iter().filter(|(one, _)| service.is_none_or(|service| service == *one));
    let actions = concern.flat_map(|(service, names)| names.split(' ').map(move |name| format!("{service}:{name}")));
    let input = json!({
        "PolicySourceArn": role,
        "ActionNames": actions.collect::<Vec<_>>(),
        "ResourceArns": [target.arn],
        "MaxItems": 1000,
    });
    let answer = shop.aws.call("iam", "simulate_principal_policy", input)?;
    ensure!(answer["IsTruncated"] != true, "the simulation of {} has more pages", target.name);
    let results = answer["EvaluationResults"].as_array().context("the simulation has no results")?;
    let allowed = results.iter().filter(|result| result["EvalDecision"] == "allowed");
    allowed.map(|result| text(result, "EvalActionName")).collect()
}

struct Target {
    name: String,
    arn: String,
}

/// What belongs to the shop, what lies beside it, and `*`: actions that concern no single resource.
fn targets(shop: &Shop) -> Result<Vec<Target>> {
    let id = |resource: &str| shop.resource(resource);
    let table = &shop.aws.call("dynamodb", "describe_table", json!({ "TableName": id("Table")? }))?["Table"];
    let table_arn = text(table, "TableArn")?;
    let pool = shop.aws.call("cognito-idp", "describe_user_pool", json!({ "UserPoolId": id("UserPool")? }))?;
    let account = table_arn.split(':').nth(4).context("the table's ARN has no account")?;
    let region = table_arn.split(':').nth(3).context("the table's ARN has no region")?;
    let mut targets = vec![
        ("Table".to_owned(), table_arn.clone()),
        ("Table's stream".into(), text(table, "LatestStreamArn")?),
        ("an index of Table".into(), format!("{table_arn}/index/any")),
        ("another table".into(), format!("arn:aws:dynamodb:{region}:{account}:table/another")),
        ("another bucket".into(), "arn:aws:s3:::another/covers/1".into()),
        ("another queue".into(), format!("arn:aws:sqs:{region}:{account}:another")),
        ("another topic".into(), format!("arn:aws:sns:{region}:{account}:another")),
        ("UserPool".into(), text(&pool["UserPool"], "Arn")?),
        ("a log group".into(), format!("arn:aws:logs:{region}:{account}:log-group:{}", id("NotFoundLogs")?)),
        ("a role".into(), role(shop, "NotFound")?),
        ("*".into(), "*".into()),
    ];
    for bucket in ["Uploads", "Covers"] {
        let arn = format!("arn:aws:s3:::{}", id(bucket)?);
        targets.extend(["/covers/1", "/1"].map(|key| (format!("{bucket}{key}"), format!("{arn}{key}"))));
        targets.push((bucket.into(), arn));
    }
    for queue in ["OrdersToAnnounce", "OrdersNotAnnounced", "OrdersNotForwarded", "CoversNotResized"] {
        let input = json!({ "QueueUrl": id(queue)?, "AttributeNames": ["QueueArn"] });
        let attributes = shop.aws.call("sqs", "get_queue_attributes", input)?;
        targets.push((queue.into(), text(&attributes["Attributes"], "QueueArn")?));
    }
    for topic in ["OrderTopic", "AlarmTopic"] {
        targets.push((topic.into(), id(topic)?));
    }
    for function in ["PlaceOrder", "NotFound"] {
        targets.push((function.into(), text(&configuration(shop, function)?, "FunctionArn")?));
    }
    Ok(targets.into_iter().map(|(name, arn)| Target { name, arn }).collect())
}

fn configuration(shop: &Shop, function: &str) -> Result<Value> {
    let name = shop.resource(function)?;
    shop.aws.call("lambda", "get_function_configuration", json!({ "FunctionName": name }))
}

fn role(shop: &Shop, function: &str) -> Result<String> {
    text(&configuration(shop, function)?, "Role")
}

/// The policies in action: each function's role tries what its neighbours may do. None of it would do harm.
fn refused(shop: &Shop) -> Result<Completion> {
    let id = |resource: &str| shop.resource(resource);
    let (table, queue) = (id("Table")?, id("OrdersToAnnounce")?);
    let key = json!({ "PK": { "S": "NOTHING" }, "SK": { "S": "NOTHING" } });
    let item = json!({ "TableName": table, "Key": key });
    let delete = json!({ "TransactItems": [{ "Delete": item }] });
    let put = json!({ "TransactItems": [{ "Put": { "TableName": table, "Item": key } }] });
    let query = json!({
        "TableName": table,
        "KeyConditionExpression": "PK = :nothing",
        "ExpressionAttributeValues": { ":nothing": { "S": "NOTHING" } },
    });
    let scan = json!({ "TableName": table });
    let receive = json!({ "QueueUrl": queue });
    let send = json!({ "QueueUrl": queue, "MessageBody": "nothing" });
    let publish = json!({ "TopicArn": id("AlarmTopic")?, "Message": "nothing" });
    let cover = json!({ "Bucket": id("Covers")?, "Key": "covers/nothing" });
    let upload = json!({ "Bucket": id("Uploads")?, "Key": "covers/nothing" });
    let list = json!({ "Bucket": id("Uploads")? });
    let calls = [
        ("ListBooks", [("dynamodb", "get_item", &item), ("dynamodb", "scan", &scan)]),
        ("GetBook", [("dynamodb", "delete_item", &item), ("dynamodb", "transact_write_items", &put)]),
        ("PlaceOrder", [("dynamodb", "query", &query), ("dynamodb", "transact_write_items", &delete)]),
        ("ForwardOrders", [("dynamodb", "get_item", &item), ("sqs", "receive_message", &receive)]),
        ("NotifyOrder", [("sqs", "send_message", &send), ("sns", "publish", &publish)]),
        ("UploadCover", [("s3", "put_object", &cover), ("s3", "list_objects_v2", &list)]),
        ("ResizeCover", [("s3", "put_object", &upload), ("s3", "list_objects_v2", &list)]),
        ("NotFound", [("dynamodb", "get_item", &item), ("sqs", "send_message", &send)]),
    ];
    for (function, calls) in calls {
        let Some(aws) = session(shop, function)? else {
            return Ok(Completion::ignored_with("Lambda alone may take on the functions' roles"));
        };
        for (service, operation, input) in calls {
            let error = match aws.call(service, operation, input.clone()) {
                Ok(answer) => bail!("{function} may {operation}: {answer}"),
                Err(error) => error.to_string(),
            };
            let denied = ["AccessDenied", "AuthorizationError"].iter().any(|code| error.contains(code));
            ensure!(denied, "{function}, {operation}: {error}");
        }
    }
    Ok(Completion::Completed)
}

/// AWS as the function sees it, where somebody else than Lambda may take on its role: in the local cloud.
fn session(shop: &Shop, function: &str) -> Result<Option<Aws>> {
    let role = role(shop, function)?;
    let input = json!({ "RoleArn": role, "RoleSessionName": "test" });
    let credentials = match shop.aws.call("sts", "assume_role", input) {
        Ok(answer) => answer["Credentials"].clone(),
        Err(error) if error.to_string().contains("AccessDenied") => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut python = shop::python();
    python
        .env("AWS_ACCESS_KEY_ID", text(&credentials, "AccessKeyId")?)
        .env("AWS_SECRET_ACCESS_KEY", text(&credentials, "SecretAccessKey")?)
        .env("AWS_SESSION_TOKEN", text(&credentials, "SessionToken")?);
    let aws = Aws::start(python)?;
    let who = text(&aws.call("sts", "get_caller_identity", json!({}))?, "Arn")?;
    let name = role.rsplit('/').next().unwrap_or_default();
    ensure!(who.contains(&format!("assumed-role/{name}/")), "{function} works as {who}");
    Ok(Some(aws))
}
