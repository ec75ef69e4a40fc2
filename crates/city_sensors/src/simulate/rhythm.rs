//! The course of a day and of a week, from 0 to 1.

use std::f64::consts::TAU;

/// How the rhythm of a layer runs.
#[derive(Clone, Copy, Debug)]
pub enum Profile {
    /// Values at the full hours of a working day and of a weekend day; straight in between.
    Hours([u8; 24], [u8; 24]),
    /// A mixed tide: half-daily and daily parts.
    Tide,
}

/// No rhythm.
pub const FLAT: Profile = Profile::Hours([50; 24], [50; 24]);
/// Two rush hours; weekends later and lower.
pub const COMMUTE: Profile = Profile::Hours(
    [
        8, 5, 4, 4, 6, 16, 45, 85, 98, 75, 55, 52, 56, 55, 56, 62, 74, 92, 100, 80, 52, 38, 26, 15,
    ],
    [
        14, 9, 6, 5, 5, 7, 14, 22, 34, 45, 54, 58, 60, 60, 58, 56, 58, 60, 58, 52, 44, 36, 28, 20,
    ],
);
/// Filled while offices are open.
pub const OFFICE: Profile = Profile::Hours(
    [
        12, 10, 9, 9, 10, 14, 30, 62, 88, 97, 100, 99, 95, 97, 98, 95, 86, 68, 46, 36, 30, 24, 18,
        14,
    ],
    [
        14, 12, 11, 10, 10, 11, 14, 20, 32, 48, 62, 72, 76, 78, 78, 76, 72, 66, 58, 48, 38, 28, 22,
        17,
    ],
);
/// Low by day, high after work.
pub const EVENING: Profile = Profile::Hours(
    [
        55, 42, 30, 22, 18, 16, 18, 24, 34, 40, 42, 42, 44, 42, 40, 42, 50, 66, 86, 98, 100, 94,
        82, 68,
    ],
    [
        58, 46, 34, 26, 20, 18, 18, 22, 30, 40, 50, 56, 58, 58, 56, 56, 58, 64, 76, 86, 90, 86, 76,
        66,
    ],
);
/// Homes and shops: a shoulder in the morning, a peak in the evening.
pub const HOMES: Profile = Profile::Hours(
    [
        34, 26, 21, 19, 20, 28, 46, 60, 62, 62, 64, 66, 68, 66, 65, 66, 70, 80, 94, 100, 96, 84,
        66, 48,
    ],
    [
        38, 30, 24, 21, 20, 23, 32, 46, 60, 68, 72, 74, 74, 72, 70, 70, 74, 82, 94, 98, 94, 84, 68,
        52,
    ],
);
/// A busy street: loud all day, quiet before dawn.
pub const STREET: Profile = Profile::Hours(
    [
        36, 26, 18, 14, 18, 34, 62, 86, 94, 90, 86, 86, 88, 87, 86, 88, 92, 98, 100, 92, 80, 70,
        60, 48,
    ],
    [
        44, 34, 24, 18, 16, 22, 38, 54, 66, 74, 80, 84, 86, 86, 86, 86, 88, 90, 90, 86, 80, 74, 66,
        54,
    ],
);
/// The air's warmth: coldest before sunrise, warmest after noon.
pub const WARMTH: Profile = Profile::Hours(
    [
        22, 18, 14, 10, 6, 2, 4, 16, 34, 54, 72, 86, 95, 100, 99, 94, 85, 72, 58, 48, 40, 34, 30,
        26,
    ],
    [
        22, 18, 14, 10, 6, 2, 4, 16, 34, 54, 72, 86, 95, 100, 99, 94, 85, 72, 58, 48, 40, 34, 30,
        26,
    ],
);
/// A square where people meet.
pub const SQUARE: Profile = Profile::Hours(
    [
        10, 5, 3, 2, 2, 5, 16, 42, 60, 50, 48, 58, 82, 84, 64, 58, 62, 80, 100, 96, 84, 62, 38, 20,
    ],
    [
        18, 11, 7, 4, 3, 4, 8, 16, 28, 44, 62, 78, 88, 92, 96, 98, 100, 98, 96, 92, 82, 66, 46, 28,
    ],
);
/// Street lamps: on by night, dimmed in its middle.
pub const LAMPS: Profile = Profile::Hours(
    [
        100, 62, 62, 62, 62, 90, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 90, 100, 100, 100, 100, 100,
    ],
    [
        100, 62, 62, 62, 62, 90, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 90, 100, 100, 100, 100, 100,
    ],
);
/// Public counters: closed by night and on weekends.
pub const DESKS: Profile = Profile::Hours(
    [
        0, 0, 0, 0, 0, 0, 0, 4, 38, 72, 92, 100, 84, 78, 88, 80, 58, 26, 4, 0, 0, 0, 0, 0,
    ],
    [
        0, 0, 0, 0, 0, 0, 0, 0, 10, 24, 34, 34, 20, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ],
);
/// Shopping streets.
pub const SHOPS: Profile = Profile::Hours(
    [
        6, 3, 1, 1, 1, 2, 6, 16, 26, 34, 50, 64, 82, 80, 70, 68, 74, 88, 100, 98, 86, 62, 34, 14,
    ],
    [
        10, 5, 2, 1, 1, 2, 4, 8, 18, 36, 60, 80, 90, 96, 100, 100, 100, 98, 96, 92, 82, 62, 38, 20,
    ],
);

