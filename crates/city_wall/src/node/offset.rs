//! By how much the leader's clock is ahead of ours.

use std::collections::VecDeque;

/// Samples that are kept: a quarter of a minute's worth, in which machines' clocks part by less than a millisecond.
/// With datagrams up to 40 ms late, the best of fewer is still half a frame off.
const KEPT: usize = 64;
/// A better estimate moves what is used by at most this per sample, nanoseconds: nothing on the wall jumps.
const SLEW_NS: i64 = 1_000_000;
/// Unless it is this far off, nanoseconds.
const STEP_NS: i64 = 20_000_000;
/// Clocks drift by less than this between two samples, nanoseconds; a greater contradiction means that one was set.
const DRIFT_NS: i64 = 5_000_000;
/// How long the best frame is remembered, nanoseconds.
const ONE_WAY_NS: i64 = 5_000_000_000;
/// Round trips longer than this, nanoseconds, say nothing.
const MAX_RTT_NS: i64 = 1_000_000_000;

/// The estimate. Until the leader has answered, from the frame that came with the least delay; then from the answer
/// with the shortest round trip among the last ones (RFC 5905, sections 8 and 10).
#[derive(Debug, Clone, Default)]
pub(crate) struct Offset {
    /// (offset, round trip)
    samples: VecDeque<(i64, i64)>,
    one_way: Option<OneWay>,
    used_ns: i64,
}

/// The frame with the least delay, in this stretch of time and in the one before.
#[derive(Debug, Clone, Copy)]
struct OneWay {
    since_ns: i64,
    now_ns: i64,
    before_ns: i64,
}

impl Offset {
    /// Leader's clock less ours, nanoseconds.
    pub(crate) fn ns(&self) -> i64 {
        self.used_ns
    }

    /// Whether there are enough answers to choose a good one.
    pub(crate) fn is_settled(&self) -> bool {
        self.samples.len() >= KEPT / 2
    }

    /// Another leader, another clock.
    pub(crate) fn forget(&mut self) {
        self.samples.clear();
        self.one_way = None;
    }

    /// A frame that was sent at `sent_ns` by the leader's clock came at `came_ns` by ours.
    pub(crate) fn frame(&mut self, sent_ns: i64, came_ns: i64) {
        let least = sent_ns.saturating_sub(came_ns);
        let known = self.one_way.get_or_insert(OneWay {
            since_ns: came_ns,
            now_ns: least,
            before_ns: least,
        });
        if came_ns.saturating_sub(known.since_ns) > ONE_WAY_NS {
            known.before_ns = known.now_ns;
            known.now_ns = least;
            known.since_ns = came_ns;
        }
        known.now_ns = known.now_ns.max(least);
        if self.samples.is_empty() {
            self.used_ns = known.now_ns.max(known.before_ns);
        }
    }

    /// An answer: sent `t0`, received `t1`, answered `t2`, received `t3`; the middle two by the leader's clock.
    pub(crate) fn answer(&mut self, t0: i64, t1: i64, t2: i64, t3: i64) {
        let [t0, t1, t2, t3] = [t0, t1, t2, t3].map(i128::from);
        let rtt = (t3 - t0) - (t2 - t1);
        let offset = ((t1 - t0) + (t2 - t3)) / 2;
        let (Ok(rtt), Ok(offset)) = (i64::try_from(rtt), i64::try_from(offset)) else {
            return;
        };
        if !(0..=MAX_RTT_NS).contains(&rtt) {
            return;
        }
        // An offset is wrong by half its round trip at most: two that differ by more are of a clock that was set.
        let contradicts = |(other, other_rtt): &(i64, i64)| {
            let differ = offset.saturating_sub(*other).saturating_abs();
            differ > (rtt + other_rtt) / 2 + DRIFT_NS
        };
        if self.samples.iter().any(contradicts) {
            self.samples.clear();
        }
        if self.samples.len() >= KEPT {
            self.samples.pop_front();
        }
        self.samples.push_back((offset, rtt));
        let best = self.samples.iter().min_by_key(|(_, rtt)| *rtt);
        let best = best.map_or(offset, |(best, _)| *best);
        let wrong = best.saturating_sub(self.used_ns);
        self.used_ns = if wrong.saturating_abs() > STEP_NS {
            best
        } else {
            self.used_ns + wrong.clamp(-SLEW_NS, SLEW_NS)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Within a few milliseconds of the truth through 20 ms of jitter either way.
        #[test]
        fn jitter_is_filtered(truth in -1_000_000_000_000i64..1_000_000_000_000, delays in
            prop::collection::vec((100_000i64..20_000_000, 100_000i64..20_000_000), 60..90)) {
            let mut offset = Offset::default();
            offset.frame(truth, 5_000_000);
            for (i, (there, back)) in delays.iter().enumerate() {
                let t0 = i as i64 * 250_000_000;
                let t1 = t0 + there + truth;
                offset.answer(t0, t1, t1, t0 + there + back);
            }
            prop_assert!((offset.ns() - truth).abs() < 9_000_000, "{}", offset.ns() - truth);
        }

        #[test]
        fn any_numbers_are_taken(t in prop::collection::vec(any::<[i64; 4]>(), 0..40)) {
            let mut offset = Offset::default();
            for [t0, t1, t2, t3] in t {
                offset.answer(t0, t1, t2, t3);
                offset.frame(t0, t1);
            }
        }
    }
}
