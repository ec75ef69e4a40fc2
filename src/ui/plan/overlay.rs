//! What lies over the city while two sides are compared: the line between them and their names.
//!
//! The city is drawn under the panels too, so shares are of the whole window; what can be seen and grabbed
//! stays in the part that no panel covers.

use egui::{
    Align2, Area, Context, CursorIcon, EventFilter, Id, Key, LayerId, Modifiers, Order, Painter,
    Rect, RichText, Sense, Stroke, Ui, pos2, vec2,
};

use super::super::Cx;
use super::super::command::PlanCommand;
use super::super::format;
use super::super::map_furniture::on_the_city;
use super::super::model::{Compare, Hand};
use super::super::theme;
use super::super::widgets;
use super::{ask, other_name};

/// Width of the part that can be grabbed, and of the handle on it.
const HANDLE_PX: f32 = 24.0;
/// How far the line goes for one press of an arrow key, share of the window.
const KEY_STEP: f32 = 0.01;
/// What the credits at the lower edge of the city need.
const CREDITS_PX: f32 = 28.0;
/// What the buttons at the upper right of the city need.
const BUTTONS_PX: f32 = 64.0;

/// Draws it; `free` is the part of the window that no panel covers.
pub(crate) fn show(ctx: &Context, cx: &mut Cx, free: Rect) {
    let plan = &cx.model.plan;
    let Some(open) = &plan.open else { return };
    if cx.state.wall.is_some() || free.width() < 120.0 || free.height() < 120.0 {
        return;
    }
    drag(ctx, cx, free);
    let window = ctx.content_rect();
    let other = other_name(cx);
    let free = free.with_max_y(free.bottom() - CREDITS_PX);
    match plan.compare {
        Compare::Off if plan.shows_other => {
            let at = pos2(free.center().x, free.top() + 12.0);
            tag(
                ctx,
                cx,
                "plan shown",
                at,
                Align2::CENTER_TOP,
                other,
                free.width() - 2.0 * BUTTONS_PX,
            );
        }
        Compare::Off => {}
        Compare::Swipe => {
            let x = window.left() + window.width() * share(plan.swipe);
            names(ctx, cx, free, x, [other, &open.name]);
            handle(ctx, cx, free, x, [other, &open.name]);
        }
        Compare::SideBySide => {
            // Both are drawn between the panels, so that neither is half covered.
            let layer = LayerId::new(Order::Background, Id::new("plan line"));
            line(&ctx.layer_painter(layer), cx, free, free.center().x);
            names(ctx, cx, free, free.center().x, [other, &open.name]);
        }
    }
}

/// The pointer on a handle, and how far what it holds has come.
fn drag(ctx: &Context, cx: &Cx, free: Rect) {
    match cx.model.plan.hand {
        Hand::Away => return,
        Hand::Over => return ctx.set_cursor_icon(CursorIcon::Grab),
        Hand::Holds => ctx.set_cursor_icon(CursorIcon::Grabbing),
    }
    let Some(by) = cx.model.plan.dragged else {
        return;
    };
    let mut parts = Vec::new();
    for (value, plus, minus) in [
        (by.east_m, "plan-east", "plan-west"),
        (by.north_m, "plan-north", "plan-south"),
    ] {
        if value.abs() >= 0.005 {
            let side = cx.t.get(if value > 0.0 { plus } else { minus });
            parts.push(format!("{} {side}", format::measured(value.abs())));
        }
    }
    if by.clockwise_deg.abs() >= 0.05 {
        parts.push(format!("{}°", format::number(by.clockwise_deg, 1)));
    }
    if !parts.is_empty() {
        let at = pos2(free.center().x, free.bottom() - CREDITS_PX - 40.0);
        tag(
            ctx,
            cx,
            "plan drag",
            at,
            Align2::CENTER_BOTTOM,
            &parts.join(" · "),
            free.width(),
        );
    }
}

/// A share of the width as it may be.
fn share(share: f32) -> f32 {
    if share.is_finite() {
        share.clamp(0.0, 1.0)
    } else {
        0.5
    }
}

/// The line over the city, where it is free.
fn line(painter: &Painter, cx: &Cx, free: Rect, x: f32) {
    let painter = painter.with_clip_rect(free);
    let (ink, halo) = on_the_city(cx);
    painter.vline(x, free.y_range(), Stroke::new(4.0, halo));
    painter.vline(x, free.y_range(), Stroke::new(1.5, ink));
}

/// The names of both sides, at the top on their sides of the line.
fn names(ctx: &Context, cx: &Cx, free: Rect, x: f32, [left, right]: [&str; 2]) {
    let y = free.top() + 12.0;
    let room = x - free.left() - 20.0;
    let end = x.min(free.right() - BUTTONS_PX);
    tag(
        ctx,
        cx,
        "plan left",
        pos2(end - 10.0, y),
        Align2::RIGHT_TOP,
        left,
        room,
    );
    let room = free.right() - BUTTONS_PX - x - 10.0;
    let start = x.max(free.left());
    tag(
        ctx,
        cx,
        "plan right",
        pos2(start + 10.0, y),
        Align2::LEFT_TOP,
        right,
        room,
    );
}

