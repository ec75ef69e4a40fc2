//! Colours, sizes and spacing: the same roles in a dark and a light theme.
//!
//! The city and the frame around it are quiet so that data is what has colour. Text has a contrast of at
//! least 4.5 to 1 on its panel and marks 3 to 1, in both themes; a test computes it.

use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, TextStyle, Vec2,
};
use serde::{Deserialize, Serialize};

use super::fonts;

/// The grid that spacing follows, logical pixels.
pub const GRID: f32 = 4.0;
/// Height of the top bar.
pub const TOP_BAR_HEIGHT: f32 = 40.0;
/// Height of the timeline.
pub const TIMELINE_HEIGHT: f32 = 68.0;
/// Width of a folded side panel.
pub const RAIL_WIDTH: f32 = 40.0;
/// Below this width the side panels are sheets.
pub const NARROW_WIDTH: f32 = 900.0;
/// Sizes of text.
pub const TEXT_SIZES: [f32; 5] = [12.0, 14.0, 17.0, 22.0, 28.0];

/// Which theme the user chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// For rooms where the lights are low, and the default.
    #[default]
    Dark,
    /// For daylight.
    Light,
}

/// The colours of a theme, by role.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tokens {
    /// Whether this is the dark theme.
    pub dark: bool,
    /// Behind everything.
    pub ground: Color32,
    /// A panel over the city (slightly transparent).
    pub panel: Color32,
    /// A panel's colour where nothing may shine through.
    pub panel_solid: Color32,
    /// A field or a control at rest.
    pub field: Color32,
    /// A control under the pointer.
    pub hover: Color32,
    /// Separators and borders.
    pub line: Color32,
    /// Text.
    pub text: Color32,
    /// Quiet text.
    pub quiet: Color32,
    /// What can be acted on, and what is selected.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// The live edge and the word live.
    pub live: Color32,
    /// The past.
    pub replay: Color32,
    /// What is computed, not measured.
    pub forecast: Color32,
    /// Something is missing or late.
    pub warning: Color32,
    /// Something failed.
    pub error: Color32,
    /// Grey for what is normal.
    pub normal: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

impl Tokens {
    /// The colours of a theme.
    pub fn of(choice: ThemeChoice) -> Self {
        match choice {
            ThemeChoice::Dark => Self {
                dark: true,
                ground: rgb(0x0E1116),
                panel: Color32::from_rgba_unmultiplied(0x16, 0x1B, 0x22, 235),
                panel_solid: rgb(0x161B22),
                field: rgb(0x0E1116),
                hover: rgb(0x262D37),
                line: rgb(0x2D333B),
                text: rgb(0xE6EDF3),
                quiet: rgb(0x9DA7B3),
                accent: rgb(0x4FA3FF),
                on_accent: rgb(0x06121F),
                live: rgb(0x3DCB93),
                replay: rgb(0x4FA3FF),
                forecast: rgb(0xE08FC0),
                warning: rgb(0xF0B429),
                error: rgb(0xFF7B5C),
                normal: rgb(0x8A939E),
            },
            ThemeChoice::Light => Self {
                dark: false,
                ground: rgb(0xEEF1F4),
                panel: Color32::from_rgba_unmultiplied(0xFC, 0xFD, 0xFE, 240),
                panel_solid: rgb(0xFCFDFE),
                field: rgb(0xEEF1F4),
                hover: rgb(0xE1E6EB),
                line: rgb(0xC9D1D9),
                text: rgb(0x1B222B),
                quiet: rgb(0x545E6A),
                accent: rgb(0x0B63C5),
                on_accent: rgb(0xFFFFFF),
                live: rgb(0x00734F),
                replay: rgb(0x0B63C5),
                forecast: rgb(0x97447A),
                warning: rgb(0x8A5A00),
                error: rgb(0xB83216),
                normal: rgb(0x6B7580),
            },
        }
    }

    /// A fill behind something selected.
    pub fn selected_fill(&self) -> Color32 {
        self.accent
            .gamma_multiply(if self.dark { 0.22 } else { 0.16 })
    }

    /// The frame of a panel.
    pub fn panel_frame(&self) -> egui::Frame {
        egui::Frame::new()
            .fill(self.panel)
            .inner_margin(Margin::symmetric(12, 8))
            .stroke(Stroke::new(1.0, self.line))
    }

    /// The frame of a small card that floats over the city.
    pub fn card_frame(&self) -> egui::Frame {
        egui::Frame::new()
            .fill(self.panel)
            .inner_margin(Margin::symmetric(10, 8))
            .corner_radius(CornerRadius::same(6))
            .stroke(Stroke::new(1.0, self.line))
    }
}

/// Text in the semibold cut.
pub fn strong_font(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(fonts::STRONG.into()))
}

