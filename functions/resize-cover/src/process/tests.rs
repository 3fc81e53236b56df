//! A shop in memory, in which every step may fail before or after it has had its effect, and events run in any order.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, Waker},
};

use bookstore::domain::{BookId, UploadId};
use image::{ImageFormat, RgbImage};
use proptest::prelude::*;

use super::*;

/// What a step of the shop does besides its work.
#[derive(Debug, Clone, Copy)]
enum Step {
    Works,
    FailsBefore,
    FailsAfter,
}

/// A shop with one book.
#[derive(Default)]
struct Memory {
    cover: RefCell<Option<Cover>>,
    is_deleted: Cell<bool>,
    files: RefCell<BTreeMap<String, Vec<u8>>>,
    uploads: RefCell<BTreeMap<String, Upload>>,
    objects: RefCell<BTreeSet<String>>,
    failures: Cell<usize>,
    steps: RefCell<Vec<Step>>,
}

impl Memory {
    fn with_upload(&self, key: UploadKey, file: Vec<u8>) {
        let waiting = Upload { status: UploadStatus::Waiting, replaced: None };
        self.uploads.borrow_mut().insert(key.to_string(), waiting);
        self.files.borrow_mut().insert(key.to_string(), file);
    }

    fn delete_book(&self) {
        self.is_deleted.set(true);
        // As delete-book does: the cover of the book, and those that uploads have replaced.
        let uploads = std::mem::take(&mut *self.uploads.borrow_mut());
        let replaced = uploads.into_values().filter_map(|upload| upload.replaced);
        for cover in replaced.chain(self.cover.take()) {
            self.remove(&cover);
        }
    }

    fn remove(&self, cover: &Cover) {
        let mut objects = self.objects.borrow_mut();
        objects.remove(&cover.small);
        objects.remove(&cover.large);
    }

    fn status(&self, key: UploadKey) -> Option<UploadStatus> {
        self.uploads.borrow().get(&key.to_string()).map(|upload| upload.status.clone())
    }

    fn shown(&self) -> BTreeSet<String> {
        self.cover.borrow().iter().flat_map(|cover| [cover.small.clone(), cover.large.clone()]).collect()
    }

    /// Lets others go first, then does it: all at once, as the table and the buckets do.
    async fn step<T>(&self, effect: impl FnOnce() -> T) -> Result<T, Error> {
        let mut went = false;
        poll_fn(|_| if std::mem::replace(&mut went, true) { Poll::Ready(()) } else { Poll::Pending }).await;
        match self.steps.borrow_mut().pop().unwrap_or(Step::Works) {
            Step::Works => Ok(effect()),
            Step::FailsBefore => Err("no answer".into()),
            Step::FailsAfter => {
                effect();
                Err("the answer is lost".into())
            }
        }
    }
}

impl Shop for Memory {
    async fn upload(&self, key: UploadKey) -> Result<Option<Upload>, Error> {
        self.step(|| self.uploads.borrow().get(&key.to_string()).cloned()).await
    }

    async fn file(&self, key: UploadKey) -> Result<Option<Vec<u8>>, Error> {
        self.step(|| Some(self.files.borrow()[&key.to_string()].clone())).await
    }

    async fn put(&self, cover: &Cover, _: Pictures) -> Result<(), Error> {
        self.step(|| self.objects.borrow_mut().extend([cover.small.clone(), cover.large.clone()])).await
    }

    async fn show(&self, key: UploadKey, cover: Cover) -> Result<Option<Cover>, Error> {
        self.step(|| {
            let mut shown = self.cover.borrow_mut();
            match self.uploads.borrow_mut().get_mut(&key.to_string()) {
                Some(upload) if upload.status == UploadStatus::Waiting && !self.is_deleted.get() => {
                    let is_late = shown.as_ref().is_some_and(|shown| *shown > cover);
                    let replaced = if is_late { Some(cover) } else { shown.replace(cover) };
                    *upload = Upload { status: UploadStatus::Done, replaced: replaced.clone() };
                    replaced
                }
                _ => (*shown != Some(cover.clone())).then_some(cover),
            }
        })
        .await
    }

    async fn fail(&self, key: UploadKey, reason: String) -> Result<bool, Error> {
        self.step(|| match self.uploads.borrow_mut().get_mut(&key.to_string()) {
            Some(upload) if upload.status == UploadStatus::Waiting => {
                upload.status = UploadStatus::Failed { reason };
                true
            }
            _ => false,
        })
        .await
    }

    async fn delete(&self, cover: &Cover) -> Result<(), Error> {
        self.step(|| self.remove(cover)).await
    }

    fn record(&self, metric: Metric) {
        assert_eq!(metric, Metric::ImageFailures);
        self.failures.set(self.failures.get() + 1);
    }
}