const DAY_S: f64 = 86_400.0;

impl Profile {
    /// The rhythm at a local time, in seconds since the epoch as a local clock would count them.
    #[must_use]
    pub fn at(&self, local_s: f64) -> f64 {
        match self {
            Self::Hours(week, weekend) => {
                let day = (local_s / DAY_S).floor();
                let hours = (local_s - day * DAY_S) / 3600.0;
                let hour = hours.floor().clamp(0.0, 23.0);
                let table = |day: f64| if is_weekend(day) { weekend } else { week };
                let from = f64::from(table(day)[hour as usize]);
                let to = if hour < 23.0 {
                    f64::from(table(day)[hour as usize + 1])
                } else {
                    f64::from(table(day + 1.0)[0])
                };
                (to - from).mul_add(hours - hour, from) / 100.0
            }
            Self::Tide => {
                // Periods of M2, S2, K1 and O1 in hours, with amplitudes of a mixed harbour tide.
                let hours = local_s / 3600.0;
                let part =
                    |period_h: f64, amplitude: f64| amplitude * (TAU * hours / period_h).cos();
                let sum = part(12.420_601, 0.40)
                    + part(12.0, 0.16)
                    + part(23.934_470, 0.36)
                    + part(25.819_342, 0.30);
                0.5 + sum / 2.44
            }
        }
    }
}

/// 1 January 1970 was a Thursday.
fn is_weekend(day: f64) -> bool {
    (day as i64 + 4).rem_euclid(7) % 6 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekends_are_saturday_and_sunday() {
        // 2024-06-01 was a Saturday: 19,875 days after the epoch.
        let days: Vec<bool> = (19_875..19_882).map(|d| is_weekend(f64::from(d))).collect();
        assert_eq!(days, [true, true, false, false, false, false, false]);
    }

    #[test]
    fn rhythms_stay_between_zero_and_one_and_do_not_jump() {
        let all = [
            FLAT,
            COMMUTE,
            OFFICE,
            EVENING,
            HOMES,
            STREET,
            WARMTH,
            SQUARE,
            LAMPS,
            DESKS,
            SHOPS,
            Profile::Tide,
        ];
        for profile in all {
            let mut before = profile.at(0.0);
            for minute in 1..(15 * 24 * 60) {
                let now = profile.at(f64::from(minute) * 60.0);
                assert!((0.0..=1.0).contains(&now), "{profile:?} {minute} {now}");
                assert!((now - before).abs() < 0.03, "{profile:?} {minute}");
                before = now;
            }
        }
    }
}
