//! What a person cuts away, and what that comes to. Knows no engine.

use bevy::ecs::resource::Resource;
use city_geo::{Clip, ClipPlane, Geodetic, LocalFrame, MAX_CLIP_CORNERS, Outlines};
use glam::DVec3;

use crate::frame::SceneFrame;

/// A plane that cuts, by its place on the Earth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CutPlane {
    /// Where it was put.
    pub at: Geodetic,
    /// Where what it cuts off lies: degrees clockwise from north, and degrees above the horizon.
    pub heading_deg: f64,
    /// See `heading_deg`.
    pub tilt_deg: f64,
    /// How far it was moved toward what it cuts off, metres.
    pub offset_m: f64,
    /// It cuts off the other side.
    pub flipped: bool,
}

/// A place with axes of length 1, in the scene's local frame: what an arrow at a plane needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axes {
    /// The place.
    pub at: DVec3,
    /// Toward what the plane would cut off if it were not turned around.
    pub out: DVec3,
    /// Along the plane, level.
    pub right: DVec3,
    /// Along the plane, uphill.
    pub up: DVec3,
}

impl CutPlane {
    /// Where it stands and how it is turned.
    pub(super) fn axes(&self, frame: &SceneFrame) -> Axes {
        let [at, east, north, up] = compass(frame, self.at);
        let (heading_sin, heading_cos) = self.heading_deg.to_radians().sin_cos();
        let (tilt_sin, tilt_cos) = self.tilt_deg.to_radians().sin_cos();
        let ahead = east * heading_sin + north * heading_cos;
        let out = ahead * tilt_cos + up * tilt_sin;
        Axes {
            at: at + out * self.offset_m,
            out,
            right: east * heading_cos - north * heading_sin,
            up: up * tilt_cos - ahead * tilt_sin,
        }
    }

    fn clip_plane(&self, frame: &SceneFrame) -> ClipPlane {
        let axes = self.axes(frame);
        let kept = if self.flipped { axes.out } else { -axes.out };
        ClipPlane::through(axes.at, kept)
    }
}

/// A place in the scene's local frame, with its east, north and up. Off the Earth by the stand-in of camera poses.
fn compass(frame: &SceneFrame, at: Geodetic) -> [DVec3; 4] {
    let there = frame.pose_from_local.inverse() * LocalFrame::enu(at).ecef_from_local();
    let axis = |column: glam::DVec4| column.truncate().normalize_or_zero();
    [
        there.w_axis.truncate(),
        axis(there.x_axis),
        axis(there.y_axis),
        axis(there.z_axis),
    ]
}

/// A place of the scene's local frame on the Earth; off the Earth by the stand-in of camera poses.
pub(super) fn place(frame: &SceneFrame, local: DVec3) -> Geodetic {
    city_geo::geodetic_from_ecef(frame.pose_from_local.transform_point3(local))
}

/// The same back.
pub(super) fn local(frame: &SceneFrame, place: Geodetic) -> DVec3 {
    compass(frame, place)[0]
}

/// What is cut away of the city, and the tools that are in hand for it.
#[derive(Resource, Clone, Debug, PartialEq)]
pub struct Clipping {
    /// The city is cut.
    pub on: bool,
    /// Planes, at most [`city_geo::MAX_CLIP_PLANES`].
    pub planes: Vec<CutPlane>,
    /// Only what all planes cut off is cut away.
    pub together: bool,
    /// Outlines; their corners together are at most [`MAX_CLIP_CORNERS`].
    pub outlines: Vec<Vec<Geodetic>>,
    /// The inside of the outlines stays; otherwise the outside.
    pub keeps_inside: bool,
    /// The plane that has its handle in the picture.
    pub chosen: Option<usize>,
    /// The outline that is being drawn.
    pub drawing: Option<Vec<Geodetic>>,
}

impl Default for Clipping {
    fn default() -> Self {
        Self {
            on: true,
            planes: Vec::new(),
            together: false,
            outlines: Vec::new(),
            keeps_inside: false,
            chosen: None,
            drawing: None,
        }
    }
}

/// What is cut away, without what is in hand for it: a step of undo goes from one to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    on: bool,
    planes: Vec<CutPlane>,
    together: bool,
    outlines: Vec<Vec<Geodetic>>,
    keeps_inside: bool,
}

