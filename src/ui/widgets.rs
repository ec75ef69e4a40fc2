//! Small parts that the panels share.

use egui::{
    Align2, Color32, CornerRadius, Rect, Response, RichText, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo, WidgetType, pos2, vec2,
};

use super::icons::{self, Icon};
use super::theme::{self, Tokens};

/// A square button with an icon; its label is the tooltip and the accessible name.
pub fn icon_button(
    ui: &mut Ui,
    theme: &Tokens,
    icon: Icon,
    label: &str,
    selected: bool,
) -> Response {
    icon_button_sized(ui, theme, icon, label, selected, 28.0)
}

/// The same with a side length in logical pixels.
pub fn icon_button_sized(
    ui: &mut Ui,
    theme: &Tokens,
    icon: Icon,
    label: &str,
    selected: bool,
    side: f32,
) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(WidgetType::Button, enabled, selected, label));
    if ui.is_rect_visible(rect) {
        let fill = match (selected, response.hovered() && enabled) {
            (true, _) => theme.selected_fill(),
            (false, true) => theme.hover,
            (false, false) => Color32::TRANSPARENT,
        };
        ui.painter().rect_filled(rect, CornerRadius::same(4), fill);
        focus_ring(ui, &response, theme);
        let color = match (enabled, selected, response.hovered()) {
            (false, ..) => theme.quiet.gamma_multiply(0.5),
            (true, true, _) => theme.accent,
            (true, false, true) => theme.text,
            (true, false, false) => theme.quiet,
        };
        let icon_side = (side * 0.64).min(22.0);
        icons::paint(
            ui.painter(),
            Rect::from_center_size(rect.center(), Vec2::splat(icon_side)),
            icon,
            color,
        );
    }
    response.on_hover_text(label)
}

/// The ring around what has the keyboard's focus.
pub fn focus_ring(ui: &Ui, response: &Response, theme: &Tokens) {
    if response.has_focus() {
        let stroke = Stroke::new(2.0, theme.accent);
        ui.painter().rect_stroke(
            response.rect,
            CornerRadius::same(4),
            stroke,
            StrokeKind::Inside,
        );
    }
}

/// A button with words; `primary` is the one thing to do.
pub fn text_button(ui: &mut Ui, theme: &Tokens, text: &str, primary: bool) -> Response {
    let mut button = egui::Button::new(RichText::new(text).color(if primary {
        theme.on_accent
    } else {
        theme.text
    }));
    if primary {
        button = button.fill(theme.accent);
    }
    ui.add(button)
}

/// A paragraph of quiet text that wraps.
pub fn quiet(ui: &mut Ui, theme: &Tokens, text: impl Into<String>) -> Response {
    ui.add(egui::Label::new(RichText::new(text).color(theme.quiet).size(12.0)).wrap())
}

/// The heading of a section inside a panel.
pub fn section(ui: &mut Ui, theme: &Tokens, text: &str) {
    ui.add_space(theme::GRID * 2.0);
    ui.label(
        RichText::new(text)
            .font(theme::strong_font(12.0))
            .color(theme.quiet),
    );
    ui.add_space(2.0);
}

/// A button that stays pressed while what it names is on.
pub fn toggle(ui: &mut Ui, theme: &Tokens, text: &str, on: bool) -> Response {
    let color = if on { theme.accent } else { theme.text };
    let mut button = egui::Button::new(RichText::new(text).color(color));
    if on {
        button = button
            .fill(theme.selected_fill())
            .stroke(Stroke::new(1.0, theme.accent));
    }
    let response = ui.add(button);
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(WidgetType::Button, enabled, on, text));
    response
}

/// A box that can be ticked, with an edge that stands out from the panel.
pub fn checkbox(ui: &mut Ui, theme: &Tokens, on: &mut bool, text: &str) -> Response {
    ui.scope(|ui| {
        ui.visuals_mut().widgets.inactive.bg_stroke = Stroke::new(1.0, theme.normal);
        ui.checkbox(on, text)
    })
    .inner
}

/// The heading of a part that folds: chevron, icon, name, a word at the right.
pub struct FoldHeading<'a> {
    /// What stands before the name.
    pub icon: Option<Icon>,
    /// What is below.
    pub name: &'a str,
    /// What stands at the right, and its colour.
    pub badge: (&'a str, Color32),
    /// Whether the part is unfolded.
    pub open: bool,
}

