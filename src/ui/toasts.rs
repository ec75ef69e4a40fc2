//! New messages at the corner. They leave by themselves, errors later than the rest, and stay in the
//! health panel.

use egui::{Align2, Area, Context, Id, Order, Rect, vec2};

use super::Cx;
use super::command::UiCommand;
use super::health;
use super::model::{Message, Severity};

/// How many are shown at once.
const MAX_TOASTS: usize = 3;

/// How long a message is a toast, seconds.
fn lifetime_s(severity: Severity) -> f32 {
    match severity {
        Severity::Info => 5.0,
        Severity::Warning => 10.0,
        Severity::Error => 20.0,
    }
}

/// Shows the newest messages at the upper left of the free part.
pub(crate) fn show(ctx: &Context, cx: &mut Cx, free: Rect) {
    let model = cx.model;
    let fresh: Vec<&Message> = model
        .messages
        .iter()
        .rev()
        .filter(|m| m.shown_s < lifetime_s(m.severity))
        .take(MAX_TOASTS)
        .collect();
    if fresh.is_empty() || free.width() < 160.0 {
        return;
    }
    let width = (free.width() - 88.0).clamp(140.0, 400.0);
    let area = Area::new(Id::new("toasts"))
        .order(Order::Middle)
        .pivot(Align2::LEFT_TOP);
    let response = area
        .fixed_pos(free.left_top() + vec2(12.0, 12.0))
        .show(ctx, |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            for message in fresh {
                cx.theme.card_frame().show(ui, |ui| {
                    ui.set_width(width);
                    ui.push_id(message.id, |ui| {
                        health::message_row(ui, cx, message, UiCommand::DismissMessage(message.id))
                    });
                });
            }
        });
    cx.covered.push(response.response.rect);
    ctx.request_repaint_after(std::time::Duration::from_millis(250));
}
