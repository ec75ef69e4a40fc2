//! Colouring again what a reading changed: single features, and not the tile around them.

use std::sync::Arc;

use bevy::ecs::prelude::*;
use city_tiles::style::Inputs;

use super::{TilesetStyle, Waiting, texel};
use crate::hiding::HiddenByStyle;
use crate::joining::{Joined, ReadingJoins};
use crate::marking::Marked;
use crate::platform::monotonic_ms;
use crate::render::FeatureLook;
use crate::tiles::TileOf;

/// It may take so long in a frame, milliseconds. One mesh always goes.
const BUDGET_MS: f64 = 2.0;

type Parts<'a> = (
    &'a Joined,
    &'a TileOf,
    Option<&'a Marked>,
    Option<&'a mut FeatureLook>,
    Option<&'a HiddenByStyle>,
);

pub(super) fn refresh(
    mut joins: ResMut<ReadingJoins>,
    mut waiting: ResMut<Waiting>,
    styles: Query<&TilesetStyle>,
    mut meshes: Query<Parts>,
) {
    let joins = joins.bypass_change_detection();
    let began_ms = monotonic_ms();
    let mut first = true;
    while (first || monotonic_ms() - began_ms < BUDGET_MS)
        && let Some((mesh, features)) = joins.take_written()
    {
        let Ok((joined, of, marked, look, hidden)) = meshes.get_mut(mesh) else {
            continue;
        };
        let style = styles.get(of.layer).ok();
        let Some(style) = style.and_then(|tileset| tileset.style.clone()) else {
            continue;
        };
        // What waits is worked out as a whole, with what holds by then.
        if !joins.concern(&style) || waiting.0.contains(&mesh) {
            continue;
        }
        first = false;
        let Some(mut look) = look else {
            waiting.0.push_back(mesh);
            continue;
        };
        let styled = style.evaluate_some(&joined.0, &features, &Inputs::default());
        let was_hidden =
            |feature: &u32| hidden.is_some_and(|hidden| hidden.0.binary_search(feature).is_ok());
        let moved = (0..)
            .zip(&features)
            .any(|(at, feature)| styled.is_hidden(at) != was_hidden(feature));
        if moved || style.has_point_size() {
            // Triangles come or go.
            waiting.0.push_back(mesh);
            continue;
        }
        if style.has_color() {
            let colors = Arc::make_mut(&mut look.colors);
            for (at, feature) in (0..).zip(&features) {
                let by_hand = marked.is_some_and(|Marked(marked)| {
                    marked.binary_search_by_key(feature, |(of, _)| *of).is_ok()
                });
                if let Some(color) = colors.get_mut(*feature as usize)
                    && !by_hand
                {
                    *color = texel(&styled, at);
                }
            }
        }
        look.patterns = joins.patterns(mesh, &style).into();
    }
}
