//! What lies on the map's edge: compass, home and zoom, scale bar, credits.

use egui::{
    Align2, Area, Color32, Context, CornerRadius, Id, Order, Rect, RichText, Sense, Shape, Stroke,
    Ui, Vec2, pos2, vec2,
};

use super::Cx;
use super::command::{CameraMove, UiCommand};
use super::format;
use super::icons::Icon;
use super::model::MeasureTool;
use super::theme;
use super::widgets;

/// The longest scale bar, logical pixels.
const SCALE_BAR_PX: f64 = 120.0;

/// Draws the furniture into the free part of the window.
pub(crate) fn show(ctx: &Context, cx: &mut Cx, free: Rect) {
    if free.width() < 160.0 || free.height() < 160.0 {
        credits(ctx, cx, free);
        return;
    }
    buttons(ctx, cx, free);
    credits(ctx, cx, free);
    scale_bar(ctx, cx, free);
}

/// Compass and camera buttons at the upper right.
fn buttons(ctx: &Context, cx: &mut Cx, free: Rect) {
    let area = Area::new(Id::new("map buttons"))
        .order(Order::Middle)
        .pivot(Align2::RIGHT_TOP);
    let response = area
        .fixed_pos(free.right_top() + vec2(-12.0, 12.0))
        .show(ctx, |ui| {
            cx.theme
                .card_frame()
                .inner_margin(egui::Margin::same(4))
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 2.0;
                    ui.set_width(36.0);
                    ui.vertical_centered(|ui| {
                        compass(ui, cx);
                        let theme = cx.theme;
                        let entries = [
                            (Icon::Home, "action-home", UiCommand::Home),
                            (
                                Icon::Plus,
                                "action-zoom-in",
                                UiCommand::Move(CameraMove::Zoom(1.0)),
                            ),
                            (
                                Icon::Minus,
                                "action-zoom-out",
                                UiCommand::Move(CameraMove::Zoom(-1.0)),
                            ),
                        ];
                        let measuring = cx.model.measure.tool != MeasureTool::None;
                        let tool = if measuring {
                            MeasureTool::None
                        } else {
                            MeasureTool::Distance
                        };
                        let ruler = (Icon::Ruler, "action-measure", UiCommand::Measure(tool));
                        for (icon, key, command) in entries.into_iter().chain([ruler]) {
                            if widgets::icon_button_sized(
                                ui,
                                &theme,
                                icon,
                                cx.t.get(key),
                                icon == Icon::Ruler && measuring,
                                32.0,
                            )
                            .clicked()
                            {
                                cx.emit(command);
                            }
                        }
                    });
                });
        });
    cx.covered.push(response.response.rect);
}

fn compass(ui: &mut Ui, cx: &mut Cx) {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(36.0), Sense::click());
    let heading_deg = cx.model.camera.heading_rad.to_degrees().rem_euclid(360.0);
    let label =
        cx.t.fmt("compass", &[("heading", &format!("{heading_deg:.0}°"))]);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, &label));
    let (center, r) = (rect.center(), 15.0);
    let painter = ui.painter();
    let ring = if response.hovered() {
        cx.theme.normal
    } else {
        cx.theme.line
    };
    painter.circle(center, r, cx.theme.field, Stroke::new(1.5, ring));
    widgets::focus_ring(ui, &response, &cx.theme);
    // The needle turns against the heading, so that it points north on screen.
    let turn = egui::emath::Rot2::from_angle(-cx.model.camera.heading_rad as f32);
    let at = |x: f32, y: f32| center + turn * vec2(x, y);
    let north = vec![at(0.0, -r + 7.0), at(4.5, 2.0), at(-4.5, 2.0)];
    let south = vec![at(0.0, r - 2.0), at(-4.5, 2.0), at(4.5, 2.0)];
    painter.add(Shape::convex_polygon(north, cx.theme.error, Stroke::NONE));
    painter.add(Shape::convex_polygon(south, cx.theme.normal, Stroke::NONE));
    // The letter goes around with the needle, but stays upright.
    let (size, ink) = (theme::strong_font(10.0), cx.theme.text);
    painter.text(at(0.0, -r + 4.5), Align2::CENTER_CENTER, "N", size, ink);
    if response.clicked() {
        cx.emit(UiCommand::FaceNorth);
    }
    response.on_hover_text(format!("{label} (N)"));
}

/// The largest round length that is not longer than `limit_m`: 1, 2 or 5 times a power of ten.
fn round_length(limit_m: f64) -> f64 {
    let power = 10f64.powf(limit_m.log10().floor());
    [5.0, 2.0, 1.0]
        .iter()
        .map(|f| f * power)
        .find(|l| *l <= limit_m * 1.000_001)
        .unwrap_or(power)
}

