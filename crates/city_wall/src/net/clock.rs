//! The machine's clock, without its jumps.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A leader's time follows the machine's by at most this share: a hundredth.
const SLEW: i64 = 100;
/// Unless that is set by more than this, nanoseconds (10 s).
const STEP_NS: i64 = 10_000_000_000;

#[derive(Debug, Clone, Copy)]
struct Anchor {
    at: Instant,
    unix_ns: i64,
}

/// Nanoseconds since the Unix epoch that run on evenly, also while the machine's clock is being set.
#[derive(Debug)]
pub(crate) struct SteadyClock {
    anchor: Mutex<Anchor>,
    follows: bool,
}

impl SteadyClock {
    /// For a leader: the wall's time is the machine's, which keeps it by NTP or PTP.
    pub(crate) fn following() -> Self {
        Self::new(true)
    }

    /// For a node, which learns the leader's time: it never follows anything.
    pub(crate) fn free() -> Self {
        Self::new(false)
    }

    fn new(follows: bool) -> Self {
        Self {
            anchor: Mutex::new(Anchor {
                at: Instant::now(),
                unix_ns: system_ns(),
            }),
            follows,
        }
    }

    /// The time.
    pub(crate) fn now_ns(&self) -> i64 {
        let mut anchor = self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        let at = Instant::now();
        let passed = ns(at.saturating_duration_since(anchor.at));
        let mut unix_ns = anchor.unix_ns.saturating_add(passed);
        if self.follows {
            let wrong = system_ns().saturating_sub(unix_ns);
            unix_ns += if wrong.saturating_abs() > STEP_NS {
                wrong
            } else {
                wrong.clamp(-passed / SLEW, passed / SLEW)
            };
        }
        *anchor = Anchor { at, unix_ns };
        unix_ns
    }
}

fn system_ns() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, ns)
}

fn ns(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}
