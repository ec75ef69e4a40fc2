//! What a node tells the leader of itself.

use std::collections::VecDeque;

use bevy::ecs::prelude::*;
use city_wall::Measures;

use super::WallNode;
use crate::platform::{monotonic_ms, rss_bytes};
use crate::tiles::{TileLayer, TileTotals};

/// Frames that the percentiles are of: four seconds at 60 a second.
const KEPT: usize = 240;
/// The cut's digest is worked out anew this often, milliseconds: as often as reports are sent.
const EVERY_MS: f64 = 250.0;

/// Frame times.
#[derive(Resource, Default)]
pub(super) struct Frames {
    times_ms: VecDeque<f32>,
    last_ms: f64,
    told_ms: f64,
}

pub(super) fn report(
    node: Res<WallNode>,
    mut frames: ResMut<Frames>,
    totals: Res<TileTotals>,
    layers: Query<&TileLayer>,
) {
    let now_ms = monotonic_ms();
    let passed = now_ms - std::mem::replace(&mut frames.last_ms, now_ms);
    frames.times_ms.push_back(passed as f32);
    while frames.times_ms.len() > KEPT {
        frames.times_ms.pop_front();
    }
    if now_ms - frames.told_ms < EVERY_MS {
        return;
    }
    frames.told_ms = now_ms;
    let mut sorted: Vec<f32> = frames.times_ms.iter().copied().collect();
    sorted.sort_by(f32::total_cmp);
    let at = |share: f64| {
        let index = (sorted.len() as f64 * share).ceil() as usize;
        sorted.get(index.saturating_sub(1)).copied().unwrap_or(0.0)
    };
    node.link.report(Measures {
        cut_digest: cut_digest(layers.iter()),
        tiles_pending: if totals.complete && !layers.is_empty() {
            0
        } else {
            u32::try_from(totals.in_flight + totals.queued)
                .unwrap_or(u32::MAX)
                .max(1)
        },
        frame_p50_ms: at(0.5),
        frame_p99_ms: at(0.99),
        rss_bytes: rss_bytes(),
    });
}

/// The same number on every node that draws the same tiles.
fn cut_digest<'a>(layers: impl Iterator<Item = &'a TileLayer>) -> u64 {
    let mut names: Vec<String> = layers.flat_map(TileLayer::cut).collect();
    names.sort_unstable();
    // FNV-1a, 64 bits: small, and the same on every machine.
    let mut digest = 0xcbf2_9ce4_8422_2325u64;
    for byte in names.iter().flat_map(|name| name.bytes().chain([0])) {
        digest = (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    digest
}
