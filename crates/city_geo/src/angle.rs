//! Angles that go round.

use std::f64::consts::{PI, TAU};

/// `angle_rad` brought into [−π, π). Not-finite values are returned as NaN.
pub fn wrap_pi(angle_rad: f64) -> f64 {
    let wrapped = (angle_rad + PI).rem_euclid(TAU) - PI;
    // rem_euclid may round up to TAU itself for tiny negative input.
    if wrapped >= PI {
        wrapped - TAU
    } else {
        wrapped
    }
}

/// `angle_rad` brought into [0, 2π). Not-finite values are returned as NaN.
pub fn wrap_0_tau(angle_rad: f64) -> f64 {
    let wrapped = angle_rad.rem_euclid(TAU);
    if wrapped >= TAU { 0.0 } else { wrapped }
}

/// The signed angle in [−π, π) from the arc that starts at `start_rad` and runs `width_rad` counter-clockwise to
/// the angle `angle_rad`: zero on the arc, negative before its start, positive after its end.
///
/// The nearer end counts, so the magnitude is the angular distance to the arc.
pub fn clamp_to_arc(angle_rad: f64, start_rad: f64, width_rad: f64) -> f64 {
    let from_start = wrap_0_tau(angle_rad - start_rad);
    if from_start <= width_rad {
        return 0.0;
    }
    let past_end = from_start - width_rad;
    let before_start = TAU - from_start;
    if past_end <= before_start {
        past_end
    } else {
        -before_start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_stays_in_range() {
        for angle in [-1e-20, 0.0, PI, -PI, TAU, 3.0 * PI, -7.5, 1e9] {
            assert!((-PI..PI).contains(&wrap_pi(angle)), "{angle}");
            assert!((0.0..TAU).contains(&wrap_0_tau(angle)), "{angle}");
        }
        assert!(wrap_pi(f64::NAN).is_nan() && wrap_0_tau(f64::INFINITY).is_nan());
    }

    #[test]
    fn arc_distance_takes_the_nearer_end() {
        assert_eq!(clamp_to_arc(0.5, 0.0, 1.0), 0.0);
        assert!((clamp_to_arc(1.25, 0.0, 1.0) - 0.25).abs() < 1e-15);
        assert!((clamp_to_arc(-0.25, 0.0, 1.0) + 0.25).abs() < 1e-15);
        // An arc over the antimeridian, from 170° to −170°.
        let (start, width) = (170f64.to_radians(), 20f64.to_radians());
        assert_eq!(clamp_to_arc(-175f64.to_radians(), start, width), 0.0);
        assert!(
            (clamp_to_arc(-160f64.to_radians(), start, width) - 10f64.to_radians()).abs() < 1e-12
        );
    }
}