impl Cut {
    /// The plane that alone is another one in `other`.
    #[must_use]
    pub fn moved_plane(&self, other: &Self) -> Option<usize> {
        let mut moved = None;
        for (index, (a, b)) in self.planes.iter().zip(&other.planes).enumerate() {
            if a != b && moved.replace(index).is_some() {
                return None;
            }
        }
        let as_before = Self {
            planes: self.planes.clone(),
            ..other.clone()
        };
        let rest_is_same = self.planes.len() == other.planes.len() && as_before == *self;
        moved.filter(|_| rest_is_same)
    }
}

/// Why an outline cannot be what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutlineError {
    /// Too few corners.
    #[error("an outline has three corners at least")]
    TooFew,
    /// It crosses itself.
    #[error("the outline crosses itself, so that nobody could say what its inside is")]
    Crossed,
    /// Too many corners.
    #[error("all outlines together have {MAX_CLIP_CORNERS} corners at most")]
    TooMany,
}

impl Clipping {
    /// What is cut away.
    #[must_use]
    pub fn cut(&self) -> Cut {
        Cut {
            on: self.on,
            planes: self.planes.clone(),
            together: self.together,
            outlines: self.outlines.clone(),
            keeps_inside: self.keeps_inside,
        }
    }

    /// Whether that is what is cut away.
    #[must_use]
    pub fn is_cut(&self, cut: &Cut) -> bool {
        self.on == cut.on
            && self.planes == cut.planes
            && self.together == cut.together
            && self.outlines == cut.outlines
            && self.keeps_inside == cut.keeps_inside
    }

    /// Cuts that away and nothing else; what is in hand stays there as far as it is left.
    pub fn restore(&mut self, cut: Cut) {
        let Cut {
            on,
            planes,
            together,
            outlines,
            keeps_inside,
        } = cut;
        self.chosen = self.chosen.filter(|index| *index < planes.len());
        *self = Self {
            on,
            planes,
            together,
            outlines,
            keeps_inside,
            chosen: self.chosen,
            drawing: self.drawing.take(),
        };
    }

    /// Corners that may still be added.
    #[must_use]
    pub fn corners_left(&self) -> usize {
        let drawn = self.outlines.iter().chain(&self.drawing);
        MAX_CLIP_CORNERS.saturating_sub(drawn.map(Vec::len).sum())
    }

    /// Adds a corner to the outline that is being drawn. A second click on the last one ends it.
    pub fn add_corner(&mut self, corner: Geodetic, frame: &SceneFrame) -> Result<(), OutlineError> {
        let left = self.corners_left();
        let Some(drawing) = &mut self.drawing else {
            return Ok(());
        };
        let at = local(frame, corner);
        if drawing
            .last()
            .is_some_and(|last| local(frame, *last).distance(at) < 1e-6)
        {
            return self.finish(frame);
        }
        if left == 0 {
            return Err(OutlineError::TooMany);
        }
        drawing.push(corner);
        Ok(())
    }

    /// The outline that is being drawn is complete, and cuts. What cannot be one stays as it is.
    pub fn finish(&mut self, frame: &SceneFrame) -> Result<(), OutlineError> {
        let Some(drawing) = &self.drawing else {
            return Ok(());
        };
        let corners: Vec<DVec3> = drawing.iter().map(|c| local(frame, *c)).collect();
        if corners.len() < 3 {
            return Err(OutlineError::TooFew);
        }
        if crate::measure::geometry::crosses_itself(&corners) {
            return Err(OutlineError::Crossed);
        }
        self.outlines.extend(self.drawing.take());
        self.on = true;
        Ok(())
    }

