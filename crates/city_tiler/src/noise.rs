//! Value noise on a lattice, smooth to the second derivative.

use glam::DVec2;

use crate::rng::lattice;

fn fade(t: f64) -> f64 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

/// Noise in `[-1, 1]` with features one unit wide.
#[must_use]
pub fn value(seed: u64, p: DVec2) -> f64 {
    let (fx, fy) = (p.x.floor(), p.y.floor());
    let (ix, iy) = (fx as i64, fy as i64);
    let (tx, ty) = (fade(p.x - fx), fade(p.y - fy));
    let south = mix(lattice(seed, ix, iy), lattice(seed, ix + 1, iy), tx);
    let north = mix(lattice(seed, ix, iy + 1), lattice(seed, ix + 1, iy + 1), tx);
    mix(south, north, ty) * 2.0 - 1.0
}

/// Sum of octaves, each half as strong and twice as fine; in `[-1, 1]`.
#[must_use]
pub fn fbm(seed: u64, p: DVec2, octaves: u32) -> f64 {
    let (mut sum, mut weight, mut total, mut q) = (0.0, 1.0, 0.0, p);
    for octave in 0..octaves {
        sum += weight * value(seed.wrapping_add(u64::from(octave)), q);
        total += weight;
        weight *= 0.5;
        // A turn between octaves hides the lattice.
        q = DVec2::new(1.6 * q.x + 1.2 * q.y, 1.6 * q.y - 1.2 * q.x);
    }
    sum / total
}

/// Ridges: 1 on the crests, 0 in the valleys.
#[must_use]
pub fn ridged(seed: u64, p: DVec2, octaves: u32) -> f64 {
    let (mut sum, mut weight, mut total, mut q) = (0.0, 1.0, 0.0, p);
    for octave in 0..octaves {
        let crest = 1.0 - value(seed.wrapping_add(u64::from(octave)), q).abs();
        sum += weight * crest * crest;
        total += weight;
        weight *= 0.5;
        q = DVec2::new(1.6 * q.x + 1.2 * q.y, 1.6 * q.y - 1.2 * q.x);
    }
    sum / total
}

/// Linear interpolation.
#[must_use]
pub fn mix(a: f64, b: f64, t: f64) -> f64 {
    a + (b - a) * t
}

/// 0 below `low`, 1 above `high`, smooth between.
#[must_use]
pub fn smoothstep(low: f64, high: f64, x: f64) -> f64 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_bounded_and_continuous() {
        for i in 0..500 {
            let p = DVec2::new(f64::from(i) * 0.37, f64::from(i) * -0.21);
            let n = fbm(3, p, 4);
            assert!((-1.0..=1.0).contains(&n));
            assert!((fbm(3, p + DVec2::splat(1e-6), 4) - n).abs() < 1e-4);
            assert!((0.0..=1.0).contains(&ridged(3, p, 4)));
        }
    }
}
