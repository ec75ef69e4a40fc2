//! What nodes showed when.

use std::time::Duration;

use crate::support::Folder;

/// Time (ns), epoch and frame number of everything that a node showed.
pub fn trace(folder: &Folder, index: usize) -> Vec<(i64, u64, u64)> {
    let path = folder.path().join(format!("wall-n{index}.trace"));
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some((
                words.next()?.parse().ok()?,
                words.next()?.parse().ok()?,
                words.next()?.parse().ok()?,
            ))
        })
        .collect()
}

/// Frames between what two nodes show, wherever both showed something within a millisecond: 99th percentile.
fn skew(folder: &Folder, from_ns: i64) -> (u64, usize) {
    let traces: Vec<_> = (0..4).map(|index| trace(folder, index)).collect();
    let mut apart: Vec<u64> = Vec::new();
    for (index, one) in traces.iter().enumerate() {
        for other in traces.iter().skip(index + 1) {
            let mut second = other.iter().peekable();
            for (at, epoch, frame) in one.iter().filter(|(at, ..)| *at >= from_ns) {
                while second
                    .next_if(|(then, ..)| *then + 1_000_000 < *at)
                    .is_some()
                {}
                if let Some((then, same, number)) = second.peek()
                    && (then - at).abs() <= 1_000_000
                    && epoch == same
                {
                    apart.push(frame.abs_diff(*number));
                }
            }
        }
    }
    apart.sort_unstable();
    let place = (apart.len() as f64 * 0.99).ceil() as usize;
    (
        apart.get(place.saturating_sub(1)).copied().unwrap_or(0),
        apart.len(),
    )
}

/// Watches the wall for six seconds and asserts that its screens are a frame apart at most, at the 99th percentile.
/// Five processes draw on a machine that others use too: what a moment of theirs did to six seconds is not the wall's
/// doing, so it is watched up to three times.
pub fn assert_together(folder: &Folder, how: &str) {
    const TIMES: u32 = 3;
    for time in 1..=TIMES {
        let from_ns = now_ns();
        std::thread::sleep(Duration::from_secs(6));
        let (frames, samples) = skew(folder, from_ns);
        println!("{how}: {frames} frames apart at the 99th percentile of {samples} moments");
        assert!(samples > 20, "{samples} moments are too few to tell");
        if frames <= 1 {
            return;
        }
        assert!(time < TIMES, "{frames} frames, {TIMES} times in a row");
    }
}

pub fn now_ns() -> i64 {
    belvedere::platform::wall_clock_ns()
}
