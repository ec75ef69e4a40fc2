//! What stays when everything is hidden, and what a video wall shows: clock, legend, alarms, credits.

use egui::{Align2, Area, Id, Order, Rect, RichText, Ui, pos2, vec2};

use super::Cx;
use super::format;
use super::state::{MAX_UI_SCALE, MIN_UI_SCALE};
use super::theme;
use super::{legend, map_furniture, top_bar, transport};

/// The angle under which text is read without strain, minutes of arc of its size.
const READING_ANGLE_ARCMIN: f64 = 20.0;
/// The size of plain text at scale 1, pixels.
const PLAIN_TEXT_PX: f64 = 14.0;

/// The scale of text and panels for people who stand `distance_m` away from pixels of `pixel_mm`: text then
/// spans 20 minutes of arc, 28 pixels at six metres on pixels of 1.25 mm.
#[must_use]
pub fn scale_for_viewing(distance_m: f64, pixel_mm: f64) -> f32 {
    let angle_rad = (READING_ANGLE_ARCMIN / 60.0).to_radians();
    let text_px = 2.0 * distance_m * (angle_rad * 0.5).tan() / (pixel_mm * 1e-3);
    let scale = (text_px / PLAIN_TEXT_PX) as f32;
    if scale.is_finite() {
        scale.clamp(MIN_UI_SCALE, MAX_UI_SCALE)
    } else {
        1.0
    }
}

/// What a node of a video wall shows besides the city.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WallHud {
    /// The node's name.
    pub name: String,
    /// This node carries the wall's clock, alarms, legend and credits.
    pub words: bool,
    /// The screens that show their names: left, top, width and height in the window, physical pixels.
    pub screens_px: Vec<[u32; 4]>,
    /// The leader is lost: the picture holds and the clock runs on.
    pub lost: bool,
    /// No leader has been heard yet.
    pub waiting: bool,
}

/// Draws it. The whole window is free for the city.
pub(crate) fn show(root: &mut Ui, cx: &mut Cx) -> Rect {
    let screen = root.max_rect();
    let ctx = root.ctx().clone();
    if let Some(hud) = cx.state.wall.clone() {
        node(&ctx, cx, screen, &hud);
        if !hud.words {
            return screen;
        }
    }
    clock(&ctx, cx, screen);
    alarms(&ctx, cx, screen);
    legend::show(&ctx, cx, screen);
    map_furniture::credits(&ctx, cx, screen);
    screen
}

fn clock(ctx: &egui::Context, cx: &mut Cx, screen: Rect) {
    let area = Area::new(Id::new("wall clock"))
        .order(Order::Middle)
        .pivot(Align2::LEFT_BOTTOM)
        .interactable(false);
    let response = area
        .fixed_pos(screen.left_bottom() + vec2(16.0, -16.0))
        .show(ctx, |ui| {
            cx.theme.card_frame().show(ui, |ui| {
                let clock = &cx.model.clock;
                ui.horizontal(|ui| {
                    let time = format::time_of_day(&clock.zone, clock.now_ns);
                    ui.label(
                        RichText::new(time)
                            .font(theme::strong_font(28.0))
                            .color(cx.theme.text),
                    );
                    transport::mode_badge(ui, cx, 17.0);
                });
                let mut line = format!(
                    "{} {}",
                    format::date(&clock.zone, clock.now_ns),
                    clock.zone.at(clock.now_ns).1
                );
                if !clock.playing {
                    line = format!("{line} · {}", cx.t.get("clock-paused"));
                } else if clock.rate > 1.0 {
                    line = format!("{line} · {}×", format::short(clock.rate));
                }
                ui.label(RichText::new(line).size(14.0).color(cx.theme.quiet));
                if cx.model.scene.simulated {
                    ui.label(
                        RichText::new(cx.t.get("simulated-scene"))
                            .size(14.0)
                            .color(cx.theme.forecast),
                    );
                }
            });
        });
    cx.covered.push(response.response.rect);
}

/// A node's own words: who it is, and whether it hears a leader.
fn node(ctx: &egui::Context, cx: &Cx, screen: Rect, hud: &WallHud) {
    let card = |id: &str, at: egui::Pos2, pivot: Align2, text: &str, size: f32| {
        Area::new(Id::new(id))
            .order(Order::Foreground)
            .pivot(pivot)
            .interactable(false)
            .fixed_pos(at)
            .show(ctx, |ui| {
                cx.theme.card_frame().show(ui, |ui| {
                    let font = theme::strong_font(size);
                    ui.label(RichText::new(text).font(font).color(cx.theme.text));
                });
            });
    };
    if hud.waiting {
        let text = cx.t.get("wall-waiting");
        card(
            "wall waiting",
            screen.center(),
            Align2::CENTER_CENTER,
            text,
            22.0,
        );
    } else if hud.lost {
        let at = screen.right_top() + vec2(-16.0, 16.0);
        card(
            "wall lost",
            at,
            Align2::RIGHT_TOP,
            cx.t.get("wall-lost"),
            14.0,
        );
    }
    for (index, [x, y, w, h]) in hud.screens_px.iter().enumerate() {
        let per_px = 1.0 / ctx.pixels_per_point();
        let middle = pos2(
            (*x as f32 + *w as f32 * 0.5) * per_px,
            (*y as f32 + *h as f32 * 0.5) * per_px,
        );
        let text = format!("{} · {}\n{w} × {h}", hud.name, index + 1);
        let id = format!("wall screen {index}");
        card(&id, middle, Align2::CENTER_CENTER, &text, 28.0);
    }
}

fn alarms(ctx: &egui::Context, cx: &mut Cx, screen: Rect) {
    if cx.model.alarms.is_empty() {
        return;
    }
    let area = Area::new(Id::new("wall alarms"))
        .order(Order::Middle)
        .pivot(Align2::LEFT_TOP);
    let response = area
        .fixed_pos(screen.left_top() + vec2(16.0, 16.0))
        .show(ctx, |ui| {
            cx.theme
                .card_frame()
                .show(ui, |ui| top_bar::alarm_list(ui, cx, 17.0));
        });
    cx.covered.push(response.response.rect);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_on_a_wall_grows_with_the_distance_of_its_readers() {
        let text_px = |distance_m, pixel_mm| 14.0 * scale_for_viewing(distance_m, pixel_mm);
        assert!((text_px(6.0, 1.25) - 28.0).abs() < 0.5);
        assert!(text_px(8.0, 1.25) > text_px(4.0, 1.25));
        assert_eq!(scale_for_viewing(0.4, 0.25), MIN_UI_SCALE);
        assert_eq!(scale_for_viewing(900.0, 1.0), MAX_UI_SCALE);
        assert_eq!(scale_for_viewing(6.0, 0.0), 1.0);
    }
}
