//! GET /books and GET /categories: the catalogue, page by page.

use bookstore::{
    domain::{Category, CoversUrl, Search},
    environment,
    http::{self, Answer, Problem, Validator},
    storage::{Sort, Table},
};
use lambda_http::{Error, Request};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let table = Table::from_env().await?;
    let covers = environment::covers_url()?;
    http::run(|request| answer(&table, &covers, request)).await
}

async fn answer(table: &Table, covers: &CoversUrl, request: Request) -> Answer {
    match http::route(&request) {
        "GET /books" => list_books(table, covers, &request).await,
        "GET /categories" => list_categories(table, &request).await,
        _ => Err(Problem::not_found()),
    }
}

async fn list_books(table: &Table, covers: &CoversUrl, request: &Request) -> Answer {
    let size = http::query(request, "limit")?.unwrap_or_default();
    let from = http::query(request, "cursor")?;
    let category: Option<Category> = http::query(request, "category")?;
    let sort: Option<Sort> = http::query(request, "sort")?;
    let search: Option<Search> = http::query(request, "q")?;
    let page = match (search, sort) {
        (Some(_), Some(_)) => {
            return Err(Problem::parameter(
                "sort",
                "does not combine with q: what is found comes by the word found".into(),
            ));
        }
        (Some(search), None) => table.find(&search, category.as_ref(), size, from).await?,
        (None, sort) => table.books(category.as_ref(), sort.unwrap_or_default(), size, from).await?,
    };
    let page = page.map(|book| book.public(covers));
    Validator::list(&page)?.ok(request, &page)
}

async fn list_categories(table: &Table, request: &Request) -> Answer {
    let size = http::query(request, "limit")?.unwrap_or_default();
    let from = http::query(request, "cursor")?;
    let page = table.categories(size, from).await?;
    Validator::list(&page)?.ok(request, &page)
}
