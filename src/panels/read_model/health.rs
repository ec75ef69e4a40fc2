//! The health panel: tiles in flight, memory, frame times, feeds.

use city_time::SimInstant;

use super::{Frames, Sources};
use crate::ui::model as ui;

pub(super) fn health(from: &Sources, frames: &Frames, rates: &mut Rates) -> ui::HealthModel {
    let totals = &from.totals;
    ui::HealthModel {
        tiles_in_flight: totals.in_flight,
        tiles_queued: totals.queued,
        tiles_loaded: totals.loaded,
        tiles_shown: totals.shown,
        tiles_failed: totals.failed,
        memory_bytes: totals.bytes + from.vector_totals.bytes,
        memory_budget_bytes: from.settings.byte_budget,
        frame_ms: frames.times_ms.iter().copied().collect(),
        frame_budget_ms: 1000.0 / 60.0,
        adapter: from.adapter.0.clone(),
        render_path: if from.quality.full {
            ui::RenderPath::Full
        } else {
            ui::RenderPath::Lean
        },
        feeds: from
            .hub
            .health
            .as_ref()
            .map(|health| feeds(health, rates))
            .unwrap_or_default(),
        hub: from.address.0.as_ref().map(|address| ui::HubModel {
            address: address.clone(),
            connected: from.hub.connected,
        }),
    }
}

/// Readings of each feed at the hub's last report, and their rate since the one before.
#[derive(Default)]
pub struct Rates(std::collections::HashMap<String, Rate>);

#[derive(Clone, Copy, Default)]
struct Rate {
    at_ns: i64,
    readings: u64,
    per_s: f64,
}

impl Rates {
    fn of(&mut self, feed: &str, at_ns: i64, readings: u64) -> f64 {
        let last = self.0.entry(feed.to_owned()).or_insert(Rate {
            at_ns,
            readings,
            per_s: 0.0,
        });
        let passed_s = (at_ns - last.at_ns) as f64 * 1e-9;
        if passed_s > 0.5 {
            *last = Rate {
                at_ns,
                readings,
                per_s: readings.saturating_sub(last.readings) as f64 / passed_s,
            };
        }
        last.per_s
    }
}

/// The hub's `/api/health` answer; what it lacks is left at its default.
fn feeds(health: &serde_json::Value, rates: &mut Rates) -> Vec<ui::FeedModel> {
    let now_ns = health
        .get("now")
        .and_then(serde_json::Value::as_str)
        .and_then(|text| SimInstant::parse_rfc3339(text).ok())
        .map_or(0, |now| now.0);
    fn text<'j>(feed: &'j serde_json::Value, key: &str) -> Option<&'j str> {
        feed.get(key)?.as_str()
    }
    let number = |value: Option<&serde_json::Value>| value.and_then(serde_json::Value::as_f64);
    let Some(list) = health.get("feeds").and_then(serde_json::Value::as_array) else {
        return Vec::new();
    };
    list.iter()
        .map(|feed| ui::FeedModel {
            name: text(feed, "name").unwrap_or("feed").to_owned(),
            connected: text(feed, "state") == Some("connected"),
            starting: text(feed, "state") == Some("starting"),
            why: text(feed, "why").unwrap_or_default().to_owned(),
            simulated: text(feed, "kind") == Some("simulated"),
            age_s: number(feed.get("reading_age_s")),
            rate_per_s: rates.of(
                text(feed, "name").unwrap_or("feed"),
                now_ns,
                number(feed.get("readings")).unwrap_or(0.0) as u64,
            ),
            accepted: number(feed.get("readings")).unwrap_or(0.0) as u64,
            rejects: feed
                .get("rejects")
                .and_then(serde_json::Value::as_object)
                .map(|rejects| {
                    rejects
                        .iter()
                        .map(|(why, count)| (why.clone(), count.as_u64().unwrap_or(0)))
                        .collect()
                })
                .unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_of_a_feed_is_that_between_two_reports_of_the_hub() {
        let report = |second: u32, readings: u64| {
            serde_json::json!({
                "now": format!("2026-11-25T09:00:{second:02}Z"),
                "feeds": [{"name": "tide", "kind": "mqtt", "state": "connected",
                    "readings": readings, "rejects": {"value out of range": 3}}],
            })
        };
        let mut rates = Rates::default();
        let first = feeds(&report(0, 1_000), &mut rates);
        assert_eq!((first[0].rate_per_s, first[0].accepted), (0.0, 1_000));
        assert_eq!(first[0].rejects, [("value out of range".to_owned(), 3)]);
        for _ in 0..3 {
            // The same report is read in every frame until the next comes.
            assert_eq!(feeds(&report(5, 1_600), &mut rates)[0].rate_per_s, 120.0);
        }
        assert_eq!(feeds(&report(10, 1_600), &mut rates)[0].rate_per_s, 0.0);
        assert!(feeds(&serde_json::json!({}), &mut rates).is_empty());
    }
}
