//! Who may do what: every operation of the contract by everybody.

use anyhow::{Result, bail, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::contract::{Audience, Contract};
use crate::http::{Answer, Call};
use crate::shop::{Shop, unknown_id};
use crate::trial;

/// A test for each operation, so that a new one cannot be forgotten here.
pub fn tests() -> Result<Vec<Trial>> {
    let operations = Contract::read()?.operations.into_iter();
    Ok(operations
        .map(|operation| {
            trial(format!("authorization::{}", operation.id), move |shop| {
                let path = operation.path.replace("{id}", &unknown_id()).replace("{uploadId}", &unknown_id());
                everybody(shop, operation.audience, || {
                    // Without keys, preconditions and fields: whoever may do it learns of that, and nothing is done.
                    let call = Call::new(shop, &operation.method, &path);
                    if operation.has_body() { call.json(&json!({ "unknown": true })) } else { call }
                })
            })
        })
        .collect())
}

fn everybody<'a>(shop: &Shop, audience: Audience, call: impl Fn() -> Call<'a>) -> Result<()> {
    let customer = shop.customer()?;
    let (customers, admins) = (&customer.access_token, &shop.admin().access_token);
    let allowed = |answer: &Answer| ![401, 403].contains(&answer.status);
    let by_gateway = |answer: &Answer| answer.status == 401 && answer.body["message"].is_string();
    let by_store = |status: u16| move |answer: &Answer| answer.status == status && answer.body["status"] == status;

    let anonymous = call().send()?;
    if audience == Audience::Anyone {
        ensure!(allowed(&anonymous), "without a token: {anonymous}");
        for token in [customers, admins, &customer.id_token, "nonsense"] {
            let answer = call().with_token(token).send()?;
            ensure!(answer.status == anonymous.status, "with {}: {answer}", shown(token));
        }
        return Ok(());
    }
    ensure!(by_gateway(&anonymous), "without a token: {anonymous}");
    for (what, token) in forged(&shop.admin().access_token)? {
        let answer = call().with_token(&token).send()?;
        ensure!(by_gateway(&answer), "with a token that {what}: {answer}");
    }
    let basic = call().header("authorization", "Basic YWRtaW46YWRtaW4=").send()?;
    ensure!(by_gateway(&basic), "with a password: {basic}");
    for (whose, token) in [("a customer's", &customer.id_token), ("an administrator's", &shop.admin().id_token)] {
        let answer = call().with_token(token).send()?;
        ensure!(by_store(401)(&answer), "with {whose} id token: {answer}");
    }
    let answer = call().with_token(customers).send()?;
    match audience {
        Audience::Administrators => ensure!(by_store(403)(&answer), "a customer: {answer}"),
        _ => ensure!(allowed(&answer), "a customer: {answer}"),
    }
    let answer = call().with_token(admins).send()?;
    ensure!(allowed(&answer), "an administrator: {answer}");
    Ok(())
}

/// Tokens that nobody has given out. One that has truly expired would take its time to get; a changed time is a forgery.
fn forged(token: &str) -> Result<Vec<(&'static str, String)>> {
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        bail!("no JWT: {}", shown(token))
    };
    let changed = |change: fn(&mut Value)| -> Result<String> {
        let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?;
        change(&mut claims);
        Ok(URL_SAFE_NO_PAD.encode(claims.to_string()))
    };
    let expired = changed(|claims| claims["exp"] = json!(1_600_000_000))?;
    let prolonged = changed(|claims| claims["exp"] = json!(4_000_000_000_u64))?;
    let promoted = changed(|claims| claims["cognito:groups"] = json!(["admins", "owners"]))?;
    let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let other_signature = signature.chars().rev().collect::<String>();
    Ok(vec![
        ("is none", "nonsense".into()),
        ("is empty", String::new()),
        ("has expired", format!("{header}.{expired}.{signature}")),
        ("was prolonged", format!("{header}.{prolonged}.{signature}")),
        ("was given more groups", format!("{header}.{promoted}.{signature}")),
        ("has another signature", format!("{header}.{claims}.{other_signature}")),
        ("has no signature", format!("{header}.{claims}.")),
        ("says that it needs no signature", format!("{unsigned}.{claims}.")),
    ])
}

/// As much of a token as says which one it is.
fn shown(token: &str) -> &str {
    &token[..token.len().min(8)]
}
