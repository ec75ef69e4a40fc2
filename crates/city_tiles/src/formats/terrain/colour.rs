//! The ground's colour where no imagery lies: muted, by height.

/// Heights (metres) and sRGB colours; between them colours are mixed.
const RAMP: [(f64, [f64; 3]); 9] = [
    (-6000.0, [58.0, 80.0, 104.0]),
    (-200.0, [86.0, 112.0, 132.0]),
    // Rasters have the sea at 0 where they do not know its floor.
    (0.0, [106.0, 134.0, 150.0]),
    (1.0, [158.0, 164.0, 140.0]),
    (100.0, [142.0, 154.0, 124.0]),
    (600.0, [150.0, 150.0, 122.0]),
    (1800.0, [164.0, 152.0, 132.0]),
    (3200.0, [178.0, 172.0, 164.0]),
    (4500.0, [226.0, 228.0, 230.0]),
];
/// Water that a mask knows of.
const WATER: [f64; 3] = [104.0, 132.0, 148.0];

/// The colour at a height above the sea, sRGB.
pub(super) fn srgb(height_m: f64, is_water: bool) -> [u8; 3] {
    if is_water {
        return WATER.map(|c| c as u8);
    }
    let above = RAMP.iter().position(|(h, _)| *h > height_m);
    let color = match above {
        None => RAMP[RAMP.len() - 1].1,
        Some(0) => RAMP[0].1,
        Some(next) => {
            let ((h0, a), (h1, b)) = (RAMP[next - 1], RAMP[next]);
            let t = (height_m - h0) / (h1 - h0);
            [0, 1, 2].map(|i| a[i] + (b[i] - a[i]) * t)
        }
    };
    color.map(|c| c.round().clamp(0.0, 255.0) as u8)
}

/// The same, linear, as vertices have it.
pub(super) fn linear(height_m: f64, is_water: bool) -> [u8; 4] {
    let [r, g, b] = srgb(height_m, is_water).map(|c| {
        let c = f64::from(c) / 255.0;
        let linear = if c <= 0.04045 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        };
        (linear * 255.0).round() as u8
    });
    [r, g, b, 255]
}
