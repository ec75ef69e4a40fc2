//! What colours and shapes mean: bars for one layer, and the card over the city for all visible ones.

use egui::{
    Align2, Area, Color32, Context, CornerRadius, Id, Mesh, Order, Rect, RichText, Sense, Ui, Vec2,
    pos2, vec2,
};

use super::Cx;
use super::colormap;
use super::format;
use super::i18n::Messages;
use super::model::{LayerModel, LegendModel, Quality, ReadingChoice};
use super::status;
use super::theme::{self, Tokens};

/// How many layers the card shows; the rest are named in the layer panel.
const MAX_ROWS: usize = 4;

/// A layer's colours with the values at both ends, or its categories.
pub fn bar(ui: &mut Ui, t: &Messages, theme: &Tokens, legend: &LegendModel, simulated: bool) {
    match legend {
        LegendModel::Continuous {
            map,
            min,
            max,
            unit,
        } => {
            let width = ui.available_width().clamp(60.0, 220.0);
            let (rect, _) = ui.allocate_exact_size(vec2(width, 8.0), Sense::hover());
            // Values run from left to right whatever the colours do.
            let turned = min > max;
            gradient(ui, rect, map, turned);
            let (min, max) = if turned { (max, min) } else { (min, max) };
            let unit = if unit.is_empty() {
                t.get("no-unit")
            } else {
                unit.as_str()
            };
            let (row, response) = ui.allocate_exact_size(vec2(width, 16.0), Sense::hover());
            let (low, high) = (format::short(*min), format::short(*max));
            let middle = if simulated {
                format!("{unit} · {}", t.get("simulated"))
            } else {
                unit.to_owned()
            };
            let label = format!("{low} – {high} {middle}");
            response
                .widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Label, true, &label));
            let font = theme::font(12.0);
            let y = row.center().y;
            let painter = ui.painter();
            painter.text(
                pos2(row.left(), y),
                Align2::LEFT_CENTER,
                low,
                font.clone(),
                theme.quiet,
            );
            painter.text(
                pos2(row.center().x, y),
                Align2::CENTER_CENTER,
                middle,
                font.clone(),
                theme.quiet,
            );
            painter.text(
                pos2(row.right(), y),
                Align2::RIGHT_CENTER,
                high,
                font,
                theme.quiet,
            );
        }
        LegendModel::Categories(categories) => {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = vec2(4.0, 2.0);
                for (name, [r, g, b]) in categories {
                    let (rect, _) = ui.allocate_exact_size(Vec2::splat(10.0), Sense::hover());
                    ui.painter().rect_filled(
                        rect,
                        CornerRadius::same(2),
                        Color32::from_rgb(*r, *g, *b),
                    );
                    ui.label(RichText::new(name).size(12.0).color(theme.quiet));
                    ui.add_space(4.0);
                }
            });
        }
    }
}

/// Paints a colour map from left to right, or turned around.
pub fn gradient(ui: &Ui, rect: Rect, map: &str, turned: bool) {
    let mut mesh = Mesh::default();
    const STEPS: u32 = 48;
    for step in 0..=STEPS {
        let t = f64::from(step) / f64::from(STEPS);
        let [r, g, b] = colormap::sample(map, if turned { 1.0 - t } else { t });
        let color = Color32::from_rgb(r, g, b);
        let x = rect.left() + rect.width() * t as f32;
        mesh.colored_vertex(pos2(x, rect.top()), color);
        mesh.colored_vertex(pos2(x, rect.bottom()), color);
        if step > 0 {
            let i = step * 2;
            mesh.add_triangle(i - 2, i - 1, i);
            mesh.add_triangle(i - 1, i, i + 1);
        }
    }
    ui.painter().add(mesh);
}

/// The colour of a value under a legend, as the overlay draws it; categories take the value as an index.
pub fn color_of(legend: &LegendModel, value: f64) -> Color32 {
    let [r, g, b] = match legend {
        LegendModel::Continuous { map, min, max, .. } => {
            let range = max - min;
            let t = if range.abs() > f64::EPSILON {
                (value - min) / range
            } else {
                0.5
            };
            colormap::sample(map, t)
        }
        LegendModel::Categories(categories) => {
            let index = value.max(0.0) as usize;
            categories.get(index).map_or([0x99; 3], |(_, color)| *color)
        }
    };
    Color32::from_rgb(r, g, b)
}

/// The layer of readings that a tileset's colours show.
fn reading_of(layer: &LayerModel) -> Option<&ReadingChoice> {
    let style = layer.style.as_ref()?;
    let shown = style.by_reading.as_ref()?;
    style.readings.iter().find(|choice| choice.layer == *shown)
}

/// The card at the lower right of the city.
pub(crate) fn show(ctx: &Context, cx: &mut Cx, free: Rect) {
    let model = cx.model;
    // A layer whose markers are there too, in the same colours, is said once.
    let has_markers = |id: &String| model.layers.iter().any(|l| l.visible && l.id == *id);
    let visible: Vec<_> = model
        .layers
        .iter()
        .filter(|l| l.visible && l.legend.is_some())
        .filter(|l| !reading_of(l).is_some_and(|choice| has_markers(&choice.layer)))
        .collect();
    let sensors = model
        .layers
        .iter()
        .any(|l| l.visible && (l.quality != Default::default() || reading_of(l).is_some()));
    if visible.is_empty() || free.width() < 420.0 || free.height() < 260.0 {
        return;
    }
    let at = free.right_bottom() - vec2(12.0, 56.0);
    let area = Area::new(Id::new("legend"))
        .order(Order::Middle)
        .pivot(Align2::RIGHT_BOTTOM)
        .fixed_pos(at);
    let response = area.constrain_to(free).show(ctx, |ui| {
        cx.theme.card_frame().show(ui, |ui| {
            ui.set_width(188.0);
            for layer in visible.iter().take(MAX_ROWS) {
                let name = match reading_of(layer) {
                    Some(choice) => cx.layer_name(&choice.layer, &choice.name),
                    None => cx.layer_name(&layer.id, &layer.name),
                };
                ui.horizontal(|ui| {
                    ui.spacing_mut().interact_size.y = 18.0;
                    let label = RichText::new(name)
                        .font(theme::strong_font(12.0))
                        .color(cx.theme.text);
                    ui.add(egui::Label::new(label).truncate());
                });
                if let Some(legend) = &layer.legend {
                    bar(ui, cx.t, &cx.theme, legend, layer.simulated);
                }
                ui.add_space(2.0);
            }
            if visible.len() > MAX_ROWS {
                let more = visible.len() - MAX_ROWS;
                ui.label(
                    RichText::new(cx.t.fmt("legend-more", &[("n", &more)]))
                        .size(12.0)
                        .color(cx.theme.quiet),
                );
            }
            if sensors {
                shapes(ui, cx);
            }
        });
    });
    cx.covered.push(response.response.rect);
}

/// What the shapes mean.
fn shapes(ui: &mut Ui, cx: &Cx) {
    ui.spacing_mut().interact_size.y = 18.0;
    ui.add_space(2.0);
    for pair in [
        [Quality::Stale, Quality::Suspect],
        [Quality::Failed, Quality::Missing],
    ] {
        ui.columns(2, |columns| {
            for (ui, quality) in columns.iter_mut().zip(pair) {
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 4.0;
                    status::mark_ui(ui, quality, cx.theme.text);
                    ui.label(
                        RichText::new(cx.t.get(quality.key()))
                            .size(12.0)
                            .color(cx.theme.quiet),
                    );
                });
            }
        });
    }
}
