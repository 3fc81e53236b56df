//! Books, and the lists on which they stand.

use serde_json::json;

use super::*;

#[tokio::test]
async fn a_new_book_is_on_all_its_lists() {
    let emma = book("Emma");
    let (table, canned) = table([done()]);
    assert_eq!(table.create_book(&emma, None).await.unwrap(), None);
    let id = emma.summary.id;
    assert_eq!(
        writes(&canned.operations()[0]),
        [
            format!("Put BOOK#{id} BOOK"),
            format!("Put BOOKS#newest {id}"),
            format!("Put BOOKS#newest#classics {id}"),
            format!("Put BOOKS#price GBP#0000990#{id}"),
            format!("Put BOOKS#price#classics GBP#0000990#{id}"),
            format!("Put BOOKS#title emma#{id}"),
            format!("Put BOOKS#title#classics emma#{id}"),
            format!("Put WORDS#a austen#{id}"),
            format!("Put WORDS#e emma#{id}"),
            format!("Put WORDS#j jane#{id}"),
            "Update CATEGORIES classics".to_owned(),
        ]
    );
    let put = &canned.operations()[0]["TransactWriteItems"]["TransactItems"][0]["Put"];
    assert_eq!((&put["Item"], &put["ConditionExpression"]), (&item(&emma), &json!("attribute_not_exists(PK)")));
}

#[tokio::test]
async fn a_book_comes_back_as_it_was_stored() {
    let emma = book("Emma");
    let (table, canned) = table([Answer::json(200, &json!({ "Item": item(&emma) })), done()]);
    assert_eq!(table.book(emma.summary.id).await.unwrap(), Some(emma.clone()));
    assert_eq!(table.book(emma.summary.id).await.unwrap(), None);
    let key = json!({ "PK": item(&emma)["PK"], "SK": { "S": "BOOK" } });
    assert_eq!(
        canned.operations()[0],
        json!({ "GetItem": { "TableName": "shop", "Key": key, "ConsistentRead": true } })
    );
}

#[tokio::test]
async fn a_change_moves_the_book_on_the_lists_that_it_concerns() {
    let emma = book("Emma");
    let details = BookDetails { title: "Emmeline".to_owned().try_into().unwrap(), ..emma.details() };
    let changed = emma.clone().with_details(details);
    let (table, canned) = table([done(), cancelled(&[refused(item(&emma))])]);
    assert!(table.change_book(&emma, &changed).await.unwrap());
    let writes = writes(&canned.operations()[0]);
    let id = emma.summary.id;
    for gone in ["BOOKS#title emma#", "BOOKS#title#classics emma#", "WORDS#e emma#"] {
        assert!(writes.contains(&format!("Delete {gone}{id}")), "{writes:?}");
    }
    assert!(writes.contains(&format!("Put WORDS#e emmeline#{id}")), "{writes:?}");
    assert!(!writes.iter().any(|write| write.contains("CATEGORIES")), "{writes:?}");
    assert!(!table.change_book(&emma, &changed).await.unwrap(), "somebody else was faster");
}

#[tokio::test]
async fn a_description_is_on_no_list() {
    let emma = book("Emma");
    let details = BookDetails { description: Some("A novel.".to_owned().try_into().unwrap()), ..emma.details() };
    let (table, canned) = table([done()]);
    table.change_book(&emma, &emma.clone().with_details(details)).await.unwrap();
    assert_eq!(writes(&canned.operations()[0]), [format!("Update BOOK#{} BOOK", emma.summary.id)]);
}

#[tokio::test]
async fn the_largest_change_of_a_book_fits_into_a_transaction() {
    fn long(from: usize) -> Text<200> {
        let words = (from..from + 60).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
        words.chars().take(200).collect::<String>().trim().to_owned().try_into().unwrap()
    }

    let details = BookDetails { title: long(100), author: long(200), ..book("Emma").details() };
    let old = Book::new(details, Stock::default());
    let other = BookDetails {
        title: long(300),
        author: long(400),
        category: "novels".to_owned().try_into().unwrap(),
        price: Price { amount: Cents::try_from(1).unwrap(), currency: Currency::Eur },
        description: None,
    };
    let (table, canned) = table([done()]);
    table.change_book(&old, &old.clone().with_details(other)).await.unwrap();
    let writes = writes(&canned.operations()[0]).len();
    assert!(writes > 85 && writes <= 100, "{writes}");
}

