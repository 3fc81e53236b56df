//! Many things at once, and how far they are.

use std::future::Future;
use std::time::Instant;

use anyhow::Result;
use futures_util::{StreamExt, stream};

use crate::console::{self, BUSY, GOOD, Live, styled};

/// How many requests are under way at a time: enough to keep two processors busy.
const AT_ONCE: usize = 6;

/// Does all the work, a few at a time, and answers the results in its order. The first failure ends it.
pub async fn all<W: Future<Output = Result<R>>, R>(what: &str, work: impl IntoIterator<Item = W>) -> Result<Vec<R>> {
    let work: Vec<W> = work.into_iter().collect();
    let (total, started) = (work.len(), Instant::now());
    let mut live = Live::new();
    if total > 0 && !live.is_terminal() {
        live.line(format_args!("{what} …"));
    }
    let mut results = Vec::with_capacity(total);
    let mut running = stream::iter(work).buffered(AT_ONCE);
    loop {
        let elapsed = console::duration(started.elapsed());
        live.redraw(&[(BUSY, format!("{what} … {} of {total}, {elapsed}", results.len()))]);
        match running.next().await {
            Some(result) => results.push(result?),
            None => break,
        }
    }
    let done = if total == 0 { "there already".to_owned() } else { console::duration(started.elapsed()) };
    live.line(format_args!("{} {what}, {done}", styled(GOOD, "✓")));
    Ok(results)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn results_come_in_the_order_of_the_work() {
        let work = (0..20).map(|index| async move {
            tokio::time::sleep(Duration::from_millis((20 - index) % 7)).await;
            Ok(index)
        });
        assert_eq!(all("Counting", work).await.unwrap(), (0..20).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_failure_ends_the_work() {
        let work = (0..20).map(|index| async move { if index == 3 { anyhow::bail!("three") } else { Ok(()) } });
        assert_eq!(all("Counting", work).await.unwrap_err().to_string(), "three");
    }
}
