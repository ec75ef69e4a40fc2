//! Several selected things: what they come to, and what can be done with all of them.

use egui::{Grid, RichText, Sense, Ui, WidgetInfo, WidgetType, vec2};

use super::Cx;
use super::colormap;
use super::command::{ManyCommand, UiCommand};
use super::format;
use super::icons::Icon;
use super::model::TotalModel;
use super::theme;
use super::widgets;

/// Colours that can be given, of Okabe and Ito: told apart by everybody.
pub(crate) const COLORS: usize = 7;

fn ask(cx: &mut Cx, command: ManyCommand) {
    cx.emit(UiCommand::Many(command));
}

/// What is hidden and coloured by hand, with the way back.
pub(crate) fn by_hand(ui: &mut Ui, cx: &mut Cx) {
    let several = &cx.model.several;
    for (count, key, again, command) in [
        (
            several.hidden,
            "many-hidden",
            "many-show",
            ManyCommand::ShowHidden,
        ),
        (
            several.colored,
            "many-colored",
            "many-uncolor",
            ManyCommand::Uncolor,
        ),
    ] {
        if count == 0 {
            continue;
        }
        ui.horizontal_wrapped(|ui| {
            let text = cx.t.fmt(key, &[("n", &format::count(count))]);
            ui.label(RichText::new(text).color(cx.theme.quiet).size(12.0));
            if widgets::text_button(ui, &cx.theme, cx.t.get(again), false).clicked() {
                ask(cx, command);
            }
        });
    }
}

/// What can be done with everything that is selected.
pub(crate) fn actions(ui: &mut Ui, cx: &mut Cx) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        if widgets::text_button(ui, &cx.theme, cx.t.get("many-hide"), false).clicked() {
            cx.emit(UiCommand::HideSelected);
        }
        let export = cx.t.get("many-export");
        let response = widgets::text_button(ui, &cx.theme, export, false);
        if response
            .on_hover_text(cx.t.get("many-export-hint"))
            .clicked()
        {
            ask(cx, ManyCommand::Export);
        }
        if widgets::text_button(ui, &cx.theme, cx.t.get("many-clear"), false).clicked() {
            cx.emit(UiCommand::ClearSelection);
        }
    });
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.label(
            RichText::new(cx.t.get("many-color"))
                .color(cx.theme.quiet)
                .size(12.0),
        );
        for color in 0..COLORS {
            if swatch(ui, cx, color) {
                ask(cx, ManyCommand::Color(Some(color)));
            }
        }
        let none = cx.t.get("many-no-color");
        let theme = cx.theme;
        if widgets::icon_button_sized(ui, &theme, Icon::Close, none, false, 24.0).clicked() {
            ask(cx, ManyCommand::Color(None));
        }
    });
}

fn swatch(ui: &mut Ui, cx: &Cx, color: usize) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::click());
    let label = cx.t.fmt("many-color-n", &[("n", &(color + 1))]);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &label));
    let [r, g, b] = colormap::category(color);
    let square = rect.shrink(if response.hovered() { 3.0 } else { 5.0 });
    ui.painter()
        .rect_filled(square, 3.0, egui::Color32::from_rgb(r, g, b));
    widgets::focus_ring(ui, &response, &cx.theme);
    response.on_hover_text(label).clicked()
}

/// What the numbers of everything that is selected come to.
pub(crate) fn totals(ui: &mut Ui, cx: &mut Cx) {
    let several = &cx.model.several;
    if several.is_counting {
        widgets::quiet(ui, &cx.theme, cx.t.get("many-counting"));
    }
    if several.totals.is_empty() {
        return;
    }
    let small = |text: &str, cx: &Cx| RichText::new(text).color(cx.theme.quiet).size(12.0);
    Grid::new("totals")
        .num_columns(3)
        .spacing(vec2(10.0, 3.0))
        .show(ui, |ui| {
            for key in ["many-property", "many-sum", "many-mean"] {
                ui.label(small(cx.t.get(key), cx));
            }
            ui.end_row();
            for total in &several.totals {
                let plain = if total.name.is_empty() {
                    &total.id
                } else {
                    &total.name
                };
                let name = cx.t.named("property", &total.id, plain);
                let name = egui::Label::new(small(name, cx)).truncate();
                let (sum, mean, hover) = words(cx, total);
                ui.add_sized(vec2(92.0, 18.0), name).on_hover_text(&hover);
                for value in [sum, mean] {
                    let text = RichText::new(&value).font(theme::strong_font(12.0));
                    ui.label(text.color(cx.theme.text)).on_hover_text(&hover);
                }
                ui.end_row();
            }
        });
}

/// The sum and the mean with their unit, and how many there are and from where to where.
fn words(cx: &Cx, total: &TotalModel) -> (String, String, String) {
    let span = total.range[1] - total.range[0];
    let decimals = match span.max(total.mean.abs()) {
        size if size < 10.0 => 2,
        size if size < 1000.0 => 1,
        _ => 0,
    };
    let with_unit = |value: f64| {
        let number = match total.is_year {
            true => format!("{value:.0}"),
            false => format::number(value, decimals),
        };
        match total.unit.as_str() {
            "" => number,
            unit => format!("{number} {unit}"),
        }
    };
    let hover = cx.t.fmt(
        "many-range",
        &[
            ("n", &format::count(total.count)),
            ("low", &with_unit(total.range[0])),
            ("high", &with_unit(total.range[1])),
        ],
    );
    let sum = total.sum.map(with_unit).unwrap_or_default();
    (sum, with_unit(total.mean), hover)
}