/// The scale at the middle of the view, at the lower right above the credits.
fn scale_bar(ctx: &Context, cx: &mut Cx, free: Rect) {
    let metres_per_px = cx.model.camera.metres_per_px;
    if !metres_per_px.is_finite() || metres_per_px <= 0.0 {
        return;
    }
    let length_m = round_length(SCALE_BAR_PX * metres_per_px);
    let width = (length_m / metres_per_px) as f32;
    let text = format::length(length_m);
    let area = Area::new(Id::new("scale bar"))
        .order(Order::Middle)
        .pivot(Align2::RIGHT_BOTTOM)
        .interactable(false);
    area.fixed_pos(free.right_bottom() + vec2(-12.0, -28.0))
        .show(ctx, |ui| {
            let (rect, response) =
                ui.allocate_exact_size(vec2(SCALE_BAR_PX as f32, 20.0), Sense::hover());
            let label = cx.t.fmt("scale-bar", &[("length", &text)]);
            response
                .widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Image, true, &label));
            let (right, y) = (rect.right(), rect.bottom() - 3.0);
            let left = right - width;
            let line = [
                pos2(left, y - 5.0),
                pos2(left, y),
                pos2(right, y),
                pos2(right, y - 5.0),
            ];
            let (ink, halo) = on_the_city(cx);
            ui.painter()
                .add(Shape::line(line.to_vec(), Stroke::new(4.0, halo)));
            ui.painter()
                .add(Shape::line(line.to_vec(), Stroke::new(1.5, ink)));
            haloed(
                ui,
                pos2((left + right) * 0.5, y - 3.0),
                Align2::CENTER_BOTTOM,
                &text,
                ink,
                halo,
            );
        });
}

/// Ink and halo for what is drawn straight onto the city.
pub(crate) fn on_the_city(cx: &Cx) -> (Color32, Color32) {
    match cx.theme.dark {
        true => (Color32::WHITE, Color32::from_black_alpha(190)),
        false => (
            Color32::from_rgb(0x10, 0x15, 0x1B),
            Color32::from_white_alpha(210),
        ),
    }
}

fn haloed(ui: &Ui, at: egui::Pos2, align: Align2, text: &str, ink: Color32, halo: Color32) {
    let galley = ui
        .painter()
        .layout_no_wrap(text.to_owned(), theme::strong_font(12.0), ink);
    let rect = align.anchor_size(at, galley.size());
    ui.painter()
        .rect_filled(rect.expand2(vec2(4.0, 1.0)), CornerRadius::same(3), halo);
    ui.painter().galley(rect.min, galley, ink);
}

/// The credits of everything visible, in one line at the lower right; all of them on hover.
pub(crate) fn credits(ctx: &Context, cx: &mut Cx, free: Rect) {
    let model = cx.model;
    let mut all = model.credits.clone();
    let simulated = |layer: &super::model::LayerModel| layer.visible && layer.simulated;
    if model.layers.iter().any(simulated) {
        all.push(super::model::Credit {
            text: cx.t.get("credit-simulated").to_owned(),
            url: String::new(),
        });
    }
    if all.is_empty() {
        return;
    }
    let text = all
        .iter()
        .map(|c| c.text.as_str())
        .collect::<Vec<_>>()
        .join(" · ");
    let area = Area::new(Id::new("credits"))
        .order(Order::Middle)
        .pivot(Align2::RIGHT_BOTTOM);
    let response = area
        .fixed_pos(free.right_bottom() + vec2(-6.0, -4.0))
        .show(ctx, |ui| {
            ui.set_max_width((free.width() - 16.0).max(80.0));
            let fill = if cx.theme.dark {
                Color32::from_black_alpha(150)
            } else {
                Color32::from_white_alpha(190)
            };
            let frame = egui::Frame::new()
                .fill(fill)
                .inner_margin(egui::Margin::symmetric(6, 1))
                .corner_radius(3);
            frame.show(ui, |ui| {
                let label = egui::Label::new(RichText::new(&text).size(12.0).color(cx.theme.text))
                    .truncate();
                let response = ui.add(label.sense(Sense::click()));
                let menu = egui::Popup::menu(&response);
                menu.show(|ui| {
                    ui.set_max_width(420.0);
                    for credit in &all {
                        if credit.url.is_empty() {
                            ui.label(&credit.text);
                        } else if ui.link(&credit.text).on_hover_text(&credit.url).clicked() {
                            cx.emit(UiCommand::OpenUrl(credit.url.clone()));
                        }
                    }
                });
            });
        });
    cx.covered.push(response.response.rect);
}

#[cfg(test)]
mod tests {
    use super::round_length;

    #[test]
    fn scale_bars_have_round_lengths() {
        for (limit, want) in [
            (120.0, 100.0),
            (99.0, 50.0),
            (3.1, 2.0),
            (0.7, 0.5),
            (5000.0, 5000.0),
            (1.0, 1.0),
        ] {
            assert!((round_length(limit) - want).abs() < 1e-9, "{limit}");
        }
    }
}
