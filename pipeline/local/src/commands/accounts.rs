//! The accounts of the deployed book store, as the person who runs it sees them: by Cognito's Admin operations.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use uuid::Uuid;

use super::stack;
use crate::aws::{CallError, JsonService, Session};

/// The group whose members run the shop.
const ADMINISTRATORS: &str = "admins";

/// The user pool of a book store, and the client that its website signs in with.
pub struct Accounts {
    session: Session,
    user_pool: String,
    client: String,
}

/// What lets its bearer use the API, for a while.
#[derive(Debug, Clone)]
pub struct AccessToken {
    pub text: String,
    expires: Instant,
}

impl AccessToken {
    pub fn is_fresh(&self) -> bool {
        Instant::now() + Duration::from_secs(60) < self.expires
    }
}

impl Accounts {
    pub async fn of_stack(session: Session, stack: &str) -> Result<Self> {
        let cloudformation = session.cloudformation();
        let user_pool = stack::required_output(&cloudformation, stack, "UserPoolId").await?;
        let client = stack::required_output(&cloudformation, stack, "UserPoolClientId").await?;
        Ok(Self { session, user_pool, client })
    }

    /// Sees to an account with this address that can sign in at once. `password` replaces the one that it has; without,
    /// an account that has none gets one that is made up. Answers the password if it was set.
    pub async fn ensure(&self, email: &str, password: Option<&str>) -> Result<Option<String>> {
        let attributes = json!([{ "Name": "email", "Value": email }, { "Name": "email_verified", "Value": "true" }]);
        let new = json!({ "MessageAction": "SUPPRESS", "UserAttributes": attributes });
        let has_password = match self.administer("AdminCreateUser", email, new).await {
            Ok(_) => false,
            Err(error) if error.code() == "UsernameExistsException" => {
                let user = self.administer("AdminGetUser", email, json!({})).await;
                user.with_context(|| format!("cannot look up {email}"))?["UserStatus"] == "CONFIRMED"
            }
            Err(error) => return Err(error).with_context(|| format!("cannot create an account for {email}")),
        };
        let password = match password {
            Some(password) => password.to_owned(),
            None if has_password => return Ok(None),
            None => made_up_password(),
        };
        let set = self.administer("AdminSetUserPassword", email, json!({ "Password": password, "Permanent": true }));
        set.await.with_context(|| format!("cannot set the password of {email}"))?;
        Ok(Some(password))
    }

    /// Whether there is an account with this address, confirmed or not.
    pub async fn exists(&self, email: &str) -> Result<bool> {
        match self.administer("AdminGetUser", email, json!({})).await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == "UserNotFoundException" => Ok(false),
            Err(error) => Err(error).with_context(|| format!("cannot look up {email}")),
        }
    }

    pub async fn make_administrator(&self, email: &str) -> Result<()> {
        let added = self.administer("AdminAddUserToGroup", email, json!({ "GroupName": ADMINISTRATORS })).await;
        added.map(drop).with_context(|| format!("cannot add {email} to the group {ADMINISTRATORS}"))
    }

    /// Signs in as the website does.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<AccessToken> {
        let input = json!({
            "ClientId": self.client,
            "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": { "USERNAME": email, "PASSWORD": password },
        });
        let asked = Instant::now();
        let answer: Value = self
            .session
            .call(JsonService::COGNITO, "InitiateAuth", &input)
            .await
            .with_context(|| format!("cannot sign in as {email}"))?;
        let result = &answer["AuthenticationResult"];
        let text = result["AccessToken"].as_str().with_context(|| format!("{email} got no access token: {answer}"))?;
        let lifetime = Duration::from_secs(result["ExpiresIn"].as_u64().unwrap_or_default());
        Ok(AccessToken { text: text.to_owned(), expires: asked + lifetime })
    }

    /// The command that prints an access token.
    pub fn sign_in_command(&self, email: &str, password: &str) -> String {
        format!(
            "aws cognito-idp initiate-auth --client-id {} --auth-flow USER_PASSWORD_AUTH \\
    --auth-parameters USERNAME={email},PASSWORD={password} --query AuthenticationResult.AccessToken --output text",
            self.client
        )
    }

    async fn administer(&self, operation: &str, email: &str, mut input: Value) -> Result<Value, CallError> {
        input["UserPoolId"] = json!(self.user_pool);
        input["Username"] = json!(email);
        self.session.call(JsonService::COGNITO, operation, &input).await
    }
}

/// Twenty hexadecimal digits.
fn made_up_password() -> String {
    let digits = Uuid::new_v4().simple().to_string();
    let groups: Vec<&str> = (0..5).filter_map(|group| digits.get(group * 4..group * 4 + 4)).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_and_differ() {
        let passwords = [made_up_password(), made_up_password()];
        assert!(passwords[0] != passwords[1] && passwords.iter().all(|password| password.len() == 24), "{passwords:?}");
    }

    #[test]
    fn a_token_is_renewed_before_it_expires() {
        let token =
            |seconds| AccessToken { text: String::new(), expires: Instant::now() + Duration::from_secs(seconds) };
        assert!(token(120).is_fresh() && !token(30).is_fresh());
    }
}
