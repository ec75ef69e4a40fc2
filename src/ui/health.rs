//! How the program is doing: frame time, tiles, memory against its budget, feeds, messages.

use egui::{Align2, Color32, CornerRadius, RichText, ScrollArea, Sense, Stroke, Ui, pos2, vec2};

use super::Cx;
use super::command::UiCommand;
use super::format;
use super::icons::Icon;
use super::model::{FeedModel, Message, RenderPath, Severity, UiModel};
use super::theme;
use super::transport::severity_color;
use super::widgets;

/// A feed whose newest reading is older than this is worth a second look.
const QUIET_FEED_S: f64 = 300.0;

/// The worst thing that is the case now.
pub(crate) fn worst(model: &UiModel) -> Option<Severity> {
    let mut worst = model.messages.iter().map(|m| m.severity).max();
    let h = &model.health;
    let feeds =
        h.feeds.iter().any(|f| !f.connected) || h.hub.as_ref().is_some_and(|hub| !hub.connected);
    if feeds || h.tiles_failed > 0 {
        worst = worst.max(Some(Severity::Warning));
    }
    worst
}

/// Shows the panel's contents.
pub(crate) fn show(ui: &mut Ui, cx: &mut Cx) {
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt("health")
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 3.0;
            frames(ui, cx);
            tiles(ui, cx);
            feeds(ui, cx);
            messages(ui, cx);
        });
}

fn frames(ui: &mut Ui, cx: &Cx) {
    let h = &cx.model.health;
    widgets::section(ui, &cx.theme, cx.t.get("health-frame"));
    let mut sorted = h.frame_ms.clone();
    sorted.sort_by(f32::total_cmp);
    let at = |part: f32| {
        sorted
            .get(((sorted.len().max(1) - 1) as f32 * part).round() as usize)
            .copied()
    };
    let (Some(p50), Some(p95)) = (at(0.5), at(0.95)) else {
        widgets::quiet(ui, &cx.theme, cx.t.get("health-frame-none"));
        return;
    };
    let fps = if p50 > 0.0 { 1000.0 / p50 } else { 0.0 };
    ui.horizontal(|ui| {
        let text = RichText::new(format::number(f64::from(p50), 1)).font(theme::strong_font(22.0));
        ui.label(text.color(cx.theme.text));
        let rest = cx.t.fmt(
            "health-frame-line",
            &[
                ("fps", &format::number(f64::from(fps), 0)),
                ("p95", &format::number(f64::from(p95), 1)),
            ],
        );
        ui.label(RichText::new(rest).size(12.0).color(cx.theme.quiet));
    });
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 40.0), Sense::hover());
    let label = cx.t.get("health-frame");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Image, true, label));
    ui.painter()
        .rect_filled(rect, CornerRadius::same(3), cx.theme.field);
    let budget = h.frame_budget_ms.max(1.0);
    let most = sorted.last().copied().unwrap_or(budget).max(budget * 1.5);
    let bars = h.frame_ms.len().min(rect.width() as usize).max(1);
    let width = rect.width() / bars as f32;
    for (index, ms) in h.frame_ms.iter().rev().take(bars).enumerate() {
        let right = rect.right() - index as f32 * width;
        let top = rect.bottom() - rect.height() * (ms / most).clamp(0.0, 1.0);
        let color = if *ms > budget {
            cx.theme.warning
        } else {
            cx.theme.normal
        };
        let bar = egui::Rect::from_min_max(pos2(right - width, top), pos2(right, rect.bottom()));
        ui.painter().rect_filled(bar, 0.0, color);
    }
    let y = rect.bottom() - rect.height() * (budget / most);
    ui.painter().line_segment(
        [pos2(rect.left(), y), pos2(rect.right(), y)],
        Stroke::new(1.0, cx.theme.quiet),
    );
    let text = format!("{} ms", format::number(f64::from(budget), 1));
    ui.painter().text(
        pos2(rect.right() - 3.0, y - 1.0),
        Align2::RIGHT_BOTTOM,
        text,
        theme::font(12.0),
        cx.theme.text,
    );
    widgets::value_row(
        ui,
        &cx.theme,
        cx.t.get("health-adapter"),
        &h.adapter,
        "",
        "",
    );
    let path = match h.render_path {
        RenderPath::Lean => "health-path-lean",
        RenderPath::Full => "health-path-full",
    };
    widgets::value_row(
        ui,
        &cx.theme,
        cx.t.get("health-path"),
        cx.t.get(path),
        "",
        cx.t.get("health-path-hint"),
    );
}

fn tiles(ui: &mut Ui, cx: &Cx) {
    let h = &cx.model.health;
    widgets::section(ui, &cx.theme, cx.t.get("health-tiles"));
    let rows = [
        ("health-shown", h.tiles_shown),
        ("health-loaded", h.tiles_loaded),
        ("health-in-flight", h.tiles_in_flight),
        ("health-queued", h.tiles_queued),
        ("health-failed", h.tiles_failed),
    ];
    ui.columns(rows.len(), |columns| {
        for (column, (key, count)) in columns.iter_mut().zip(rows) {
            column.spacing_mut().item_spacing.y = 0.0;
            let bad = key == "health-failed" && count > 0;
            let color = if bad { cx.theme.error } else { cx.theme.text };
            column.label(
                RichText::new(format::count(count))
                    .font(theme::strong_font(14.0))
                    .color(color),
            );
            column.add(
                egui::Label::new(
                    RichText::new(cx.t.get(key))
                        .size(12.0)
                        .color(cx.theme.quiet),
                )
                .truncate(),
            );
        }
    });
    ui.add_space(4.0);
    let fraction = h.memory_bytes as f32 / h.memory_budget_bytes.max(1) as f32;
    let color = if fraction > 1.0 {
        cx.theme.error
    } else {
        cx.theme.normal
    };
    let (used, budget) = (
        format::bytes(h.memory_bytes),
        format::bytes(h.memory_budget_bytes),
    );
    let text =
        cx.t.fmt("health-memory-of", &[("used", &used), ("budget", &budget)]);
    widgets::value_row(
        ui,
        &cx.theme,
        cx.t.get("health-memory"),
        &text,
        "",
        cx.t.get("health-memory-hint"),
    );
    widgets::meter(ui, &cx.theme, fraction, color);
}

