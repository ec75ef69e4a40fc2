//! The card of the measuring tools, and the lengths over the city.

use egui::{
    Align2, Area, Context, CornerRadius, Id, Key, LayerId, Modifiers, Order, Rect, RichText, pos2,
    vec2,
};

use super::Cx;
use super::command::UiCommand;
use super::format;
use super::map_furniture::on_the_city;
use super::model::{MeasureTool, Measured};
use super::theme;
use super::widgets;

const TOOLS: [(MeasureTool, &str, &str); 5] = [
    (
        MeasureTool::Distance,
        "measure-distance",
        "measure-help-line",
    ),
    (MeasureTool::Height, "measure-height", "measure-help-two"),
    (MeasureTool::Area, "measure-area", "measure-help-outline"),
    (MeasureTool::Angle, "measure-angle", "measure-help-three"),
    (MeasureTool::Sight, "measure-sight", "measure-help-sight"),
];

/// Keys while a tool is in hand: Enter ends, Backspace takes the last point back. True when one was pressed.
pub(crate) fn keys(ctx: &Context, cx: &mut Cx) -> bool {
    if cx.model.measure.tool == MeasureTool::None {
        return false;
    }
    let pressed = |key| ctx.input_mut(|i| i.consume_key(Modifiers::NONE, key));
    if pressed(Key::Enter) {
        cx.emit(UiCommand::MeasureFinish);
    } else if pressed(Key::Backspace) {
        cx.emit(UiCommand::MeasureBack);
    } else {
        return false;
    }
    true
}

/// Puts the tool in hand away; true when there was one.
pub(crate) fn cancel(cx: &mut Cx) -> bool {
    let on = cx.model.measure.tool != MeasureTool::None;
    if on {
        cx.emit(UiCommand::Measure(MeasureTool::None));
    }
    on
}

/// Draws the card at the top of the free part, and the labels.
pub(crate) fn show(ctx: &Context, cx: &mut Cx, free: Rect) {
    let measure = &cx.model.measure;
    if measure.tool == MeasureTool::None || free.width() < 240.0 || free.height() < 160.0 {
        return;
    }
    labels(ctx, cx, free);
    let area = Area::new(Id::new("measure"))
        .order(Order::Middle)
        .pivot(Align2::CENTER_TOP)
        .fixed_pos(pos2(free.center().x, free.top() + 12.0));
    let response = area.show(ctx, |ui| {
        cx.theme.card_frame().show(ui, |ui| {
            ui.set_max_width((free.width() - 140.0).clamp(200.0, 440.0));
            ui.horizontal_wrapped(|ui| {
                for (tool, key, _) in TOOLS {
                    let on = cx.model.measure.tool == tool;
                    if widgets::toggle(ui, &cx.theme, cx.t.get(key), on).clicked() {
                        cx.emit(UiCommand::Measure(if on {
                            MeasureTool::None
                        } else {
                            tool
                        }));
                    }
                }
            });
            results(ui, cx);
        });
    });
    cx.covered.push(response.response.rect);
}

fn results(ui: &mut egui::Ui, cx: &mut Cx) {
    let measure = &cx.model.measure;
    if !measure.is_done
        && let Some((_, _, help)) = TOOLS.iter().find(|(tool, ..)| *tool == measure.tool)
    {
        widgets::quiet(ui, &cx.theme, cx.t.get(help));
    }
    if measure.results.is_empty() {
        return;
    }
    egui::Grid::new("measured")
        .num_columns(2)
        .spacing(vec2(16.0, 2.0))
        .show(ui, |ui| {
            for result in &measure.results {
                let (key, value) = words(*result);
                let name = RichText::new(cx.t.get(key)).color(cx.theme.quiet);
                ui.label(name);
                let value = RichText::new(&value).font(theme::strong_font(14.0));
                ui.label(value.color(cx.theme.text));
                ui.end_row();
            }
        });
    let text = measure.results.iter().map(|result| {
        let (key, value) = words(*result);
        format!("{}\t{value}", cx.t.get(key))
    });
    let text = text.collect::<Vec<_>>().join("\n");
    ui.horizontal(|ui| {
        if widgets::text_button(ui, &cx.theme, cx.t.get("measure-copy"), false).clicked() {
            cx.emit(UiCommand::CopyText(text));
        }
        if widgets::text_button(ui, &cx.theme, cx.t.get("measure-close"), false).clicked() {
            cx.emit(UiCommand::Measure(MeasureTool::None));
        }
    });
}

/// The key of a result's name, and its value with its unit.
fn words(result: Measured) -> (&'static str, String) {
    let degrees = |rad: f64| format!("{}°", format::number(rad.to_degrees(), 1));
    match result {
        Measured::Distance(m) => ("measured-distance", format::measured(m)),
        Measured::OnMap(m) => ("measured-on-map", format::measured(m)),
        Measured::Bearing(rad) => ("measured-bearing", degrees(rad)),
        Measured::Rise(m) => ("measured-rise", format::measured(m)),
        Measured::Slope(share) => (
            "measured-slope",
            format!("{} %", format::number(share * 100.0, 1)),
        ),
        Measured::Area(m2) => ("measured-area", format::area(m2)),
        Measured::AreaInSpace(m2) => ("measured-area-in-space", format::area(m2)),
        Measured::Perimeter(m) => ("measured-perimeter", format::measured(m)),
        Measured::Crossed => ("measured-crossed", String::new()),
        Measured::Angle(rad) => ("measured-angle", degrees(rad)),
        Measured::Sees => ("measured-sees", String::new()),
        Measured::Blocked(m) => ("measured-blocked", format::measured(m)),
    }
}

/// Lengths of the parts, each in its middle.
fn labels(ctx: &Context, cx: &Cx, free: Rect) {
    let layer = LayerId::new(Order::Background, Id::new("measure labels"));
    let painter = ctx.layer_painter(layer).with_clip_rect(free);
    let (ink, halo) = on_the_city(cx);
    for label in &cx.model.measure.labels {
        let at = pos2(label.at_px[0], label.at_px[1]);
        let text = format::measured(label.length_m);
        let galley = painter.layout_no_wrap(text, theme::strong_font(12.0), ink);
        let rect = Align2::CENTER_CENTER.anchor_size(at, galley.size());
        painter.rect_filled(rect.expand2(vec2(4.0, 1.0)), CornerRadius::same(3), halo);
        painter.galley(rect.min, galley, ink);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_carry_their_units() {
        assert_eq!(words(Measured::Slope(-0.125)).1, "−12.5 %");
        assert_eq!(
            words(Measured::Angle(std::f64::consts::FRAC_PI_2)).1,
            "90.0°"
        );
        assert!(words(Measured::Rise(-3.0)).1.starts_with('−'));
        assert!(words(Measured::Area(20_000.0)).1.contains("ha"));
    }
}
