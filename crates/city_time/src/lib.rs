//! When things are: instants, intervals, time zones and the one clock.
//!
//! Time is counted in nanoseconds since the Unix epoch, UTC without leap seconds ([`SimInstant`]). Nothing here reads
//! the machine's clock or its time zone: the caller passes the wall time in, so that equal inputs replay to equal
//! states. Time zone rules are those bundled with the crate, the same on every platform.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod clock;
mod clock_types;
mod instant;
mod interval;
mod ticks;
mod zone;

pub use clock::{Clock, MAX_RATE, MAX_TICK_NS, RATES};
pub use clock_types::{ClockBounds, ClockCommand, ClockMode, ClockState, Outcome, Refusal};
pub use instant::{
    NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, NS_PER_MS, NS_PER_S, SimInstant, TimeParseError,
    format_span,
};
pub use interval::Interval;
pub use ticks::{Tick, TickUnit, tick_step_ns, ticks};
pub use zone::{Civil, Zone, ZoneError};
