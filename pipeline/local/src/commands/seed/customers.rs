//! The customers: what each of them reviews and orders.

use std::collections::BTreeSet;

use super::catalogue::NewBook;
use super::names::CUSTOMERS;
use super::random::Random;
use super::reviews;

/// From this many copies on there are enough for every order below.
const PLENTY: u32 = 8;

pub struct Customer {
    pub email: String,
    /// The name that stands above the reviews.
    pub pen_name: String,
    pub reviews: Vec<NewReview>,
    pub orders: Vec<NewOrder>,
}

pub struct NewReview {
    /// Which book, by its place in the catalogue.
    pub book: usize,
    pub rating: u8,
    pub text: String,
}

pub struct NewOrder {
    /// Books by their places in the catalogue, and how many copies of each.
    pub lines: Vec<(usize, u32)>,
    pub ending: Ending,
}

/// What becomes of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It waits to be processed.
    Placed,
    Processed,
    CancelledByCustomer,
    CancelledByShop,
}

/// All customers of a shop with these books.
pub fn customers(books: &[NewBook]) -> Vec<Customer> {
    (0..CUSTOMERS.len()).map(|index| customer(index, books)).collect()
}

fn customer(index: usize, books: &[NewBook]) -> Customer {
    let name = CUSTOMERS[index];
    let mut random = Random::of("customer", index);
    let all: Vec<usize> = (0..books.len()).collect();
    let plentiful: Vec<usize> = all.iter().copied().filter(|book| books[*book].stock >= PLENTY).collect();

    let reviews = some(&all, random.between(8, 24), &mut random).into_iter().map(|book| {
        let rating = reviews::rating(book, &mut random);
        NewReview { book, rating, text: reviews::text(rating, &mut random) }
    });
    let reviews = reviews.collect();
    let orders = if plentiful.is_empty() { 0 } else { random.between(1, 5) };
    let orders = (0..orders).map(|_| order(&plentiful, &mut random)).collect();
    Customer { email: email(name), pen_name: pen_name(name), reviews, orders }
}

fn order(books: &[usize], random: &mut Random) -> NewOrder {
    let titles = random.pick(&[1, 1, 1, 2, 2, 3, 4]);
    let lines = some(books, titles, random).into_iter().map(|book| (book, random.pick(&[1, 1, 1, 1, 2, 3]))).collect();
    let ending = match random.between(1, 100) {
        1..=38 => Ending::Placed,
        39..=80 => Ending::Processed,
        81..=92 => Ending::CancelledByCustomer,
        _ => Ending::CancelledByShop,
    };
    NewOrder { lines, ending }
}

/// Up to `count` different books; those at the front are more popular.
fn some(books: &[usize], count: u32, random: &mut Random) -> BTreeSet<usize> {
    (0..count)
        .filter_map(|_| {
            let last = u32::try_from(books.len()).ok()?.checked_sub(1)?;
            let place = random.between(0, last).min(random.between(0, last));
            Some(books[place as usize])
        })
        .collect()
}

/// `Ada Winterbourne` is ada.winterbourne@example.com, a domain that nobody has.
pub fn email(name: &str) -> String {
    format!("{}@example.com", name.to_lowercase().replace(' ', "."))
}

/// `Ada Winterbourne` signs as Ada W.
fn pen_name(name: &str) -> String {
    match name.split_once(' ') {
        Some((first, last)) => format!("{first} {}.", last.chars().take(1).collect::<String>().to_uppercase()),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::catalogue;
    use super::*;

    #[test]
    fn customers_keep_the_limits_of_the_api() {
        let books = catalogue::books(300);
        let customers = customers(&books);
        assert_eq!(customers.iter().map(|customer| &customer.email).collect::<HashSet<_>>().len(), customers.len());
        for customer in &customers {
            assert!(customer.email.bytes().all(|byte| byte.is_ascii_lowercase() || b"@.-".contains(&byte)));
            assert!((1..=50).contains(&customer.pen_name.chars().count()));
            let reviewed: HashSet<usize> = customer.reviews.iter().map(|review| review.book).collect();
            assert_eq!(reviewed.len(), customer.reviews.len());
            assert!(customer.reviews.iter().all(|review| (1..=5).contains(&review.rating) && !review.text.is_empty()));
            assert!(customer.orders.iter().all(|order| (1..=20).contains(&order.lines.len())));
        }
    }

    #[test]
    fn orders_end_in_every_way_and_there_are_copies_for_all_of_them() {
        let books = catalogue::books(300);
        let customers = customers(&books);
        let orders: Vec<&NewOrder> = customers.iter().flat_map(|customer| &customer.orders).collect();
        for ending in [Ending::Placed, Ending::Processed, Ending::CancelledByCustomer, Ending::CancelledByShop] {
            assert!(orders.iter().any(|order| order.ending == ending), "no order is {ending:?}");
        }
        for (index, book) in books.iter().enumerate() {
            let ordered: u32 =
                orders.iter().flat_map(|order| &order.lines).filter(|line| line.0 == index).map(|line| line.1).sum();
            assert!(ordered == 0 || ordered <= book.stock, "{ordered} copies of {book:?}");
        }
    }

    #[test]
    fn a_shop_without_plenty_has_customers_without_orders() {
        let mut books = catalogue::books(3);
        books.iter_mut().for_each(|book| book.stock = 0);
        assert!(customers(&books).iter().all(|customer| customer.orders.is_empty()));
    }

    #[test]
    fn a_review_is_signed_with_an_initial() {
        assert_eq!(
            (pen_name("Saskia de Wit"), email("Saskia de Wit")),
            ("Saskia D.".into(), "saskia.de.wit@example.com".into())
        );
    }
}
