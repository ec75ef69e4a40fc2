//! What each screen shows of the whole picture.
//!
//! The wall's picture is a plane of *virtual pixels*: the visible ones, and those that would be behind the bezels if
//! the bezels were glass. Straight lines then go on behind them.

use city_geo::{DQuat, DVec3};

use crate::config::{OutputConfig, Placement, WallConfig};
use crate::projection::Projection;

/// Height of the panels' plain text, logical pixels.
const TEXT_PX: f64 = 14.0;
/// The text's height as seen by its readers, arc minutes; ISO 9241-303 recommends 20 to 22.
const READING_ANGLE_ARCMIN: f64 = 20.0;
/// Tangents of the whole wall end here (84°): screens beside the eye have none that is finite.
const MAX_TANGENT: f64 = 10.0;

/// A part of a picture, for a camera that draws the whole (the engine's sub camera view).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SubView {
    /// Width and height of the whole picture, virtual pixels.
    pub full_size: [u32; 2],
    /// Left and upper edge of the part, virtual pixels from the top left.
    pub offset: [f64; 2],
    /// Width and height of the part, pixels.
    pub size: [u32; 2],
}

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutputView {
    /// Which of the machine's displays, from 0.
    pub display: u32,
    /// Width and height, pixels.
    pub size_px: [u32; 2],
    /// Its part of the wall's picture; `None` for a screen at an angle.
    pub sub: Option<SubView>,
    /// How a screen with corners is seen from the eye.
    pub angled: Option<Projection>,
}

/// The whole wall, by which the level of detail is chosen, so that neighbouring screens choose the same tiles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Whole {
    /// Left, right, bottom and top on the plane at distance 1 in front of the eye.
    pub tangents: [f64; 4],
    /// Width and height, pixels, of a picture with these edges and the pixel density of the sharpest screen.
    pub size_px: [f64; 2],
}

/// Where everything is on a wall.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    full_size: [u32; 2],
    nodes: Vec<(String, Vec<OutputView>)>,
    /// The vertical field of view under which the flat part is really seen, radians.
    physical_fov_y_rad: Option<f64>,
    eye_mm: DVec3,
    view_distance_mm: f64,
    /// Corners of the angled screens (all four), the wall's frame, relative to the eye, millimetres.
    corners_mm: Vec<DVec3>,
}

impl Layout {
    /// The layout of a wall.
    #[must_use]
    pub fn new(config: &WallConfig) -> Self {
        let rects: Vec<[u32; 4]> = config
            .nodes
            .iter()
            .flat_map(|node| &node.outputs)
            .filter_map(|output| match output.placement {
                Placement::Flat { rect } => Some(rect),
                Placement::Angled { .. } => None,
            })
            .collect();
        let pitch = config.pixel_pitch_mm.unwrap_or(1.0);
        let gap_px = config.bezel_mm.map(|mm| mm / pitch);
        let offset = |rect: &[u32; 4]| {
            [0, 1].map(|axis| f64::from(rect[axis]) + gap_px[axis] * seams(rect, &rects, axis))
        };
        // The whole ends where the last screen ends; without any screen at the end, where the pixels end.
        let mut full = config.pixels.map(f64::from);
        for rect in &rects {
            let moved = offset(rect);
            for axis in [0, 1] {
                let rest = config.pixels[axis] - rect[axis];
                full[axis] = full[axis].max(moved[axis] + f64::from(rest));
            }
        }
        let full_size = full.map(|px| (px - 1e-6).ceil() as u32);
        let view = |output: &OutputConfig| {
            let size_px = output.size_px();
            let (sub, angled) = match &output.placement {
                Placement::Flat { rect } => {
                    let sub = SubView {
                        full_size,
                        offset: offset(rect),
                        size: size_px,
                    };
                    (Some(sub), None)
                }
                // The configuration was checked, so that there is a projection.
                Placement::Angled { corners_mm, .. } => {
                    let seen = Projection::from_corners(*corners_mm, config.eye_mm);
                    (None, seen.ok())
                }
            };
            OutputView {
                display: output.display,
                size_px,
                sub,
                angled,
            }
        };
        let nodes = config.nodes.iter().map(|node| {
            let outputs = node.outputs.iter().map(view).collect();
            (node.id.clone(), outputs)
        });
        let view_distance_mm = config.view_distance_m * 1000.0;
        let half_mm = f64::from(full_size[1]) * pitch / 2.0;
        Self {
            full_size,
            nodes: nodes.collect(),
            physical_fov_y_rad: config
                .pixel_pitch_mm
                .map(|_| 2.0 * (half_mm / view_distance_mm).atan()),
            eye_mm: config.eye_mm,
            view_distance_mm,
            corners_mm: corners(config),
        }
    }

    /// Width and height of the flat part with what is behind bezels, virtual pixels.
    #[must_use]
    pub fn full_size(&self) -> [u32; 2] {
        self.full_size
    }

    /// A node's screens.
    #[must_use]
    pub fn outputs(&self, node: &str) -> Option<&[OutputView]> {
        let found = self.nodes.iter().find(|(id, _)| id == node)?;
        Some(&found.1)
    }

    /// Whether any screen stands at an angle. The wall is then a window: everything is seen under the angles at which
    /// it really is, and the camera's field of view is not used.
    #[must_use]
    pub fn is_angled(&self) -> bool {
        !self.corners_mm.is_empty()
    }

