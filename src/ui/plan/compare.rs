//! What the scenario is compared with, how both are shown, and what differs, object by object.

use egui::{Rect, Sense, Ui, Vec2, pos2, vec2};

use super::super::Cx;
use super::super::command::PlanCommand;
use super::super::format;
use super::super::icons::{self, Icon};
use super::super::model::{Compare, DifferenceModel, OpenPlan};
use super::super::theme;
use super::super::widgets;
use super::{ask, fields, other_name, section};

/// How many differences are listed; the city shows the rest.
const MAX_ROWS: usize = 300;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx, open: &OpenPlan) {
    if section(ui, cx, "plan-compare", "") {
        sides(ui, cx, open);
    }
    let badge = open.differences.len().to_string();
    if section(ui, cx, "plan-differences", &badge) {
        if open.differences.is_empty() {
            widgets::quiet(ui, &cx.theme, cx.t.get("plan-no-differences"));
        }
        for (index, difference) in open.differences.iter().take(MAX_ROWS).enumerate() {
            if row(ui, cx, difference).clicked() && difference.has_place {
                ask(cx, PlanCommand::FlyToDifference(index));
            }
        }
        if open.differences.len() > MAX_ROWS {
            let more = open.differences.len() - MAX_ROWS;
            widgets::quiet(ui, &cx.theme, cx.t.fmt("legend-more", &[("n", &more)]));
        }
    }
}

fn sides(ui: &mut Ui, cx: &mut Cx, open: &OpenPlan) {
    let (t, theme, plan) = (cx.t, cx.theme, &cx.model.plan);
    let mut options = vec![(None, t.get("plan-as-it-stands").to_owned())];
    for (id, name) in plan.list.iter().filter(|(id, _)| *id != open.id) {
        options.push((Some(id.clone()), name.clone()));
    }
    let now = plan.against.as_ref().map(|(id, _)| id.clone());
    let shown = other_name(cx);
    let label = t.get("plan-against");
    if let Some(against) = fields::row(ui, &theme, label, |ui| {
        fields::choice(ui, "against", label, shown, Some(&now), &options)
    }) {
        ask(cx, PlanCommand::Against(against));
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for (key, how) in [
            ("plan-compare-off", Compare::Off),
            ("plan-compare-swipe", Compare::Swipe),
            ("plan-compare-side", Compare::SideBySide),
        ] {
            let on = plan.compare == how;
            if widgets::toggle(ui, &theme, t.get(key), on).clicked() && !on {
                ask(cx, PlanCommand::Compare(how));
            }
        }
    });
    if plan.compare == Compare::Off {
        let mut other = plan.shows_other;
        let text = t.fmt("plan-show-other", &[("name", &shown)]);
        if widgets::checkbox(ui, &theme, &mut other, &text).changed() {
            ask(cx, PlanCommand::ShowOther(other));
        }
    }
}

fn icon_of(kind: &str) -> Icon {
    match kind {
        "added" => Icon::Plus,
        "removed" => Icon::Minus,
        "hidden" => Icon::EyeOff,
        "shown" => Icon::Eye,
        "street-closed" | "street-opened" | "street-changed" => Icon::Car,
        "input-changed" => Icon::Chart,
        _ => Icon::Building,
    }
}

/// A difference in two lines: how and what, and from what to what.
fn row(ui: &mut Ui, cx: &Cx, difference: &DifferenceModel) -> egui::Response {
    let kind = cx.t.named("plan-diff", &difference.kind, &difference.kind);
    let name = format::building_label(cx.t, &difference.name);
    let title = format!("{kind} · {name}");
    let width = ui.available_width();
    let room = (width - 36.0).max(40.0);
    let painter = ui.painter();
    let line = |text: &str, size: f32, color| {
        let mut job =
            egui::text::LayoutJob::simple_singleline(text.to_owned(), theme::font(size), color);
        job.wrap = egui::text::TextWrapping::truncate_at_width(room);
        painter.layout_job(job)
    };
    let color = match difference.has_place {
        true => cx.theme.text,
        false => cx.theme.quiet,
    };
    let first = line(&title, 14.0, color);
    let second =
        (!difference.detail.is_empty()).then(|| line(&difference.detail, 12.0, cx.theme.quiet));
    let height = first.size().y + second.as_ref().map_or(0.0, |g| g.size().y) + 8.0;

    let sense = match difference.has_place {
        true => Sense::click(),
        false => Sense::hover(),
    };
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), sense);
    let name = match difference.detail.as_str() {
        "" => title.clone(),
        detail => format!("{title}, {detail}"),
    };
    let has_place = difference.has_place;
    response.widget_info(|| match has_place {
        true => egui::WidgetInfo::labeled(egui::WidgetType::Button, true, &name),
        false => egui::WidgetInfo::labeled(egui::WidgetType::Label, true, &name),
    });
    if ui.is_rect_visible(rect) {
        if has_place && response.hovered() {
            ui.painter()
                .rect_filled(rect, egui::CornerRadius::same(4), cx.theme.hover);
        }
        widgets::focus_ring(ui, &response, &cx.theme);
        let at = pos2(rect.left() + 14.0, rect.top() + 4.0 + first.size().y * 0.5);
        let square = Rect::from_center_size(at, Vec2::splat(16.0));
        icons::paint(
            ui.painter(),
            square,
            icon_of(&difference.kind),
            cx.theme.quiet,
        );
        let at = pos2(rect.left() + 30.0, rect.top() + 4.0);
        let below = at + vec2(0.0, first.size().y);
        ui.painter().galley(at, first, color);
        if let Some(second) = second {
            ui.painter().galley(below, second, cx.theme.quiet);
        }
    }
    if name.is_empty() {
        return response;
    }
    response.on_hover_text(name)
}
