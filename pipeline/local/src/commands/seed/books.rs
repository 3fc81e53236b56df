//! Books and their covers, put into the shop by an administrator.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::catalogue::{Key, NewBook};
use super::covers::Illustrator;
use super::progress;
use super::shop::{Person, Request, Shop};

/// How long a cover may take from its upload until the book shows it.
const PATIENCE: Duration = Duration::from_secs(90);

/// A book that the shop has.
#[derive(Debug, Clone)]
pub struct Stocked {
    pub id: String,
    has_cover: bool,
}

impl Stocked {
    fn read(book: &Value) -> Result<Self> {
        let id = book["id"].as_str().with_context(|| format!("a book has no id: {book}"))?;
        Ok(Self { id: id.to_owned(), has_cover: book["cover"].is_object() })
    }
}

/// Adds the books that the shop does not have yet; answers all, in their order.
pub async fn stock(shop: &Shop, admin: &Person, books: &[NewBook]) -> Result<Vec<Stocked>> {
    let mut stocked = listed(shop).await?;
    let missing: Vec<&NewBook> = books.iter().filter(|book| !stocked.contains_key(&book.key())).collect();
    let added = missing.iter().map(|book| async move {
        let body = serde_json::to_value(book).context("a book cannot be sent")?;
        let created = shop.ask(Request::post("/books").by(admin).with(body)).await?.expect(&[201])?;
        Ok((book.key(), Stocked::read(&created)?))
    });
    stocked.extend(progress::all(&format!("{} books", books.len()), added).await?);
    books.iter().map(|book| stocked.remove(&book.key()).context("a book was lost")).collect()
}

/// All books of the shop, page by page.
async fn listed(shop: &Shop) -> Result<HashMap<Key, Stocked>> {
    let mut books = HashMap::new();
    let mut path = "/books?sort=title&limit=100".to_owned();
    loop {
        let page = shop.ask(Request::get(&path)).await?.expect(&[200])?;
        for book in page["items"].as_array().context("a page of books has no items")? {
            let text = |name: &str| book[name].as_str().unwrap_or_default().to_owned();
            books.insert((text("title"), text("author")), Stocked::read(book)?);
        }
        let Some(next) = page["next"].as_str() else { return Ok(books) };
        let cursor = serde_urlencoded::to_string([("cursor", next)]).context("a cursor cannot be sent")?;
        path = format!("/books?sort=title&limit=100&{cursor}");
    }
}

/// Draws the covers that are missing and uploads them as an administrator's browser does.
pub async fn illustrate(shop: &Shop, admin: &Person, books: &[NewBook], stocked: &[Stocked]) -> Result<()> {
    let illustrator = Arc::new(Illustrator::new()?);
    let bare: Vec<(&NewBook, &Stocked)> = books.iter().zip(stocked).filter(|(_, stocked)| !stocked.has_cover).collect();
    let illustrated = bare.iter().map(|(book, stocked)| {
        let (illustrator, drawn) = (Arc::clone(&illustrator), (*book).clone());
        async move {
            let cover = tokio::task::spawn_blocking(move || illustrator.cover(&drawn)).await??;
            show(shop, admin, &stocked.id, cover).await.with_context(|| format!("the cover of {}", book.title))
        }
    });
    progress::all(&format!("{} covers", books.len()), illustrated).await.map(drop)
}

async fn show(shop: &Shop, admin: &Person, book: &str, cover: Vec<u8>) -> Result<()> {
    let uploads = format!("/books/{book}/cover-uploads");
    let form = json!({ "contentType": "image/png", "size": cover.len() });
    let answer = shop.ask(Request::post(&uploads).by(admin).with(form)).await?.expect(&[201])?;
    let id = answer["id"].as_str().with_context(|| format!("an upload has no id: {answer}"))?;
    shop.upload(&answer["upload"], &cover).await?;

    let (started, path) = (Instant::now(), format!("{uploads}/{id}"));
    loop {
        let upload = shop.ask(Request::get(&path).by(admin)).await?.expect(&[200])?;
        match upload["status"].as_str() {
            Some("done") => return Ok(()),
            Some("failed") => bail!("it was refused: {}", upload["reason"]),
            _ if started.elapsed() > PATIENCE => {
                bail!("the book does not show it after {} s; see the function resize-cover's log", PATIENCE.as_secs())
            }
            _ => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}
