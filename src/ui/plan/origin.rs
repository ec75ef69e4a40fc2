//! Where a figure comes from: how it is computed, from what, and who says so.

use egui::{Align2, Rect, Sense, Ui, Vec2, pos2, vec2};

use super::super::Cx;
use super::super::format;
use super::super::icons::{self, Icon};
use super::super::model::{IndicatorModel, SourceModel, SunModel};
use super::super::theme;
use super::super::widgets;

/// What an indicator rests on, in a word: the key of it.
pub(super) fn basis(indicator: &IndicatorModel) -> &'static str {
    let mut factors = indicator.sources.iter().filter(|source| source.is_factor);
    if factors
        .clone()
        .any(|factor| factor.from.starts_with("assumption"))
    {
        "plan-basis-assumed"
    } else if factors.next().is_some() {
        "plan-basis-factors"
    } else {
        "plan-basis-counted"
    }
}

/// The name of a figure, and at its right what it rests on; a click unfolds its sources. Whether they are unfolded.
pub(super) fn heading(ui: &mut Ui, cx: &mut Cx, id: &str, title: &str, basis: &str) -> bool {
    let theme = cx.theme;
    let open = cx.state.plan.sources_of.contains(id);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::click());
    let label = cx.t.fmt("plan-sources-of", &[("name", &title)]);
    let enabled = ui.is_enabled();
    response.widget_info(|| {
        egui::WidgetInfo::selected(egui::WidgetType::Button, enabled, open, &label)
    });
    if ui.is_rect_visible(rect) {
        if response.hovered() {
            ui.painter()
                .rect_filled(rect, egui::CornerRadius::same(4), theme.hover);
        }
        widgets::focus_ring(ui, &response, &theme);
        let icon = if open {
            Icon::ChevronDown
        } else {
            Icon::ChevronRight
        };
        let at = pos2(rect.right() - 8.0, rect.center().y);
        let square = Rect::from_center_size(at, Vec2::splat(12.0));
        icons::paint(ui.painter(), square, icon, theme.quiet);
        let font = theme::font(12.0);
        let painter = ui.painter();
        let right = pos2(rect.right() - 18.0, rect.center().y);
        let right = painter.text(
            right,
            Align2::RIGHT_CENTER,
            basis,
            font.clone(),
            theme.quiet,
        );
        let room = right.left() - rect.left() - 8.0;
        let mut job = egui::text::LayoutJob::simple_singleline(title.to_owned(), font, theme.text);
        job.wrap = egui::text::TextWrapping::truncate_at_width(room.max(16.0));
        let galley = painter.layout_job(job);
        let at = Align2::LEFT_CENTER
            .anchor_size(rect.left_center(), galley.size())
            .min;
        painter.galley(at, galley, theme.text);
    }
    if response.clicked() {
        let unfolded = &mut cx.state.plan.sources_of;
        match open {
            true => unfolded.remove(id),
            false => unfolded.insert(id.to_owned()),
        };
    }
    response.on_hover_text(label);
    open
}

/// Method and sources of an indicator.
pub(super) fn of_indicator(ui: &mut Ui, cx: &Cx, indicator: &IndicatorModel) {
    indented(ui, |ui| {
        let method = cx.t.named("plan-method", &indicator.id, &indicator.method);
        said(ui, cx, cx.t.get("plan-method"), "", method);
        for source in &indicator.sources {
            let name = cx.t.named("plan-source", &source.id, &source.name);
            said(
                ui,
                cx,
                name,
                &values(cx, source),
                &cx.t.translate(&source.from),
            );
        }
        said(ui, cx, cx.t.get("plan-computed-by"), "", &indicator.by);
    });
}

/// Method of hours of sun.
pub(super) fn of_sun(ui: &mut Ui, cx: &Cx, sun: &SunModel) {
    if sun.method.is_empty() {
        return;
    }
    said(ui, cx, cx.t.get("plan-method"), "", &sun.method);
    said(ui, cx, cx.t.get("plan-computed-by"), "", &sun.by);
}

fn indented(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ui.horizontal_top(|ui| {
        ui.add_space(theme::GRID * 2.0);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            content(ui);
            ui.add_space(theme::GRID);
        });
    });
}

/// What something is, its value, and where it is from, in one paragraph.
fn said(ui: &mut Ui, cx: &Cx, name: &str, value: &str, from: &str) {
    let mut job = egui::text::LayoutJob::default();
    let strong = egui::TextFormat::simple(theme::strong_font(12.0), cx.theme.text);
    let quiet = egui::TextFormat::simple(theme::font(12.0), cx.theme.quiet);
    let plain = egui::TextFormat::simple(theme::font(12.0), cx.theme.text);
    job.append(&format!("{name}: "), 0.0, strong);
    if !value.is_empty() {
        job.append(&format!("{value} · "), 0.0, plain);
    }
    job.append(from, 0.0, quiet);
    ui.add(egui::Label::new(job).wrap());
}

/// The values of a source in one line.
fn values(cx: &Cx, source: &SourceModel) -> String {
    let values = source.values.iter().map(|(key, value)| {
        let value = format::short(*value);
        match key.as_str() {
            "" => value,
            key => format!("{} {value}", cx.t.named("use", key, key)),
        }
    });
    let values: Vec<String> = values.collect();
    match (source.unit.as_str(), values.len()) {
        ("", _) | (_, 0) => values.join(", "),
        (unit, 1) => format!("{} {unit}", values.join(", ")),
        (unit, _) => format!("{unit}: {}", values.join(", ")),
    }
}
