//! How many readings there are over the history: what the timeline draws behind itself.

use std::sync::Arc;

use bevy::ecs::prelude::*;
use serde::Deserialize;

use super::HubAddress;
use crate::clock::SimClock;
use crate::platform::{Fetcher, monotonic_ms};
use crate::ui::model::DensityHistogram;

/// The newest answer of the hub.
#[derive(Resource, Clone, Debug, Default)]
pub struct ReadingDensity(pub Arc<DensityHistogram>);

/// Asks the hub. Not `Send` in the browser.
pub(super) struct DensityIo {
    fetcher: Fetcher,
    address: Option<String>,
    key: u64,
    asked: bool,
    next_ms: f64,
}

impl DensityIo {
    pub(super) fn new() -> Self {
        Self {
            fetcher: Fetcher::new(1),
            address: None,
            key: 0,
            asked: false,
            next_ms: 0.0,
        }
    }
}

/// Once a minute is enough for bins of ten minutes.
const EVERY_MS: f64 = 60_000.0;
/// While the hub is still counting.
const WHILE_COUNTING_MS: f64 = 2_000.0;
/// A year of ten minutes; more is no answer to this question.
const MAX_BINS: usize = 53_000;

/// The answer of `/api/density`.
#[derive(Deserialize)]
struct Answer {
    start_ns: i64,
    bin_ns: i64,
    complete: bool,
    readings: Vec<u32>,
    bad: Vec<u32>,
}

/// Reads an answer; nothing where it is none.
fn histogram(bytes: &[u8]) -> Option<(DensityHistogram, bool)> {
    let answer: Answer = serde_json::from_slice(bytes).ok()?;
    let fits = answer.bin_ns > 0
        && answer.readings.len() <= MAX_BINS
        && answer.bad.len() == answer.readings.len();
    fits.then_some((
        DensityHistogram {
            start_ns: answer.start_ns,
            bin_ns: answer.bin_ns,
            counts: answer.readings,
            bad: answer.bad,
        },
        answer.complete,
    ))
}

pub(super) fn ask(
    mut io: NonSendMut<DensityIo>,
    address: Res<HubAddress>,
    clock: Res<SimClock>,
    mut density: ResMut<ReadingDensity>,
) {
    // A clock that stands still is a picture's: nobody sees a timeline.
    if clock.frozen {
        return;
    }
    let now_ms = monotonic_ms();
    if io.address != address.0 {
        io.address.clone_from(&address.0);
        io.asked = false;
        io.key += 1;
        // The window comes first: tiles and readings are asked for before this.
        io.next_ms = now_ms + 1_500.0;
        density.0 = Arc::default();
    }
    for fetched in io.fetcher.poll() {
        if fetched.key != io.key {
            continue;
        }
        io.asked = false;
        let answer = fetched.result.ok().and_then(|bytes| histogram(&bytes));
        let complete = answer.as_ref().is_none_or(|(_, complete)| *complete);
        io.next_ms = now_ms
            + if complete {
                EVERY_MS
            } else {
                WHILE_COUNTING_MS
            };
        if let Some((histogram, _)) = answer {
            density.0 = Arc::new(histogram);
        }
    }
    if io.asked || now_ms < io.next_ms {
        return;
    }
    if let Some(hub) = io.address.clone() {
        io.asked = true;
        io.key += 1;
        let key = io.key;
        io.fetcher.fetch(key, &format!("{hub}/api/density"));
    }
}

#[cfg(test)]
mod tests {
    use super::histogram;

    #[test]
    fn an_answer_is_read_and_what_is_none_is_refused() {
        let (read, complete) = histogram(
            br#"{"start_ns":600000000000,"bin_ns":600000000000,"complete":false,"readings":[4,7],"bad":[0,2]}"#,
        )
        .unwrap();
        assert_eq!((read.counts, read.bad), (vec![4, 7], vec![0, 2]));
        assert!(!complete);
        for bad in [
            &br#"{"start_ns":0,"bin_ns":0,"complete":true,"readings":[],"bad":[]}"#[..],
            br#"{"start_ns":0,"bin_ns":1,"complete":true,"readings":[1],"bad":[]}"#,
            b"<html>404</html>",
        ] {
            assert!(histogram(bad).is_none());
        }
    }
}
