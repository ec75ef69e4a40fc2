//! Opening what someone names or drops: the content says what it is, not the name.

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use bevy::window::FileDragAndDrop;
use city_tiles::formats::geojson::is_geojson;
use serde_json::Value;

use crate::geojson::{OpenGeoJson, VectorSource};
use crate::host::WantScene;
use crate::joining::OpenTable;
use crate::notices::Notices;
use crate::platform::{DROPPED, Dropped, DroppedFile, Fetcher, dropped_path};
use crate::scenario::Desk;
use crate::schedule::FrameSet;
use crate::tiles::{OpenTileset, TilesetSource};

/// Opens a scene, a tileset or a GeoJSON file, whichever it is.
#[derive(Message, Clone, Debug)]
pub struct OpenAny {
    /// Path or URL.
    pub url: String,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A scene file.
    Scene,
    /// A `tileset.json`.
    Tileset {
        /// It names files beside itself.
        has_neighbours: bool,
    },
    /// A GeoJSON file.
    GeoJson,
    /// A table (CSV) to be joined to features.
    Table,
}

/// Why a file cannot be opened by itself: what it is, and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOpened {
    /// What it is.
    pub what: &'static str,
    /// What to do.
    pub advice: &'static str,
}

/// Says what a file is by its bytes.
///
/// # Errors
/// It is something else.
pub fn kind_of(bytes: &[u8]) -> Result<FileKind, NotOpened> {
    let no = |what, advice| Err(NotOpened { what, advice });
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = text.trim_ascii_start();
    if text.is_empty() {
        return no("empty", "choose another file");
    }
    const CONTENTS: [&[u8]; 5] = [b"glTF", b"b3dm", b"i3dm", b"pnts", b"cmpt"];
    if CONTENTS.iter().any(|magic| text.starts_with(magic)) {
        return no(
            "the content of one tile",
            "open the tileset.json that names it",
        );
    }
    if is_geojson(text) {
        return Ok(FileKind::GeoJson);
    }
    if text.starts_with(b"{") {
        return match serde_json::from_slice::<Value>(text) {
            Ok(json) if json.get("root").is_some() && json.get("asset").is_some() => {
                Ok(FileKind::Tileset {
                    has_neighbours: names_files(&json, 0),
                })
            }
            Ok(json) if json.get("asset").is_some() => no(
                "the content of one tile",
                "open the tileset.json that names it",
            ),
            Ok(_) => no(
                "JSON, but neither a tileset nor GeoJSON",
                "open a tileset.json, a scene (.toml) or a GeoJSON file",
            ),
            Err(_) => no("JSON that is cut short or damaged", "get the file again"),
        };
    }
    let is_toml = std::str::from_utf8(text).is_ok_and(|text| {
        text.lines()
            .map(str::trim)
            .find(|line| !line.is_empty() && !line.starts_with('#'))
            .is_some_and(begins_toml)
            && !text.contains('\0')
    });
    if is_toml {
        return Ok(FileKind::Scene);
    }
    if is_table(text) {
        return Ok(FileKind::Table);
    }
    no(
        "no file that Belvedere opens",
        "open a tileset.json, a scene (.toml), a GeoJSON file or a table (.csv)",
    )
}

/// Whether a text is lines of as many cells each, as far as the first two tell.
fn is_table(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n');
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else {
        return false;
    };
    let count = |line: &[u8], part: u8| line.iter().filter(|byte| **byte == part).count();
    let parts = [b'\t', b';', b','];
    !first.starts_with(b"<")
        && !first.contains(&0)
        && std::str::from_utf8(first).is_ok()
        && parts.into_iter().any(|part| {
            let cells = count(first, part);
            // A quoted cell may hold what parts cells.
            cells > 0 && (count(second, part) == cells || second.contains(&b'"'))
        })
}

/// Whether a line sets a key or is the head of a table of TOML.
fn begins_toml(line: &str) -> bool {
    let of_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '"' | '\'' | ' ');
    line.starts_with('[')
        || line
            .split_once('=')
            .is_some_and(|(key, _)| !key.trim().is_empty() && key.chars().all(of_key))
}

