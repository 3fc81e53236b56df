//! Covers: permitted, uploaded to S3, made into two pictures, shown.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use image::{GenericImageView, ImageFormat};
use serde_json::{Value, json};

use crate::Test;
use crate::http::{Answer, text};
use crate::images::{blank, claiming, picture, with_metadata};
use crate::shop::{Shop, each, eventually, unique};

pub const TESTS: &[(&str, Test)] = &[
    ("a_picture_of_each_type_becomes_the_cover", each_type),
    ("every_list_shows_the_cover", listed),
    ("a_small_picture_is_not_enlarged", small),
    ("what_a_camera_writes_into_a_picture_is_not_published", metadata),
    ("a_new_cover_takes_the_place_of_the_old_one", replaced),
    ("a_deleted_book_takes_its_cover_along", deleted),
    ("only_what_was_signed_can_be_uploaded", signature),
    ("a_file_that_is_no_picture_fails_and_harms_nothing", hostile),
    ("pictures_are_as_large_as_the_contract_says", limits),
    ("an_upload_belongs_to_its_book", other_book),
];

/// Long enough for a cold start, and for a function that takes its event again.
const PATIENCE: Duration = Duration::from_secs(60);

fn permit(shop: &Shop, book: &str, content_type: &str, size: usize) -> Result<Answer> {
    let body = json!({ "contentType": content_type, "size": size });
    shop.post(&format!("/books/{book}/cover-uploads")).by(shop.admin()).json(&body).expect(201)
}

/// The status of S3's answer.
fn put(shop: &Shop, permission: &Answer, content_type: &str, file: &[u8]) -> Result<u16> {
    let url = text(&permission.body["upload"], "url")?;
    let answer = shop.agent().put(url).header("content-type", content_type).send(file)?;
    Ok(answer.status().as_u16())
}

/// Uploads a file and waits for what becomes of it.
fn upload(shop: &Shop, book: &str, content_type: &str, file: &[u8]) -> Result<Answer> {
    let permission = permit(shop, book, content_type, file.len())?;
    ensure!(permission.body["status"] == "waiting", "{permission}");
    let location = permission.header("location").context("no Location")?.to_owned();
    ensure!(location == format!("/books/{book}/cover-uploads/{}", permission.id()?), "Location: {location}");
    let headers = &permission.body["upload"]["headers"];
    ensure!(*headers == json!({ "content-type": content_type }), "headers: {headers}");
    let status = put(shop, &permission, content_type, file)?;
    ensure!(status == 200, "S3 answered the upload with {status}");
    eventually(PATIENCE, "the upload is neither done nor failed", || {
        let upload = shop.get(&location).by(shop.admin()).expect(200)?;
        Ok((upload.body["status"] != "waiting").then_some(upload))
    })
}

/// Uploads a picture, and gives the addresses of the two that the book shows then.
fn covered(shop: &Shop, book: &str, content_type: &str, file: &[u8]) -> Result<[String; 2]> {
    let upload = upload(shop, book, content_type, file)?;
    ensure!(upload.body["status"] == "done", "{upload}");
    addresses(&shop.book(book)?.body)
}

fn addresses(book: &Value) -> Result<[String; 2]> {
    Ok([text(&book["cover"], "small")?, text(&book["cover"], "large")?])
}

/// What a browser gets: the file and its headers.
fn download(shop: &Shop, url: &str) -> Result<Vec<u8>> {
    let mut answer = shop.agent().get(url).call()?;
    ensure!(answer.status() == 200, "{url} was answered with {}", answer.status());
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (content_type, caching) = (header("content-type"), header("cache-control"));
    ensure!(content_type.as_deref() == Some("image/webp"), "{url}: {content_type:?}");
    ensure!(caching.as_deref() == Some("public, max-age=31536000, immutable"), "{url}: {caching:?}");
    Ok(answer.body_mut().read_to_vec()?)
}

/// The sizes of the small and of the large one.
fn sizes(shop: &Shop, urls: &[String; 2]) -> Result<[(u32, u32); 2]> {
    let size = |url: &str| -> Result<(u32, u32)> {
        Ok(image::load_from_memory_with_format(&download(shop, url)?, ImageFormat::WebP)?.dimensions())
    };
    Ok([size(&urls[0])?, size(&urls[1])?])
}

