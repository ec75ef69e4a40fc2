//! The layers of imagery on the ground, as a person shows them: each seen or not, and as clear as wanted.
//!
//! What lies on the ground is put together where its tiles are decoded, so that another mixture is another ground. It is
//! loaded behind the one that is seen and takes its place when it is whole ([`TilesetSource::takes_over`]).
//!
//! [`TilesetSource::takes_over`]: crate::tiles::TilesetSource::takes_over

use bevy::ecs::prelude::*;
use city_scene::ImagerySource;
use city_tiles::terrain::LayerJson;

use super::{OpenGround, tileset};
use crate::notices::Notices;
use crate::platform::monotonic_ms;
use crate::tiles::{OpenTileset, TileLayer};

/// The ground of the scene and its layers of imagery.
#[derive(Resource, Default)]
pub struct GroundLayers {
    made: Option<Made>,
    /// When the ground is to be made anew: a slider is moved many times.
    due_ms: Option<f64>,
    /// Grounds that were made: each has a key of its own.
    count: u64,
}

/// What the ground is made of.
struct Made {
    ground: OpenGround,
    files: Vec<LayerJson>,
    /// Its tileset is there.
    is_open: bool,
}

/// After the last change it is waited for so long, milliseconds.
const WAIT_MS: f64 = 250.0;

impl GroundLayers {
    /// The layers of imagery, the lowest first.
    #[must_use]
    pub fn imagery(&self) -> &[ImagerySource] {
        self.made.as_ref().map_or(&[], |made| &made.ground.imagery)
    }

    /// Shows or hides a layer; whether there is one of this name.
    pub fn set_visible(&mut self, id: &str, visible: bool) -> bool {
        self.change(id, |layer| layer.visible = visible).is_some()
    }

    /// Sets how solid a layer is, 0 to 1, and gives how solid it was; none where there is none of this name.
    pub fn set_opacity(&mut self, id: &str, opacity: f32) -> Option<f32> {
        let opacity = f64::from(opacity.clamp(0.0, 1.0));
        let was = self.change(id, |layer| std::mem::replace(&mut layer.opacity, opacity))?;
        Some(was as f32)
    }

    fn change<T>(&mut self, id: &str, change: impl Fn(&mut ImagerySource) -> T) -> Option<T> {
        let layers = &mut self.made.as_mut()?.ground.imagery;
        let layer = layers.iter_mut().find(|layer| layer.id == id)?;
        let before = layer.clone();
        let answer = change(layer);
        if *layer != before {
            self.due_ms = Some(monotonic_ms() + WAIT_MS);
        }
        Some(answer)
    }

    /// Notes what the ground is made of from now on, or that there is none.
    pub(super) fn set(&mut self, ground: Option<(OpenGround, Vec<LayerJson>)>) {
        self.made = ground.map(|(ground, files)| Made {
            ground,
            files,
            is_open: false,
        });
        self.due_ms = None;
    }

    /// Another key for each ground: what was made for one is not taken for another's.
    pub(super) fn next_key(&mut self) -> String {
        self.count += 1;
        format!("ground-{}", self.count)
    }
}