    /// The vertical field of view of the flat part, radians, for a camera whose own is `fov_y_rad`.
    #[must_use]
    pub fn fov_y_rad(&self, fov_y_rad: f64) -> f64 {
        match self.physical_fov_y_rad {
            Some(physical) if self.is_angled() => physical,
            _ => fov_y_rad,
        }
    }

    /// Left, right, bottom and top edge of a screen on the plane at distance 1 in front of the eye, along the axes
    /// of [`Layout::wall_from_screen`].
    #[must_use]
    pub fn tangents(&self, output: &OutputView, fov_y_rad: f64) -> [f64; 4] {
        match (&output.angled, &output.sub) {
            (Some(seen), _) => seen.tangents,
            (None, Some(sub)) => {
                let [w, h] = sub.size.map(f64::from);
                let [x, y] = sub.offset;
                self.flat(fov_y_rad, [x, x + w, y + h, y])
            }
            (None, None) => self.flat(fov_y_rad, [0.0, 1.0, 1.0, 0.0]),
        }
    }

    /// Turns a screen's axes into the wall's frame (x right, y up, z towards the viewer); nothing for a flat one.
    #[must_use]
    pub fn wall_from_screen(&self, output: &OutputView) -> DQuat {
        output
            .angled
            .map_or(DQuat::IDENTITY, |seen| seen.wall_from_screen)
    }

    /// The whole wall for a camera's vertical field of view.
    #[must_use]
    pub fn whole(&self, fov_y_rad: f64) -> Whole {
        let [w, h] = self.full_size.map(f64::from);
        let mut tangents = self.flat(fov_y_rad, [0.0, w, h, 0.0]);
        let mut density = h / (tangents[3] - tangents[2]);
        let angled = self.nodes.iter().flat_map(|(_, outputs)| outputs);
        for (seen, size_px) in angled.filter_map(|o| Some((o.angled?, o.size_px))) {
            let [_, _, bottom, top] = seen.tangents;
            density = density.max(f64::from(size_px[1]) / (top - bottom));
        }
        for corner in &self.corners_mm {
            let depth = (-corner.z).max(1e-9);
            let [x, y] =
                [corner.x / depth, corner.y / depth].map(|t| t.clamp(-MAX_TANGENT, MAX_TANGENT));
            tangents[0] = tangents[0].min(x);
            tangents[1] = tangents[1].max(x);
            tangents[2] = tangents[2].min(y);
            tangents[3] = tangents[3].max(y);
        }
        let [left, right, bottom, top] = tangents;
        Whole {
            tangents,
            size_px: [(right - left) * density, (top - bottom) * density],
        }
    }

    /// Tangents of edges given in virtual pixels from the top left: left, right, bottom, top.
    fn flat(&self, fov_y_rad: f64, [left, right, bottom, top]: [f64; 4]) -> [f64; 4] {
        let [w, h] = self.full_size.map(f64::from);
        let per_px = 2.0 * (self.fov_y_rad(fov_y_rad) * 0.5).tan() / h;
        let plane = [
            (left - w / 2.0) * per_px,
            (right - w / 2.0) * per_px,
            (h / 2.0 - bottom) * per_px,
            (h / 2.0 - top) * per_px,
        ];
        if !self.is_angled() {
            return plane;
        }
        // Seen from where the eye is, as the angled screens are.
        let eye = self.eye_mm / self.view_distance_mm;
        let depth = 1.0 + eye.z;
        [
            (plane[0] - eye.x) / depth,
            (plane[1] - eye.x) / depth,
            (plane[2] - eye.y) / depth,
            (plane[3] - eye.y) / depth,
        ]
    }
}

/// How many gaps lie before a screen along an axis (0: to its left, 1: above it): one for each place at which another
/// screen of its row or column begins before it.
fn seams(rect: &[u32; 4], rects: &[[u32; 4]], axis: usize) -> f64 {
    let across = 1 - axis;
    let end = |r: &[u32; 4], axis: usize| u64::from(r[axis]) + u64::from(r[axis + 2]);
    let mut starts: Vec<u32> = rects
        .iter()
        .filter(|other| end(other, axis) <= u64::from(rect[axis]))
        .filter(|other| {
            u64::from(other[across]) < end(rect, across)
                && u64::from(rect[across]) < end(other, across)
        })
        .map(|other| other[axis])
        .collect();
    starts.sort_unstable();
    starts.dedup();
    starts.len() as f64
}

/// All four corners of every angled screen, as seen from the eye.
fn corners(config: &WallConfig) -> Vec<DVec3> {
    let outputs = config.nodes.iter().flat_map(|node| &node.outputs);
    outputs
        .filter_map(|output| match &output.placement {
            Placement::Angled { corners_mm, .. } => Some(*corners_mm),
            Placement::Flat { .. } => None,
        })
        .flat_map(|[a, b, c]| [a, b, c, b + c - a])
        .map(|corner| corner - config.eye_mm)
        .collect()
}

/// How much larger than on a desk everything is drawn, so that text is read from the viewing distance. Not known
/// without the size of a pixel.
#[must_use]
pub fn ui_scale(config: &WallConfig) -> Option<f64> {
    let pitch_mm = config.pixel_pitch_mm?;
    let angle_rad = (READING_ANGLE_ARCMIN / 60.0).to_radians();
    let text_mm = 2.0 * config.view_distance_m * 1000.0 * (angle_rad * 0.5).tan();
    Some(text_mm / pitch_mm / TEXT_PX)
}
