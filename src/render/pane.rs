//! Parts of the picture that are drawn on their own: the screens of a video wall, two scenarios side by side.

use bevy::ecs::component::Component;
use glam::{DMat3, DVec3, Mat3, Mat4, Vec4};

use super::view::CityView;

/// How a pane looks through the camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lens {
    /// The camera's own field of view, the picture's middle in the pane's middle.
    Centred,
    /// The camera's field of view as the whole picture has it: the pane shows its part of it.
    Window,
    /// Any part of any plane, as a screen of a video wall has it.
    OffAxis {
        /// Left, right, bottom and top on the plane at distance 1 from the eye.
        tangents: [f64; 4],
        /// The screen's right, up and backward axes, in those of the camera (right, up, backward).
        camera_from_screen: DMat3,
    },
}

/// One part of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pane {
    /// Left, top, width and height in pixels of the target.
    pub rect_px: [u32; 4],
    /// How it looks.
    pub lens: Lens,
    /// Which of the variants it shows, see [`super::Variants`].
    pub variant: u8,
}

/// The panes of a camera. Without it, or empty, the camera draws one picture.
#[derive(Component, Clone, Debug, Default)]
pub struct Panes(pub Vec<Pane>);

/// No picture has more panes than this.
pub const MAX_PANES: usize = 8;

/// A pane's axes and what it sees of its plane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    right: DVec3,
    up: DVec3,
    forward: DVec3,
    tangents: [f64; 4],
}

/// Tangents of the camera's own picture at an aspect.
pub(super) fn centred(fov_y_rad: f64, aspect: f64) -> [f64; 4] {
    let half = (fov_y_rad * 0.5).tan();
    [-half * aspect, half * aspect, -half, half]
}

impl Pane {
    /// The pane that fills a picture.
    pub(super) fn whole(size_px: [u32; 2]) -> Self {
        Self {
            rect_px: [0, 0, size_px[0], size_px[1]],
            lens: Lens::Centred,
            variant: 0,
        }
    }

    /// The same, cut to what the target has; `None` when nothing is left.
    pub(super) fn within(mut self, size_px: [u32; 2]) -> Option<Self> {
        let [x, y, width, height] = self.rect_px;
        let fits = x < size_px[0] && y < size_px[1] && width > 0 && height > 0;
        self.rect_px[2] = width.min(size_px[0].saturating_sub(x));
        self.rect_px[3] = height.min(size_px[1].saturating_sub(y));
        fits.then_some(self)
    }

    /// What it sees, in the scene's local frame.
    pub(super) fn look(&self, view: &CityView, size_px: [u32; 2]) -> Look {
        let [x, y, width, height] = self.rect_px.map(f64::from);
        let straight = |tangents| Look {
            right: view.right(),
            up: view.up,
            forward: view.forward,
            tangents,
        };
        match self.lens {
            Lens::Centred => straight(centred(view.fov_y_rad, width / height.max(1.0))),
            Lens::Window => {
                let [full_x, full_y] = size_px.map(|px| f64::from(px.max(1)));
                let [left, right, bottom, top] = centred(view.fov_y_rad, full_x / full_y);
                let across = |px: f64| left + (right - left) * px / full_x;
                let down = |px: f64| top - (top - bottom) * px / full_y;
                straight([across(x), across(x + width), down(y + height), down(y)])
            }
            Lens::OffAxis {
                tangents,
                camera_from_screen,
            } => {
                let camera = DMat3::from_cols(view.right(), view.up, -view.forward);
                let axes = camera * camera_from_screen;
                Look {
                    right: axes.x_axis,
                    up: axes.y_axis,
                    forward: -axes.z_axis,
                    tangents,
                }
            }
        }
    }
}

impl Look {
    /// Clip space from camera-relative east-north-up, infinite reverse z.
    pub fn clip_from_rel(&self, near_m: f64) -> Mat4 {
        let [left, right, bottom, top] = self.tangents;
        let (width, height) = (right - left, top - bottom);
        // OpenGL's frustum without a far plane, depth reversed: 1 at the near plane, 0 infinitely far.
        let projection = Mat4::from_cols(
            Vec4::new((2.0 / width) as f32, 0.0, 0.0, 0.0),
            Vec4::new(0.0, (2.0 / height) as f32, 0.0, 0.0),
            Vec4::new(
                ((right + left) / width) as f32,
                ((top + bottom) / height) as f32,
                0.0,
                -1.0,
            ),
            Vec4::new(0.0, 0.0, near_m as f32, 0.0),
        );
        let screen_from_rel = Mat3::from_cols(
            self.right.as_vec3(),
            self.up.as_vec3(),
            -self.forward.as_vec3(),
        )
        .transpose();
        projection * Mat4::from_mat3(screen_from_rel)
    }