/// Whether a tileset names contents by addresses that start from its own.
fn names_files(json: &Value, depth: usize) -> bool {
    const DEEPEST: usize = 128;
    match json {
        _ if depth > DEEPEST => true,
        Value::Object(members) => members.iter().any(|(key, value)| {
            let relative = |uri: &str| !uri.contains("://") && !uri.starts_with("data:");
            matches!(key.as_str(), "uri" | "url") && value.as_str().is_some_and(relative)
                || names_files(value, depth + 1)
        }),
        Value::Array(items) => items.iter().any(|item| names_files(item, depth + 1)),
        _ => false,
    }
}

/// Which of dropped files are opened: the tileset nearest to the top, else the scene, else everything
/// that may be GeoJSON or a table.
#[must_use]
pub fn chosen(files: &[DroppedFile]) -> Vec<usize> {
    let depth = |file: &DroppedFile| file.path.matches('/').count();
    let nearest = |is: &dyn Fn(&str) -> bool| {
        files
            .iter()
            .enumerate()
            .filter(|(_, file)| is(&file.path.to_ascii_lowercase()))
            .min_by_key(|(_, file)| (depth(file), file.path.clone()))
            .map(|(index, _)| vec![index])
    };
    if let [_] = files {
        return vec![0];
    }
    nearest(&|path| path.rsplit('/').next() == Some("tileset.json"))
        .or_else(|| nearest(&|path| path.ends_with(".toml")))
        .unwrap_or_else(|| {
            let may_be = |path: &str| {
                [".geojson", ".json", ".csv", ".tsv"]
                    .iter()
                    .any(|ending| path.ends_with(ending))
            };
            (0..files.len())
                .filter(|i| {
                    files
                        .get(*i)
                        .is_some_and(|file| may_be(&file.path.to_ascii_lowercase()))
                })
                .collect()
        })
}

/// A dropped glTF model is meant for the scenario that is being edited.
fn model_for<'f>(desk: &Desk, files: &'f [DroppedFile]) -> Option<&'f DroppedFile> {
    let [file] = files else {
        return None;
    };
    let path = file.path.to_ascii_lowercase();
    let is_model = path.ends_with(".glb") || path.ends_with(".gltf");
    (is_model && desk.can_edit && desk.editor.is_some()).then_some(file)
}

/// A file whose kind is being found out.
struct Asked {
    key: u64,
    url: String,
    /// Dropped without what lies beside it.
    lone: bool,
}

/// Not `Send` in the browser.
struct Opener {
    fetcher: Fetcher,
    asked: Vec<Asked>,
    next: u64,
}

impl Opener {
    fn ask(&mut self, url: &str, lone: bool) {
        self.next += 1;
        self.asked.push(Asked {
            key: self.next,
            url: url.to_owned(),
            lone,
        });
        self.fetcher.fetch(self.next, url);
    }
}

/// Files opened from one drop at most.
const MAX_OPENED: usize = 20;

/// Opens files by what they are, dropped ones too.
pub struct OpeningPlugin;

impl Plugin for OpeningPlugin {
    fn build(&self, app: &mut App) {
        app.add_message::<OpenAny>()
            .insert_non_send(Opener {
                fetcher: Fetcher::new(1),
                asked: Vec::new(),
                next: 0,
            })
            .add_systems(Update, (ask, answer).chain().in_set(FrameSet::Commands));
    }
}

fn ask(
    mut opener: NonSendMut<Opener>,
    mut requests: MessageReader<OpenAny>,
    mut events: MessageReader<FileDragAndDrop>,
    mut notices: ResMut<Notices>,
    mut desk: Option<ResMut<Desk>>,
) {
    // A page's own drops come as requests: it is given files without paths, and gives them addresses.
    let mut drops: Vec<Dropped> = Vec::new();
    for event in events.read() {
        if let FileDragAndDrop::DroppedFile { path_buf, .. } = event {
            drops.push(dropped_path(path_buf));
        }
    }
    for drop in drops {
        if let Some(problem) = &drop.problem {
            notices.error(problem.clone(), "drop it again, or open it by its address");
        }
        if let Some(desk) = &mut desk
            && let Some(file) = model_for(desk, &drop.files)
        {
            desk.take_model(&file.url);
            let name = city_tiles::uri::short(&file.url);
            notices.info(
                format!("{name} is ready to be placed"),
                "click the ground where it shall stand",
            );
            continue;
        }
        let chosen = chosen(&drop.files);
        if chosen.is_empty() && drop.problem.is_none() {
            notices.warn(
                "nothing in what was dropped can be opened",
                "drop a folder with a tileset.json, a scene (.toml), GeoJSON files or tables (.csv)",
            );
        }
        for index in chosen.into_iter().take(MAX_OPENED) {
            if let Some(file) = drop.files.get(index) {
                opener.ask(&file.url, drop.lone);
            }
        }
    }
    for request in requests.read() {
        let lone = request
            .url
            .strip_prefix(DROPPED)
            .is_some_and(|path| !path.contains('/'));
        opener.ask(&request.url, lone);
    }
}

