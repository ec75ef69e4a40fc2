//! How each feature looks: the layer's style, the feature's own (simplestyle-spec 1.1), and colours
//! by a property.

use std::collections::{BTreeMap, HashSet};

use super::style::{VectorStyle, linear_of_srgb, parse_color};
use crate::metadata::{FeatureTable, PropertyValue};

/// How one feature looks. Colours are linear with alpha, 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FeatureLook {
    /// Polygons.
    pub fill: [u8; 4],
    /// Lines, and rings of polygons.
    pub stroke: [u8; 4],
    /// Their width, pixels.
    pub stroke_px: f32,
    /// Points.
    pub point: [u8; 4],
    /// Their diameter, pixels.
    pub point_px: f32,
    /// Bottom of a polygon above the ground, metres.
    pub base_m: f64,
    /// Top of a polygon above the ground, metres; it lies flat where this is not above the bottom.
    pub top_m: f64,
}

impl FeatureLook {
    /// Whether polygons stand up.
    #[must_use]
    pub fn extruded(&self) -> bool {
        self.top_m > self.base_m
    }
}

/// What the colours mean.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Meaning {
    /// Nothing.
    #[default]
    None,
    /// A range of values on a colour map.
    Range {
        /// Colour map.
        map: String,
        /// Value at its start.
        low: f64,
        /// Value at its end.
        high: f64,
    },
    /// Categories and their sRGB colours, the most frequent first.
    Categories(Vec<(String, [u8; 3])>),
}

/// The looks of all features.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Looks {
    /// By feature index.
    pub features: Vec<FeatureLook>,
    /// What the colours mean.
    pub meaning: Meaning,
    /// What of the style could not be followed.
    pub warnings: Vec<String>,
}

/// Where colours come from, sRGB.
#[derive(Clone, Copy)]
pub struct Palette<'a> {
    /// A colour map's colour at 0 to 1.
    pub map: &'a dyn Fn(&str, f64) -> [u8; 3],
    /// The colour of a category; beyond the last it means "other".
    pub category: &'a dyn Fn(usize) -> [u8; 3],
}

/// Categories with a colour of their own; the eighth colour is for all others.
const CATEGORIES: usize = 7;
/// Beyond this nothing stands, metres.
const MAX_HEIGHT_M: f64 = 10_000.0;

/// Decides how the features look.
#[must_use]
pub fn looks(features: &FeatureTable, style: &VectorStyle, palette: Palette<'_>) -> Looks {
    let mut out = Looks::default();
    let colors = by_property(features, style, palette, &mut out);
    // Most files say nothing about looks: then nothing is looked up feature by feature.
    let present: HashSet<&str> = features
        .tables
        .iter()
        .flat_map(|table| &table.columns)
        .map(|column| column.id.as_str())
        .collect();
    let mut standing = 0usize;
    for feature in 0..features.len() {
        let color = colors.get(feature as usize).copied().flatten();
        let look = look(features, &present, feature, style, color);
        standing += usize::from(look.extruded());
        out.features.push(look);
    }
    if let Some(property) = &style.extrude_by
        && standing == 0
        && !features.is_empty()
    {
        out.warnings.push(format!(
            "no feature has a height in its property {property}; polygons lie flat"
        ));
    }
    out
}

fn look(
    features: &FeatureTable,
    present: &HashSet<&str>,
    feature: u32,
    style: &VectorStyle,
    color: Option<[u8; 3]>,
) -> FeatureLook {
    let own = |key: &str| {
        let there = present.contains(key);
        there.then(|| features.lookup(feature, key)).flatten()
    };
    let own_color = |key: &str| own(key).and_then(|v| parse_color(v.as_str()?));
    let own_number = |key: &str, low: f64, high: f64| {
        own(key)
            .and_then(|v| number(&v))
            .map(|v| v.clamp(low, high) as f32)
    };
    let pick = |key: &str| color.or_else(|| own_color(key)).unwrap_or(style.color);
    let fill_alpha = own_number("fill-opacity", 0.0, 1.0).unwrap_or(style.fill_opacity);
    let stroke_alpha = own_number("stroke-opacity", 0.0, 1.0).unwrap_or(1.0);
    let size = match own("marker-size").as_ref().and_then(PropertyValue::as_str) {
        Some("small") => 0.75,
        Some("large") => 1.5,
        _ => 1.0,
    };
    let height = |property: &Option<String>| {
        property
            .as_ref()
            .and_then(|property| own(property))
            .and_then(|value| number(&value))
            .map_or(0.0, |value| {
                (value * style.extrude_scale).clamp(-MAX_HEIGHT_M, MAX_HEIGHT_M)
            })
    };
    let (base_m, top_m) = match &style.extrude_by {
        Some(_) => (height(&style.base_by), height(&style.extrude_by)),
        None => (0.0, 0.0),
    };
    FeatureLook {
        fill: linear(pick("fill"), fill_alpha),
        stroke: linear(pick("stroke"), stroke_alpha),
        stroke_px: own_number("stroke-width", 0.0, 100.0).unwrap_or(style.line_width_px),
        point: linear(pick("marker-color"), 1.0),
        point_px: style.point_size_px * size,
        base_m,
        top_m,
    }
}

