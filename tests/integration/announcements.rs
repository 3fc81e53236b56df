//! New orders on their way to the administrator.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::Test;
use crate::http::text;
use crate::orders::{lines, placed};
use crate::shop::{Shop, at_once, eventually, unique};
use crate::subscription::{Subscription, receive};

pub const TESTS: &[(&str, Test)] = &[
    ("each_order_is_announced_and_says_which_it_is", announced),
    ("a_message_that_comes_again_announces_the_same_order", redelivered),
    ("poisonous_messages_end_apart_and_block_nobody", poisonous),
];

const PATIENCE: Duration = Duration::from_secs(60);

fn announced(shop: &Shop) -> Result<()> {
    let administrator = Administrator::listening(shop)?;
    let (customer, book) = (shop.customer()?, shop.stocked(100)?);
    let order = lines(&[(&book, 1)]);
    let orders = at_once(10, |_| placed(shop, &customer, &order))?;
    for order in &orders {
        let id = order.id()?;
        let told = administrator.told_of(&id)?;
        let [told, ..] = &told[..] else { unreachable!("told_of waits for one") };
        ensure!(told["Subject"] == format!("New order {id}"), "{told}");
        ensure!(told["MessageAttributes"]["orderId"]["Value"] == id.as_str(), "{told}");
        // And nothing of who ordered what.
        let message: Value = serde_json::from_str(&text(told, "Message")?)?;
        ensure!(message == json!({ "orderId": id, "placedAt": order.body["createdAt"] }), "{message}");
    }
    Ok(())
}

fn redelivered(shop: &Shop) -> Result<()> {
    let administrator = Administrator::listening(shop)?;
    let placed = placed(shop, &shop.customer()?, &lines(&[(&shop.stocked(1)?, 1)]))?;
    let order = placed.id()?;
    administrator.told_of(&order)?;
    let queue = shop.aws.stack_output(&shop.stack, "OrdersQueueUrl")?;
    send(shop, &queue, &json!({ "orderId": order, "placedAt": placed.body["createdAt"] }).to_string())?;
    eventually(PATIENCE, "the message that came again was not announced", || {
        let told = administrator.told_of(&order)?;
        let same = told.iter().all(|one| one["Message"] == told[0]["Message"]);
        ensure!(same, "two announcements of one order differ: {told:?}");
        Ok((told.len() >= 2).then_some(()))
    })
}

fn poisonous(shop: &Shop) -> Result<()> {
    let queue = shop.aws.stack_output(&shop.stack, "OrdersQueueUrl")?;
    let dead_letters = shop.aws.stack_output(&shop.stack, "OrdersNotAnnouncedQueueUrl")?;
    let administrator = Administrator::listening(shop)?;
    let customer = shop.customer()?;
    let book = shop.stocked(10)?;
    let _hastened = Hastened::queue(shop, &queue)?;
    let mark = unique("poison");
    let poison = [
        mark.clone(),
        json!({ "mark": mark }).to_string(),
        json!({ "orderId": mark }).to_string(),
        json!({ "orderId": [mark] }).to_string(),
        format!("{{\"orderId\": \"{mark}\""),
    ];
    for body in &poison {
        send(shop, &queue, body)?;
        // Each in the midst of good ones, so that batches hold both.
        let order = placed(shop, &customer, &lines(&[(&book, 1)]))?.id()?;
        administrator.told_of(&order).with_context(|| format!("beside {body}"))?;
    }
    let mut dead = Vec::new();
    eventually(Duration::from_secs(400), "poison is not among the dead letters", || {
        for message in receive(shop, &dead_letters)? {
            let body = text(&message, "Body")?;
            if body.contains(&mark) {
                let receipt = json!({ "QueueUrl": dead_letters, "ReceiptHandle": message["ReceiptHandle"] });
                shop.aws.call("sqs", "delete_message", receipt)?;
                dead.push(body);
            }
        }
        Ok(poison.iter().all(|body| dead.contains(body)).then_some(()))
    })?;
    ensure!(dead.len() == poison.len(), "some came twice: {dead:?}");
    Ok(())
}

fn send(shop: &Shop, queue: &str, body: &str) -> Result<()> {
    shop.aws.call("sqs", "send_message", json!({ "QueueUrl": queue, "MessageBody": body })).map(drop)
}

/// A queue that gives a failed message again after some seconds instead of a minute, as long as this lives. It must be
/// longer than the function may take, or a message would be worked on twice at once.
struct Hastened<'a> {
    shop: &'a Shop,
    queue: String,
    before: Value,
}

impl<'a> Hastened<'a> {
    fn queue(shop: &'a Shop, queue: &str) -> Result<Self> {
        let name = "VisibilityTimeout";
        let input = json!({ "QueueUrl": queue, "AttributeNames": [name] });
        let before = shop.aws.call("sqs", "get_queue_attributes", input)?["Attributes"].take();
        ensure!(before[name].is_string(), "{queue} has no {name}");
        let hastened = Self { shop, queue: queue.to_owned(), before };
        hastened.set(json!({ name: "12" }))?;
        Ok(hastened)
    }

    fn set(&self, attributes: Value) -> Result<()> {
        let input = json!({ "QueueUrl": self.queue, "Attributes": attributes });
        self.shop.aws.call("sqs", "set_queue_attributes", input).map(drop)
    }
}

impl Drop for Hastened<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.set(self.before.clone()) {
            eprintln!("error: {} was not set back to {}: {error:#}", self.queue, self.before);
        }
    }
}

/// Somebody who has subscribed to the orders, by a queue.
struct Administrator<'a> {
    subscription: Subscription<'a>,
    told: RefCell<BTreeMap<String, Vec<Value>>>,
}

impl<'a> Administrator<'a> {
    fn listening(shop: &'a Shop) -> Result<Self> {
        let topic = shop.aws.stack_output(&shop.stack, "OrderTopicArn")?;
        Ok(Self { subscription: Subscription::to(shop, &topic)?, told: RefCell::default() })
    }

    /// All that was told of an order so far, and at least once: waits for that.
    fn told_of(&self, order: &str) -> Result<Vec<Value>> {
        eventually(PATIENCE, &format!("the order {order} was not announced"), || {
            for told in self.subscription.receive()? {
                let message: Value = serde_json::from_str(&text(&told, "Message")?)?;
                self.told.borrow_mut().entry(text(&message, "orderId")?).or_default().push(told);
            }
            Ok(self.told.borrow().get(order).cloned())
        })
    }
}