fn each_type(shop: &Shop) -> Result<()> {
    for (content_type, format) in
        [("image/jpeg", ImageFormat::Jpeg), ("image/png", ImageFormat::Png), ("image/webp", ImageFormat::WebP)]
    {
        let book = shop.add_book(json!({}))?;
        let urls = covered(shop, &book.id()?, content_type, &picture(800, 1200, format)?)?;
        let sizes = sizes(shop, &urls).context(content_type)?;
        ensure!(sizes == [(240, 360), (640, 960)], "{content_type}: {sizes:?}");
        let changed = shop.get(&format!("/books/{}", book.id()?)).if_none_match(&book.etag()?).expect(200)?;
        // Who edits the book must know of its new cover, and keeps it.
        let edit = |etag: &str| {
            let edit = shop.patch(&format!("/books/{}", book.id()?)).by(shop.admin()).if_match(etag);
            edit.json(&json!({ "title": "Covered" })).send()
        };
        ensure!(edit(&book.etag()?)?.status == 412, "an edit of the book without its cover");
        let edited = edit(&changed.etag()?)?;
        ensure!(edited.body["cover"] == changed.body["cover"], "an edit took the cover: {edited}");
    }
    Ok(())
}

fn listed(shop: &Shop) -> Result<()> {
    let (category, word) = (unique("shelf-"), unique("word"));
    let book = shop.add_book(json!({ "category": category, "title": word }))?.id()?;
    let urls = covered(shop, &book, "image/png", &picture(300, 400, ImageFormat::Png)?)?;
    for query in ["sort=newest", "sort=title", "sort=price", "sort=price-desc", &format!("q={word}")] {
        let items = shop.walk(None, &format!("/books?category={category}&{query}"))?;
        ensure!(items.len() == 1 && addresses(&items[0])? == urls, "{query}: {items:?}");
    }
    // And after an edit that moves it through all of them.
    let change = json!({ "title": format!("{word} again"), "price": { "amount": 1, "currency": "EUR" } });
    shop.patch(&format!("/books/{book}")).by(shop.admin()).if_match("*").json(&change).expect(200)?;
    for query in ["sort=newest", "sort=title", "sort=price", &format!("q={word}")] {
        let items = shop.walk(None, &format!("/books?category={category}&{query}"))?;
        ensure!(items.len() == 1 && addresses(&items[0])? == urls, "after an edit, {query}: {items:?}");
    }
    Ok(())
}

fn small(shop: &Shop) -> Result<()> {
    for (width, height, expected) in
        [(100, 150, [(100, 150), (100, 150)]), (400, 500, [(240, 300), (400, 500)]), (1, 1, [(1, 1), (1, 1)])]
    {
        let book = shop.stocked(0)?;
        let urls = covered(shop, &book, "image/png", &picture(width, height, ImageFormat::Png)?)?;
        let sizes = sizes(shop, &urls)?;
        ensure!(sizes == expected, "{width}×{height}: {sizes:?}");
    }
    Ok(())
}

fn metadata(shop: &Shop) -> Result<()> {
    let secret = "taken at 52.5 N 13.4 E";
    let file = with_metadata(&picture(400, 600, ImageFormat::Jpeg)?, secret);
    for url in covered(shop, &shop.stocked(0)?, "image/jpeg", &file)? {
        let cover = download(shop, &url)?;
        let holds = |text: &[u8]| cover.windows(text.len()).any(|window| window == text);
        ensure!(!holds(secret.as_bytes()) && !holds(b"EXIF"), "{url} holds metadata");
    }
    Ok(())
}

fn replaced(shop: &Shop) -> Result<()> {
    let book = shop.stocked(0)?;
    let first = covered(shop, &book, "image/png", &picture(300, 400, ImageFormat::Png)?)?;
    let second = covered(shop, &book, "image/jpeg", &picture(500, 500, ImageFormat::Jpeg)?)?;
    ensure!(first.iter().zip(&second).all(|(first, second)| first != second), "an address changed its content");
    ensure!(sizes(shop, &second)? == [(240, 240), (500, 500)], "{:?}", sizes(shop, &second)?);
    // The same file again: the same addresses, and they work.
    let third = covered(shop, &book, "image/jpeg", &picture(500, 500, ImageFormat::Jpeg)?)?;
    ensure!(sizes(shop, &third)? == [(240, 240), (500, 500)], "{:?}", sizes(shop, &third)?);
    Ok(())
}

fn deleted(shop: &Shop) -> Result<()> {
    let book = shop.stocked(0)?;
    let file = picture(300, 400, ImageFormat::Png)?;
    let urls = covered(shop, &book, "image/png", &file)?;
    let late = permit(shop, &book, "image/png", file.len())?;
    shop.delete(&format!("/books/{book}")).by(shop.admin()).expect(204)?;
    for url in &urls {
        let status = shop.agent().get(url).call()?.status();
        ensure!([403, 404].contains(&status.as_u16()), "{url} is still there: {status}");
    }
    // A file that arrives after its book is gone brings nothing back.
    ensure!(put(shop, &late, "image/png", &file)? == 200, "the permission had not ended");
    std::thread::sleep(Duration::from_secs(3));
    shop.get(&format!("/books/{book}")).expect(404)?;
    shop.get(&format!("/books/{book}/cover-uploads/{}", late.id()?)).by(shop.admin()).expect(404)?;
    Ok(())
}