/// A name on a card that lets the pointer through; none where there is no room for it.
fn tag(ctx: &Context, cx: &Cx, id: &str, at: egui::Pos2, pivot: Align2, text: &str, room: f32) {
    if room < 48.0 {
        return;
    }
    let area = Area::new(Id::new(id))
        .order(Order::Background)
        .pivot(pivot)
        .interactable(false)
        .fixed_pos(at);
    area.show(ctx, |ui| {
        let frame = cx.theme.card_frame();
        frame
            .inner_margin(egui::Margin::symmetric(8, 3))
            .show(ui, |ui| {
                ui.set_max_width((room - 20.0).min(280.0));
                let text = RichText::new(text).font(theme::strong_font(14.0));
                ui.add(egui::Label::new(text.color(cx.theme.text)).truncate());
            });
    });
}

/// The swipe's line under the hand: all of its height can be dragged; a double click puts it into the middle.
fn handle(ctx: &Context, cx: &mut Cx, free: Rect, x: f32, [left, right]: [&str; 2]) {
    let half = HANDLE_PX * 0.5;
    // A line under a panel leaves its handle at the edge, where it can be fetched.
    let middle = x.clamp(free.left() + half, free.right() - half);
    let strip = Rect::from_min_max(
        pos2(middle - half, free.top()),
        pos2(middle + half, free.bottom()),
    );
    let area = Area::new(Id::new("plan swipe"))
        .order(Order::Background)
        .constrain(false)
        .movable(false)
        .fixed_pos(strip.min);
    area.show(ctx, |ui| {
        let (rect, response) = ui.allocate_exact_size(strip.size(), Sense::click_and_drag());
        let now = share(cx.model.plan.swipe);
        let label =
            cx.t.fmt("plan-swipe-line", &[("left", &left), ("right", &right)]);
        response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(now) * 100.0, &label));
        line(ui.painter(), cx, free, x);
        knob(ui, cx, &response, rect.center());
        let wanted = wanted(ui, cx, &response, x, now);
        if let Some(wanted) = wanted.map(share).filter(|w| (w - now).abs() > 1e-5) {
            ask(cx, PlanCommand::Swipe(wanted));
        }
        response
            .on_hover_cursor(CursorIcon::ResizeHorizontal)
            .on_hover_text(label);
    });
    cx.covered.push(strip);
}

fn knob(ui: &Ui, cx: &Cx, response: &egui::Response, at: egui::Pos2) {
    let lit = response.hovered() || response.dragged() || response.has_focus();
    let color = if lit { cx.theme.accent } else { cx.theme.text };
    let painter = ui.painter();
    let edge = Stroke::new(2.0, color);
    painter.circle(at, HANDLE_PX * 0.5 - 1.0, cx.theme.panel_solid, edge);
    for side in [-1.0, 1.0] {
        let tip = at + vec2(side * 7.0, 0.0);
        let back = at + vec2(side * 3.0, 0.0);
        let arrow = [back + vec2(0.0, -4.0), tip, back + vec2(0.0, 4.0)];
        painter.add(egui::Shape::line(arrow.to_vec(), Stroke::new(1.8, color)));
    }
    widgets::focus_ring(ui, response, &cx.theme);
}

/// Where hand or keys want the line, share of the window.
fn wanted(ui: &Ui, cx: &mut Cx, response: &egui::Response, x: f32, now: f32) -> Option<f32> {
    let window = ui.ctx().content_rect();
    let pointer = response.interact_pointer_pos();
    if response.drag_started()
        && let Some(press) = ui.input(|i| i.pointer.press_origin())
    {
        // Fetched from the edge, the line comes to the pointer; otherwise it keeps its distance.
        let off = press.x - x;
        cx.state.plan.grab_px = if off.abs() > HANDLE_PX { 0.0 } else { off };
    }
    if response.double_clicked() {
        return Some(0.5);
    }
    if response.dragged() {
        return pointer.map(|at| (at.x - cx.state.plan.grab_px - window.left()) / window.width());
    }
    if !response.has_focus() {
        return None;
    }
    ui.memory_mut(|memory| {
        let keys = EventFilter {
            horizontal_arrows: true,
            ..EventFilter::default()
        };
        memory.set_focus_lock_filter(response.id, keys);
    });
    let (steps, large) = ui.input_mut(|i| {
        let large = i.modifiers.shift;
        let mut count = |key| i.count_and_consume_key(Modifiers::NONE, key) as f32;
        (count(Key::ArrowRight) - count(Key::ArrowLeft), large)
    });
    let step = if large { 10.0 * KEY_STEP } else { KEY_STEP };
    (steps != 0.0).then_some(now + steps * step)
}
