//! `on-failure` of a phase: what becomes of a build whose phase has failed.
//!
//! Source: "Build specification reference" of the user guide.

use regex::Regex;
use serde::{Deserialize, Deserializer};

#[derive(Debug, Clone)]
pub enum OnFailure {
    /// Nothing follows, not even POST_BUILD after BUILD.
    Abort,
    /// The next phase follows.
    Continue,
    /// The phase is run again, at most so many times, while what it said matches.
    Retry { times: u32, pattern: Option<Regex> },
}

impl<'de> Deserialize<'de> for OnFailure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            let forms = "ABORT, CONTINUE, RETRY, RETRY-<times>, RETRY-<regex> or RETRY-<times>-<regex>";
            serde::de::Error::custom(format!("on-failure: {text} is none of {forms}"))
        })
    }
}

impl OnFailure {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "ABORT" => return Some(Self::Abort),
            "CONTINUE" => return Some(Self::Continue),
            "RETRY" => return Some(Self::Retry { times: 3, pattern: None }),
            _ => {}
        }
        let rest = text.strip_prefix("RETRY-")?;
        let (times, pattern) = match rest.split_once('-') {
            _ if rest.parse::<u32>().is_ok() => (rest.parse().ok()?, None),
            Some((times, pattern)) if times.parse::<u32>().is_ok() => (times.parse().ok()?, Some(pattern)),
            _ => (3, Some(rest)),
        };
        let pattern = match pattern {
            None => None,
            Some(pattern) => Some(Regex::new(pattern).ok()?),
        };
        (times <= 100).then_some(Self::Retry { times, pattern })
    }

    /// How often the phase may be run again after it said this.
    pub fn retries(&self, said: &str) -> u32 {
        match self {
            Self::Retry { times, pattern } if pattern.as_ref().is_none_or(|pattern| pattern.is_match(said)) => *times,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_understood() {
        let retries = |text: &str, said: &str| OnFailure::parse(text).map(|rule| rule.retries(said));
        for (text, said, expected) in [
            ("ABORT", "", Some(0)),
            ("CONTINUE", "", Some(0)),
            ("RETRY", "", Some(3)),
            ("RETRY-5", "", Some(5)),
            ("RETRY-.*network.*", "no network today", Some(3)),
            ("RETRY-.*network.*", "no luck", Some(0)),
            ("RETRY-2-time-out", "a time-out", Some(2)),
            ("RETRY-101", "", None),
            ("RETRY-[", "", None),
            ("IGNORE", "", None),
        ] {
            assert_eq!(retries(text, said), expected, "{text}");
        }
    }
}
