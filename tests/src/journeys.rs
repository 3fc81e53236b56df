//! What a visitor does: in the acceptance suite, and alone in the smoke suite.

use anyhow::{Result, bail, ensure};
use libtest_mimic::Trial;

use crate::http::text;
use crate::shop::{Shop, unknown_id};
use crate::suite::trial;

pub type Journey = fn(&Shop) -> Result<()>;

/// Each reads only, and needs nothing to be in the shop.
pub fn visitor() -> Vec<Trial> {
    let journeys: [(&str, Journey); 4] = [
        ("visitor::browses_from_the_categories_to_a_book", browse),
        ("visitor::searches", search),
        ("visitor::is_told_what_is_not_there", nothing_there),
        ("visitor::must_sign_in_to_order", signed_out),
    ];
    journeys.into_iter().map(|(name, journey)| trial(name.into(), journey)).collect()
}

fn browse(shop: &Shop) -> Result<()> {
    shop.get("/categories").expect(200)?;
    for sort in ["newest", "title", "price"] {
        shop.get(&format!("/books?limit=5&sort={sort}")).expect(200)?;
    }
    // Others add, change and remove books meanwhile: some book holds still for a look at it.
    for _ in 0..20 {
        if look_at_the_newest(shop)? {
            return Ok(());
        }
    }
    bail!("whichever book was on top of the list changed or went while it was looked at")
}

/// Whether the book, if there is one, stayed as it was the while.
fn look_at_the_newest(shop: &Shop) -> Result<bool> {
    let page = shop.get("/books?limit=1").expect(200)?;
    let [book, ..] = &page.items()?[..] else { return Ok(true) };
    let path = format!("/books/{}", text(book, "id")?);
    let read = shop.get(&path).send()?;
    let reviews = shop.get(&format!("{path}/reviews")).send()?;
    let again = shop.get(&path).if_none_match(read.header("etag").unwrap_or_default()).send()?;
    if again.status != 304 {
        let changed = again.header("etag") != read.header("etag");
        ensure!(changed || again.status == 404, "{path} is {again}, and was {read} with the same ETag");
        return Ok(false);
    }
    if read.body["title"] != book["title"] {
        return Ok(false); // changed after the list was read
    }
    ensure!(reviews.status == 200, "the reviews of {path} are {reviews}");
    Ok(true)
}

fn search(shop: &Shop) -> Result<()> {
    let found = shop.get("/books?q=zzqxnothingiscalledthis").expect(200)?;
    ensure!(found.items()?.is_empty(), "{found}");
    shop.get("/books?limit=5&q=the").expect(200)?;
    Ok(())
}

fn nothing_there(shop: &Shop) -> Result<()> {
    shop.get(&format!("/books/{}", unknown_id())).expect(404)?;
    Ok(())
}

fn signed_out(shop: &Shop) -> Result<()> {
    shop.get("/orders").expect(401)?;
    shop.get("/admin/orders?status=placed").expect(401)?;
    Ok(())
}
