//! How a request that is sent again is recognised.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The name that a client gives to one piece of work, in the header `Idempotency-Key`: 1 to 64 of the characters
/// A to Z, a to z, 0 to 9, `_` and `-`. It is the client's own: two customers may use the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be 1 to 64 of the characters A to Z, a to z, 0 to 9, _ and -; a new UUID for each new piece of work serves"
)]
pub struct InvalidRequestKey;

impl RequestKey {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RequestKey {
    type Err = InvalidRequestKey;

    fn from_str(text: &str) -> Result<Self, InvalidRequestKey> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidRequestKey)
        }
    }
}

/// What was asked for, in short: the SHA-256 of the operation and of what its body says. White space and the order of
/// fields do not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint(String);

impl Fingerprint {
    pub fn of(operation: &str, body: &impl Serialize) -> Result<Self, serde_json::Error> {
        let mut hash = Sha256::new();
        hash.update(operation);
        hash.update([0]);
        hash.update(serde_json::to_vec(body)?);
        Ok(Self(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_word() {
        assert!("0193564f-7c11-7a3b-8d2e-5f60718293a4".parse::<RequestKey>().is_ok());
        for refused in ["", "a b", "a#b", "é", &"a".repeat(65)] {
            assert_eq!(refused.parse::<RequestKey>(), Err(InvalidRequestKey), "{refused}");
        }
    }

    #[test]
    fn a_fingerprint_tells_operations_and_bodies_apart() {
        let of = |operation, body: &str| Fingerprint::of(operation, &body).unwrap();
        assert_eq!(of("order", "a"), of("order", "a"));
        assert_ne!(of("order", "a"), of("order", "b"));
        assert_ne!(of("order", "a"), of("stock", "a"));
    }
}