fn answer(
    mut opener: NonSendMut<Opener>,
    mut scenes: MessageWriter<WantScene>,
    mut tilesets: MessageWriter<OpenTileset>,
    mut layers: MessageWriter<OpenGeoJson>,
    mut tables: MessageWriter<OpenTable>,
    mut notices: ResMut<Notices>,
) {
    for fetched in opener.fetcher.poll() {
        let Some(index) = opener.asked.iter().position(|a| a.key == fetched.key) else {
            continue;
        };
        let Asked { url, lone, .. } = opener.asked.remove(index);
        let shown = city_tiles::uri::short(&url);
        let bytes = match fetched.result {
            Ok(bytes) => bytes,
            Err(error) => {
                notices.error(format!("{shown}: {error}"), "check the path or address");
                continue;
            }
        };
        match kind_of(&bytes) {
            Ok(FileKind::Scene) => {
                scenes.write(WantScene { url });
            }
            Ok(FileKind::Tileset { has_neighbours }) if lone && has_neighbours => {
                notices.error(
                    format!(
                        "{shown}: a page is given the dropped file alone, not the tiles beside it"
                    ),
                    "drop the whole folder, or serve it and open the address of its tileset.json",
                );
            }
            Ok(FileKind::Tileset { .. }) => {
                let source = TilesetSource {
                    name: url.clone(),
                    url,
                    ..TilesetSource::default()
                };
                tilesets.write(OpenTileset {
                    source,
                    frame_it: true,
                    replace: true,
                });
            }
            Ok(FileKind::GeoJson) => {
                layers.write(OpenGeoJson {
                    source: VectorSource::of(&url),
                    of_scene: false,
                });
            }
            Ok(FileKind::Table) => {
                tables.write(OpenTable {
                    url,
                    ..OpenTable::default()
                });
            }
            Err(not) => notices.error(format!("{shown} is {}", not.what), not.advice),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::ecs::message::Messages;

    #[test]
    fn content_decides_and_not_the_name() {
        let lonely = FileKind::Tileset {
            has_neighbours: false,
        };
        for (text, kind) in [
            (
                r#"{"type":"FeatureCollection","features":[]}"#,
                FileKind::GeoJson,
            ),
            (
                "\u{feff}  {\"type\":\"Point\",\"coordinates\":[1,2]}",
                FileKind::GeoJson,
            ),
            (r#"{"asset":{"version":"1.1"},"root":{}}"#, lonely),
            (
                r#"{"asset":{},"root":{"content":{"uri":"https://x.org/a.glb"}}}"#,
                lonely,
            ),
            (
                r#"{"asset":{},"root":{"children":[{"content":{"url":"a.b3dm"}}]}}"#,
                FileKind::Tileset {
                    has_neighbours: true,
                },
            ),
            ("# a scene\n\nname = \"X\"\n", FileKind::Scene),
            ("[camera]\n", FileKind::Scene),
            ("id,kwh\nB1,5\n", FileKind::Table),
            ("\u{feff}Gebäude;kWh\r\nB1;5,2\r\n", FileKind::Table),
        ] {
            assert_eq!(kind_of(text.as_bytes()), Ok(kind), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_opened_is_named() {
        for (bytes, what) in [
            (&b""[..], "empty"),
            (b"glTF\x02\0\0\0", "tile"),
            (b"b3dm\x01\0\0\0", "tile"),
            (br#"{"asset":{"version":"2.0"},"meshes":[]}"#, "tile"),
            (br#"{"a":1}"#, "neither"),
            (br#"{"asset":{},"root""#, "damaged"),
            (b"\x89PNG\r\n\x1a\n\0=", "no file"),
            (b"Once upon a time", "no file"),
            (b"Once, upon a time\nthere was\n", "no file"),
            (b"id,kwh", "no file"),
            (b"<html lang=\"en\">", "no file"),
        ] {
            let not = kind_of(bytes).unwrap_err();
            assert!(not.what.contains(what), "{bytes:?}: {}", not.what);
            assert!(!not.advice.is_empty());
        }
    }

    /// What is opened by dropping this text as a file on the window.
    fn drop_on_window(
        name: &str,
        text: &str,
    ) -> (Vec<String>, Vec<String>, Vec<String>, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let mut app = App::new();
        app.init_resource::<Notices>()
            .add_message::<FileDragAndDrop>()
            .add_message::<WantScene>()
            .add_message::<OpenTileset>()
            .add_message::<OpenGeoJson>()
            .add_message::<OpenTable>()
            .add_plugins(OpeningPlugin);
        app.world_mut().write_message(FileDragAndDrop::DroppedFile {
            window: Entity::PLACEHOLDER,
            path_buf: path,
        });
        let mut out = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..500 {
            app.update();
            let world = app.world_mut();
            let mut scenes = world.resource_mut::<Messages<WantScene>>();
            out.0.extend(scenes.drain().map(|open| open.url));
            let mut tilesets = world.resource_mut::<Messages<OpenTileset>>();
            out.1.extend(tilesets.drain().map(|open| open.source.url));
            let mut layers = world.resource_mut::<Messages<OpenGeoJson>>();
            out.2.extend(layers.drain().map(|open| open.source.url));
            let notices = world.resource::<Notices>().list();
            out.3 = notices.iter().map(|notice| notice.text.clone()).collect();
            if out != Default::default() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        out
    }

    #[test]
    fn a_dropped_file_opens_by_what_it_is() {
        let (scenes, tilesets, layers, notices) =
            drop_on_window("a #1?.txt", r#"{"type":"Point","coordinates":[1,2]}"#);
        assert!(scenes.is_empty() && tilesets.is_empty() && notices.is_empty());
        assert!(layers[0].starts_with("file://") && layers[0].ends_with("a%20%231%3F.txt"));
        let tileset = r#"{"asset":{"version":"1.1"},"root":{"content":{"uri":"a.glb"}}}"#;
        let (scenes, tilesets, layers, notices) = drop_on_window("b.json", tileset);
        assert!(scenes.is_empty() && layers.is_empty() && notices.is_empty());
        assert!(
            tilesets[0].ends_with("b.json"),
            "a window finds the tiles beside it"
        );
        let (scenes, ..) = drop_on_window("c.txt", "name = \"C\"\n");
        assert!(scenes[0].ends_with("c.txt"));
        let (.., notices) = drop_on_window("d.geojson", "Once upon a time");
        assert!(notices[0].contains("d.geojson is no file"), "{notices:?}");
    }

    #[test]
    fn a_dropped_model_goes_to_the_scenario_that_is_edited() {
        let mut desk = Desk::default();
        let model = files(&["a/Kiosk.GLB"]);
        assert_eq!(model_for(&desk, &model), None, "no scenario is open");
        desk.create("Quay");
        assert_eq!(model_for(&desk, &model), model.first());
        assert_eq!(model_for(&desk, &files(&["a.geojson"])), None);
        assert_eq!(model_for(&desk, &files(&["tileset.json", "0.glb"])), None);
        desk.can_edit = false;
        assert_eq!(model_for(&desk, &model), None);
    }

    fn files(paths: &[&str]) -> Vec<DroppedFile> {
        paths
            .iter()
            .map(|path| DroppedFile {
                path: (*path).to_owned(),
                url: String::new(),
            })
            .collect()
    }

    #[test]
    fn of_a_folder_the_right_file_is_opened() {
        let tiles = files(&[
            "c/sub/tileset.json",
            "c/tileset.json",
            "c/a.geojson",
            "c/0.glb",
        ]);
        assert_eq!(chosen(&tiles), [1]);
        assert_eq!(chosen(&files(&["c/x.json", "c/s.toml"])), [1]);
        assert_eq!(
            chosen(&files(&["c/b.geojson", "c/readme.txt", "c/a.JSON"])),
            [0, 2]
        );
        assert_eq!(chosen(&files(&["anything"])), [0]);
        assert!(chosen(&files(&["c/readme.txt", "c/b.png"])).is_empty());
    }
}
