//! Hills: where the peaks stand and how their slopes fall.

use glam::DVec2;

use crate::noise::{fbm, ridged, smoothstep};

/// A peak: position, height above the sea and half-width, metres.
struct Peak(f64, f64, f64, f64);

const PEAKS: &[Peak] = &[
    // The island's spine.
    Peak(-5000.0, -1850.0, 330.0, 800.0),
    Peak(-3950.0, -2250.0, 420.0, 900.0),
    Peak(-2950.0, -1950.0, 560.0, 900.0),
    Peak(-1850.0, -2350.0, 470.0, 850.0),
    Peak(-700.0, -2250.0, 430.0, 800.0),
    Peak(500.0, -2650.0, 440.0, 800.0),
    Peak(1750.0, -2150.0, 430.0, 850.0),
    Peak(2900.0, -2050.0, 540.0, 850.0),
    Peak(4150.0, -2000.0, 470.0, 800.0),
    Peak(5150.0, -1800.0, 340.0, 650.0),
    Peak(5600.0, -3500.0, 280.0, 600.0),
    Peak(3700.0, -3500.0, 230.0, 600.0),
    Peak(1250.0, -4000.0, 290.0, 550.0),
    Peak(-1700.0, -3650.0, 250.0, 600.0),
    Peak(-4900.0, -2700.0, 200.0, 500.0),
    // Behind the peninsula.
    Peak(-6300.0, 4200.0, 480.0, 1200.0),
    Peak(-4600.0, 4000.0, 380.0, 850.0),
    Peak(-3000.0, 4450.0, 460.0, 950.0),
    Peak(-1400.0, 4500.0, 400.0, 800.0),
    Peak(100.0, 4350.0, 470.0, 800.0),
    Peak(1500.0, 4500.0, 520.0, 850.0),
    Peak(3100.0, 4150.0, 545.0, 950.0),
    Peak(4500.0, 3600.0, 500.0, 900.0),
    Peak(5700.0, 2900.0, 380.0, 900.0),
    Peak(6500.0, 1900.0, 300.0, 750.0),
    Peak(6300.0, 800.0, 230.0, 480.0),
    // Knolls among the streets.
    Peak(-1150.0, 1650.0, 75.0, 200.0),
    Peak(450.0, 2450.0, 95.0, 260.0),
    Peak(-1900.0, 2750.0, 120.0, 300.0),
    Peak(2350.0, 2300.0, 110.0, 280.0),
    // Beyond the city's edge, to close the view.
    Peak(-11500.0, 8200.0, 700.0, 2600.0),
    Peak(-5000.0, 8200.0, 650.0, 2400.0),
    Peak(1500.0, 8500.0, 750.0, 2600.0),
    Peak(8000.0, 7500.0, 800.0, 2800.0),
    Peak(12500.0, 6000.0, 550.0, 2600.0),
    Peak(9600.0, 2500.0, 420.0, 1300.0),
    Peak(-10500.0, -900.0, 330.0, 900.0),
    Peak(-9300.0, -6200.0, 420.0, 1100.0),
    Peak(-14500.0, -3600.0, 880.0, 2200.0),
    Peak(600.0, -9800.0, 280.0, 900.0),
    Peak(10500.0, -4300.0, 370.0, 1100.0),
    Peak(13500.0, -8300.0, 300.0, 900.0),
];

/// Valleys that are kept open for towns: centre and radii.
const VALLEYS: &[(f64, f64, f64, f64)] = &[
    (60.0, -3450.0, 560.0, 480.0),
    (900.0, -1350.0, 420.0, 520.0),
    (4500.0, -3150.0, 300.0, 260.0),
];

/// Height of the hills above the coastal plain, metres, before the shore.
#[must_use]
pub fn hills_m(seed: u64, p: DVec2) -> f64 {
    let bend = DVec2::new(fbm(seed ^ 1, p / 900.0, 3), fbm(seed ^ 2, p / 900.0, 3)) * 170.0;
    let q = p + bend;
    let mut fourth_powers = 0.0;
    for Peak(x, y, height_m, half_width_m) in PEAKS {
        let d = (q - DVec2::new(*x, *y)) / *half_width_m;
        let k = 1.0 / (1.0 + d.length_squared());
        let h = height_m * (k * 1.25 - 0.25).max(0.0);
        fourth_powers += (h * h) * (h * h);
    }
    let mass_m = fourth_powers.sqrt().sqrt();
    let crests = ridged(seed ^ 3, p / 1100.0, 5);
    let detail = fbm(seed ^ 4, p / 160.0, 3);
    let open = VALLEYS.iter().fold(1.0_f64, |open, (x, y, rx, ry)| {
        let d = DVec2::new((p.x - x) / rx, (p.y - y) / ry);
        open.min(smoothstep(0.75, 1.7, d.length()))
    });
    mass_m * (0.66 + 0.46 * crests + 0.05 * detail) * open
}

/// How much the shore near a point is a city's: 1 on quays and plains that were
/// made for building, 0 on natural coasts.
#[must_use]
pub fn urban_shore(p: DVec2) -> f64 {
    let north_shore = smoothstep(-2300.0, -1500.0, p.y) * smoothstep(6000.0, 5300.0, p.x.abs());
    let mainland = smoothstep(-200.0, 100.0, p.y) * smoothstep(6100.0, 5000.0, (p.x + 300.0).abs());
    let south_town = smoothstep(1100.0, 600.0, (p - DVec2::new(50.0, -3550.0)).length());
    if p.y > -150.0 {
        mainland
    } else {
        north_shore.max(south_town)
    }
}

/// Height of the land, metres above the ellipsoid, at a distance from the shore.
#[must_use]
pub fn land_height_m(seed: u64, p: DVec2, shore_m: f64) -> f64 {
    let urban = urban_shore(p);
    let flat_m = if p.y > -150.0 { 380.0 } else { 430.0 } * urban;
    let rise = smoothstep(flat_m, flat_m + 560.0 + 260.0 * urban, shore_m);
    let natural_m = 0.4 + 7.0 * smoothstep(0.0, 130.0, shore_m);
    let quay_m = 4.2 + 0.005 * shore_m.min(1800.0);
    let plain_m = natural_m + (quay_m - natural_m) * urban;
    plain_m + hills_m(seed, p) * rise
}
