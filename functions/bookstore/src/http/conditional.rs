//! Conditional requests (RFC 9110, section 13): answers that need not be sent again, and writes that overwrite nothing
//! that their sender has not seen.

use lambda_http::{
    Body, Request, Response,
    http::{StatusCode, header},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Answer, Problem, json};
use crate::domain::BookVersion;

/// The validator of an answer, in quotes, and how long the answer may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validator {
    tag: String,
    cache_control: &'static str,
}

impl Validator {
    /// Of a book: its edition, which writes compare, and its revision. It may be kept, and is asked for again each time.
    pub fn book(version: BookVersion) -> Self {
        Self { tag: format!("\"{}-{}\"", version.edition, version.revision), cache_control: "no-cache" }
    }

    /// Of a list that everybody sees, by what it says. It may be some seconds old.
    pub fn list(content: &impl Serialize) -> Result<Self, Problem> {
        Self::hash(content, "public, max-age=30")
    }

    /// Of a list that is asked for again each time.
    pub fn fresh_list(content: &impl Serialize) -> Result<Self, Problem> {
        Self::hash(content, "no-cache")
    }

    fn hash(content: &impl Serialize, cache_control: &'static str) -> Result<Self, Problem> {
        let json = serde_json::to_vec(content).map_err(Problem::internal)?;
        let hash: String = Sha256::digest(json).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { tag: format!("\"{hash}\""), cache_control })
    }

    pub(super) fn tag(&self) -> &str {
        &self.tag
    }

    /// 304, if the client has this answer already.
    pub fn not_modified(&self, request: &Request) -> Option<Answer> {
        let known = tags(request, header::IF_NONE_MATCH);
        // Weak comparison: a proxy may have compressed what it kept.
        let is_known = known.iter().any(|tag| *tag == "*" || tag.trim_start_matches("W/") == self.tag);
        is_known.then(|| {
            let builder = self.headers(Response::builder().status(StatusCode::NOT_MODIFIED));
            builder.body(Body::Empty).map_err(Problem::internal)
        })
    }

    /// 200 with this as JSON, or 304 if the client has it already.
    pub fn ok(&self, request: &Request, value: &impl Serialize) -> Answer {
        self.not_modified(request).unwrap_or_else(|| {
            json(self.headers(Response::builder().status(StatusCode::OK)), "application/json", value)
                .map_err(Problem::internal)
        })
    }

    fn headers(&self, builder: lambda_http::http::response::Builder) -> lambda_http::http::response::Builder {
        builder.header(header::ETAG, &self.tag).header(header::CACHE_CONTROL, self.cache_control)
    }
}

/// The edition of a book that a write is meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// Whatever is there.
    Any,
    Editions(Vec<u64>),
}

impl IfMatch {
    /// The header, if there is one. A tag that no book ever had matches none.
    pub fn read(request: &Request) -> Option<Self> {
        request.headers().get(header::IF_MATCH)?;
        let tags = tags(request, header::IF_MATCH);
        if tags.contains(&"*") {
            return Some(Self::Any);
        }
        // Strong comparison: a weak tag matches nothing.
        Some(Self::Editions(tags.into_iter().filter_map(edition).collect()))
    }

    /// The header; 428 without it.
    pub fn required(request: &Request) -> Result<Self, Problem> {
        let detail = "Say which edition you change: send the ETag that came with the book as If-Match.";
        Self::read(request).ok_or_else(|| Problem::new(StatusCode::PRECONDITION_REQUIRED, detail))
    }

    /// 412 when the book is not in that edition. Orders and reviews that came meanwhile do not matter: a write of details
    /// does not touch what they change.
    pub fn check(&self, version: BookVersion) -> Result<(), Problem> {
        match self {
            Self::Any => Ok(()),
            Self::Editions(editions) if editions.contains(&version.edition) => Ok(()),
            Self::Editions(_) => {
                let detail =
                    "The book has changed since you read it. Read it again, and apply your change to what it is now.";
                Err(Problem::new(StatusCode::PRECONDITION_FAILED, detail))
            }
        }
    }
}

/// The edition of a tag that [`Validator::book`] has made; none of any other tag.
fn edition(tag: &str) -> Option<u64> {
    let (edition, revision) = tag.strip_prefix('"')?.strip_suffix('"')?.split_once('-')?;
    let version = BookVersion { edition: edition.parse().ok()?, revision: revision.parse().ok()? };
    (Validator::book(version).tag == tag).then_some(version.edition)
}

/// The entity tags of all lines of a header.
fn tags(request: &Request, name: header::HeaderName) -> Vec<&str> {
    let lines = request.headers().get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|tag| !tag.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION: BookVersion = BookVersion { edition: 3, revision: 17 };

    fn request(name: header::HeaderName, value: &str) -> Request {
        lambda_http::http::Request::builder().header(name, value).body(Body::Empty).unwrap()
    }

    #[test]
    fn what_the_client_has_is_not_sent_again() {
        let known = |value| Validator::book(VERSION).not_modified(&request(header::IF_NONE_MATCH, value)).is_some();
        assert!(known(r#""3-17""#));
        assert!(known(r#"W/"3-17""#));
        assert!(known(r#""1-1", "3-17""#));
        assert!(known("*"));
        assert!(!known(r#""3-18""#));
        assert!(!known("3-17"));
        let answer = Validator::book(VERSION).not_modified(&request(header::IF_NONE_MATCH, "*")).unwrap().unwrap();
        assert_eq!((answer.status().as_u16(), answer.body().as_ref()), (304, &b""[..]));
        assert_eq!(answer.headers()["etag"], r#""3-17""#);
    }

    #[test]
    fn a_list_is_known_by_its_content() {
        let tag = |list: &[u8]| Validator::list(&list).unwrap();
        assert_eq!(tag(&[1, 2]), tag(&[1, 2]));
        assert_ne!(tag(&[1, 2]), tag(&[1, 3]));
    }

    #[test]
    fn a_write_is_for_the_edition_that_its_sender_saw() {
        let status = |value| {
            let request = request(header::IF_MATCH, value);
            IfMatch::required(&request)
                .and_then(|found| found.check(VERSION))
                .map_err(|problem| problem.status().as_u16())
        };
        assert_eq!(status(r#""3-17""#), Ok(()));
        assert_eq!(status(r#""3-9""#), Ok(())); // an order came meanwhile
        assert_eq!(status(r#""2-17", "3-17""#), Ok(()));
        assert_eq!(status("*"), Ok(()));
        for lost in [r#""2-17""#, r#"W/"3-17""#, "3-17", r#""x-1""#, r#""3-x""#, r#""03-17""#, r#""+3-17""#, ""] {
            assert_eq!(status(lost), Err(412), "{lost}");
        }
        assert_eq!(IfMatch::required(&Request::default()).unwrap_err().status().as_u16(), 428);
    }
}
