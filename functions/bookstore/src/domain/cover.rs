//! Covers, and the uploads that they are made of.

use serde::{Deserialize, Serialize};

use super::UploadId;

/// The two pictures of a cover: keys of objects as stored, URLs as shown.
///
/// Keys begin with the book and the upload that the cover was made of. So of two covers of one book, the one whose upload
/// was started later is the greater one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cover {
    /// For lists.
    pub small: String,
    /// For the book's own page.
    pub large: String,
}

/// Where browsers reach the bucket of covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoversUrl(String);

impl CoversUrl {
    /// Without a slash at its end.
    pub fn new(url: String) -> Self {
        Self(url)
    }

    /// The cover as clients see it.
    pub fn public(&self, Cover { small, large }: Cover) -> Cover {
        Cover { small: format!("{}/{small}", self.0), large: format!("{}/{large}", self.0) }
    }
}

/// An upload of a cover, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoverUpload {
    pub id: UploadId,
    #[serde(flatten)]
    pub status: UploadStatus,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum UploadStatus {
    /// For the file, or for the cover to be made of it.
    Waiting,
    Done,
    /// The file cannot become a cover. The reason is for people.
    Failed {
        reason: String,
    },
}

/// What the client says that it will upload. The signature of the URL holds it to that, so the object in S3 bears this
/// type; what is in the file is found out by reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImageType {
    #[serde(rename = "image/jpeg")]
    Jpeg,
    #[serde(rename = "image/png")]
    Png,
    #[serde(rename = "image/webp")]
    WebP,
}

impl ImageType {
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }
}

/// The length of a file in bytes: 1 to 10 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct UploadSize(u32);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be from 1 to {} bytes", UploadSize::MAX)]
pub struct InvalidUploadSize;

impl UploadSize {
    pub const MAX: u32 = 10 * 1024 * 1024;

    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u64> for UploadSize {
    type Error = InvalidUploadSize;

    fn try_from(bytes: u64) -> Result<Self, InvalidUploadSize> {
        u32::try_from(bytes).ok().filter(|bytes| (1..=Self::MAX).contains(bytes)).map(Self).ok_or(InvalidUploadSize)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::*;

    #[test]
    fn clients_see_urls() {
        let cover = Cover { small: "covers/1/2-small.webp".into(), large: "covers/1/2-large.webp".into() };
        assert_eq!(
            to_value(CoversUrl("https://img.example.com".into()).public(cover)).unwrap(),
            json!({
                "small": "https://img.example.com/covers/1/2-small.webp",
                "large": "https://img.example.com/covers/1/2-large.webp",
            })
        );
    }

    #[test]
    fn an_upload_says_how_it_stands() {
        let id = UploadId::generate();
        let shown = |status| to_value(CoverUpload { id, status }).unwrap();
        assert_eq!(shown(UploadStatus::Waiting), json!({ "id": id.to_string(), "status": "waiting" }));
        assert_eq!(shown(UploadStatus::Done), json!({ "id": id.to_string(), "status": "done" }));
        let failed = UploadStatus::Failed { reason: "It is no image.".into() };
        assert_eq!(shown(failed), json!({ "id": id.to_string(), "status": "failed", "reason": "It is no image." }));
    }

    #[test]
    fn only_images_of_a_known_type_may_be_uploaded() {
        for image_type in [ImageType::Jpeg, ImageType::Png, ImageType::WebP] {
            assert_eq!(from_value::<ImageType>(json!(image_type.media_type())).unwrap(), image_type);
        }
        for refused in ["image/gif", "image/svg+xml", "image/JPEG", "image/jpeg; q=1", "text/html", ""] {
            assert!(from_value::<ImageType>(json!(refused)).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_file_has_1_byte_to_10_mebibytes() {
        for allowed in [1, 10_485_760] {
            assert_eq!(from_value::<UploadSize>(json!(allowed)).unwrap().get(), allowed);
        }
        for refused in [json!(0), json!(10_485_761), json!(-1), json!(1.5), json!("1"), json!(4_294_967_297_u64)] {
            assert!(from_value::<UploadSize>(refused.clone()).is_err(), "{refused}");
        }
    }
}
