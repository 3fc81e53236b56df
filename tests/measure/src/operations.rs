//! What is asked of the API: every operation once, those that read with a full page.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::catalogue;
use crate::events::Request;
use crate::events::Who::{Admin, Anyone, Customer};
use crate::request_units::{Answer, Api};

/// With at least ten books.
pub async fn each_operation(api: &mut Api<'_>, books: &[String]) -> Result<()> {
    read_the_catalogue(api).await?;
    change_the_catalogue(api).await?;
    review(api, &books[0]).await?;
    order(api, &books[1..4]).await
}

async fn read_the_catalogue(api: &mut Api<'_>) -> Result<()> {
    let list = |query: &str| Request::new(Anyone, "GET /books", &[]).query(query);
    api.measure("GET /books (20 books)", "list-books", list("")).await?;
    api.measure("GET /books?limit=100", "list-books", list("limit=100")).await?;
    api.measure("GET /books?sort=title", "list-books", list("sort=title")).await?;
    api.measure("GET /books?category=…", "list-books", list("category=travel")).await?;
    api.measure("GET /books?category=…&sort=price", "list-books", list("category=travel&sort=price")).await?;
    api.measure("GET /books?q=… (one word)", "list-books", list("q=gar")).await?;
    api.measure("GET /books?q=… (two words)", "list-books", list("q=garden%20quiet")).await?;
    api.measure("GET /books?q=… (no such word)", "list-books", list("q=xylophone")).await?;
    api.measure("GET /categories", "list-books", Request::new(Anyone, "GET /categories", &[])).await?;
    Ok(())
}

async fn change_the_catalogue(api: &mut Api<'_>) -> Result<()> {
    let new_book = catalogue::book(0);
    let created = Request::new(Admin, "POST /books", &[]).json(new_book.clone());
    let created = api.measure("POST /books", "create-book", created).await?;
    let id = id(&created)?;
    api.measure("GET /books/{id} (no reviews)", "get-book", Request::new(Anyone, "GET /books/{id}", &[&id])).await?;

    let patch = |answer: &Answer, change: Value| {
        Request::new(Admin, "PATCH /books/{id}", &[&id]).header("if-match", &answer.etag).json(change)
    };
    let described = patch(&created, json!({ "description": "Another text." }));
    let described = api.measure("PATCH /books/{id} (description)", "update-book", described).await?;
    let priced = patch(&described, json!({ "price": { "amount": 999, "currency": "EUR" } }));
    let priced = api.measure("PATCH /books/{id} (price)", "update-book", priced).await?;
    let mut replacement = new_book;
    replacement["title"] = "Another Title of Five Words".into();
    replacement["category"] = "poetry".into();
    replacement.as_object_mut().context("a book is an object")?.remove("stock");
    let replaced = Request::new(Admin, "PUT /books/{id}", &[&id]).header("if-match", &priced.etag).json(replacement);
    api.measure("PUT /books/{id} (title and category)", "update-book", replaced).await?;

    let stock = Request::new(Admin, "POST /books/{id}/stock", &[&id]).json(json!({ "change": 5 }));
    api.measure("POST /books/{id}/stock", "change-stock", with_key(stock, &new_key())).await?;
    let cover = Request::new(Admin, "POST /books/{id}/cover-uploads", &[&id]);
    let cover = cover.json(json!({ "contentType": "image/png", "size": 1000 }));
    let cover = api.measure("POST /books/{id}/cover-uploads", "upload-cover", cover).await?;
    let upload = Request::new(Admin, "GET /books/{id}/cover-uploads/{uploadId}", &[&id, &self::id(&cover)?]);
    api.measure("GET /books/{id}/cover-uploads/{uploadId}", "upload-cover", upload).await?;
    api.measure("DELETE /books/{id} (no reviews)", "delete-book", Request::new(Admin, "DELETE /books/{id}", &[&id]))
        .await?;
    Ok(())
}

async fn review(api: &mut Api<'_>, book: &str) -> Result<()> {
    let write = |rating: u8| {
        let text = "I read it in one night, and lent it to my sister, who has not given it back. ".repeat(4);
        let review = json!({ "rating": rating, "name": "A reader", "text": text.trim_end() });
        Request::new(Customer, "PUT /books/{id}/review", &[book]).json(review)
    };
    let own = |route: &'static str| Request::new(Customer, route, &[book]);
    api.measure("PUT /books/{id}/review (new)", "write-review", write(5)).await?;
    api.measure("PUT /books/{id}/review (changed)", "write-review", write(4)).await?;
    api.measure("GET /books/{id}/review", "write-review", own("GET /books/{id}/review")).await?;
    for number in 0..10 {
        api.prepare("write-review", write(3).from(number)).await?;
    }
    api.measure("GET /books/{id} (11 reviews)", "get-book", Request::new(Anyone, "GET /books/{id}", &[book])).await?;
    let all = Request::new(Anyone, "GET /books/{id}/reviews", &[book]);
    api.measure("GET /books/{id}/reviews (11)", "get-book", all).await?;
    api.measure("DELETE /books/{id}/review", "write-review", own("DELETE /books/{id}/review")).await?;
    for number in 0..10 {
        api.prepare("write-review", own("DELETE /books/{id}/review").from(number)).await?;
    }
    Ok(())
}

async fn order(api: &mut Api<'_>, books: &[String]) -> Result<()> {
    let place = |books: &[String], key: &str| {
        let lines = books.iter().map(|id| json!({ "bookId": id, "quantity": 1 })).collect::<Vec<_>>();
        with_key(Request::new(Customer, "POST /orders", &[]).json(json!({ "lines": lines })), key)
    };
    let key = new_key();
    let first = api.measure("POST /orders (1 book)", "place-order", place(&books[..1], &key)).await?;
    api.measure("POST /orders (the same again)", "place-order", place(&books[..1], &key)).await?;
    let second = api.measure("POST /orders (3 books)", "place-order", place(books, &new_key())).await?;
    let (first, second) = (id(&first)?, id(&second)?);
    for _ in 0..20 {
        api.prepare("place-order", place(&books[..1], &new_key())).await?;
    }
    api.measure("GET /orders (20)", "view-orders", Request::new(Customer, "GET /orders", &[])).await?;
    api.measure("GET /orders/{id}", "view-orders", Request::new(Customer, "GET /orders/{id}", &[&first])).await?;
    api.measure("GET /admin/orders (20)", "manage-orders", Request::new(Admin, "GET /admin/orders", &[])).await?;
    let one = Request::new(Admin, "GET /admin/orders/{id}", &[&first]);
    api.measure("GET /admin/orders/{id}", "manage-orders", one).await?;
    let process = Request::new(Admin, "POST /admin/orders/{id}/process", &[&first]);
    api.measure("POST /admin/orders/{id}/process", "manage-orders", process).await?;
    let cancel = Request::new(Customer, "POST /orders/{id}/cancel", &[&second]);
    api.measure("POST /orders/{id}/cancel (3 books)", "cancel-order", cancel).await?;
    let third = id(&api.prepare("place-order", place(&books[..1], &new_key())).await?)?;
    let cancel = Request::new(Admin, "POST /admin/orders/{id}/cancel", &[&third]);
    api.measure("POST /admin/orders/{id}/cancel (1 book)", "manage-orders", cancel).await?;
    Ok(())
}

fn with_key(request: Request, key: &str) -> Request {
    request.header("idempotency-key", key)
}

fn new_key() -> String {
    Uuid::now_v7().to_string()
}

fn id(answer: &Answer) -> Result<String> {
    Ok(answer.body["id"].as_str().context("an answer without id")?.to_owned())
}
