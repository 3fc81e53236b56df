//! The contract itself.

use anyhow::{Result, ensure};

use crate::contract::Contract;
use crate::schema::{examples, validator};
use crate::shop::Shop;

/// Of the document alone: the one test that needs no book store.
pub fn examples_are_valid() -> Result<()> {
    let document = Contract::document()?;
    let examples = examples(&document);
    ensure!(examples.len() > 20, "only {} examples were found", examples.len());
    for (place, example, schema) in examples {
        let errors =
            validator(&document, schema)?.iter_errors(example).map(|error| error.to_string()).collect::<Vec<_>>();
        ensure!(errors.is_empty(), "{place}: {errors:?}");
    }
    Ok(())
}

/// At the end of all tests: no answer of the contract is only written there.
pub fn every_answer_was_seen(shop: &Shop) -> Result<()> {
    let unseen = shop.contract.unseen();
    ensure!(unseen.is_empty(), "no test got: {}", unseen.join(", "));
    Ok(())
}