    /// What is cut away in the scene's local frame; none where nothing is.
    #[must_use]
    pub fn clip(&self, frame: &SceneFrame) -> Option<Clip> {
        if !self.on {
            return None;
        }
        let rings: Vec<Vec<DVec3>> = self
            .outlines
            .iter()
            .map(|ring| ring.iter().map(|c| local(frame, *c)).collect())
            .collect();
        // All are seen along the up of their middle: over one city the plan is the same to a centimetre in a metre.
        let corners = || rings.iter().flatten();
        let middle = corners().sum::<DVec3>() / (corners().count().max(1) as f64);
        let [origin, east, north, _] = compass(frame, place(frame, middle));
        let clip = Clip {
            planes: self.planes.iter().map(|p| p.clip_plane(frame)).collect(),
            together: self.together,
            outlines: Outlines::new([origin, east, north], &rings, self.keeps_inside),
        };
        (!clip.is_empty()).then_some(clip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> SceneFrame {
        SceneFrame::at(Geodetic::from_degrees(114.17, 22.29, 0.0))
    }

    fn plane(heading_deg: f64, tilt_deg: f64) -> CutPlane {
        CutPlane {
            at: Geodetic::from_degrees(114.17, 22.29, 20.0),
            heading_deg,
            tilt_deg,
            offset_m: 5.0,
            flipped: false,
        }
    }

    fn keeps(clipping: &Clipping, [x, y, z]: [f64; 3]) -> bool {
        let clip = clipping.clip(&frame()).unwrap();
        clip.keeps(DVec3::new(x, y, z))
    }

    #[test]
    fn planes_cut_off_what_lies_where_they_look() {
        let mut clipping = Clipping {
            planes: vec![plane(90.0, 0.0)],
            ..Clipping::default()
        };
        assert!(keeps(&clipping, [4.9, 300.0, 0.0]));
        assert!(!keeps(&clipping, [5.1, 300.0, 0.0]), "east of it");
        clipping.planes[0].flipped = true;
        assert!(!keeps(&clipping, [4.9, 300.0, 0.0]));
        clipping.planes = vec![plane(0.0, 90.0)];
        assert!(keeps(&clipping, [3.0, 4.0, 24.9]));
        assert!(!keeps(&clipping, [3.0, 4.0, 25.1]), "above it");
        clipping.on = false;
        assert_eq!(clipping.clip(&frame()), None);
        let axes = plane(30.0, 20.0).axes(&frame());
        for (a, b) in [
            (axes.out, axes.right),
            (axes.right, axes.up),
            (axes.up, axes.out),
        ] {
            assert!(a.dot(b).abs() < 1e-9 && (a.length() - 1.0).abs() < 1e-9);
        }
        assert!(axes.up.z > 0.9 && axes.right.z.abs() < 1e-6);
    }

    #[test]
    fn an_outline_is_drawn_corner_by_corner_and_refused_where_it_crosses_itself() {
        let frame = frame();
        let corner = |x: f64, y: f64| place(&frame, DVec3::new(x, y, 10.0));
        let mut clipping = Clipping {
            drawing: Some(Vec::new()),
            ..Clipping::default()
        };
        for (x, y) in [(0.0, 0.0), (100.0, 0.0)] {
            clipping.add_corner(corner(x, y), &frame).unwrap();
        }
        assert_eq!(clipping.finish(&frame), Err(OutlineError::TooFew));
        clipping.add_corner(corner(0.0, 100.0), &frame).unwrap();
        clipping.add_corner(corner(100.0, 100.0), &frame).unwrap();
        assert_eq!(clipping.finish(&frame), Err(OutlineError::Crossed));
        clipping.drawing.as_mut().unwrap().pop();
        // A double click ends it.
        clipping.add_corner(corner(0.0, 100.0), &frame).unwrap();
        assert_eq!((clipping.outlines.len(), &clipping.drawing), (1, &None));
        assert_eq!(clipping.corners_left(), MAX_CLIP_CORNERS - 3);
        assert!(!keeps(&clipping, [20.0, 20.0, 500.0]));
        assert!(keeps(&clipping, [80.0, 80.0, 0.0]));
        clipping.keeps_inside = true;
        assert!(keeps(&clipping, [20.0, 20.0, -50.0]));
        clipping.drawing = Some(vec![corner(0.0, 0.0); MAX_CLIP_CORNERS - 3]);
        assert_eq!(
            clipping.add_corner(corner(1.0, 1.0), &frame),
            Err(OutlineError::TooMany)
        );
    }

    #[test]
    fn what_is_not_on_the_earth_is_cut_too() {
        let frame = SceneFrame::around_ecef(DVec3::new(10.0, 20.0, 30.0));
        let at = place(&frame, DVec3::new(1.0, 2.0, 3.0));
        let plane = CutPlane {
            at,
            offset_m: 0.0,
            ..plane(0.0, 90.0)
        };
        let clipping = Clipping {
            planes: vec![plane],
            ..Clipping::default()
        };
        let clip = clipping.clip(&frame).unwrap();
        assert!(clip.keeps(DVec3::new(1.0, 2.0, 2.9)) && !clip.keeps(DVec3::new(1.0, 2.0, 3.1)));
    }
}
