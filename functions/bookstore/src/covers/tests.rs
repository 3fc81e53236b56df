//! The requests that S3 would get, and what becomes of its answers.

use aws_sdk_s3::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region},
};
use serde_json::to_value;
use time::OffsetDateTime;

use super::*;
use crate::{
    canned::{self, Answer, Canned},
    domain::{BookId, ImageType, UploadId, UploadSize},
};

fn s3(answers: impl IntoIterator<Item = Answer>) -> (Client, Canned) {
    let canned = Canned::new(answers);
    let builder = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(Credentials::new("id", "secret", Some("session".into()), None, "test"))
        .retry_config(canned::retries())
        .http_client(canned.clone());
    (Client::from_conf(client::settings(builder)), canned)
}

fn uploads(answers: impl IntoIterator<Item = Answer>) -> (UploadBucket, Canned) {
    let (client, canned) = s3(answers);
    (UploadBucket::new(client, "inbox".into()), canned)
}

fn covers(answers: impl IntoIterator<Item = Answer>) -> (CoverBucket, Canned) {
    let (client, canned) = s3(answers);
    (CoverBucket::new(client, "shelf".into()), canned)
}

fn key() -> UploadKey {
    UploadKey { book: BookId::generate(), upload: UploadId::generate() }
}

fn pictures() -> Pictures {
    Pictures { small: b"small".into(), large: b"large".into() }
}

fn slow_down() -> Answer {
    Answer { body: "<Error><Code>SlowDown</Code></Error>".into(), ..Answer::status(503) }
}

fn object(length: usize) -> Answer {
    Answer { status: 200, headers: vec![("content-length", length.to_string())], body: vec![7; length] }
}

#[test]
fn a_key_names_a_book_and_an_upload() {
    let key = key();
    assert_eq!(key.to_string().parse(), Ok(key));
    for refused in [
        format!("covers/{}", key.book),
        format!("covers/{}/{}/x", key.book, key.upload),
        format!("Covers/{}/{}", key.book, key.upload),
        format!("covers/{}/{}", key.book, key.upload.to_string().to_uppercase()),
        "covers//".into(),
        String::new(),
    ] {
        assert_eq!(refused.parse::<UploadKey>(), Err(UnknownUpload), "{refused}");
    }
}

#[tokio::test]
async fn an_upload_is_signed_for_its_key_its_type_and_its_length() {
    let (bucket, canned) = uploads([]);
    let key = key();
    let size = UploadSize::try_from(12_345).unwrap();
    let upload = to_value(bucket.presign(key, ImageType::Png, size).await.unwrap()).unwrap();

    assert_eq!(upload["method"], "PUT");
    assert_eq!(upload["headers"], serde_json::json!({ "content-type": "image/png" }));
    let url = upload["url"].as_str().unwrap();
    let (address, query) = url.split_once('?').unwrap();
    assert_eq!(address, format!("https://s3.eu-central-1.amazonaws.com/inbox/{key}"));
    let parameter = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    assert_eq!(parameter("X-Amz-SignedHeaders"), Some("content-length%3Bcontent-type%3Bhost"));
    assert_eq!(parameter("X-Amz-Expires"), Some("900"));
    assert_eq!(parameter("X-Amz-Security-Token"), Some("session"));
    assert!(!query.to_lowercase().contains("checksum"), "no browser can satisfy {query}");

    let expires_at = upload["expiresAt"].as_str().unwrap();
    let expires_at = OffsetDateTime::parse(expires_at, &time::format_description::well_known::Rfc3339).unwrap();
    let left = expires_at - OffsetDateTime::now_utc();
    assert!(left > time::Duration::minutes(14) && left <= time::Duration::minutes(15), "{left}");
    assert!(canned.asked().is_empty(), "signing needs no request");
}

#[tokio::test]
async fn another_length_or_type_has_another_signature() {
    let (bucket, _) = uploads([]);
    let key = key();
    let mut signatures = std::collections::BTreeSet::new();
    for (image_type, bytes) in [(ImageType::Png, 1), (ImageType::Png, 2), (ImageType::Jpeg, 1)] {
        let upload = bucket.presign(key, image_type, UploadSize::try_from(bytes).unwrap()).await.unwrap();
        let url = to_value(upload).unwrap()["url"].as_str().unwrap().to_owned();
        signatures.insert(url.split_once("X-Amz-Signature=").unwrap().1.to_owned());
    }
    assert_eq!(signatures.len(), 3);
}

