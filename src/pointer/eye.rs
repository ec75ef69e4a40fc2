//! A pane of the picture, from pixels to rays and back.

use bevy::window::Window;
use glam::{DVec2, DVec3};

use crate::picking::pixel_ray;
use crate::render::{CityView, Lens, Pane, Panes};

/// A pane of the picture, as pointers see it.
#[derive(Clone, Copy)]
pub(crate) struct Eye {
    pub view: CityView,
    /// Where the pointer may be: left, top, width, height, physical pixels.
    pane_px: [f64; 4],
    /// What the view is stretched over.
    rect_px: [f64; 4],
    /// Physical pixels in a logical one.
    pub scale: f64,
}

impl Eye {
    /// The first pane that is meant; the whole picture where there are no panes.
    pub fn of(
        view: &CityView,
        panes: Option<&Panes>,
        window: &Window,
        is_meant: impl Fn(&Pane) -> bool,
    ) -> Option<Self> {
        let size = [window.physical_width(), window.physical_height()].map(f64::from);
        let whole = [0.0, 0.0, size[0], size[1]];
        let (pane_px, rect_px) = match panes.filter(|panes| !panes.0.is_empty()) {
            None => (whole, whole),
            Some(panes) => {
                let pane = panes.0.iter().find(|pane| is_meant(pane))?;
                let rect_px = pane.rect_px.map(f64::from);
                match pane.lens {
                    Lens::Centred => (rect_px, rect_px),
                    _ => (rect_px, whole),
                }
            }
        };
        Some(Self {
            view: *view,
            pane_px,
            rect_px,
            scale: f64::from(window.scale_factor()),
        })
    }

    /// Where a point is seen, logical pixels.
    pub fn project(&self, point: DVec3) -> Option<DVec2> {
        let [left, top, width, height] = self.rect_px;
        let [x, y] = self.view.pixel_of(point, [width, height])?;
        Some(DVec2::new(x + left, y + top) / self.scale)
    }

    /// The direction in which a pointer looks, local frame, of length 1.
    pub fn ray(&self, pointer: DVec2) -> DVec3 {
        let [left, top, width, height] = self.rect_px;
        let at = pointer * self.scale;
        pixel_ray(&self.view, [at.x - left, at.y - top], [width, height])
    }

    /// Whether a pointer is on the pane.
    pub fn contains(&self, pointer: DVec2) -> bool {
        let [left, top, width, height] = self.pane_px;
        let at = pointer * self.scale;
        (left..left + width).contains(&at.x) && (top..top + height).contains(&at.y)
    }

    /// What so many logical pixels are at a point, metres.
    pub fn length_m(&self, px: f64, at: DVec3) -> f64 {
        let ahead_m = (at - self.view.position)
            .dot(self.view.forward)
            .max(self.view.near_m);
        let half = (self.view.fov_y_rad * 0.5).tan();
        px * self.scale * 2.0 * half * ahead_m / self.rect_px[3].max(1.0)
    }
}
