//! Events to try the functions with: those in their folders, about things that are there.

use std::io::Cursor;

use anyhow::{Context, Result, ensure};
use image::{ImageFormat, RgbImage};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::catalogue;
use crate::events::Request;
use crate::events::Who::Admin;
use crate::runtime::Lambda;
use crate::shop::{self, Function, Shop};

/// The book and the order that the functions' events name.
const SOME_BOOK: &str = "01935000-0000-7000-8000-000000000000";
const SOME_ORDER: &str = "01935000-0000-7000-8000-000000000002";

/// Gives events for any function.
pub struct Samples<'a> {
    shop: &'a Shop,
    book: String,
    place_order: Lambda,
    upload_cover: Lambda,
    photograph: Vec<u8>,
}

impl<'a> Samples<'a> {
    /// Fills the shop with a hundred books.
    pub async fn prepare(shop: &'a Shop) -> Result<Self> {
        let book = catalogue::fill(shop, 0..100).await?.swap_remove(50);
        let (place_order, upload_cover) = (shop.start("place-order").await?, shop.start("upload-cover").await?);
        Ok(Self { shop, book, place_order, upload_cover, photograph: photograph()? })
    }

    /// The event of a function, if it has one. What can be done but once is about something new each time.
    pub async fn event(&mut self, function: &Function) -> Result<Option<Value>> {
        let Some(event) = shop::event(function)? else { return Ok(None) };
        let event = match function.name.as_str() {
            "delete-book" => event.replace(SOME_BOOK, &catalogue::fill(self.shop, 100..101).await?[0]),
            "cancel-order" => event.replace(SOME_ORDER, &self.order().await?),
            _ => event.replace(SOME_BOOK, &self.book),
        };
        let mut event: Value = serde_json::from_str(&event)?;
        if function.name == "resize-cover" {
            event["detail"]["bucket"]["name"] = self.shop.bucket().into();
            event["detail"]["object"]["key"] = self.upload().await?.into();
        }
        // A repeated key would only be answered with what is there.
        if let Some(key) = event.pointer_mut("/headers/idempotency-key") {
            *key = Uuid::now_v7().to_string().into();
        }
        Ok(Some(event))
    }

    /// Places an order as the customer whom the events name, and gives its id.
    async fn order(&mut self) -> Result<String> {
        let order = Box::pin(self.event(self.shop.function("place-order")?)).await?;
        let answer = self.place_order.invoke(order.context("place-order has no event.json")?).await?;
        Ok(body(&answer)?["id"].as_str().with_context(|| format!("no order: {answer}"))?.to_owned())
    }

    /// Uploads a cover, and gives its key.
    async fn upload(&mut self) -> Result<String> {
        let request = Request::new(Admin, "POST /books/{id}/cover-uploads", &[&self.book]);
        let request = request.json(json!({ "contentType": "image/jpeg", "size": self.photograph.len() }));
        let answer = self.upload_cover.invoke(request.event()).await?;
        let upload = body(&answer)?;
        let url = upload["upload"]["url"].as_str().context("no URL to upload to")?;
        let put = reqwest::Client::new().put(url).header("content-type", "image/jpeg").body(self.photograph.clone());
        let answer = put.send().await?;
        ensure!(answer.status().is_success(), "the upload was answered with {}", answer.text().await?);
        Ok(format!("covers/{}/{}", self.book, upload["id"].as_str().context("an upload without id")?))
    }
}

/// Of a usual size for a cover, and not too smooth.
fn photograph() -> Result<Vec<u8>> {
    let picture = RgbImage::from_fn(1600, 2400, |x, y| {
        let grain = (x * 7919 + y * 104_729) % 31;
        image::Rgb(
            [x * 255 / 1600 + grain, y * 255 / 2400 + grain, (x + y) / 8 % 200 + grain]
                .map(|value| value.min(255) as u8),
        )
    });
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, ImageFormat::Jpeg)?;
    Ok(file.into_inner())
}

fn body(answer: &Value) -> Result<Value> {
    Ok(serde_json::from_str(answer["body"].as_str().with_context(|| format!("no body: {answer}"))?)?)
}
