//! Who gets a scene ready before it is opened: makes its city, starts a hub for its feeds.
//!
//! The desktop program does this on a thread of its own and answers through channels, so that the window is
//! there at once and shows how far it is. Where nobody does it (the browser, or a hub elsewhere), scenes are
//! opened as they are.

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use crossbeam_channel::{Receiver, Sender};

use crate::notices::Notices;
use crate::overlays::HubAddress;
use crate::scene::{DemoCity, OpenScene};
use crate::schedule::FrameSet;
use crate::ui::model::Progress;

/// What the host says.
#[derive(Clone, Debug, PartialEq)]
pub enum HostNews {
    /// Work is under way.
    Work(Progress),
    /// No more work.
    Idle,
    /// A scene can be opened.
    Ready {
        /// Path or URL of its file.
        scene: String,
        /// Its hub.
        hub: Option<String>,
        /// Its city, where the program made it.
        demo: Option<String>,
    },
    /// A scene cannot be opened: what failed and why.
    Failed(String),
}

/// The two ends that the app holds.
#[derive(Resource)]
pub struct SceneHost {
    /// Scenes to get ready.
    pub ask: Sender<String>,
    /// What became of them.
    pub news: Receiver<HostNews>,
}

/// A wish to open a scene, made ready first where there is a host.
#[derive(Message, Clone, Debug)]
pub struct WantScene {
    /// Path or URL.
    pub url: String,
}

/// What the host is doing now.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct HostWork(pub Option<Progress>);

/// Carries wishes to the host and news from it.
pub struct HostPlugin;

impl Plugin for HostPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<HostWork>()
            .add_message::<WantScene>()
            .add_systems(Update, (ask, hear).chain().in_set(FrameSet::Commands));
    }
}

fn ask(
    mut wanted: MessageReader<WantScene>,
    host: Option<Res<SceneHost>>,
    mut open: MessageWriter<OpenScene>,
) {
    for want in wanted.read() {
        let sent = host
            .as_ref()
            .is_some_and(|host| host.ask.send(want.url.clone()).is_ok());
        if !sent {
            open.write(OpenScene {
                url: want.url.clone(),
            });
        }
    }
}

fn hear(
    host: Option<Res<SceneHost>>,
    mut work: ResMut<HostWork>,
    mut address: ResMut<HubAddress>,
    mut city: ResMut<DemoCity>,
    mut open: MessageWriter<OpenScene>,
    mut notices: ResMut<Notices>,
) {
    let Some(host) = host else {
        return;
    };
    for news in host.news.try_iter() {
        match news {
            HostNews::Work(progress) => work.0 = Some(progress),
            HostNews::Idle => work.0 = None,
            HostNews::Ready { scene, hub, demo } => {
                *address = HubAddress(hub);
                *city = DemoCity(demo);
                open.write(OpenScene { url: scene });
            }
            HostNews::Failed(error) => {
                work.0 = None;
                notices.error(error, "the scene that was open stays open");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Resource, Default)]
    struct Opened(Vec<String>);

    fn app() -> App {
        let mut app = App::new();
        app.init_resource::<HubAddress>()
            .init_resource::<DemoCity>()
            .init_resource::<Notices>()
            .init_resource::<Opened>()
            .add_message::<OpenScene>()
            .add_plugins(HostPlugin)
            .add_systems(
                bevy::app::Last,
                |mut read: MessageReader<OpenScene>, mut opened: ResMut<Opened>| {
                    opened.0.extend(read.read().map(|open| open.url.clone()));
                },
            );
        app
    }

    fn want(app: &mut App, url: &str) {
        app.world_mut().write_message(WantScene { url: url.into() });
        app.update();
    }

    #[test]
    fn without_a_host_a_scene_is_opened_as_it_is() {
        let mut app = app();
        want(&mut app, "scenes/a.toml");
        assert_eq!(app.world().resource::<Opened>().0, ["scenes/a.toml"]);
    }

    #[test]
    fn a_host_gets_a_scene_ready_and_its_hub_is_the_one_from_then_on() {
        let mut app = app();
        let (ask, asked) = crossbeam_channel::unbounded();
        let (tell, news) = crossbeam_channel::unbounded();
        app.insert_resource(SceneHost { ask, news });
        want(&mut app, "scenes/b.toml");
        assert_eq!(asked.try_recv().as_deref(), Ok("scenes/b.toml"));
        assert!(app.world().resource::<Opened>().0.is_empty(), "not yet");

        let progress = Progress {
            stage: "progress-city".into(),
            fraction: Some(0.5),
            left_s: Some(20.0),
        };
        tell.send(HostNews::Work(progress.clone())).unwrap();
        app.update();
        assert_eq!(app.world().resource::<HostWork>().0, Some(progress));

        let ready = HostNews::Ready {
            scene: "scenes/b.toml".into(),
            hub: Some("http://127.0.0.1:4000".into()),
            demo: None,
        };
        tell.send(ready).unwrap();
        tell.send(HostNews::Idle).unwrap();
        app.update();
        assert_eq!(app.world().resource::<Opened>().0, ["scenes/b.toml"]);
        let address = app.world().resource::<HubAddress>().0.clone();
        assert_eq!(address.as_deref(), Some("http://127.0.0.1:4000"));
        assert_eq!(app.world().resource::<HostWork>().0, None);

        tell.send(HostNews::Failed("scenes/c.toml: no such file".into()))
            .unwrap();
        app.update();
        assert_eq!(app.world().resource::<Notices>().list().len(), 1);
        assert_eq!(app.world().resource::<Opened>().0.len(), 1);
    }
}