fn feeds(ui: &mut Ui, cx: &Cx) {
    let h = &cx.model.health;
    widgets::section(ui, &cx.theme, cx.t.get("health-feeds"));
    if let Some(hub) = &h.hub {
        let key = if hub.connected {
            "health-hub-up"
        } else {
            "health-hub-down"
        };
        let color = if hub.connected {
            cx.theme.normal
        } else {
            cx.theme.error
        };
        ui.horizontal(|ui| {
            connection(ui, hub.connected, color);
            ui.label(RichText::new(cx.t.get(key)).color(cx.theme.text));
            ui.add(
                egui::Label::new(RichText::new(&hub.address).size(12.0).color(cx.theme.quiet))
                    .truncate(),
            );
        });
    }
    if h.feeds.is_empty() {
        widgets::quiet(ui, &cx.theme, cx.t.get("layers-no-feeds"));
    }
    for feed in &h.feeds {
        feed_row(ui, cx, feed);
    }
}

/// A filled disc for a connection, a cross for none.
fn connection(ui: &mut Ui, connected: bool, color: Color32) {
    let quality = if connected {
        super::model::Quality::Good
    } else {
        super::model::Quality::Missing
    };
    super::status::mark_ui(ui, quality, color);
}

fn feed_row(ui: &mut Ui, cx: &Cx, feed: &FeedModel) {
    let late = feed.age_s.is_none_or(|age| age > QUIET_FEED_S);
    let color = match (feed.connected, late) {
        (false, _) => cx.theme.error,
        (true, true) => cx.theme.warning,
        (true, false) => cx.theme.normal,
    };
    ui.horizontal(|ui| {
        connection(ui, feed.connected, color);
        ui.add(egui::Label::new(RichText::new(&feed.name).color(cx.theme.text)).truncate());
        if feed.simulated {
            widgets::chip(ui, cx.t.get("simulated"), cx.theme.forecast);
        }
    });
    ui.indent(("feed", &feed.name), |ui| {
        let age = feed.age_s.map_or_else(
            || cx.t.get("health-feed-silent").to_owned(),
            |age| format::age(cx.t, age),
        );
        let rate = format::number(feed.rate_per_s, if feed.rate_per_s < 10.0 { 1 } else { 0 });
        let accepted = format::number(feed.accepted as f64, 0);
        let line = cx.t.fmt(
            "health-feed-line",
            &[("age", &age), ("rate", &rate), ("accepted", &accepted)],
        );
        widgets::quiet(ui, &cx.theme, line);
        if !feed.why.is_empty() {
            ui.label(RichText::new(&feed.why).size(12.0).color(cx.theme.warning));
        }
        let rejected: u64 = feed.rejects.iter().map(|(_, n)| n).sum();
        if rejected > 0 {
            let text = cx.t.fmt(
                "health-feed-rejects",
                &[("n", &format::number(rejected as f64, 0))],
            );
            ui.label(RichText::new(text).size(12.0).color(cx.theme.warning));
            for (reason, n) in &feed.rejects {
                let count = format::number(*n as f64, 0);
                let reason = cx.t.named("reject", reason, reason);
                widgets::quiet(ui, &cx.theme, format!("{count} · {reason}"));
            }
        }
    });
}

fn messages(ui: &mut Ui, cx: &mut Cx) {
    let model = cx.model;
    widgets::section(ui, &cx.theme, cx.t.get("health-messages"));
    if model.messages.is_empty() {
        widgets::quiet(ui, &cx.theme, cx.t.get("health-messages-none"));
    }
    for message in model.messages.iter().rev().take(100) {
        message_row(ui, cx, message, UiCommand::ForgetMessage(message.id));
    }
    if model.messages.len() > 1
        && widgets::text_button(ui, &cx.theme, cx.t.get("messages-forget"), false).clicked()
    {
        cx.emit(UiCommand::ForgetMessages);
    }
}

/// A message: its sign, what happened, what to do, when; and what its cross does.
pub(crate) fn message_row(ui: &mut Ui, cx: &mut Cx, message: &Message, close: UiCommand) {
    ui.horizontal(|ui| {
        let icon = match message.severity {
            Severity::Info => Icon::Info,
            Severity::Warning => Icon::Warning,
            Severity::Error => Icon::Error,
        };
        widgets::inline_icon(ui, icon, 18.0, severity_color(message.severity, &cx.theme));
        let width = (ui.available_width() - 36.0).max(80.0);
        ui.vertical(|ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 1.0;
            let mut text = cx.t.translate(&message.text).into_owned();
            if message.count > 1 {
                text = format!("{text} (×{})", message.count);
            }
            ui.add(
                egui::Label::new(RichText::new(text).color(cx.theme.text))
                    .wrap()
                    .selectable(true),
            );
            if !message.advice.is_empty() {
                widgets::quiet(ui, &cx.theme, cx.t.translate(&message.advice));
            }
            widgets::quiet(
                ui,
                &cx.theme,
                format::date_time(&cx.model.clock.zone, message.time_ns),
            );
        });
        if widgets::icon_button(ui, &cx.theme, Icon::Close, cx.t.get("message-close"), false)
            .clicked()
        {
            cx.emit(close);
        }
    });
}