fn signature(shop: &Shop) -> Result<()> {
    let book = shop.stocked(0)?;
    let file = picture(50, 50, ImageFormat::Png)?;
    let permission = permit(shop, &book, "image/png", file.len())?;
    let (longer, shorter) = ([&file[..], &[0]].concat(), &file[..file.len() - 1]);
    for (what, content_type, bytes) in [
        ("another type", "image/svg+xml", &file[..]),
        ("another type of picture", "image/jpeg", &file),
        ("a longer file", "image/png", &longer),
        ("a shorter file", "image/png", shorter),
    ] {
        let status = put(shop, &permission, content_type, bytes)?;
        ensure!((400..500).contains(&status), "{what} was uploaded: {status}");
    }
    let url = text(&permission.body["upload"], "url")?;
    let elsewhere = url.replace(&book, &shop.stocked(0)?);
    let status = shop.agent().put(elsewhere).header("content-type", "image/png").send(&file)?.status().as_u16();
    ensure!(status == 403, "a file was uploaded for another book: {status}");
    // The file is private on its way.
    ensure!(put(shop, &permission, "image/png", &file)? == 200, "the good file was refused");
    let status = shop.agent().get(url.split('?').next().unwrap_or_default()).call()?.status().as_u16();
    ensure!([403, 404].contains(&status), "an upload is public: {status}");
    Ok(())
}

fn hostile(shop: &Shop) -> Result<()> {
    let book = shop.stocked(0)?;
    covered(shop, &book, "image/png", &picture(300, 400, ImageFormat::Png)?)?;
    let before = shop.book(&book)?;
    let half = |format| picture(300, 400, format).map(|file| file[..file.len() / 2].to_vec());
    let files = [
        ("text", "image/png", b"This is no picture at all.".to_vec()),
        ("a page", "image/jpeg", b"<html><script>alert(1)</script></html>".to_vec()),
        ("a drawing", "image/png", b"<svg xmlns='http://www.w3.org/2000/svg'><rect/></svg>".to_vec()),
        ("one byte", "image/webp", vec![0]),
        ("only the beginning of a PNG", "image/png", b"\x89PNG\r\n\x1a\n".to_vec()),
        ("half a PNG", "image/png", half(ImageFormat::Png)?),
        ("half a JPEG", "image/jpeg", half(ImageFormat::Jpeg)?),
        ("half a WebP", "image/webp", half(ImageFormat::WebP)?),
        ("a tenth of a JPEG", "image/jpeg", picture(300, 400, ImageFormat::Jpeg)?[..400].to_vec()),
        ("30,000 × 30,000 pixels", "image/png", claiming(30_000, 30_000)),
        ("no pixels", "image/png", claiming(0, 0)),
        ("four billion pixels a side", "image/png", claiming(u32::MAX, u32::MAX)),
    ];
    each(&files, |(what, content_type, file)| {
        let upload = upload(shop, &book, content_type, file).with_context(|| what.to_string())?;
        ensure!(upload.body["status"] == "failed" && upload.body["reason"].is_string(), "{what}: {upload}");
        Ok(())
    })?;
    let after = shop.book(&book)?;
    ensure!(after.body == before.body && after.etag()? == before.etag()?, "{after} is not {before}");
    sizes(shop, &addresses(&after.body)?)?;
    // And the next good one is taken.
    covered(shop, &book, "image/webp", &picture(300, 400, ImageFormat::WebP)?)?;
    Ok(())
}

/// Good pictures, all of them: only how large they are decides.
fn limits(shop: &Shop) -> Result<()> {
    let book = shop.stocked(0)?;
    for (width, height, status) in [
        (12_000, 1, "done"),
        (1, 12_000, "done"),
        (12_000, 3_333, "done"),
        (12_001, 1, "failed"),
        (1, 12_001, "failed"),
        (8_000, 5_001, "failed"),
    ] {
        let upload = upload(shop, &book, "image/png", &blank(width, height))?;
        ensure!(upload.body["status"] == status, "{width}×{height}: {upload}");
    }
    Ok(())
}

fn other_book(shop: &Shop) -> Result<()> {
    let (book, other) = (shop.stocked(0)?, shop.stocked(0)?);
    let permission = permit(shop, &book, "image/png", 100)?;
    let seen = shop.get(&format!("/books/{book}/cover-uploads/{}", permission.id()?)).by(shop.admin()).expect(200)?;
    ensure!(seen.body == json!({ "id": permission.id()?, "status": "waiting" }), "{seen}");
    shop.get(&format!("/books/{other}/cover-uploads/{}", permission.id()?)).by(shop.admin()).expect(404)?;
    shop.get(&format!("/books/{book}/cover-uploads/1")).by(shop.admin()).expect(404)?;
    Ok(())
}
