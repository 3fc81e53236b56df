//! POST /books/{id}/cover-uploads: allows an administrator to upload a cover, straight to S3.
//! GET /books/{id}/cover-uploads/{uploadId}: what became of it.

use bookstore::{
    covers::{self, PresignedUpload, UploadBucket, UploadKey},
    domain::{CoverUpload, ImageType, UploadId, UploadSize, UploadStatus},
    http::{self, Answer, Form, Problem},
    storage::Table,
};
use lambda_http::{Error, Request};
use serde::Serialize;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let table = Table::from_env().await?;
    let bucket = UploadBucket::from_env(covers::client().await)?;
    http::run(|request| upload_cover(&table, &bucket, request)).await
}

async fn upload_cover(table: &Table, bucket: &UploadBucket, request: Request) -> Answer {
    http::administrator(&request)?;
    match http::route(&request) {
        "POST /books/{id}/cover-uploads" => start(table, bucket, &request).await,
        "GET /books/{id}/cover-uploads/{uploadId}" => show(table, &request).await,
        _ => Err(Problem::not_found()),
    }
}

/// A new upload, with the request that the client may now make.
#[derive(Serialize)]
struct Started {
    #[serde(flatten)]
    upload: CoverUpload,
    #[serde(rename = "upload")]
    request: PresignedUpload,
}

async fn start(table: &Table, bucket: &UploadBucket, request: &Request) -> Answer {
    let book = http::path(request, "id")?;
    let (image_type, size) = read(request)?;
    let id = UploadId::generate();
    if !table.start_upload(book, id).await? {
        return Err(Problem::not_found());
    }
    let upload = CoverUpload { id, status: UploadStatus::Waiting };
    let request = bucket.presign(UploadKey { book, upload: id }, image_type, size).await?;
    http::created(format!("/books/{book}/cover-uploads/{id}"), None, &Started { upload, request })
}

async fn show(table: &Table, request: &Request) -> Answer {
    let book = http::path(request, "id")?;
    let id = http::path(request, "uploadId")?;
    let upload = table.upload(book, id).await?.ok_or_else(Problem::not_found)?;
    http::ok(&CoverUpload { id, status: upload.status })
}

fn read(request: &Request) -> Result<(ImageType, UploadSize), Problem> {
    let mut form = Form::read(request)?;
    let image_type = form.required("contentType");
    let size = form.required("size");
    form.finish((|| Some((image_type?, size?)))())
}

#[cfg(test)]
mod tests {
    use lambda_http::{Body, http::StatusCode};

    use super::*;

    fn request(body: &str) -> Request {
        let builder = lambda_http::http::Request::builder().header("content-type", "application/json");
        builder.body(Body::from(body)).unwrap()
    }

    #[test]
    fn type_and_size_are_read_from_the_body() {
        let (image_type, size) = read(&request(r#"{"contentType": "image/webp", "size": 10485760}"#)).unwrap();
        assert_eq!((image_type, size.get()), (ImageType::WebP, 10_485_760));
    }

    #[test]
    fn other_files_are_refused() {
        for refused in [
            r#"{"contentType": "image/gif", "size": 1}"#,
            r#"{"contentType": "image/png", "size": 10485761}"#,
            r#"{"contentType": "image/png", "size": 0}"#,
            r#"{"contentType": "image/png"}"#,
            r#"{"contentType": "image/png", "size": 1, "name": "cover.png"}"#,
        ] {
            assert_eq!(read(&request(refused)).unwrap_err().status(), StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
        }
    }
}
