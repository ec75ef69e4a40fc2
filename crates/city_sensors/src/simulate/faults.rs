//! Faults of simulated sensors: in every stretch of four hours, at most one episode.

use super::hash::{key, unit};
use crate::NS_PER_S;

const SLOT_S: i64 = 4 * 3600;
/// Longest episode, in seconds.
pub(super) const LONGEST_S: i64 = 100 * 60;
const SHORTEST_S: i64 = 20 * 60;

/// What goes wrong during an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The same value again and again.
    Stuck,
    /// No readings at all.
    Missing,
    /// Single readings far off.
    Spikes,
    /// Readings are held back and arrive together at the end.
    Late,
}

/// Chance of each fault in one stretch of four hours.
const CHANCES: [(Fault, f64); 4] = [
    (Fault::Stuck, 0.012),
    (Fault::Missing, 0.012),
    (Fault::Spikes, 0.010),
    (Fault::Late, 0.008),
];

/// The faults of one sensor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Faults {
    key: u64,
}

impl Faults {
    pub(super) const fn new(fault_key: u64) -> Self {
        Self { key: fault_key }
    }

    /// The episode that holds at an instant: what, and from when to when.
    pub(super) fn at(&self, time_ns: i64) -> Option<(Fault, (i64, i64))> {
        let slot = time_ns.div_euclid(SLOT_S * NS_PER_S);
        self.episode(slot)
            .filter(|(_, (from, to))| (*from..*to).contains(&time_ns))
    }

    /// Outages that end in `(after, until]`.
    pub(super) fn late_ending_in(
        &self,
        after_ns: i64,
        until_ns: i64,
    ) -> impl Iterator<Item = (i64, i64)> {
        let slot_ns = SLOT_S * NS_PER_S;
        let faults = *self;
        // An episode ends in its own slot, at the latest where the next one begins.
        let slots = (after_ns.div_euclid(slot_ns) - 1)..=until_ns.div_euclid(slot_ns);
        slots.filter_map(move |slot| match faults.episode(slot) {
            Some((Fault::Late, (from, to))) if to > after_ns && to <= until_ns => Some((from, to)),
            _ => None,
        })
    }

    fn episode(&self, slot: i64) -> Option<(Fault, (i64, i64))> {
        let slot_key = key(self.key, slot as u64);
        let mut chance = unit(slot_key);
        for (fault, share) in CHANCES {
            if chance < share {
                let longest = (LONGEST_S - SHORTEST_S) as f64;
                let length_s = SHORTEST_S + (unit(key(slot_key, 1)) * longest) as i64;
                let room_s = (SLOT_S - length_s) as f64;
                let start_s = slot * SLOT_S + (unit(key(slot_key, 2)) * room_s) as i64;
                return Some((fault, (start_s * NS_PER_S, (start_s + length_s) * NS_PER_S)));
            }
            chance -= share;
        }
        None
    }
}
