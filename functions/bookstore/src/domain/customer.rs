//! Who somebody is, as far as the shop knows.

use serde::{Deserialize, Serialize};

/// The `sub` of a Cognito user: stays the same when the user changes e-mail address or name, and says nothing of either.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct CustomerId(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 64 letters, digits and hyphens")]
pub struct InvalidCustomerId;

impl CustomerId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CustomerId {
    type Error = InvalidCustomerId;

    fn try_from(text: String) -> Result<Self, InvalidCustomerId> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text))
        } else {
            Err(InvalidCustomerId)
        }
    }
}