impl FoldHeading<'_> {
    /// Draws it.
    pub fn show(self, ui: &mut Ui, theme: &Tokens) -> Response {
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), 30.0), Sense::click());
        let (name, open) = (self.name, self.open);
        response
            .widget_info(|| WidgetInfo::selected(WidgetType::CollapsingHeader, true, open, name));
        let painter = ui.painter();
        if response.hovered() {
            painter.rect_filled(rect, CornerRadius::same(4), theme.hover);
        }
        focus_ring(ui, &response, theme);
        let y = rect.center().y;
        let square =
            |x: f32, side: f32| Rect::from_center_size(pos2(rect.left() + x, y), Vec2::splat(side));
        let chevron = if open {
            Icon::ChevronDown
        } else {
            Icon::ChevronRight
        };
        icons::paint(painter, square(9.0, 14.0), chevron, theme.quiet);
        let mut x = 22.0;
        if let Some(icon) = self.icon {
            icons::paint(painter, square(29.0, 18.0), icon, theme.quiet);
            x = 44.0;
        }
        let at = pos2(rect.left() + x, y);
        painter.text(
            at,
            Align2::LEFT_CENTER,
            name,
            theme::strong_font(14.0),
            theme.text,
        );
        let at = pos2(rect.right() - 8.0, y);
        let (badge, color) = self.badge;
        painter.text(at, Align2::RIGHT_CENTER, badge, theme::font(12.0), color);
        response
    }
}

/// A word in a rounded frame ("simulated").
pub fn chip(ui: &mut Ui, text: &str, color: Color32) -> Response {
    let font = theme::font(12.0);
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font, color);
    let size = Vec2::new(galley.size().x + 12.0, 18.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, text));
    if ui.is_rect_visible(rect) {
        let radius = CornerRadius::same(9);
        ui.painter().rect_stroke(
            rect,
            radius,
            Stroke::new(1.0, color.gamma_multiply(0.6)),
            StrokeKind::Inside,
        );
        let at = rect.center() - galley.size() * 0.5;
        ui.painter().galley(at, galley, color);
    }
    response
}

/// An icon in a row of text.
pub fn inline_icon(ui: &mut Ui, icon: Icon, side: f32, color: Color32) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
    icons::paint(ui.painter(), rect, icon, color);
    response
}

/// A row "name … value unit": the name in a column of its own, the value wrapping beside it.
pub fn value_row(
    ui: &mut Ui,
    theme: &Tokens,
    name: &str,
    value: &str,
    unit: &str,
    hover: &str,
) -> Response {
    let response = ui
        .scope(|ui| {
            ui.spacing_mut().interact_size.y = 20.0;
            ui.horizontal_top(|ui| {
                let name_width = name_width(ui);
                let name =
                    egui::Label::new(RichText::new(name).color(theme.quiet).size(12.0)).truncate();
                let layout = egui::Layout::left_to_right(egui::Align::Center);
                ui.allocate_ui_with_layout(Vec2::new(name_width, 20.0), layout, |ui| {
                    ui.set_width(name_width);
                    ui.add(name);
                });
                let text = if unit.is_empty() {
                    value.to_owned()
                } else {
                    format!("{value} {unit}")
                };
                ui.vertical(|ui| {
                    ui.add_space(1.0);
                    ui.add(
                        egui::Label::new(RichText::new(text).color(theme.text))
                            .wrap()
                            .selectable(true),
                    );
                });
            });
        })
        .response;
    if hover.is_empty() {
        response
    } else {
        response.on_hover_text(hover)
    }
}

/// A remark on the row above it, under its value.
pub fn note_row(ui: &mut Ui, theme: &Tokens, text: &str) -> Response {
    ui.horizontal_top(|ui| {
        ui.add_space(name_width(ui) + ui.spacing().item_spacing.x);
        let text = RichText::new(text).color(theme.accent).size(12.0);
        ui.add(egui::Label::new(text).wrap().selectable(true));
    })
    .response
}

/// The width of the names of [`value_row`].
fn name_width(ui: &Ui) -> f32 {
    (ui.available_width() * 0.3).floor().clamp(72.0, 128.0)
}

/// A one-line text field of the height of a button.
pub fn text_field<'t>(theme: &Tokens, text: &'t mut String, hint: &str) -> egui::TextEdit<'t> {
    egui::TextEdit::singleline(text)
        .hint_text(RichText::new(hint).color(theme.quiet))
        .margin(egui::Margin::symmetric(8, 5))
}

/// A bar that is filled to `fraction`, 8 px high.
pub fn meter(ui: &mut Ui, theme: &Tokens, fraction: f32, color: Color32) -> Response {
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), 6.0), Sense::hover());
    let radius = CornerRadius::same(3);
    ui.painter().rect_filled(rect, radius, theme.hover);
    let mut filled = rect;
    filled.set_width(rect.width() * fraction.clamp(0.0, 1.0));
    ui.painter().rect_filled(filled, radius, color);
    response
}
