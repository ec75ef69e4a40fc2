//! What is cut away as it stands in a link.
//!
//! Parts with `;` between them: `p:LON,LAT,HEIGHT,HEADING,TILT,OFFSET` is a plane (a last `,x` turns it around),
//! `o:LON,LAT,HEIGHT:DX,DY,DX,DY,…` an outline (steps from corner to corner, millionths of a degree), `all`, `in` and
//! `off` say how they cut. A link of 256 corners has some 2.5 kB.

use std::fmt::Write as _;
use std::str::FromStr;

use city_geo::{Geodetic, MAX_CLIP_CORNERS, MAX_CLIP_PLANES};

use super::state::{Clipping, CutPlane};

/// What is wrong with the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClipTextError {
    /// A part that nothing is known of.
    #[error("`{0}` is neither a plane (p:), an outline (o:), `all`, `in` nor `off`")]
    Unknown(String),
    /// Numbers that are missing, too many or out of range.
    #[error("`{0}` does not have the numbers that it needs")]
    Numbers(String),
    /// More than can be drawn.
    #[error("a cut has at most {MAX_CLIP_PLANES} planes and {MAX_CLIP_CORNERS} corners")]
    TooMuch,
}

/// Millionths of a degree are a tenth of a metre.
const STEPS_PER_DEG: f64 = 1e6;
/// Nobody needs more of a part in a message.
const TOLD_CHARS: usize = 40;

impl Clipping {
    /// The text; none where nothing would be cut.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        if self.planes.is_empty() && self.outlines.is_empty() {
            return None;
        }
        let mut parts: Vec<String> = Vec::new();
        for plane in &self.planes {
            let mut part = format!("p:{}", place(plane.at));
            for number in [plane.heading_deg, plane.tilt_deg, plane.offset_m] {
                // Writing to memory cannot fail.
                let _ = write!(part, ",{}", short(number));
            }
            part.push_str(if plane.flipped { ",x" } else { "" });
            parts.push(part);
        }
        for ring in &self.outlines {
            let Some(first) = ring.first() else { continue };
            let steps = |c: &Geodetic| {
                [c.lon_deg(), c.lat_deg()].map(|d| (d * STEPS_PER_DEG).round() as i64)
            };
            let mut part = format!("o:{}:", place(*first));
            let mut before = steps(first);
            for corner in ring.iter().skip(1) {
                let now = steps(corner);
                let comma = if part.ends_with(':') { "" } else { "," };
                let _ = write!(part, "{comma}{},{}", now[0] - before[0], now[1] - before[1]);
                before = now;
            }
            parts.push(part);
        }
        let words = [
            (self.together, "all"),
            (self.keeps_inside, "in"),
            (!self.on, "off"),
        ];
        let words = words.into_iter().filter(|(is, _)| *is);
        parts.extend(words.map(|(_, word)| word.to_owned()));
        Some(parts.join(";"))
    }
}

fn place(at: Geodetic) -> String {
    let height_m = short(at.height_m);
    format!("{:.6},{:.6},{height_m}", at.lon_deg(), at.lat_deg())
}

