//! Gets scenes ready for the window, on a thread: makes the demo city, starts the hub of the scene's feeds.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use belvedere::host::{HostNews, SceneHost};
use belvedere::platform::monotonic_ms;
use belvedere::scene::SceneChoice;
use belvedere::ui::model::Progress;
use city_hub::HubHandle;
use city_scene::Scene;
use crossbeam_channel::{Sender, unbounded};

use super::hub;

/// Starts the thread. Readings and the demo city are kept under `data`.
pub fn start(data: PathBuf) -> anyhow::Result<SceneHost> {
    let (ask, asked) = unbounded::<String>();
    let (tell, news) = unbounded();
    std::thread::Builder::new()
        .name("scenes".to_owned())
        .spawn(move || {
            // The hub of the open scene: it stops when the next is there, or when the window is gone.
            let mut running: Option<HubHandle> = None;
            for scene in asked {
                let told = match prepare(&scene, &data, &tell, &mut running) {
                    Ok(ready) => tell.send(ready),
                    Err(error) => tell.send(HostNews::Failed(format!("{error:#}"))),
                };
                if told.is_err() {
                    break;
                }
            }
        })?;
    Ok(SceneHost { ask, news })
}

fn prepare(
    path: &str,
    data: &Path,
    tell: &Sender<HostNews>,
    running: &mut Option<HubHandle>,
) -> anyhow::Result<HostNews> {
    let scene = hub::read_scene(path)?;
    let work = Work::new(tell.clone());
    let demo =
        hub::needs_demo_city(&scene).then(|| data.join("demo").to_string_lossy().into_owned());
    let city = |progress: &city_tiler::Progress| {
        work.tell("progress-city", progress.done as u64, progress.total as u64);
    };
    if scene.feeds.is_empty() {
        if demo.is_some() {
            hub::demo_city(data, &city)?;
        }
        *running = None;
        let _ = tell.send(HostNews::Idle);
        return Ok(HostNews::Ready {
            scene: path.to_owned(),
            hub: None,
            demo,
        });
    }
    let listen = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 0));
    let config = hub::config(&scene, path, listen, data, &city)?;
    work.tell("progress-hub", 0, 0);
    // One store is opened by one hub at a time.
    *running = None;
    let filling = Work::new(tell.clone());
    let handle = hub::start(config, move |progress| match progress {
        city_hub::Progress::Listening { .. } => {}
        city_hub::Progress::Filling { done, total } => {
            filling.tell("progress-history", *done, *total);
        }
        city_hub::Progress::Ready => filling.end(),
    })?;
    let url = handle.url();
    *running = Some(handle);
    Ok(HostNews::Ready {
        scene: path.to_owned(),
        hub: Some(url),
        demo,
    })
}

/// Tells how far a piece of work is, and how long it may still take by how long it has taken.
struct Work {
    tell: Sender<HostNews>,
    /// The stage and when it began, milliseconds.
    stage: Mutex<(&'static str, f64)>,
}

impl Work {
    fn new(tell: Sender<HostNews>) -> Self {
        Self {
            tell,
            stage: Mutex::new(("", 0.0)),
        }
    }

    fn tell(&self, stage: &'static str, done: u64, total: u64) {
        let now_ms = monotonic_ms();
        let began_ms = {
            let mut known = self
                .stage
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            if known.0 != stage {
                *known = (stage, now_ms);
            }
            known.1
        };
        // Nobody listening is no error: the window was closed.
        let _ = self.tell.send(HostNews::Work(progress(
            stage,
            done,
            total,
            now_ms - began_ms,
        )));
    }

    fn end(&self) {
        let _ = self.tell.send(HostNews::Idle);
    }
}

fn progress(stage: &str, done: u64, total: u64, taken_ms: f64) -> Progress {
    let fraction = (total > 0).then(|| (done as f64 / total as f64).clamp(0.0, 1.0));
    // The first steps say little about the rest.
    let left_s = fraction
        .filter(|fraction| *fraction > 0.02 && taken_ms > 1_000.0)
        .map(|fraction| taken_ms * 1e-3 * (1.0 - fraction) / fraction);
    Progress {
        stage: stage.to_owned(),
        fraction: fraction.map(|fraction| fraction as f32),
        left_s,
    }
}

/// The scenes in a folder, by name.
pub fn scenes_in(folder: &Path) -> Vec<SceneChoice> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut scenes: Vec<SceneChoice> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .filter_map(|path| {
            let url = path.to_string_lossy().into_owned();
            // What cannot be read as a scene is not offered as one.
            let scene = Scene::parse_bytes(&std::fs::read(&path).ok()?, &url).ok()?;
            Some(SceneChoice {
                url,
                name: scene.name,
                names: scene.names,
            })
        })
        .collect();
    scenes.sort_by(|a, b| a.name.cmp(&b.name));
    scenes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests say what they expect")]
    use super::*;

    #[test]
    fn the_time_left_goes_by_the_time_taken() {
        let quarter = progress("progress-city", 25, 100, 10_000.0);
        assert_eq!(quarter.fraction, Some(0.25));
        assert!((quarter.left_s.unwrap() - 30.0).abs() < 1e-6);
        assert_eq!(progress("progress-city", 1, 100, 10_000.0).left_s, None);
        assert_eq!(progress("progress-hub", 0, 0, 10_000.0).fraction, None);
    }

    #[test]
    fn the_scenes_that_come_with_the_program_are_offered_and_other_files_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let own = concat!(env!("CARGO_MANIFEST_DIR"), "/scenes/wageningen.toml");
        std::fs::copy(own, dir.path().join("town.toml")).unwrap();
        std::fs::write(dir.path().join("Cargo.toml"), "[package]\nname = \"x\"").unwrap();
        std::fs::write(dir.path().join("README.md"), "").unwrap();
        let scenes = scenes_in(dir.path());
        let names: Vec<_> = scenes.iter().map(|scene| scene.name.as_str()).collect();
        assert_eq!(names, ["Wageningen"]);
        assert!(scenes[0].names.contains_key("zh-Hant"));
        assert!(scenes_in(&dir.path().join("nothing")).is_empty());
    }
}
