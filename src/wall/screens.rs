//! Where a node's screens are in its window, and how the camera looks through each.

use city_wall::{Layout, OutputView, Placement, WallConfig};
use glam::DMat3;

use crate::render::{Lens, Pane, Whole};

/// A node's screens.
#[derive(Clone, Debug)]
pub struct Screens {
    layout: Layout,
    outputs: Vec<OutputView>,
    /// Left, top, width and height in the node's window, pixels; one for each output.
    rects_px: Vec<[u32; 4]>,
    size_px: [u32; 2],
    shows_words: bool,
}

impl Screens {
    /// Those of a node; `None` when the wall has no such node.
    ///
    /// Flat screens keep their places to one another, angled ones follow to the right of them: together they are one
    /// window over the machine's displays.
    #[must_use]
    pub fn of(config: &WallConfig, node: &str) -> Option<Self> {
        let layout = Layout::new(config);
        let outputs = layout.outputs(node)?.to_vec();
        let placed = &config.node(node)?.outputs;
        let flat: Vec<[u32; 4]> = placed
            .iter()
            .filter_map(|output| match output.placement {
                Placement::Flat { rect } => Some(rect),
                Placement::Angled { .. } => None,
            })
            .collect();
        let left = flat.iter().map(|rect| rect[0]).min().unwrap_or(0);
        let top = flat.iter().map(|rect| rect[1]).min().unwrap_or(0);
        let mut right = flat
            .iter()
            .map(|rect| rect[0] + rect[2] - left)
            .max()
            .unwrap_or(0);
        let mut bottom = flat
            .iter()
            .map(|rect| rect[1] + rect[3] - top)
            .max()
            .unwrap_or(0);
        let rects_px = placed
            .iter()
            .map(|output| match &output.placement {
                Placement::Flat { rect: [x, y, w, h] } => [x - left, y - top, *w, *h],
                Placement::Angled { .. } => {
                    let [w, h] = output.size_px();
                    let rect = [right, 0, w, h];
                    right += w;
                    bottom = bottom.max(h);
                    rect
                }
            })
            .collect();
        // Clock, legend and credits stand once on a wall: at its lower left corner.
        let is_corner = |rect: &[u32; 4]| rect[0] == 0 && rect[1] + rect[3] == config.pixels[1];
        let anywhere =
            config.nodes.iter().flat_map(|node| &node.outputs).any(
                |output| matches!(&output.placement, Placement::Flat { rect } if is_corner(rect)),
            );
        let shows_words = if anywhere {
            flat.iter().any(is_corner)
        } else {
            config.nodes.first().is_some_and(|first| first.id == node)
        };
        Some(Self {
            layout,
            outputs,
            rects_px,
            size_px: [right, bottom],
            shows_words,
        })
    }

    /// Width and height of the node's window, pixels.
    #[must_use]
    pub fn size_px(&self) -> [u32; 2] {
        self.size_px
    }

    /// Whether this node carries the wall's clock, legend and credits.
    #[must_use]
    pub fn shows_words(&self) -> bool {
        self.shows_words
    }

    /// The display of the node's only screen, from 0; `None` when it has several.
    #[must_use]
    pub fn only_display(&self) -> Option<u32> {
        match self.outputs.as_slice() {
            [only] => Some(only.display),
            _ => None,
        }
    }

    /// Left, top, width and height of each screen in the window, pixels.
    pub fn rects_px(&self) -> impl Iterator<Item = [u32; 4]> + '_ {
        self.rects_px.iter().copied()
    }

    /// How a camera with a vertical field of view looks through the screens, at a variant of the scene.
    #[must_use]
    pub fn panes(&self, fov_y_rad: f64, variant: u8) -> Vec<Pane> {
        self.outputs
            .iter()
            .zip(&self.rects_px)
            .map(|(output, rect_px)| Pane {
                rect_px: *rect_px,
                lens: Lens::OffAxis {
                    tangents: self.layout.tangents(output, fov_y_rad),
                    camera_from_screen: DMat3::from_quat(self.layout.wall_from_screen(output)),
                },
                variant,
            })
            .collect()
    }

    /// What the whole wall shows.
    #[must_use]
    pub fn whole(&self, fov_y_rad: f64) -> Whole {
        let whole = self.layout.whole(fov_y_rad);
        Whole {
            tangents: whole.tangents,
            height_px: whole.size_px[1],
        }
    }

    /// The field of view under which the wall is drawn, radians: the camera's, or the real one where screens stand
    /// at an angle.
    #[must_use]
    pub fn fov_y_rad(&self, fov_y_rad: f64) -> f64 {
        self.layout.fov_y_rad(fov_y_rad)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALL: &str = r#"
[wall]
name = "test"
pixels = [3840, 1080]
bezel_mm = [10.0, 0.0]
pixel_pitch_mm = 1.0
view_distance_m = 6.0
scene = "harbour.toml"
token = "0123456789abcdef"

[[leader]]
id = "a"
frames = "127.0.0.1:7001"
http = "127.0.0.1:7002"

[[node]]
id = "left"
listen = "127.0.0.1:7003"
output = [{ display = 0, rect = [0, 0, 1920, 1080] }]

[[node]]
id = "right"
listen = "127.0.0.1:7004"
output = [
    { display = 0, rect = [1920, 0, 1920, 540] },
    { display = 1, rect = [1920, 540, 1920, 540] },
]
"#;

    fn screens(node: &str) -> Screens {
        Screens::of(&WallConfig::parse(WALL, "wall.toml").unwrap(), node).unwrap()
    }

    #[test]
    fn a_nodes_window_holds_its_screens_and_one_node_carries_the_words() {
        let (left, right) = (screens("left"), screens("right"));
        assert_eq!(left.size_px(), [1920, 1080]);
        assert_eq!(right.size_px(), [1920, 1080]);
        let rects: Vec<_> = right.rects_px().collect();
        assert_eq!(rects, [[0, 0, 1920, 540], [0, 540, 1920, 540]]);
        assert!(left.shows_words() && !right.shows_words());
        assert_eq!((left.only_display(), right.only_display()), (Some(0), None));
    }

    #[test]
    fn neighbours_meet_behind_the_bezel_and_choose_by_the_whole_wall() {
        let tangents = |screens: &Screens, index: usize| match screens.panes(0.8, 0)[index].lens {
            Lens::OffAxis { tangents, .. } => tangents,
            other => panic!("{other:?}"),
        };
        let (left, right) = (screens("left"), screens("right"));
        let gap = tangents(&right, 0)[0] - tangents(&left, 0)[1];
        let per_px = 2.0 * 0.4f64.tan() / 1080.0;
        assert!((gap - 10.0 * per_px).abs() < 1e-9, "{gap}");
        assert_eq!(left.whole(0.8), right.whole(0.8));
        assert!((left.whole(0.8).height_px - 1080.0).abs() < 1e-6);
    }
}
