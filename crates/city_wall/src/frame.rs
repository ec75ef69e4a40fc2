//! What the leader says 60 times a second.

use city_geo::{Camera, Geodetic};
use city_time::{ClockBounds, ClockMode, ClockState, Interval, MAX_RATE, SimInstant};

use crate::wire::{Fault, Reader, Writer};

/// Switches that every frame carries, so that they work without a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags {
    /// The picture stands still: camera and clock are held.
    pub freeze: bool,
    /// Every screen shows its name and place.
    pub identify: bool,
}

/// One frame's state. Complete in itself: any later one replaces it, and none is missed when it is lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameState {
    /// Counts the takeovers; a higher one wins.
    pub epoch: u32,
    /// The leader's rank in the configuration, 0 the preferred one. Of the same epoch the lower one wins.
    pub rank: u8,
    /// Counts the frames, on through takeovers.
    pub frame: u64,
    /// When to show it: nanoseconds since the Unix epoch by the leader's clock.
    pub present_at_ns: i64,
    /// The wall's camera.
    pub camera: Camera,
    /// Counts the camera's cuts. Between frames with different ones the camera is not moved but set.
    pub cuts: u32,
    /// The city's clock at `present_at_ns`.
    pub clock: ClockState,
    /// Revision of the slow state.
    pub revision: u64,
    /// Digest of the slow state ([`crate::WallState::digest`]).
    pub digest: u64,
    /// Switches.
    pub flags: Flags,
}

const FREEZE: u8 = 1;
const IDENTIFY: u8 = 2;

const PLAYING: u8 = 1;
const LOOPING: u8 = 2;
const HISTORY: u8 = 4;
const FORECAST: u8 = 8;

impl FrameState {
    /// What orders frames: epoch first, then the better rank, then the number.
    #[must_use]
    pub fn order(&self) -> (u32, u8, u64) {
        (self.epoch, u8::MAX - self.rank, self.frame)
    }

    pub(crate) fn write(&self, w: &mut Writer) {
        w.u32(self.epoch);
        w.u8(self.rank);
        w.u8(u8::from(self.flags.freeze) * FREEZE + u8::from(self.flags.identify) * IDENTIFY);
        w.u64(self.frame);
        w.i64(self.present_at_ns);
        let camera = &self.camera;
        w.f64(camera.position.lon_rad);
        w.f64(camera.position.lat_rad);
        w.f64(camera.position.height_m);
        w.f64(camera.heading_rad);
        w.f64(camera.pitch_rad);
        w.f64(camera.fov_y_rad);
        w.u32(self.cuts);
        write_clock(&self.clock, w);
        w.u64(self.revision);
        w.u64(self.digest);
    }

    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let epoch = r.u32()?;
        let rank = r.u8()?;
        let flags = r.u8()?;
        if flags & !(FREEZE | IDENTIFY) != 0 {
            return Err(Fault::Value("flags"));
        }
        let frame = r.u64()?;
        let present_at_ns = r.i64()?;
        let camera = Camera {
            position: Geodetic {
                lon_rad: r.f64("longitude")?,
                lat_rad: r.f64("latitude")?,
                height_m: r.f64("height")?,
            },
            heading_rad: r.f64("heading")?,
            pitch_rad: r.f64("pitch")?,
            fov_y_rad: r.f64("field of view")?,
        };
        if !camera.is_valid() || camera.position.height_m.abs() > 1e9 {
            return Err(Fault::Value("camera"));
        }
        Ok(Self {
            epoch,
            rank,
            frame,
            present_at_ns,
            camera,
            cuts: r.u32()?,
            clock: read_clock(r)?,
            revision: r.u64()?,
            digest: r.u64()?,
            flags: Flags {
                freeze: flags & FREEZE != 0,
                identify: flags & IDENTIFY != 0,
            },
        })
    }
}

fn write_clock(clock: &ClockState, w: &mut Writer) {
    let mut has = u8::from(clock.playing) * PLAYING;
    has |= u8::from(clock.looping.is_some()) * LOOPING;
    has |= u8::from(clock.bounds.history_start.is_some()) * HISTORY;
    has |= u8::from(clock.bounds.forecast_end.is_some()) * FORECAST;
    w.u8(match clock.mode {
        ClockMode::Live => 0,
        ClockMode::Replay => 1,
        ClockMode::Forecast => 2,
    });
    w.u8(has);
    w.u32(clock.rate);
    w.i64(clock.now.0);
    w.i64(clock.live_edge.0);
    w.u64(clock.jumps);
    let range = clock.looping.map(|range| [range.start, range.end]);
    let bounds = [clock.bounds.history_start, clock.bounds.forecast_end];
    for instant in range
        .into_iter()
        .flatten()
        .chain(bounds.into_iter().flatten())
    {
        w.i64(instant.0);
    }
}

fn read_clock(r: &mut Reader<'_>) -> Result<ClockState, Fault> {
    let mode = match r.u8()? {
        0 => ClockMode::Live,
        1 => ClockMode::Replay,
        2 => ClockMode::Forecast,
        _ => return Err(Fault::Value("clock mode")),
    };
    let has = r.u8()?;
    if has & !(PLAYING | LOOPING | HISTORY | FORECAST) != 0 {
        return Err(Fault::Value("clock"));
    }
    let rate = r.u32()?;
    if !(1..=MAX_RATE).contains(&rate) {
        return Err(Fault::Value("clock rate"));
    }
    let now = SimInstant(r.i64()?);
    let live_edge = SimInstant(r.i64()?);
    let jumps = r.u64()?;
    let mut instant = |flag: u8| -> Result<Option<SimInstant>, Fault> {
        if has & flag == 0 {
            return Ok(None);
        }
        r.i64().map(|ns| Some(SimInstant(ns)))
    };
    let looping = match (instant(LOOPING)?, instant(LOOPING)?) {
        (Some(start), Some(end)) if start < end => Some(Interval { start, end }),
        (None, None) => None,
        _ => return Err(Fault::Value("loop")),
    };
    Ok(ClockState {
        now,
        mode,
        playing: has & PLAYING != 0,
        rate,
        looping,
        live_edge,
        bounds: ClockBounds {
            history_start: instant(HISTORY)?,
            forecast_end: instant(FORECAST)?,
        },
        jumps,
    })
}