#[tokio::test]
async fn an_upload_is_read_whole() {
    let (bucket, canned) = uploads([object(1000)]);
    let key = key();
    assert_eq!(bucket.read(key).await.unwrap(), Some(vec![7; 1000]));
    let asked = canned.asked().remove(0);
    assert_eq!(
        (asked.method.as_str(), asked.url.split('?').next().unwrap()),
        ("GET", format!("https://s3.eu-central-1.amazonaws.com/inbox/{key}").as_str())
    );
}

#[tokio::test]
async fn a_file_that_is_too_large_is_not_read() {
    for length in [10_485_761_u64, 5_368_709_120] {
        let headers = vec![("content-length", length.to_string())];
        let (bucket, _) = uploads([Answer { headers, ..Answer::status(200) }]);
        assert_eq!(bucket.read(key()).await.unwrap(), None);
    }
    let (bucket, _) = uploads([Answer { body: b"of unknown length".into(), ..Answer::status(200) }]);
    assert_eq!(bucket.read(key()).await.unwrap(), None);
}

#[tokio::test]
async fn a_cover_is_two_pictures_that_are_cached_for_ever() {
    let (bucket, canned) = covers([Answer::status(200), Answer::status(200)]);
    let cover = pictures().cover_of(key());
    bucket.put(&cover, pictures()).await.unwrap();
    let asked = canned.asked();
    for (asked, (key, body)) in asked.iter().zip([(&cover.small, "small"), (&cover.large, "large")]) {
        assert_eq!(asked.method, "PUT");
        assert!(asked.url.starts_with(&format!("https://s3.eu-central-1.amazonaws.com/shelf/{key}?")), "{}", asked.url);
        assert_eq!(asked.header("content-type"), Some("image/webp"));
        assert_eq!(asked.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(asked.body, body.as_bytes());
    }
    assert_eq!(asked.len(), 2);
}

#[tokio::test]
async fn both_pictures_are_deleted() {
    let (bucket, canned) = covers([Answer::status(204), Answer::status(204)]);
    let cover = pictures().cover_of(key());
    bucket.delete(&cover).await.unwrap();
    let asked = canned.asked();
    assert!(asked.iter().all(|asked| asked.method == "DELETE"));
    assert!(asked[0].url.contains(&cover.small) && asked[1].url.contains(&cover.large));
}

#[test]
fn a_cover_is_named_by_its_upload_and_its_content() {
    let key = key();
    let cover = pictures().cover_of(key);
    assert_eq!(cover, pictures().cover_of(key));
    let hash = cover.small.strip_prefix(&format!("{key}-")).unwrap().strip_suffix("-small.webp").unwrap();
    assert!(hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(cover.large, format!("{key}-{hash}-large.webp"));

    let others = [
        Pictures { small: b"other".into(), ..pictures() }.cover_of(key),
        Pictures { small: b"smal".into(), large: b"llarge".into() }.cover_of(key),
        pictures().cover_of(UploadKey { upload: UploadId::generate(), ..key }),
    ];
    assert!(others.iter().all(|other| other.small != cover.small));
}

#[test]
fn the_cover_of_a_later_upload_is_greater() {
    let book = BookId::generate();
    let keys: Vec<UploadKey> = (0..100).map(|_| UploadKey { book, upload: UploadId::generate() }).collect();
    assert!(keys.is_sorted_by(|earlier, later| pictures().cover_of(*earlier) < pictures().cover_of(*later)));
}

#[tokio::test]
async fn a_bucket_that_is_busy_is_asked_again() {
    let (bucket, _) = uploads([slow_down(), slow_down(), object(3)]);
    assert_eq!(bucket.read(key()).await.unwrap(), Some(vec![7; 3]));
    let (bucket, canned) = uploads([slow_down(), slow_down(), slow_down(), object(3)]);
    assert!(matches!(bucket.read(key()).await, Err(BucketError::Busy(_))));
    assert_eq!(canned.asked().len(), 3);
    let (silent, _) = uploads([]);
    assert!(matches!(silent.read(key()).await, Err(BucketError::Busy(_))));
}

#[tokio::test]
async fn what_is_not_permitted_is_refused_at_once() {
    let denied = || Answer { body: "<Error><Code>AccessDenied</Code></Error>".into(), ..Answer::status(403) };
    let (bucket, canned) = covers([denied()]);
    let cover = pictures().cover_of(key());
    assert!(matches!(bucket.put(&cover, pictures()).await, Err(BucketError::Refused(_))));
    assert_eq!(canned.asked().len(), 1);
}
