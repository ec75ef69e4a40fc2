//! What all of a wall shares and what changes seldom.

use city_scene::{MAX_ENTRIES, MAX_TEXT_BYTES, Place, Pose, Scene};
use serde::{Deserialize, Serialize};

use crate::command::check_pose;

/// Colours of the panels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
}

/// A layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerView {
    /// Identifier in the scene.
    pub id: String,
    /// Name, for the operator.
    pub name: String,
    /// Whether it is drawn.
    pub visible: bool,
    /// 0 (clear) to 1 (solid).
    pub opacity: f64,
}

/// A named pose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PresetView {
    /// Identifier in the scene.
    pub id: String,
    /// Name, for the operator.
    pub name: String,
    /// The pose, degrees and metres.
    pub pose: Pose,
    /// Time at which it is best seen, RFC 3339.
    pub time: Option<String>,
}

/// A view that the wall will switch to: nodes load its tiles and report how many are still missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NextView {
    /// The preset's identifier.
    pub preset: String,
    /// Its pose, degrees and metres.
    pub pose: Pose,
}

/// The slow state. Every change counts the revision up; the digest tells whether two are the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WallState {
    /// Counts the changes.
    pub revision: u64,
    /// The scene, as the configuration has it.
    pub scene: String,
    /// The scene's name, for the operator.
    pub name: String,
    /// The hub that serves tiles and readings.
    pub hub: Option<String>,
    /// Origin of the scene's local frame.
    pub origin: Place,
    /// Layers in the scene's order: readings, then GeoJSON.
    pub layers: Vec<LayerView>,
    /// Named poses.
    pub presets: Vec<PresetView>,
    /// Colours of the panels.
    pub theme: Theme,
    /// Every screen shows its name and place.
    pub identify: bool,
    /// The picture stands still.
    pub freeze: bool,
    /// The scenario that is shown: path or URL.
    pub scenario: Option<String>,
    /// The view that the wall switches to when all nodes have its tiles.
    pub next: Option<NextView>,
}

impl WallState {
    /// The state with which a scene opens. `address` is where the scene is, as the configuration has it.
    #[must_use]
    pub fn from_scene(scene: &Scene, address: &str, hub: Option<&str>) -> Self {
        let readings = scene.layers.iter().map(|layer| LayerView {
            id: layer.id.clone(),
            name: layer.name.clone(),
            visible: layer.visible,
            opacity: layer.opacity,
        });
        let drawings = scene.geojson.iter().map(|source| LayerView {
            id: source.id.clone(),
            name: source.name.clone(),
            visible: source.visible,
            opacity: source.opacity,
        });
        let presets = scene.camera.presets.iter().map(|preset| PresetView {
            id: preset.id.clone(),
            name: preset.name.clone(),
            pose: preset.pose,
            time: preset.time.clone(),
        });
        Self {
            revision: 1,
            scene: address.to_owned(),
            name: scene.name.clone(),
            hub: hub.map(str::to_owned),
            origin: scene.origin,
            layers: readings.chain(drawings).collect(),
            presets: presets.collect(),
            theme: Theme::Dark,
            identify: false,
            freeze: false,
            scenario: None,
            next: None,
        }
    }

    /// A layer by its identifier.
    #[must_use]
    pub fn layer(&self, id: &str) -> Option<&LayerView> {
        self.layers.iter().find(|layer| layer.id == id)
    }

    /// A preset by its identifier.
    #[must_use]
    pub fn preset(&self, id: &str) -> Option<&PresetView> {
        self.presets.iter().find(|preset| preset.id == id)
    }

    /// Equal for equal states, on every machine and after a journey as JSON (whose numbers may lose a last bit:
    /// they count to a thousand-millionth).
    #[must_use]
    pub fn digest(&self) -> u64 {
        let mut digest = Digest(blake3::Hasher::new());
        digest.number(self.revision);
        digest.text(&self.scene);
        digest.text(&self.name);
        digest.maybe(self.hub.as_deref());
        digest.floats(&[self.origin.lon, self.origin.lat, self.origin.height]);
        digest.number(self.layers.len() as u64);
        for layer in &self.layers {
            digest.text(&layer.id);
            digest.text(&layer.name);
            digest.number(u64::from(layer.visible));
            digest.floats(&[layer.opacity]);
        }
        digest.number(self.presets.len() as u64);
        for preset in &self.presets {
            digest.text(&preset.id);
            digest.text(&preset.name);
            digest.pose(&preset.pose);
            digest.maybe(preset.time.as_deref());
        }
        digest.number(u64::from(self.theme == Theme::Light));
        digest.number(u64::from(self.identify));
        digest.number(u64::from(self.freeze));
        digest.maybe(self.scenario.as_deref());
        digest.maybe(self.next.as_ref().map(|next| next.preset.as_str()));
        if let Some(next) = &self.next {
            digest.pose(&next.pose);
        }
        digest.finish()
    }

    /// Whether it is within the limits of what a scene can hold: states come over the network.
    #[must_use]
    pub fn is_within_limits(&self) -> bool {
        let texts = [
            Some(&self.scene),
            Some(&self.name),
            self.hub.as_ref(),
            self.scenario.as_ref(),
        ];
        let short = |text: &String| text.len() <= MAX_TEXT_BYTES;
        let pose = |pose: &Pose| check_pose(pose).is_ok();
        self.layers.len() <= 2 * MAX_ENTRIES
            && self.presets.len() <= MAX_ENTRIES
            && texts.into_iter().flatten().all(short)
            && self.origin.geodetic().is_valid()
            && self.origin.height.abs() <= 20_000.0
            && self.layers.iter().all(|layer| {
                short(&layer.id) && short(&layer.name) && (0.0..=1.0).contains(&layer.opacity)
            })
            && self
                .presets
                .iter()
                .all(|preset| short(&preset.id) && short(&preset.name) && pose(&preset.pose))
            && self
                .next
                .as_ref()
                .is_none_or(|next| short(&next.preset) && pose(&next.pose))
    }
}

/// A hash over values with their lengths, so that no two states are written alike.
struct Digest(blake3::Hasher);

impl Digest {
    fn number(&mut self, number: u64) {
        self.0.update(&number.to_le_bytes());
    }
    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.update(text.as_bytes());
    }
    fn maybe(&mut self, text: Option<&str>) {
        self.number(u64::from(text.is_some()));
        self.text(text.unwrap_or_default());
    }
    fn floats(&mut self, numbers: &[f64]) {
        for number in numbers {
            self.number((number * 1e9).round() as i64 as u64);
        }
    }
    fn pose(&mut self, pose: &Pose) {
        let fov = pose.fov.unwrap_or(-1.0);
        self.floats(&[
            pose.lon,
            pose.lat,
            pose.height,
            pose.heading,
            pose.pitch,
            fov,
        ]);
    }
    fn finish(self) -> u64 {
        let hash = self.0.finalize();
        let (head, _) = hash
            .as_bytes()
            .split_first_chunk::<8>()
            .unwrap_or((&[0; 8], &[]));
        u64::from_le_bytes(*head)
    }
}
