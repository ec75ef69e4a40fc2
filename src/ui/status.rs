//! The shapes of a reading's state, the same in charts, lists and on the map: never by colour alone.
//!
//! Good is a filled disc, not evaluated a smaller one, stale a hollow ring, suspect a hatched disc, failed
//! a disc struck through, missing a cross.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, Ui, Vec2, vec2};

use super::model::Quality;
use super::theme::Tokens;

/// Draws the mark of a state: `color` is the reading's own colour (of its value), which stale, suspect and
/// failed readings keep, so that shape says how good and colour says how much.
pub fn mark(
    painter: &Painter,
    center: Pos2,
    radius: f32,
    quality: Quality,
    color: Color32,
    ground: Color32,
) {
    let line = Stroke::new((radius * 0.32).max(1.25), color);
    match quality {
        Quality::Good => {
            painter.circle_filled(center, radius, color);
        }
        Quality::NotEvaluated => {
            painter.circle_filled(center, radius * 0.7, color);
        }
        Quality::Stale => {
            painter.circle_stroke(center, radius - line.width * 0.5, line);
        }
        Quality::Suspect => {
            painter.circle_filled(center, radius, ground);
            hatch_disc(painter, center, radius, color);
            painter.circle_stroke(center, radius, Stroke::new(1.0, color));
        }
        Quality::Failed => {
            painter.circle_filled(center, radius * 0.85, color);
            let d = vec2(radius, -radius) * 1.1;
            painter.line_segment(
                [center - d, center + d],
                Stroke::new(line.width * 2.4, ground),
            );
            painter.line_segment([center - d, center + d], line);
        }
        Quality::Missing => {
            let d = radius * 0.75;
            painter.line_segment([center - vec2(d, d), center + vec2(d, d)], line);
            painter.line_segment([center - vec2(d, -d), center + vec2(d, -d)], line);
        }
    }
}

/// Allocates a small square in a row of text and draws a state's mark in it.
pub fn mark_ui(ui: &mut Ui, quality: Quality, color: Color32) -> egui::Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(14.0), egui::Sense::hover());
    mark(
        ui.painter(),
        rect.center(),
        5.0,
        quality,
        color,
        ui.visuals().window_fill,
    );
    response
}

/// The colour of a state where no value gives one.
pub fn color(quality: Quality, theme: &Tokens) -> Color32 {
    match quality {
        Quality::Good | Quality::NotEvaluated => theme.normal,
        Quality::Stale | Quality::Missing => theme.quiet,
        Quality::Suspect => theme.warning,
        Quality::Failed => theme.error,
    }
}

fn hatch_disc(painter: &Painter, center: Pos2, radius: f32, color: Color32) {
    let gap = (radius * 0.55).max(2.0);
    let stroke = Stroke::new((radius * 0.2).max(1.0), color);
    let along = vec2(1.0, -1.0) * std::f32::consts::FRAC_1_SQRT_2;
    let across = vec2(1.0, 1.0) * std::f32::consts::FRAC_1_SQRT_2;
    let count = (radius / gap).floor() as i32;
    for index in -count..=count {
        let offset = index as f32 * gap;
        let half = (radius * radius - offset * offset).max(0.0).sqrt();
        let middle = center + across * offset;
        painter.line_segment([middle - along * half, middle + along * half], stroke);
    }
}

/// Fills a rectangle with diagonal lines, for regions that are computed or absent.
pub fn hatch_rect(painter: &Painter, rect: Rect, gap: f32, stroke: Stroke) {
    if !rect.is_positive() || gap <= 0.5 {
        return;
    }
    let painter = painter.with_clip_rect(painter.clip_rect().intersect(rect));
    let height = rect.height();
    // The lines stand still when the rectangle slides: they start at multiples of the gap.
    let first = ((rect.left() - height) / gap).floor() as i64;
    let last = (rect.right() / gap).ceil() as i64;
    for index in first..=last.min(first + 4000) {
        let x = index as f32 * gap;
        let (from, to) = (
            Pos2::new(x, rect.bottom()),
            Pos2::new(x + height, rect.top()),
        );
        painter.add(Shape::line_segment([from, to], stroke));
    }
}