#[tokio::test]
async fn a_page_asks_for_one_more_to_know_of_the_next() {
    let shelf = ["Persuasion", "Emma", "Sanditon"].map(book);
    let ids = shelf.each_ref().map(|book| book.summary.id.to_string());
    let (table, canned) = table([
        Answer::json(
            200,
            &json!({ "Items": [entry(&ids[2], &shelf[2]), entry(&ids[1], &shelf[1]), entry(&ids[0], &shelf[0])] }),
        ),
        Answer::json(200, &json!({ "Items": [entry(&ids[0], &shelf[0])] })),
    ]);
    let first = table.books(None, Sort::Newest, two(), None).await.unwrap();
    assert_eq!(first.items, [shelf[2].summary.clone(), shelf[1].summary.clone()]);
    let last = table.books(None, Sort::Newest, two(), first.next).await.unwrap();
    assert_eq!(last, Page { items: vec![shelf[0].summary.clone()], next: None });

    let requests = canned.operations();
    assert_eq!(
        requests[0]["Query"],
        json!({
            "TableName": "shop",
            "KeyConditionExpression": "PK = :pk",
            "ExpressionAttributeValues": { ":pk": { "S": "BOOKS#newest" } },
            "ScanIndexForward": false,
            "ConsistentRead": false,
            "Limit": 3,
        })
    );
    assert_eq!(
        requests[1]["Query"]["ExclusiveStartKey"],
        json!({ "PK": { "S": "BOOKS#newest" }, "SK": { "S": ids[1] } })
    );
}

#[tokio::test]
async fn a_search_reads_a_bounded_number_of_entries_and_goes_on_behind_them() {
    let (emma, persuasion) = (book("Emma"), book("Emmeline and Emma"));
    let last = json!({ "PK": { "S": "WORDS#e" }, "SK": { "S": "emmeline#2" } });
    let entries = [entry("emma#1", &emma), entry("emma#2", &persuasion), entry("emmeline#2", &persuasion)];
    let (table, canned) = table([
        Answer::json(200, &json!({ "Items": entries, "LastEvaluatedKey": last })),
        Answer::json(200, &json!({})),
    ]);
    let search: Search = "emm ja".parse().unwrap();

    // The book of two matching words is found once.
    let page = table.find(&search, None, PageSize::default(), None).await.unwrap();
    assert_eq!(page.items, [emma.summary.clone(), persuasion.summary.clone()]);
    let rest = table.find(&search, None, PageSize::default(), page.next).await.unwrap();
    assert_eq!(rest, Page { items: vec![], next: None });
    let requests = canned.operations();
    assert_eq!(requests[0]["Query"]["Limit"], 100);
    assert_eq!(requests[1]["Query"]["ExclusiveStartKey"]["SK"]["S"], "emmeline#2");

    // A cursor that was bent to lead elsewhere is refused before DynamoDB sees it.
    let bent = Cursor::new(List::FoundBooks, "zola#1");
    assert!(matches!(table.find(&search, None, two(), Some(bent)).await, Err(StorageError::Cursor(_))));
}

#[tokio::test]
async fn a_full_page_of_a_search_ends_at_its_last_book() {
    let books = ["Emma", "Emmy", "Emmeline"].map(book);
    let items = [entry("emma#1", &books[0]), entry("emmy#2", &books[1]), entry("emmz#3", &books[2])];
    let (table, _) = table([Answer::json(200, &json!({ "Items": items }))]);
    let page = table.find(&"emm".parse().unwrap(), None, two(), None).await.unwrap();
    assert_eq!(page.items.len(), 2);
    assert_eq!(page.next.unwrap().within(List::FoundBooks).unwrap(), "emmy#2");
}
