//! What someone must look at: a hub that is gone, a feed that is silent, a disk that is full.

use bevy::ecs::resource::Resource;

use crate::ui::i18n::Messages;
use crate::ui::model::{Alarm, FeedModel, HubModel, Severity};

/// A feed without a new reading for longer than this is silent, seconds.
const SILENT_S: f64 = 120.0;
/// A hub may be gone for this long before anybody is told, milliseconds.
const GRACE_MS: f64 = 10_000.0;

/// A condition that holds now.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    HubGone(String),
    StoreFailed(String),
    FeedDown(String),
    FeedSilent(String),
}

struct Open {
    id: u64,
    condition: Condition,
    since_ns: i64,
    acknowledged: bool,
}

/// The alarms that are open, in the order in which they came.
#[derive(Resource, Default)]
pub(super) struct Alarms {
    open: Vec<Open>,
    next: u64,
    /// Since when the hub does not answer, `platform::monotonic_ms`.
    gone_ms: Option<f64>,
}

impl Alarms {
    /// Opens what is new and closes what holds no longer.
    pub fn update(
        &mut self,
        hub: Option<&HubModel>,
        feeds: &[FeedModel],
        store_error: Option<&str>,
        now_ms: f64,
        wall_ns: i64,
    ) {
        let gone = hub.filter(|hub| !hub.connected);
        self.gone_ms = gone.map(|_| self.gone_ms.unwrap_or(now_ms));
        let mut conditions = Vec::new();
        if let (Some(hub), Some(since_ms)) = (gone, self.gone_ms)
            && now_ms - since_ms >= GRACE_MS
        {
            conditions.push(Condition::HubGone(hub.address.clone()));
        }
        // What an unreachable hub said last is no news.
        if gone.is_none() {
            conditions.extend(store_error.map(|error| Condition::StoreFailed(error.to_owned())));
            for feed in feeds {
                if !feed.connected && !feed.starting {
                    conditions.push(Condition::FeedDown(feed.name.clone()));
                } else if feed.connected && feed.age_s.is_some_and(|age_s| age_s > SILENT_S) {
                    conditions.push(Condition::FeedSilent(feed.name.clone()));
                }
            }
        }
        self.open
            .retain(|open| conditions.contains(&open.condition));
        for condition in conditions {
            if self.open.iter().all(|open| open.condition != condition) {
                self.next += 1;
                self.open.push(Open {
                    id: self.next,
                    condition,
                    since_ns: wall_ns,
                    acknowledged: false,
                });
            }
        }
    }

    /// Somebody has seen it.
    pub fn acknowledge(&mut self, id: u64) {
        for open in self.open.iter_mut().filter(|open| open.id == id) {
            open.acknowledged = true;
        }
    }

    /// For the panels, the most severe first.
    pub fn model(&self, t: &Messages) -> Vec<Alarm> {
        let mut alarms: Vec<Alarm> = self
            .open
            .iter()
            .map(|open| Alarm {
                id: open.id,
                severity: open.condition.severity(),
                text: open.condition.text(t),
                since_ns: open.since_ns,
                acknowledged: open.acknowledged,
            })
            .collect();
        alarms.sort_by_key(|alarm| std::cmp::Reverse(alarm.severity));
        alarms
    }
}

impl Condition {
    fn severity(&self) -> Severity {
        match self {
            Self::FeedSilent(_) => Severity::Warning,
            _ => Severity::Error,
        }
    }

    fn text(&self, t: &Messages) -> String {
        match self {
            Self::HubGone(hub) => t.fmt("alarm-hub-gone", &[("hub", hub)]),
            Self::StoreFailed(error) => t.fmt("alarm-store", &[("error", error)]),
            Self::FeedDown(feed) => t.fmt("alarm-feed-down", &[("feed", feed)]),
            Self::FeedSilent(feed) => t.fmt("alarm-feed-silent", &[("feed", feed)]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Language;

    fn hub(connected: bool) -> HubModel {
        HubModel {
            address: "http://127.0.0.1:8080".into(),
            connected,
        }
    }

    fn feed(connected: bool, age_s: f64) -> FeedModel {
        FeedModel {
            name: "tide".into(),
            connected,
            age_s: Some(age_s),
            ..FeedModel::default()
        }
    }

    #[test]
    fn a_hub_that_is_gone_for_a_while_is_an_alarm_and_ends_it_by_coming_back() {
        let mut alarms = Alarms::default();
        let t = Messages::new(Language::En);
        let mut at = |ms: f64, connected: bool| {
            alarms.update(Some(&hub(connected)), &[feed(true, 900.0)], None, ms, 77);
            alarms.model(&t)
        };
        assert!(at(0.0, false).is_empty(), "it may be starting");
        let open = at(10_000.0, false);
        assert_eq!(open.len(), 1, "what it said last does not count");
        assert_eq!((open[0].severity, open[0].since_ns), (Severity::Error, 77));
        assert!(open[0].text.contains("127.0.0.1:8080"), "{}", open[0].text);
        let silent = at(11_000.0, true);
        assert_eq!(silent.len(), 1);
        assert_eq!(silent[0].severity, Severity::Warning);
        assert!(at(12_000.0, false).is_empty(), "the wait begins anew");
    }

    #[test]
    fn an_acknowledged_alarm_stays_so_until_its_reason_is_gone() {
        let mut alarms = Alarms::default();
        let t = Messages::new(Language::ZhHant);
        let update = |alarms: &mut Alarms, feeds: &[FeedModel], store: Option<&str>| {
            alarms.update(Some(&hub(true)), feeds, store, 0.0, 0);
        };
        update(&mut alarms, &[feed(false, 1.0)], Some("disk full"));
        let open = alarms.model(&t);
        assert_eq!(open.len(), 2);
        alarms.acknowledge(open[0].id);
        update(&mut alarms, &[feed(false, 5.0)], Some("disk full"));
        assert!(alarms.model(&t)[0].acknowledged);
        update(&mut alarms, &[feed(true, 5.0)], None);
        assert!(alarms.model(&t).is_empty());
        update(&mut alarms, &[], Some("disk full"));
        assert!(!alarms.model(&t)[0].acknowledged, "it came again");
    }
}
