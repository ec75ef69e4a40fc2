//! The colours of the day, from the sun's elevation: a table of key moments, blended between.

use glam::{DVec3, Vec3};

use crate::render::Lighting;

struct Key {
    /// Sun's elevation in degrees.
    elevation_deg: f32,
    sun: Vec3,
    zenith: Vec3,
    horizon: Vec3,
    glow: Vec3,
    ambient_sky: Vec3,
    ambient_ground: Vec3,
    night: f32,
    exposure: f32,
    haze_per_m: f32,
}

const fn rgb(r: f32, g: f32, b: f32) -> Vec3 {
    Vec3::new(r, g, b)
}

/// Key moments from deep night to high sun. Linear light; chosen by eye against pictures of clear
/// evenings, with the rule that the city stays readable at every hour.
const KEYS: [Key; 8] = [
    Key {
        elevation_deg: -18.0,
        sun: rgb(0.055, 0.070, 0.110),
        zenith: rgb(0.006, 0.010, 0.024),
        horizon: rgb(0.022, 0.031, 0.060),
        glow: rgb(0.010, 0.012, 0.018),
        ambient_sky: rgb(0.048, 0.062, 0.105),
        ambient_ground: rgb(0.040, 0.036, 0.036),
        night: 1.0,
        exposure: 1.25,
        haze_per_m: 3.0e-5,
    },
    Key {
        elevation_deg: -9.0,
        sun: rgb(0.045, 0.060, 0.105),
        zenith: rgb(0.014, 0.026, 0.074),
        horizon: rgb(0.085, 0.085, 0.140),
        glow: rgb(0.10, 0.050, 0.036),
        ambient_sky: rgb(0.072, 0.090, 0.160),
        ambient_ground: rgb(0.052, 0.048, 0.054),
        night: 0.95,
        exposure: 1.25,
        haze_per_m: 3.4e-5,
    },
    Key {
        elevation_deg: -4.0,
        sun: rgb(0.090, 0.055, 0.060),
        zenith: rgb(0.040, 0.072, 0.180),
        horizon: rgb(0.30, 0.215, 0.230),
        glow: rgb(0.55, 0.24, 0.10),
        ambient_sky: rgb(0.125, 0.140, 0.220),
        ambient_ground: rgb(0.080, 0.072, 0.078),
        night: 0.75,
        exposure: 1.2,
        haze_per_m: 3.8e-5,
    },
    Key {
        elevation_deg: -0.5,
        sun: rgb(0.42, 0.18, 0.075),
        zenith: rgb(0.075, 0.130, 0.290),
        horizon: rgb(0.56, 0.385, 0.300),
        glow: rgb(1.05, 0.46, 0.16),
        ambient_sky: rgb(0.190, 0.205, 0.280),
        ambient_ground: rgb(0.120, 0.105, 0.100),
        night: 0.40,
        exposure: 1.25,
        haze_per_m: 4.0e-5,
    },
    Key {
        elevation_deg: 4.0,
        sun: rgb(0.98, 0.52, 0.22),
        zenith: rgb(0.110, 0.200, 0.420),
        horizon: rgb(0.66, 0.545, 0.450),
        glow: rgb(0.95, 0.52, 0.22),
        ambient_sky: rgb(0.245, 0.275, 0.350),
        ambient_ground: rgb(0.155, 0.135, 0.120),
        night: 0.12,
        exposure: 1.3,
        haze_per_m: 3.6e-5,
    },
    Key {
        elevation_deg: 12.0,
        sun: rgb(1.25, 0.90, 0.58),
        zenith: rgb(0.130, 0.260, 0.540),
        horizon: rgb(0.62, 0.660, 0.680),
        glow: rgb(0.50, 0.38, 0.25),
        ambient_sky: rgb(0.300, 0.355, 0.450),
        ambient_ground: rgb(0.185, 0.170, 0.150),
        night: 0.0,
        exposure: 1.32,
        haze_per_m: 3.0e-5,
    },
    Key {
        elevation_deg: 35.0,
        sun: rgb(1.42, 1.26, 1.05),
        zenith: rgb(0.120, 0.270, 0.580),
        horizon: rgb(0.57, 0.690, 0.790),
        glow: rgb(0.28, 0.26, 0.22),
        ambient_sky: rgb(0.340, 0.410, 0.520),
        ambient_ground: rgb(0.215, 0.200, 0.180),
        night: 0.0,
        exposure: 1.3,
        haze_per_m: 2.4e-5,
    },
    Key {
        elevation_deg: 90.0,
        sun: rgb(1.48, 1.38, 1.24),
        zenith: rgb(0.105, 0.250, 0.560),
        horizon: rgb(0.54, 0.680, 0.810),
        glow: rgb(0.20, 0.20, 0.18),
        ambient_sky: rgb(0.350, 0.425, 0.545),
        ambient_ground: rgb(0.225, 0.210, 0.190),
        night: 0.0,
        exposure: 1.28,
        haze_per_m: 2.2e-5,
    },
];