/// Makes the ground anew where its layers were changed.
pub(super) fn remake(
    mut commands: Commands,
    mut layers: ResMut<GroundLayers>,
    mut tilesets: MessageWriter<OpenTileset>,
    mut notices: ResMut<Notices>,
    open: Query<(Entity, &TileLayer)>,
) {
    let layers = layers.bypass_change_detection();
    let grounds = || {
        open.iter()
            .filter(|(_, layer)| layer.source.terrain.is_some())
    };
    let is_there = grounds().next().is_some();
    let was_open = layers.made.as_ref().is_some_and(|made| made.is_open);
    if was_open && !is_there {
        // Another tileset took the scene's place.
        layers.set(None);
    } else if let Some(made) = &mut layers.made {
        made.is_open = is_there;
    }
    if layers.due_ms.is_none_or(|due| monotonic_ms() < due) || !is_there {
        return;
    }
    layers.due_ms = None;
    let key = layers.next_key();
    let Some(made) = &layers.made else { return };
    // One that has not come yet is not waited for.
    let (late, seen): (Vec<_>, Vec<_>) =
        grounds().partition(|(_, layer)| layer.source.takes_over.is_some());
    for (entity, _) in late {
        commands.entity(entity).despawn();
    }
    match tileset(&key, &made.ground, made.files.clone()) {
        Ok(mut source) => {
            source.takes_over = seen.first().map(|(entity, _)| *entity);
            tilesets.write(OpenTileset {
                source,
                frame_it: false,
                replace: false,
            });
        }
        Err(error) => notices.error(
            format!("{}: {error}", made.ground.scene),
            "the ground stays as it is",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::app::{App, Update};
    use bevy::ecs::message::Messages;

    fn layers() -> GroundLayers {
        let layer = |id: &str| -> ImagerySource {
            let text = format!("id = '{id}'\nname = 'A'\nurl = 'https://a/{{z}}/{{x}}/{{y}}.png'");
            toml::from_str(&text).unwrap()
        };
        let ground = OpenGround {
            scene: "x.toml".into(),
            terrain: None,
            imagery: vec![layer("streets"), layer("photo")],
        };
        let mut layers = GroundLayers::default();
        layers.set(Some((ground, Vec::new())));
        layers
    }

    #[test]
    fn a_layer_is_changed_by_its_name() {
        let mut layers = layers();
        assert!(!layers.set_visible("noise", false));
        assert_eq!(layers.set_opacity("noise", 0.5), None);
        assert!(layers.set_visible("photo", true));
        assert_eq!(layers.due_ms, None, "it was so before");
        assert_eq!(layers.set_opacity("photo", 0.5), Some(1.0));
        assert_eq!(layers.set_opacity("photo", 7.0), Some(0.5));
        assert!(layers.set_visible("streets", false));
        let now: Vec<_> = layers
            .imagery()
            .iter()
            .map(|l| (l.visible, l.opacity))
            .collect();
        assert_eq!(now, [(false, 1.0), (true, 1.0)]);
        assert!(layers.due_ms.is_some());
    }

    #[test]
    fn another_mixture_is_another_ground_that_takes_the_place_of_the_first() {
        let mut app = App::new();
        app.insert_resource(layers())
            .init_resource::<Notices>()
            .add_message::<OpenTileset>()
            .add_systems(Update, remake);
        let opened = |app: &mut App| -> Vec<OpenTileset> {
            let mut messages = app.world_mut().resource_mut::<Messages<OpenTileset>>();
            messages.drain().collect()
        };
        let source = {
            let layers = app.world().resource::<GroundLayers>();
            let made = layers.made.as_ref().unwrap();
            tileset("ground-0", &made.ground, Vec::new()).unwrap()
        };
        let first = app.world_mut().spawn(TileLayer::of(source)).id();
        app.update();
        assert!(opened(&mut app).is_empty());
        let hide = |app: &mut App, id: &str| {
            let mut layers = app.world_mut().resource_mut::<GroundLayers>();
            assert!(layers.set_visible(id, false));
            layers.due_ms = Some(0.0);
            app.update();
            let opened = opened(app);
            assert_eq!(opened.len(), 1);
            assert_eq!(opened[0].source.takes_over, Some(first));
            let source = opened[0].source.clone();
            (
                source.url.clone(),
                app.world_mut().spawn(TileLayer::of(source)).id(),
            )
        };
        let (url, second) = hide(&mut app, "photo");
        let (other, _) = hide(&mut app, "streets");
        assert_ne!(url, other);
        assert!(
            app.world().get_entity(second).is_err(),
            "the late one is given up"
        );
        app.update();
        // Everything is closed: nothing is left to be listed.
        for layer in app
            .world_mut()
            .query_filtered::<Entity, With<TileLayer>>()
            .iter(app.world())
            .collect::<Vec<_>>()
        {
            app.world_mut().despawn(layer);
        }
        app.update();
        assert!(app.world().resource::<GroundLayers>().imagery().is_empty());
    }
}
