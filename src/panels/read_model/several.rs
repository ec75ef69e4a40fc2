//! Several selected things, and the tools that select many.

use bevy::ecs::prelude::DetectChanges;

use super::Sources;
use crate::ui::model as ui;

pub(super) fn fill(model: &mut ui::UiModel, from: &Sources, ui_scale: f32) {
    let scale = from.windows.iter().next().map_or(1.0, |w| w.scale_factor());
    let to_logical = f64::from(scale * ui_scale);
    let region = &from.region;
    model.shape.tool = region.kind;
    model.shape.is_busy = region.is_busy;
    model.shape.outline.clear();
    if let Some(shape) = &region.shape {
        let corners = shape.outline().into_iter();
        let logical = corners.map(|at| (at / to_logical).as_vec2().to_array());
        model.shape.outline.extend(logical);
    }
    let several = &from.several;
    if !several.is_changed() && !from.marks.is_changed() {
        return;
    }
    let [hidden, colored] = from.marks.counts();
    model.several = ui::SeveralModel {
        count: several.count,
        totals: several
            .totals
            .iter()
            .map(|total| ui::TotalModel {
                id: total.column.id.clone(),
                name: total.column.name.clone(),
                unit: total.column.unit.clone().unwrap_or_default(),
                count: total.count,
                sum: total.sum,
                mean: total.mean,
                range: [total.low, total.high],
                is_year: total.is_year,
            })
            .collect(),
        is_counting: several.is_counting,
        hidden,
        colored,
    };
}