/// Share of lit windows by the hour (0..24, every two hours) for each building use code:
/// none, residential, office, retail, industrial, school, hospital, hotel, government, transport, village, leisure.
const LIT: [[f32; 12]; 12] = [
    [0.0; 12],
    [
        0.22, 0.08, 0.06, 0.20, 0.18, 0.12, 0.12, 0.12, 0.22, 0.52, 0.62, 0.48,
    ],
    [
        0.10, 0.07, 0.06, 0.10, 0.45, 0.60, 0.60, 0.60, 0.62, 0.55, 0.36, 0.20,
    ],
    [
        0.18, 0.10, 0.08, 0.12, 0.50, 0.75, 0.80, 0.80, 0.85, 0.88, 0.82, 0.50,
    ],
    [
        0.10, 0.10, 0.10, 0.15, 0.35, 0.40, 0.40, 0.40, 0.35, 0.20, 0.14, 0.12,
    ],
    [
        0.03, 0.02, 0.02, 0.10, 0.55, 0.60, 0.60, 0.55, 0.30, 0.12, 0.05, 0.03,
    ],
    [
        0.45, 0.40, 0.40, 0.50, 0.60, 0.60, 0.60, 0.60, 0.65, 0.68, 0.62, 0.52,
    ],
    [
        0.35, 0.22, 0.20, 0.28, 0.30, 0.28, 0.28, 0.30, 0.42, 0.58, 0.60, 0.48,
    ],
    [
        0.08, 0.06, 0.06, 0.10, 0.50, 0.60, 0.60, 0.60, 0.45, 0.25, 0.14, 0.10,
    ],
    [
        0.55, 0.45, 0.45, 0.60, 0.60, 0.60, 0.60, 0.60, 0.65, 0.70, 0.68, 0.60,
    ],
    [
        0.15, 0.05, 0.05, 0.15, 0.10, 0.08, 0.08, 0.10, 0.20, 0.48, 0.50, 0.32,
    ],
    [
        0.12, 0.05, 0.05, 0.10, 0.25, 0.35, 0.40, 0.42, 0.55, 0.75, 0.70, 0.35,
    ],
];

/// Light for a sun in this direction (east, north, up) at a local hour (0..24).
pub(super) fn lighting(toward_sun: DVec3, local_hour: f32, water_s: f32) -> Lighting {
    let sine = toward_sun.z.clamp(-1.0, 1.0);
    let elevation_deg = sine.asin().to_degrees() as f32;
    let (a, b, t) = bracket(elevation_deg);
    let mix = |pick: fn(&Key) -> Vec3| pick(a).lerp(pick(b), t);
    let mixf = |pick: fn(&Key) -> f32| pick(a) + (pick(b) - pick(a)) * t;
    let sun = toward_sun.as_vec3();
    // Below the horizon the moon lights the city from high in the opposite south.
    let moon = Vec3::new(-sun.x, -sun.y, 0.0).normalize_or(Vec3::NEG_Y) * 0.55 + Vec3::Z * 0.8;
    let moonlit = ((-4.0 - elevation_deg) / 5.0).clamp(0.0, 1.0);
    let low_sun = Vec3::new(sun.x, sun.y, sun.z.max(0.015)).normalize_or(Vec3::Z);
    let mut lit_windows = [0.0; 12];
    for (slot, by_hour) in lit_windows.iter_mut().zip(&LIT) {
        *slot = at_hour(by_hour, local_hour);
    }
    Lighting {
        toward_light: low_sun
            .lerp(moon.normalize(), moonlit)
            .normalize_or(Vec3::Z),
        sun_sine: sine as f32,
        sun_color: mix(|k| k.sun),
        sky_zenith: mix(|k| k.zenith),
        sky_horizon: mix(|k| k.horizon),
        sky_glow: mix(|k| k.glow),
        ambient_sky: mix(|k| k.ambient_sky),
        ambient_ground: mix(|k| k.ambient_ground),
        haze_per_m: mixf(|k| k.haze_per_m),
        night: mixf(|k| k.night),
        exposure: mixf(|k| k.exposure),
        lit_windows,
        water_s,
    }
}

fn bracket(elevation_deg: f32) -> (&'static Key, &'static Key, f32) {
    let mut before = &KEYS[0];
    for key in &KEYS {
        if key.elevation_deg >= elevation_deg {
            let span = key.elevation_deg - before.elevation_deg;
            let t = if span > 0.0 {
                (elevation_deg - before.elevation_deg) / span
            } else {
                0.0
            };
            return (before, key, t.clamp(0.0, 1.0));
        }
        before = key;
    }
    (before, before, 0.0)
}

fn at_hour(by_hour: &[f32; 12], hour: f32) -> f32 {
    let slot = hour.rem_euclid(24.0) / 2.0;
    let index = (slot as usize).min(11);
    let (from, to) = (by_hour[index], by_hour[(index + 1) % 12]);
    from + (to - from) * (slot - index as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_is_continuous_and_never_negative() {
        let mut last: Option<Lighting> = None;
        for step in -900..=900 {
            let elevation = f64::from(step) * 0.1f64.to_radians();
            let light = lighting(DVec3::new(elevation.cos(), 0.0, elevation.sin()), 18.0, 0.0);
            assert!(light.sun_color.min_element() >= 0.0 && light.ambient_sky.min_element() > 0.0);
            assert!((light.toward_light.length() - 1.0).abs() < 1e-4);
            if let Some(last) = last {
                assert!((light.sky_horizon - last.sky_horizon).abs().max_element() < 0.02);
                assert!((light.night - last.night).abs() < 0.03);
            }
            last = Some(light);
        }
    }

    #[test]
    fn windows_follow_the_hour() {
        let evening = lighting(DVec3::NEG_Z, 20.0, 0.0).lit_windows;
        let deep_night = lighting(DVec3::NEG_Z, 4.0, 0.0).lit_windows;
        assert!(
            evening[1] > deep_night[1] * 4.0,
            "homes are lit in the evening"
        );
        assert!(evening.iter().all(|lit| (0.0..=1.0).contains(lit)));
    }
}
