//! What the hub knows about its own state: feeds, rejects, the store, and progress of the first fill.

use city_sensors::protocols::{Reason, Reject};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The state of a hub, as `/api/health` shows it.
#[derive(Default)]
pub struct Health {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    feeds: BTreeMap<String, Feed>,
    store_error: Option<String>,
    fill: Option<Fill>,
    viewers: usize,
}

#[derive(Default)]
struct Feed {
    kind: &'static str,
    state: State,
    last_message_ns: Option<i64>,
    last_reading_ns: Option<i64>,
    messages: u64,
    readings: u64,
    repeated: u64,
    rejects: BTreeMap<Reason, u64>,
    last_reject: Option<String>,
    /// When readings of the last minute were stored, and how many.
    recent: VecDeque<(i64, usize)>,
}

/// The rate of readings is counted over this long.
const RATE_NS: i64 = 60 * city_sensors::NS_PER_S;
/// Most entries of the last minute.
const MAX_RECENT: usize = 10_000;

impl Feed {
    /// Readings a second over the last minute, or since the first one in it.
    fn rate_per_s(&self, now_ns: i64) -> f64 {
        let mut recent = self
            .recent
            .iter()
            .filter(|(time_ns, _)| now_ns - time_ns <= RATE_NS)
            .peekable();
        let Some((first_ns, _)) = recent.peek() else {
            return 0.0;
        };
        let whole = self.recent.front().is_some_and(|(t, _)| t < first_ns);
        let span_ns = if whole { RATE_NS } else { now_ns - first_ns };
        let span_s = (span_ns as f64 * 1e-9).max(1.0);
        recent.map(|(_, readings)| *readings as f64).sum::<f64>() / span_s
    }
}

/// How a feed stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Not tried yet.
    #[default]
    Starting,
    /// Readings can come.
    Connected,
    /// Cannot be reached now; the text says why, and it is tried again.
    Waiting(String),
}

#[derive(Clone, Copy)]
struct Fill {
    done: u64,
    total: u64,
}

impl Health {
    /// Enters a feed.
    pub fn add_feed(&self, name: &str, kind: &'static str) {
        let feed = Feed {
            kind,
            ..Feed::default()
        };
        self.lock().feeds.insert(name.to_owned(), feed);
    }

    /// Notes how a feed stands.
    pub fn set_state(&self, feed: &str, state: State) {
        if let Some(feed) = self.lock().feeds.get_mut(feed) {
            feed.state = state;
        }
    }

    /// Notes a message that a feed received.
    pub fn message(&self, feed: &str, now_ns: i64) {
        if let Some(feed) = self.lock().feeds.get_mut(feed) {
            feed.messages += 1;
            feed.last_message_ns = Some(now_ns);
        }
    }

    /// Notes a reject.
    pub fn reject(&self, feed: &str, reject: &Reject) {
        if let Some(feed) = self.lock().feeds.get_mut(feed) {
            *feed.rejects.entry(reject.reason).or_default() += 1;
            feed.last_reject = Some(reject.to_string());
        }
    }

    /// Notes readings of a feed that are stored, and how many of them were there before.
    pub fn stored(&self, feed: &str, now_ns: i64, readings: usize, repeated: usize) {
        if let Some(feed) = self.lock().feeds.get_mut(feed)
            && readings > 0
        {
            feed.readings += readings as u64;
            feed.repeated += repeated as u64;
            feed.last_reading_ns = Some(now_ns);
            feed.recent.push_back((now_ns, readings));
            while feed.recent.len() > MAX_RECENT
                || feed
                    .recent
                    .front()
                    .is_some_and(|(t, _)| now_ns - t > RATE_NS)
            {
                feed.recent.pop_front();
            }
        }
    }

    /// Notes that the store fails, or works again.
    pub fn set_store_error(&self, error: Option<String>) {
        self.lock().store_error = error;
    }

    /// Notes how far the first fill has come; `None` when it is done.
    pub fn set_fill(&self, done_and_total: Option<(u64, u64)>) {
        self.lock().fill = done_and_total.map(|(done, total)| Fill { done, total });
    }

    /// Counts viewers on the live socket.
    pub fn add_viewers(&self, change: isize) {
        let mut inner = self.lock();
        inner.viewers = inner.viewers.saturating_add_signed(change);
    }

    /// The state as JSON; ages are counted from `now_ns`.
    pub fn to_json(&self, now_ns: i64) -> Value {
        let inner = self.lock();
        let age_s = |time_ns: Option<i64>| time_ns.map(|t| (now_ns - t) as f64 / 1e9);
        let feeds: Vec<Value> = inner
            .feeds
            .iter()
            .map(|(name, feed)| {
                let rejects: BTreeMap<&str, u64> =
                    feed.rejects.iter().map(|(r, n)| (r.id(), *n)).collect();
                let (state, why) = match &feed.state {
                    State::Starting => ("starting", None),
                    State::Connected => ("connected", None),
                    State::Waiting(why) => ("waiting", Some(why)),
                };
                json!({
                    "name": name, "kind": feed.kind, "state": state, "why": why,
                    "message_age_s": age_s(feed.last_message_ns),
                    "reading_age_s": age_s(feed.last_reading_ns),
                    "readings_per_s": feed.rate_per_s(now_ns),
                    "messages": feed.messages, "readings": feed.readings, "repeated": feed.repeated,
                    "rejects": rejects, "last_reject": feed.last_reject,
                })
            })
            .collect();
        let fill = inner
            .fill
            .map(|fill| json!({"done": fill.done, "total": fill.total}));
        let healthy = inner.store_error.is_none();
        json!({
            "status": if healthy { "ok" } else { "failing" },
            "feeds": feeds, "store_error": inner.store_error, "filling": fill,
            "viewers": inner.viewers,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use city_sensors::NS_PER_S;

    #[test]
    fn the_rate_is_that_of_the_last_minute() {
        let health = Health::default();
        health.add_feed("a", "mqtt");
        let rate = |at_s: i64| {
            let document = health.to_json(at_s * NS_PER_S);
            document["feeds"][0]["readings_per_s"].as_f64().unwrap()
        };
        assert_eq!(rate(1000), 0.0);
        for second in 1000..1090 {
            health.stored("a", second * NS_PER_S, 50, 0);
        }
        assert!((rate(1089) - 50.0).abs() < 1.0, "{}", rate(1089));
        assert!((rate(1119) - 25.0).abs() < 2.0, "{}", rate(1119));
        assert_eq!(rate(1200), 0.0);
    }
}
