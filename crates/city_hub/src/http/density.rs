//! `GET /api/density`: how many readings there are over the history, for the timeline.

use super::api::ApiError;
use crate::{
    hub::Hub,
    store::{BIN_NS, BINS, HOUR_NS, Tally, hour_of},
};
use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

/// Hours that are counted for one answer; the rest is counted for the next ones, the newest first.
const HOURS_PER_ANSWER: usize = 4;
/// Late readings may still come in for an hour that ended less than this ago, in hours.
const SETTLED_AFTER_H: u32 = 2;

/// Hours that are counted and will not change.
#[derive(Default)]
pub struct Counted(Mutex<BTreeMap<u32, [Tally; BINS]>>);

/// `{"start_ns", "bin_ns", "complete", "readings": […], "bad": […]}`, a bin being ten minutes. While `complete` is
/// false, the oldest hours are not counted yet and read as none: ask again.
pub(super) async fn density(State(hub): State<Arc<Hub>>) -> Result<Response, ApiError> {
    let document = tokio::task::spawn_blocking(move || count(&hub))
        .await
        .map_err(|e| ApiError::Failed(e.to_string()))??;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(document)).into_response())
}

fn count(hub: &Hub) -> Result<serde_json::Value, ApiError> {
    let now_ns = hub.now_ns();
    let newest = hour_of(now_ns);
    let keeps_from = hour_of(hub.store.keeps_from_ns(now_ns));
    let oldest = hub
        .store
        .oldest_hour()?
        .map_or(newest, |hour| hour.clamp(keeps_from.min(newest), newest));
    let all: BTreeSet<u32> = {
        let registry = hub.registry.read();
        registry.catalog.datastreams.iter().map(|d| d.id).collect()
    };
    let mut left = HOURS_PER_ANSWER;
    // While history is being filled in, no hour is settled.
    let filled = *hub.ready.borrow();
    let mut complete = filled;
    let mut bins = Vec::new();
    for hour in (oldest..=newest).rev() {
        let settled = filled && hour + SETTLED_AFTER_H < newest;
        let known = hub.counted.get(hour);
        let tallies = match known {
            Some(tallies) => tallies,
            None if left == 0 => {
                complete = false;
                [Tally::default(); BINS]
            }
            None => {
                left -= 1;
                let tallies = hub.store.tally(&all, hour)?;
                if settled {
                    hub.counted.put(hour, tallies, oldest);
                }
                tallies
            }
        };
        bins.extend(tallies.iter().rev());
    }
    bins.reverse();
    Ok(json!({
        "start_ns": i64::from(oldest) * HOUR_NS,
        "bin_ns": BIN_NS,
        "complete": complete,
        "readings": bins.iter().map(|tally: &Tally| tally.readings).collect::<Vec<_>>(),
        "bad": bins.iter().map(|tally| tally.bad).collect::<Vec<_>>(),
    }))
}

impl Counted {
    fn get(&self, hour: u32) -> Option<[Tally; BINS]> {
        let hours = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hours.get(&hour).copied()
    }

    fn put(&self, hour: u32, tallies: [Tally; BINS], oldest: u32) {
        let mut hours = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hours.insert(hour, tallies);
        // What is kept no longer is not counted either.
        *hours = hours.split_off(&oldest);
    }
}
