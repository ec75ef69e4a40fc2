//! The tools that select by a shape: their card, and the shape over the city.

use egui::{
    Align2, Area, Context, CursorIcon, Id, LayerId, Order, Pos2, Rect, Shape, Stroke, pos2,
};

use super::Cx;
use super::command::{ManyCommand, UiCommand};
use super::model::ShapeTool;
use super::widgets;

const TOOLS: [(ShapeTool, &str); 2] = [
    (ShapeTool::Box, "shape-box"),
    (ShapeTool::Lasso, "shape-lasso"),
];

/// Puts the tool in hand away; true when there was one.
pub(crate) fn cancel(cx: &mut Cx) -> bool {
    let on = cx.model.shape.tool != ShapeTool::None;
    if on {
        take(cx, ShapeTool::None);
    }
    on
}

fn take(cx: &mut Cx, tool: ShapeTool) {
    cx.emit(UiCommand::Many(ManyCommand::Tool(tool)));
}

/// Takes a tool, or puts it away where it is in hand.
pub(crate) fn toggle(cx: &mut Cx, tool: ShapeTool) {
    let on = cx.model.shape.tool == tool;
    take(cx, if on { ShapeTool::None } else { tool });
}

/// Draws the card at the top of the free part, and the shape.
pub(crate) fn show(ctx: &Context, cx: &mut Cx, free: Rect) {
    let shape = &cx.model.shape;
    if shape.tool == ShapeTool::None || free.width() < 240.0 || free.height() < 160.0 {
        return;
    }
    outline(ctx, cx, free);
    if ctx
        .input(|i| i.pointer.hover_pos())
        .is_some_and(|at| free.contains(at) && !ctx.is_pointer_over_egui())
    {
        ctx.set_cursor_icon(CursorIcon::Crosshair);
    }
    let area = Area::new(Id::new("shape"))
        .order(Order::Middle)
        .pivot(Align2::CENTER_TOP)
        .fixed_pos(pos2(free.center().x, free.top() + 12.0));
    let response = area.show(ctx, |ui| {
        cx.theme.card_frame().show(ui, |ui| {
            ui.set_max_width((free.width() - 140.0).clamp(200.0, 440.0));
            ui.horizontal_wrapped(|ui| {
                for (tool, key) in TOOLS {
                    let on = cx.model.shape.tool == tool;
                    if widgets::toggle(ui, &cx.theme, cx.t.get(key), on).clicked() {
                        toggle(cx, tool);
                    }
                }
                if widgets::text_button(ui, &cx.theme, cx.t.get("shape-all"), false).clicked() {
                    cx.emit(UiCommand::Many(ManyCommand::All));
                }
                if widgets::text_button(ui, &cx.theme, cx.t.get("measure-close"), false).clicked() {
                    take(cx, ShapeTool::None);
                }
            });
            let key = if cx.model.shape.is_busy {
                "shape-busy"
            } else {
                "shape-help"
            };
            widgets::quiet(ui, &cx.theme, cx.t.get(key));
        });
    });
    cx.covered.push(response.response.rect);
}

fn outline(ctx: &Context, cx: &Cx, free: Rect) {
    let corners = &cx.model.shape.outline;
    if corners.len() < 2 {
        return;
    }
    let layer = LayerId::new(Order::Background, Id::new("shape outline"));
    let painter = ctx.layer_painter(layer).with_clip_rect(free);
    let points: Vec<Pos2> = corners.iter().map(|[x, y]| pos2(*x, *y)).collect();
    if cx.model.shape.tool == ShapeTool::Box {
        let rect = Rect::from_points(&points);
        painter.rect_filled(rect, 0.0, cx.theme.accent.gamma_multiply(0.14));
    }
    // White below, so that it is seen on any ground.
    for stroke in [
        Stroke::new(3.5, egui::Color32::from_white_alpha(150)),
        Stroke::new(1.5, cx.theme.accent),
    ] {
        painter.add(Shape::closed_line(points.clone(), stroke));
    }
}