    /// Rays for the sky: a pixel's direction is `forward + x * right + y * up`, x and y from -1 to 1.
    pub fn rays(&self) -> [DVec3; 3] {
        let [left, right, bottom, top] = self.tangents;
        [
            self.right * (right - left) * 0.5,
            self.up * (top - bottom) * 0.5,
            self.forward + self.right * (right + left) * 0.5 + self.up * (top + bottom) * 0.5,
        ]
    }
}

#[cfg(test)]
mod tests {
    use glam::Vec3;

    use super::*;

    const SIZE: [u32; 2] = [1600, 900];

    fn ndc(look: &Look, p: Vec3) -> [f32; 2] {
        let clip = look.clip_from_rel(0.5) * p.extend(1.0);
        [clip.x / clip.w, clip.y / clip.w]
    }

    #[test]
    fn one_pane_sees_what_the_camera_sees() {
        let view = CityView::default();
        let look = Pane::whole(SIZE).look(&view, SIZE);
        let camera = view.clip_from_rel(1600.0 / 900.0);
        assert!(look.clip_from_rel(view.near_m).abs_diff_eq(camera, 1e-5));
        let [right, up, forward] = look.rays();
        let corner = (forward + right + up).as_vec3() * 100.0;
        let [x, y] = ndc(&look, corner);
        assert!((x - 1.0).abs() < 1e-5 && (y - 1.0).abs() < 1e-5);
    }

    #[test]
    fn windows_of_a_picture_meet_at_their_border() {
        let view = CityView::default();
        let part = |x, width| Pane {
            rect_px: [x, 0, width, 900],
            lens: Lens::Window,
            variant: 0,
        };
        let whole = Pane::whole(SIZE).look(&view, SIZE);
        let (left, right) = (
            part(0, 500).look(&view, SIZE),
            part(500, 1100).look(&view, SIZE),
        );
        let p = (view.forward * 300.0 + view.up * 40.0 - view.right() * 70.0).as_vec3();
        let [x, y] = ndc(&whole, p);
        let px = (x + 1.0) * 800.0;
        let from_left = (ndc(&left, p)[0] + 1.0) * 250.0;
        let from_right = (ndc(&right, p)[0] + 1.0) * 550.0 + 500.0;
        assert!((from_left - px).abs() < 0.01, "{from_left} {px}");
        assert!((from_right - px).abs() < 0.01, "{from_right} {px}");
        assert!((ndc(&left, p)[1] - y).abs() < 1e-5);
    }

    #[test]
    fn a_screen_turned_by_its_mounting_looks_that_way() {
        let view = CityView::default();
        // A screen on the left wall of a room: its middle is straight to the left.
        let turned = Pane {
            rect_px: [0, 0, 800, 900],
            lens: Lens::OffAxis {
                tangents: [-1.0, 1.0, -1.0, 1.0],
                camera_from_screen: DMat3::from_rotation_y(std::f64::consts::FRAC_PI_2),
            },
            variant: 0,
        };
        let [x, y] = ndc(&turned.look(&view, SIZE), (-view.right() * 50.0).as_vec3());
        assert!(x.abs() < 1e-5 && y.abs() < 1e-5, "{x} {y}");
    }

    #[test]
    fn a_pane_outside_the_target_is_left_out_and_one_across_its_edge_is_cut() {
        let pane = |rect_px| Pane {
            rect_px,
            lens: Lens::Window,
            variant: 0,
        };
        assert_eq!(pane([1600, 0, 10, 10]).within(SIZE), None);
        assert_eq!(pane([0, 0, 0, 10]).within(SIZE), None);
        let cut = pane([1500, 800, 400, 400]).within(SIZE);
        assert_eq!(cut.map(|cut| cut.rect_px), Some([1500, 800, 100, 100]));
    }
}
