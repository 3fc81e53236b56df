use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::domain::{BookDetails, Cents, Stock};

fn book(cents: u64, currency: Currency, stock: u64) -> Book {
    let details = BookDetails {
        title: "Emma".to_owned().try_into().unwrap(),
        author: "Jane Austen".to_owned().try_into().unwrap(),
        category: "classics".to_owned().try_into().unwrap(),
        price: Price { amount: Cents::try_from(cents).unwrap(), currency },
        description: None,
    };
    Book::new(details, Stock::try_from(stock).unwrap())
}

fn cart(lines: &[(&Book, u64)]) -> Cart {
    let line = |&(book, copies): &(&Book, u64)| CartLine {
        book_id: book.summary.id,
        quantity: Quantity::try_from(copies).unwrap(),
    };
    let lines: Vec<CartLine> = lines.iter().map(line).collect();
    Cart { lines: lines.try_into().unwrap(), expected_total: None }
}

fn shelf(books: &[&Book]) -> HashMap<BookId, Book> {
    books.iter().map(|book| (book.summary.id, (*book).clone())).collect()
}

#[test]
fn prices_come_from_the_catalogue() {
    let (emma, persuasion) = (book(990, Currency::Gbp, 5), book(1250, Currency::Gbp, 1));
    let order = Order::new(&cart(&[(&emma, 2), (&persuasion, 1)]), &shelf(&[&emma, &persuasion])).unwrap();
    assert_eq!(order.total, Total { amount: 3230, currency: Currency::Gbp });
    assert_eq!((order.status, order.summary().copies), (OrderStatus::Placed, 3));
    assert_eq!(order.created_at, order.id.created_at());
}

#[test]
fn all_lines_that_cannot_be_had_are_named() {
    let (emma, gone) = (book(990, Currency::Gbp, 1), book(990, Currency::Gbp, 9));
    let refusal = Order::new(&cart(&[(&emma, 2), (&gone, 1)]), &shelf(&[&emma])).unwrap_err();
    assert_eq!(refusal, Refusal::Lines(vec![(0, LineRefusal::OutOfStock { left: 1 }), (1, LineRefusal::Gone)]));
}

#[test]
fn an_order_is_in_one_currency_and_at_the_price_that_was_shown() {
    let (emma, germinal) = (book(990, Currency::Gbp, 9), book(990, Currency::Eur, 9));
    let both = shelf(&[&emma, &germinal]);
    assert_eq!(Order::new(&cart(&[(&emma, 1), (&germinal, 1)]), &both), Err(Refusal::Currencies));
    let total = Total { amount: 990, currency: Currency::Gbp };
    let mut cart = cart(&[(&emma, 1)]);
    cart.expected_total = Some(total);
    assert!(Order::new(&cart, &both).is_ok());
    cart.expected_total = Some(Total { amount: 980, ..total });
    assert_eq!(Order::new(&cart, &both), Err(Refusal::Total(total)));
}

#[test]
fn a_cart_names_each_book_once() {
    let id = BookId::generate();
    let lines = |json| serde_json::from_value::<CartLines>(json).map_err(|error| error.to_string());
    let line = json!({ "bookId": id, "quantity": 1 });
    assert!(lines(json!([line])).is_ok());
    assert!(lines(json!([line, line])).unwrap_err().contains("each book once"));
    assert!(lines(json!([])).unwrap_err().contains("1 to 20 lines"));
    let many: Vec<_> = (0..21).map(|_| json!({ "bookId": BookId::generate(), "quantity": 1 })).collect();
    assert!(lines(json!(many)).is_err());
    for quantity in [json!(0), json!(100), json!(-1), json!(1.5), json!("1")] {
        assert!(lines(json!([{ "bookId": id, "quantity": quantity }])).is_err(), "{quantity}");
    }
    assert!(lines(json!([{ "bookId": id, "quantity": 1, "price": 1 }])).is_err());
}

#[test]
fn an_order_ends_once() {
    let emma = book(990, Currency::Gbp, 9);
    let placed = Order::new(&cart(&[(&emma, 1)]), &shelf(&[&emma])).unwrap();
    let now = OffsetDateTime::now_utc();
    let processed = placed.ended(OrderStatus::Processed, now).unwrap().unwrap();
    assert_eq!((processed.status, processed.updated_at), (OrderStatus::Processed, now));
    assert_eq!(processed.ended(OrderStatus::Processed, now), Ok(None));
    assert_eq!(processed.ended(OrderStatus::Cancelled, now), Err(Ended(OrderStatus::Processed)));
}

proptest! {
    #[test]
    fn a_total_is_the_sum_of_its_lines(prices in prop::collection::vec((0..=1_000_000_u64, 1..=99_u64), 1..=20)) {
        let books: Vec<Book> = prices.iter().map(|(cents, _)| book(*cents, Currency::Eur, 99)).collect();
        let lines: Vec<(&Book, u64)> = books.iter().zip(&prices).map(|(book, (_, copies))| (book, *copies)).collect();
        let order = Order::new(&cart(&lines), &shelf(&books.iter().collect::<Vec<_>>())).unwrap();
        prop_assert_eq!(order.total.amount, prices.iter().map(|(cents, copies)| cents * copies).sum::<u64>());
    }
}