type Task<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Runs all tasks at once on this thread, one step of one of them at a time, in the order that these numbers give.
fn run(mut tasks: Vec<Task<'_>>, order: &[usize]) {
    let mut context = Context::from_waker(Waker::noop());
    for next in order.iter().copied().chain(std::iter::repeat(0)) {
        if tasks.is_empty() {
            return;
        }
        let next = next % tasks.len();
        if tasks[next].as_mut().poll(&mut context).is_ready() {
            drop(tasks.remove(next));
        }
    }
}

/// An event, sent again until it has been dealt with.
fn event(shop: &Memory, key: UploadKey) -> Task<'_> {
    Box::pin(async move { while upload(shop, key).await.is_err() {} })
}

fn file(colour: u8) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    RgbImage::from_pixel(4, 6, image::Rgb([colour, 0, 0])).write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

fn keys<const N: usize>() -> [UploadKey; N] {
    let book = BookId::generate();
    std::array::from_fn(|_| UploadKey { book, upload: UploadId::generate() })
}

#[test]
fn a_book_gets_the_cover_and_loses_the_former_one() {
    let (shop, [first, second]) = (Memory::default(), keys());
    for (key, colour) in [(first, 1), (second, 2)] {
        shop.with_upload(key, file(colour));
        run(vec![event(&shop, key)], &[]);
        assert_eq!(shop.status(key), Some(UploadStatus::Done));
        let shown = shop.shown();
        assert!(shown.len() == 2 && shown.iter().all(|object| object.starts_with(&key.to_string())), "{shown:?}");
        assert_eq!(*shop.objects.borrow(), shown);
    }
}

#[test]
fn a_file_that_is_no_image_fails_and_harms_nothing() {
    let (shop, [good, bad]) = (Memory::default(), keys());
    shop.with_upload(good, file(1));
    shop.with_upload(bad, b"#!/bin/sh".into());
    run(vec![event(&shop, good)], &[]);
    let before = shop.shown();
    run(vec![event(&shop, bad), event(&shop, bad)], &[0, 1, 0, 1]);
    let reason = "The file is not a JPEG, PNG or WebP image.".into();
    assert_eq!(shop.status(bad), Some(UploadStatus::Failed { reason }));
    assert_eq!((shop.failures.get(), shop.shown(), &*shop.objects.borrow()), (1, before.clone(), &before));
}

#[test]
fn an_early_upload_that_comes_late_does_not_win() {
    let (shop, [first, second]) = (Memory::default(), keys());
    shop.with_upload(first, file(1));
    shop.with_upload(second, file(2));
    run(vec![event(&shop, second)], &[]);
    let before = shop.shown();
    run(vec![event(&shop, first)], &[]);
    assert_eq!(
        (shop.status(first), shop.shown(), &*shop.objects.borrow()),
        (Some(UploadStatus::Done), before.clone(), &before)
    );
}

#[test]
fn a_book_that_is_gone_leaves_nothing() {
    let (shop, [key]) = (Memory::default(), keys());
    shop.with_upload(key, file(1));
    shop.delete_book();
    run(vec![event(&shop, key)], &[]);
    assert!(shop.objects.borrow().is_empty() && shop.shown().is_empty());
}

proptest! {
    /// Three uploads, of which the first two are the same file and the last one is bad; each event comes twice, everything
    /// fails at times, and the book may be deleted at any moment.
    #[test]
    fn whatever_happens_the_end_is_the_same(
        order in prop::collection::vec(0_usize..7, 0..80),
        steps in prop::collection::vec(
            prop_oneof![3 => Just(Step::Works), 1 => Just(Step::FailsBefore), 1 => Just(Step::FailsAfter)],
            0..60,
        ),
        is_deleted: bool,
    ) {
        let (shop, uploads) = (Memory::default(), keys::<3>());
        let [first, second, bad] = uploads;
        shop.with_upload(first, file(1));
        shop.with_upload(second, file(1));
        shop.with_upload(bad, b"GIF89a".into());
        *shop.steps.borrow_mut() = steps;
        let mut tasks: Vec<Task<'_>> = uploads.iter().chain(&uploads).map(|key| event(&shop, *key)).collect();
        if is_deleted {
            tasks.push(Box::pin(async { drop(shop.step(|| ()).await); shop.delete_book() }));
        }
        run(tasks, &order);

        prop_assert_eq!(shop.objects.borrow().clone(), shop.shown());
        if is_deleted {
            prop_assert!(shop.shown().is_empty());
        } else {
            prop_assert!(shop.shown().iter().all(|object| object.starts_with(&second.to_string())));
            prop_assert_eq!(shop.shown().len(), 2);
            prop_assert_eq!([first, second].map(|key| shop.status(key)), [Some(UploadStatus::Done), Some(UploadStatus::Done)]);
            let failed = matches!(shop.status(bad), Some(UploadStatus::Failed { .. }));
            prop_assert!(failed);
            // None if the answer was lost that would have told us of it.
            prop_assert!(shop.failures.get() <= 1);
        }
    }
}