fn linear([r, g, b]: [u8; 3], alpha: f32) -> [u8; 4] {
    let [r, g, b] = [r, g, b].map(linear_of_srgb);
    [r, g, b, (alpha.clamp(0.0, 1.0) * 255.0).round() as u8]
}

/// A number, also where it is written as text ("12.5", "12.5 m").
fn number(value: &PropertyValue) -> Option<f64> {
    let number = value.as_f64().or_else(|| {
        value
            .as_str()?
            .split_whitespace()
            .next()?
            .parse::<f64>()
            .ok()
    })?;
    number.is_finite().then_some(number)
}

/// A colour per feature where the style asks for it; features without a value keep the layer's.
fn by_property(
    features: &FeatureTable,
    style: &VectorStyle,
    palette: Palette<'_>,
    out: &mut Looks,
) -> Vec<Option<[u8; 3]>> {
    let Some(by) = &style.color_by else {
        return Vec::new();
    };
    let values: Vec<Option<PropertyValue>> = (0..features.len())
        .map(|feature| {
            features
                .lookup(feature, &by.property)
                .filter(|value| *value != PropertyValue::NoData)
        })
        .collect();
    if values.iter().all(Option::is_none) {
        if !values.is_empty() {
            out.warnings.push(format!(
                "no feature has a value in its property {}; all have the layer's colour",
                by.property
            ));
        }
        return Vec::new();
    }
    let numbers: Vec<Option<f64>> = values.iter().map(|v| v.as_ref().and_then(number)).collect();
    let texts = values.iter().flatten().count() - numbers.iter().flatten().count();
    if by.categories || texts * 2 > values.iter().flatten().count() {
        return categories(&values, palette, out);
    }
    let found = numbers.iter().flatten().fold(None, |range, number| {
        let (low, high): (f64, f64) = range.unwrap_or((*number, *number));
        Some((low.min(*number), high.max(*number)))
    });
    let (low, high) = match (by.range, found) {
        (Some([low, high]), _) => (low, high),
        (None, Some((low, high))) if low < high => (low, high),
        (None, found) => {
            let middle = found.map_or(0.0, |(low, _)| low);
            (middle - 0.5, middle + 0.5)
        }
    };
    out.meaning = Meaning::Range {
        map: by.map.clone(),
        low,
        high,
    };
    numbers
        .into_iter()
        .map(|number| number.map(|n| (palette.map)(&by.map, share(n, low, high))))
        .collect()
}

/// Where a number lies in a range, 0 to 1. Halves, since a range of huge numbers has no finite length.
fn share(number: f64, low: f64, high: f64) -> f64 {
    let share = (number * 0.5 - low * 0.5) / (high * 0.5 - low * 0.5);
    if share.is_nan() {
        return 0.0;
    }
    share.clamp(0.0, 1.0)
}

fn categories(
    values: &[Option<PropertyValue>],
    palette: Palette<'_>,
    out: &mut Looks,
) -> Vec<Option<[u8; 3]>> {
    let texts: Vec<Option<String>> = values
        .iter()
        .map(|value| value.as_ref().map(ToString::to_string))
        .collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for text in texts.iter().flatten() {
        *counts.entry(text).or_default() += 1;
    }
    let mut ranked: Vec<(&str, usize)> = counts.into_iter().collect();
    // The sort is stable: equal counts stay in the order of their names.
    ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let other = ranked.len().saturating_sub(CATEGORIES);
    let named: Vec<(&str, [u8; 3])> = ranked
        .iter()
        .take(CATEGORIES)
        .enumerate()
        .map(|(index, (name, _))| (*name, (palette.category)(index)))
        .collect();
    let rest = (palette.category)(CATEGORIES);
    let mut legend: Vec<(String, [u8; 3])> = named
        .iter()
        .map(|(name, color)| (name.chars().take(60).collect(), *color))
        .collect();
    if other > 0 {
        legend.push((format!("+ {other}"), rest));
    }
    let colors = texts
        .iter()
        .map(|text| {
            text.as_ref().map(|text| {
                named
                    .iter()
                    .find(|(name, _)| name == text)
                    .map_or(rest, |(_, color)| *color)
            })
        })
        .collect();
    out.meaning = Meaning::Categories(legend);
    colors
}