fn short(number: f64) -> String {
    let text = format!("{number:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

impl FromStr for Clipping {
    type Err = ClipTextError;

    fn from_str(text: &str) -> Result<Self, ClipTextError> {
        let mut clipping = Self::default();
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let told = || part.chars().take(TOLD_CHARS).collect::<String>();
            let numbers = || ClipTextError::Numbers(told());
            match part {
                "all" => clipping.together = true,
                "in" => clipping.keeps_inside = true,
                "off" => clipping.on = false,
                _ => match part.split_once(':') {
                    Some(("p", rest)) => {
                        clipping.planes.push(plane(rest).ok_or_else(numbers)?);
                    }
                    Some(("o", rest)) => {
                        clipping.outlines.push(outline(rest).ok_or_else(numbers)?);
                    }
                    _ => return Err(ClipTextError::Unknown(told())),
                },
            }
            let corners: usize = clipping.outlines.iter().map(Vec::len).sum();
            if clipping.planes.len() > MAX_CLIP_PLANES || corners > MAX_CLIP_CORNERS {
                return Err(ClipTextError::TooMuch);
            }
        }
        Ok(clipping)
    }
}

/// Numbers, as many as there are limits; `None` where one is missing or beyond its limit.
fn numbers<const N: usize>(text: &str, limits: [f64; N]) -> Option<[f64; N]> {
    let mut parts = text.split(',');
    let mut numbers = [0.0; N];
    for (number, limit) in numbers.iter_mut().zip(limits) {
        let read: f64 = parts.next()?.trim().parse().ok()?;
        *number = Some(read).filter(|read| read.abs() <= limit)?;
    }
    parts.next().is_none().then_some(numbers)
}

/// Longitude, latitude, height.
const PLACE: [f64; 3] = [180.0, 90.0, 1e5];

fn plane(text: &str) -> Option<CutPlane> {
    let (text, flipped) = match text.strip_suffix(",x") {
        Some(text) => (text, true),
        None => (text, false),
    };
    let [lon, lat, height] = PLACE;
    let [lon, lat, height_m, heading_deg, tilt_deg, offset_m] =
        numbers(text, [lon, lat, height, 360.0, 90.0, 1e6])?;
    Some(CutPlane {
        at: Geodetic::from_degrees(lon, lat, height_m),
        heading_deg,
        tilt_deg,
        offset_m,
        flipped,
    })
}

fn outline(text: &str) -> Option<Vec<Geodetic>> {
    let (first, steps) = text.split_once(':')?;
    let [lon, lat, height_m] = numbers(first, PLACE)?;
    let mut at = [lon, lat].map(|degrees| (degrees * STEPS_PER_DEG).round() as i64);
    let corner = |[lon, lat]: [i64; 2]| {
        let [lon, lat] = [lon, lat].map(|steps| steps as f64 / STEPS_PER_DEG);
        let is_there = lon.abs() <= PLACE[0] && lat.abs() <= PLACE[1];
        is_there.then(|| Geodetic::from_degrees(lon, lat, height_m))
    };
    let mut ring = vec![corner(at)?];
    let mut steps = steps.split(',');
    while let Some(east) = steps.next() {
        let step: [i32; 2] = [east.parse().ok()?, steps.next()?.parse().ok()?];
        at = [at[0] + i64::from(step[0]), at[1] + i64::from(step[1])];
        if ring.len() > MAX_CLIP_CORNERS {
            // Too much is told as such.
            break;
        }
        ring.push(corner(at)?);
    }
    (ring.len() >= 3).then_some(ring)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_read_as_it_is_written() {
        let corner =
            |x: f64, y: f64| Geodetic::from_degrees(114.17 + x * 1e-3, 22.29 + y * 1e-3, 4.0);
        let clipping = Clipping {
            on: false,
            planes: vec![
                CutPlane {
                    at: corner(0.0, 0.0),
                    heading_deg: 135.0,
                    tilt_deg: -12.5,
                    offset_m: -3.25,
                    flipped: true,
                },
                CutPlane {
                    at: corner(1.0, 2.0),
                    heading_deg: 0.0,
                    tilt_deg: 90.0,
                    offset_m: 0.0,
                    flipped: false,
                },
            ],
            together: true,
            outlines: vec![vec![
                corner(0.0, 0.0),
                corner(1.5, 0.25),
                corner(-0.001, 2.0),
            ]],
            keeps_inside: true,
            ..Clipping::default()
        };
        let text = clipping.text().unwrap();
        assert_eq!(
            text,
            "p:114.170000,22.290000,4,135,-12.5,-3.25,x;p:114.171000,22.292000,4,0,90,0;\
             o:114.170000,22.290000,4:1500,250,-1501,1750;all;in;off"
        );
        let back: Clipping = text.parse().unwrap();
        assert_eq!(back.text().as_deref(), Some(text.as_str()));
        assert_eq!(
            (back.on, back.together, back.keeps_inside),
            (false, true, true)
        );
        let apart = |a: &Geodetic, b: &Geodetic| {
            city_geo::ecef_from_geodetic(*a).distance(city_geo::ecef_from_geodetic(*b))
        };
        for (a, b) in back.outlines[0].iter().zip(&clipping.outlines[0]) {
            assert!(apart(a, b) < 0.2, "{a:?} {b:?}");
        }
        assert_eq!(Clipping::default().text(), None);
    }

    #[test]
    fn what_cannot_be_a_cut_is_told() {
        let read = |text: &str| text.parse::<Clipping>();
        assert!(read("").unwrap().text().is_none());
        for bad in ["q:1", "p", "sideways"] {
            assert_eq!(read(bad), Err(ClipTextError::Unknown(bad.into())));
        }
        for bad in [
            "p:1,2,3",
            "p:1,2,3,4,5,6,7",
            "p:1,2,3,4,91,6",
            "p:NaN,2,3,4,5,6",
            "o:1,2,3",
            "o:1,2,3:5,5",
            "o:1,2,3:5,5,5",
            "o:181,2,3:5,5,5,5",
            "o:1,2,3:5,5,99999999999,5",
            "o:179,2,3:2000000,5,5,5",
        ] {
            assert_eq!(read(bad), Err(ClipTextError::Numbers(bad.into())), "{bad}");
        }
        let plane = "p:1,2,3,4,5,6;";
        assert!(read(&plane.repeat(6)).is_ok());
        assert_eq!(read(&plane.repeat(7)), Err(ClipTextError::TooMuch));
        let ring = |corners: usize| format!("o:1,2,3:{}", vec!["1,1"; corners - 1].join(","));
        assert_eq!(read(&ring(256)).unwrap().outlines[0].len(), 256);
        assert_eq!(read(&ring(257)), Err(ClipTextError::TooMuch));
        assert_eq!(read(&ring(9000)), Err(ClipTextError::TooMuch));
    }
}