/// Text in the regular cut.
pub fn font(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// Sets egui's style to the theme. Cheap enough for a change, not for every frame.
pub fn apply(ctx: &Context, choice: ThemeChoice) {
    let tokens = Tokens::of(choice);
    let theme = if tokens.dark {
        egui::Theme::Dark
    } else {
        egui::Theme::Light
    };
    ctx.set_theme(theme);
    ctx.style_mut_of(theme, |style| set_style(style, &tokens));
}

fn set_style(style: &mut egui::Style, t: &Tokens) {
    style.text_styles = [
        (TextStyle::Small, font(12.0)),
        (TextStyle::Body, font(14.0)),
        (TextStyle::Button, font(14.0)),
        (TextStyle::Monospace, font(14.0)),
        (TextStyle::Heading, strong_font(17.0)),
    ]
    .into();
    style.animation_time = 0.12;
    style.spacing.item_spacing = Vec2::new(8.0, 4.0);
    style.spacing.button_padding = Vec2::new(8.0, 4.0);
    style.spacing.interact_size = Vec2::new(28.0, 28.0);
    style.spacing.slider_rail_height = 4.0;
    style.spacing.icon_width = 18.0;
    style.spacing.indent = 16.0;
    style.spacing.scroll = egui::style::ScrollStyle::thin();
    style.spacing.tooltip_width = 320.0;
    style.interaction.tooltip_delay = 0.35;
    style.interaction.selectable_labels = false;

    let visuals = &mut style.visuals;
    visuals.dark_mode = t.dark;
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(t.quiet);
    visuals.panel_fill = t.panel;
    visuals.window_fill = t.panel_solid;
    visuals.window_stroke = Stroke::new(1.0, t.line);
    visuals.window_corner_radius = CornerRadius::same(8);
    visuals.menu_corner_radius = CornerRadius::same(6);
    visuals.window_shadow = Shadow {
        offset: [0, 6],
        blur: 18,
        spread: 0,
        color: Color32::from_black_alpha(110),
    };
    visuals.popup_shadow = Shadow {
        offset: [0, 3],
        blur: 10,
        spread: 0,
        color: Color32::from_black_alpha(90),
    };
    visuals.extreme_bg_color = t.field;
    visuals.text_edit_bg_color = Some(t.field);
    visuals.faint_bg_color = t.hover;
    visuals.code_bg_color = t.field;
    visuals.hyperlink_color = t.accent;
    visuals.warn_fg_color = t.warning;
    visuals.error_fg_color = t.error;
    visuals.selection.bg_fill = t.accent.gamma_multiply(0.45);
    visuals.selection.stroke = Stroke::new(1.0, t.text);
    visuals.slider_trailing_fill = true;
    visuals.indent_has_left_vline = false;
    visuals.interact_cursor = Some(egui::CursorIcon::PointingHand);

    let radius = CornerRadius::same(4);
    let w = &mut visuals.widgets;
    let set =
        |v: &mut egui::style::WidgetVisuals, fill: Color32, border: Color32, text: Color32| {
            v.bg_fill = fill;
            v.weak_bg_fill = fill;
            v.bg_stroke = Stroke::new(1.0, border);
            v.fg_stroke = Stroke::new(1.5, text);
            v.corner_radius = radius;
            v.expansion = 0.0;
        };
    set(&mut w.noninteractive, t.panel_solid, t.line, t.text);
    set(&mut w.inactive, t.hover, t.line, t.text);
    set(&mut w.hovered, t.hover, t.normal, t.text);
    set(&mut w.active, t.hover, t.accent, t.text);
    set(&mut w.open, t.hover, t.accent, t.text);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2's contrast ratio.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let luminance = |c: Color32| {
            let [r, g, b, _] = egui::Rgba::from(c).to_array();
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_and_marks_stand_out_in_both_themes() {
        for choice in [ThemeChoice::Dark, ThemeChoice::Light] {
            let t = Tokens::of(choice);
            for (name, text) in [
                ("text", t.text),
                ("quiet", t.quiet),
                ("accent", t.accent),
                ("live", t.live),
                ("replay", t.replay),
                ("forecast", t.forecast),
                ("warning", t.warning),
                ("error", t.error),
            ] {
                for (where_, ground) in [("panel", t.panel_solid), ("field", t.field)] {
                    let ratio = contrast(text, ground);
                    assert!(
                        ratio >= 4.5,
                        "{choice:?}: {name} on {where_} has {ratio:.2}"
                    );
                }
            }
            assert!(
                contrast(t.normal, t.panel_solid) >= 3.0,
                "{choice:?}: marks"
            );
            assert!(
                contrast(t.on_accent, t.accent) >= 4.5,
                "{choice:?}: text on the accent"
            );
        }
    }
}
