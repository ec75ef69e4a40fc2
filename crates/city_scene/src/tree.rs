//! The state of the layer panel.

use std::collections::BTreeSet;

use city_sensors::Area;

use crate::schema::Scene;

/// A layer's state.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerState {
    /// Identifier.
    pub id: String,
    /// Name in the scene's own language.
    pub name: String,
    /// Everything the search looks at, in small letters.
    haystack: String,
    /// Where it stands in the tree.
    pub area: Area,
    /// Whether it is drawn.
    pub visible: bool,
    /// 0 (clear) to 1 (solid).
    pub opacity: f64,
}

/// An area and its layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaNode {
    /// The area.
    pub area: Area,
    /// Its layers: indices into [`LayerTree::layers`], in the order of the scene file.
    pub layers: Vec<usize>,
}

/// The layers of a scene under the six areas. All six are there, also those without a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerTree {
    layers: Vec<LayerState>,
    areas: Vec<AreaNode>,
}

impl LayerTree {
    /// The tree as the scene file has it.
    pub fn new(scene: &Scene) -> Self {
        let layers: Vec<LayerState> = scene
            .layers
            .iter()
            .map(|layer| {
                let mut words = vec![
                    layer.id.as_str(),
                    &layer.name,
                    &layer.description,
                    &layer.unit,
                    layer.area.id(),
                ];
                words.extend(layer.names.values().map(String::as_str));
                LayerState {
                    id: layer.id.clone(),
                    name: layer.name.clone(),
                    haystack: words.join("\n").to_lowercase(),
                    area: layer.area,
                    visible: layer.visible,
                    opacity: layer.opacity,
                }
            })
            .collect();
        let areas = Area::ALL
            .into_iter()
            .map(|area| AreaNode {
                area,
                layers: layers
                    .iter()
                    .enumerate()
                    .filter(|(_, l)| l.area == area)
                    .map(|(i, _)| i)
                    .collect(),
            })
            .collect();
        Self { layers, areas }
    }

    /// All layers, in the order of the scene file.
    pub fn layers(&self) -> &[LayerState] {
        &self.layers
    }

    /// The six areas, in their order.
    pub fn areas(&self) -> &[AreaNode] {
        &self.areas
    }

    /// A layer by its identifier.
    pub fn get(&self, id: &str) -> Option<&LayerState> {
        self.layers.iter().find(|layer| layer.id == id)
    }

    /// Shows or hides a layer; false when there is none of that name.
    pub fn set_visible(&mut self, id: &str, visible: bool) -> bool {
        self.change(id, |layer| layer.visible = visible)
    }

    /// Shows a hidden layer and hides a shown one; false when there is none of that name.
    pub fn toggle(&mut self, id: &str) -> bool {
        self.change(id, |layer| layer.visible = !layer.visible)
    }

    /// Sets a layer's opacity, held to 0 to 1 (NaN is ignored); false when there is none of that name.
    pub fn set_opacity(&mut self, id: &str, opacity: f64) -> bool {
        self.change(id, |layer| {
            if !opacity.is_nan() {
                layer.opacity = opacity.clamp(0.0, 1.0);
            }
        })
    }

    /// Shows or hides all layers of an area.
    pub fn set_area_visible(&mut self, area: Area, visible: bool) {
        for layer in self.layers.iter_mut().filter(|layer| layer.area == area) {
            layer.visible = visible;
        }
    }

    /// Shows one layer and hides all others; false (and nothing changed) when there is none of that name.
    pub fn show_only(&mut self, id: &str) -> bool {
        if self.get(id).is_none() {
            return false;
        }
        for layer in &mut self.layers {
            layer.visible = layer.id == id;
        }
        true
    }

    fn change(&mut self, id: &str, change: impl FnOnce(&mut LayerState)) -> bool {
        let layer = self.layers.iter_mut().find(|layer| layer.id == id);
        layer.map(change).is_some()
    }

    /// Indices of the layers in which every word of the query is found (names in all languages, area, unit); those
    /// whose name begins with the query come first. An empty query finds all.
    pub fn search(&self, query: &str) -> Vec<usize> {
        let query = query.trim().to_lowercase();
        let words: Vec<&str> = query.split_whitespace().collect();
        let mut hits: Vec<usize> = (0..self.layers.len())
            .filter(|i| {
                words
                    .iter()
                    .all(|word| self.layers[*i].haystack.contains(word))
            })
            .collect();
        hits.sort_by_key(|i| !self.layers[*i].name.to_lowercase().starts_with(&query));
        hits
    }

    /// The visible layers for a link: `traffic_speed,air_pm25:60` (opacity in percent where it is not 100); `-` when
    /// there is none.
    pub fn to_link(&self) -> String {
        let parts: Vec<String> = self
            .layers
            .iter()
            .filter(|layer| layer.visible)
            .map(|layer| match (layer.opacity * 100.0).round() {
                100.0 => layer.id.clone(),
                percent => format!("{}:{percent}", layer.id),
            })
            .collect();
        if parts.is_empty() {
            "-".to_owned()
        } else {
            parts.join(",")
        }
    }

    /// Shows exactly the layers of a link; returns the names in it that the scene does not have.
    pub fn apply_link(&mut self, link: &str) -> Vec<String> {
        let mut unknown = BTreeSet::new();
        for layer in &mut self.layers {
            layer.visible = false;
        }
        for part in link
            .split(',')
            .take(crate::MAX_ENTRIES)
            .filter(|part| !part.is_empty() && *part != "-")
        {
            let (id, percent) = part
                .split_once(':')
                .map_or((part, None), |(id, percent)| (id, Some(percent)));
            let opacity = percent
                .and_then(|p| p.parse::<f64>().ok())
                .map_or(1.0, |p| p / 100.0);
            if self.set_visible(id, true) {
                self.set_opacity(id, opacity);
            } else {
                unknown.insert(id.chars().take(crate::MAX_ID_BYTES).collect::<String>());
            }
        }
        unknown.into_iter().collect()
    }
}
