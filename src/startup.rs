//! What the program was asked to open: the same words in the page's address and on the command line.

use bevy::app::App;
use city_geo::Camera;
use city_time::SimInstant;

use crate::app::QualityChoice;
use crate::clipping::Clipping;
use crate::clock::SimClock;
use crate::geojson::{OpenGeoJson, VectorSource};
use crate::host::WantScene;
use crate::links::Selected;
use crate::overlays::HubAddress;
use crate::picking::{SelectById, Selection};
use crate::scenario::OpenScenario;
use crate::scene::{AskHubForScene, LinkWishes};
use crate::tiles::{OpenTileset, TilesetSource};
use crate::ui::Language;

/// Parameters of a start. A link is these, written out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Startup {
    /// Tileset by path or URL; instead of a scene.
    pub tileset: Option<String>,
    /// Scene by path or URL.
    pub scene: Option<String>,
    /// GeoJSON layers by path or URL; over the scene, or alone.
    pub geojson: Vec<String>,
    /// The hub's address.
    pub hub: Option<String>,
    /// Which path draws.
    pub quality: QualityChoice,
    /// Where the camera stands.
    pub camera: Option<Camera>,
    /// The clock's time; live without.
    pub time: Option<SimInstant>,
    /// Layers that are shown; the scene's own choice without.
    pub layers: Option<Vec<String>>,
    /// What is selected.
    pub selected: Option<Selected>,
    /// What is cut away.
    pub clip: Option<Clipping>,
    /// Scenario by its id on the hub, or the path or URL of its file.
    pub scenario: Option<String>,
    /// Panels hidden: only clock, legend, alarms and credits, as on a video wall.
    pub wall: bool,
    /// Scale of text and panels for this start only; the kept one without.
    pub ui_scale: Option<f32>,
    /// Language for this start; the kept one, or the system's, without.
    pub language: Option<Language>,
    /// What could not be understood, to be told.
    pub refused: Vec<String>,
}

impl Startup {
    /// From `name=value` pairs. Unknown names are left alone: pages carry others' parameters too.
    #[must_use]
    pub fn from_parameters(parameters: &[(String, String)]) -> Self {
        let mut startup = Self::default();
        for (name, value) in parameters {
            let understood = match name.as_str() {
                "tileset" => {
                    startup.tileset = Some(value.clone());
                    true
                }
                "scene" => {
                    startup.scene = Some(value.clone());
                    true
                }
                "geojson" => {
                    startup.geojson.push(value.clone());
                    true
                }
                "hub" => {
                    startup.hub = Some(value.trim_end_matches('/').to_owned());
                    true
                }
                "quality" => value
                    .parse()
                    .map(|quality| startup.quality = quality)
                    .is_ok(),
                "camera" => value
                    .parse()
                    .map(|camera| startup.camera = Some(camera))
                    .is_ok(),
                "time" => SimInstant::parse_rfc3339(value)
                    .map(|time| startup.time = Some(time))
                    .is_ok(),
                "select" => value
                    .parse()
                    .map(|selected| startup.selected = Some(selected))
                    .is_ok(),
                "clip" => match value.parse() {
                    Ok(clip) => {
                        startup.clip = Some(clip);
                        true
                    }
                    Err(error) => {
                        startup.refused.push(format!("clip: {error}"));
                        true
                    }
                },
                "scenario" => {
                    startup.scenario = Some(value.clone());
                    true
                }
                "wall" => {
                    startup.wall = value != "0";
                    true
                }
                "scale" => value
                    .parse()
                    .map(|scale| startup.ui_scale = Some(scale))
                    .is_ok(),
                "language" => {
                    startup.language = Some(Language::from_tag(value));
                    true
                }
                "layers" => {
                    startup.layers = Some(
                        value
                            .split(',')
                            .filter(|id| !id.is_empty())
                            .map(str::to_owned)
                            .collect(),
                    );
                    true
                }
                _ => true,
            };
            if !understood {
                startup.refused.push(format!("{name}={value}"));
            }
        }
        startup
    }

    /// Gives the wishes to the app.
    pub fn apply(&self, app: &mut App) {
        let world = app.world_mut();
        world.insert_resource(HubAddress(self.hub.clone()));
        if let Some(time) = self.time {
            let mut clock = world.resource_mut::<SimClock>();
            let _ = clock.apply(city_time::ClockCommand::Seek(time));
        }
        if let Some(url) = &self.tileset {
            let source = TilesetSource {
                name: url.clone(),
                url: url.clone(),
                ..TilesetSource::default()
            };
            world.write_message(OpenTileset {
                source,
                frame_it: true,
                replace: true,
            });
        }
        let nothing_named =
            self.scene.is_none() && self.tileset.is_none() && self.geojson.is_empty();
        world.insert_resource(AskHubForScene(nothing_named && self.hub.is_some()));
        if let Some(url) = &self.scene {
            world.write_message(WantScene { url: url.clone() });
        }
        for url in &self.geojson {
            world.write_message(OpenGeoJson {
                source: VectorSource::of(url),
                of_scene: false,
            });
        }
        match &self.selected {
            Some(Selected::Feature(id, place)) => {
                world.insert_resource(SelectById(Some((id.clone(), *place))));
            }
            Some(Selected::Sensor(datastream)) => {
                world.insert_resource(Selection::Sensor(*datastream));
            }
            None => {}
        }
        if let Some(clip) = &self.clip {
            world.insert_resource(clip.clone());
        }
        world.insert_resource(OpenScenario(self.scenario.clone()));
        *world.resource_mut::<LinkWishes>() = LinkWishes {
            camera: self.camera,
            layers: self.layers.clone(),
        };
        if let Some(mut panels) = world.get_resource_mut::<crate::panels::State>() {
            panels.0.hidden = self.wall;
            panels.0.scale_override = self.ui_scale;
            if let Some(language) = self.language {
                panels.0.settings.language = language;
            }
        }
        for refused in &self.refused {
            world.resource_mut::<crate::notices::Notices>().warn(
                format!("`{refused}` in the address is not understood"),
                "it is left out",
            );
        }
    }
}
