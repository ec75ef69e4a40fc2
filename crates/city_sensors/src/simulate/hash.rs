//! Reproducible chance: a hash of what the value is for, never a sequence, so any instant can be asked for directly.

/// Mixes a word (the finaliser of SplitMix64, a bijection that passes the usual avalanche tests).
pub(super) const fn mix(mut word: u64) -> u64 {
    word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// A key for something named by a number under another key.
pub(super) const fn key(of: u64, purpose: u64) -> u64 {
    mix(of ^ mix(purpose))
}

/// A key for a name.
pub(super) fn name_key(seed: u64, name: &str) -> u64 {
    name.bytes()
        .fold(mix(seed), |hash, byte| mix(hash ^ u64::from(byte)))
}

/// Uniform in [0, 1).
pub(super) fn unit(key_value: u64) -> f64 {
    (key_value >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// Uniform in [-1, 1).
pub(super) fn signed(key_value: u64) -> f64 {
    unit(key_value).mul_add(2.0, -1.0)
}

/// Smooth noise in [-1, 1]: chance at every `knot_s`, eased in between.
pub(super) fn smooth(noise_key: u64, time_s: f64, knot_s: f64) -> f64 {
    let position = time_s / knot_s;
    let knot = position.floor();
    let along = position - knot;
    let eased = along * along * (3.0 - 2.0 * along);
    let from = signed(key(noise_key, knot as i64 as u64));
    let to = signed(key(noise_key, (knot as i64 + 1) as u64));
    (to - from).mul_add(eased, from)
}
