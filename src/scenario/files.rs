//! Where the files of a scenario's models are. Knows no engine.

use std::collections::BTreeMap;

use city_scene::scenario::{Editor, KEPT_MODELS, KeptModel, OperationKind};

use super::desk::Desk;

impl Desk {
    /// The whole address of what a scenario names.
    #[must_use]
    pub fn place_of(&self, url: &str) -> String {
        if let Some(kept) = KeptModel::parse(url) {
            return match &self.kept_models {
                Some(folder) => format!("{folder}{}", kept.file()),
                None => format!("{KEPT_MODELS}{}", kept.file()),
            };
        }
        let whole =
            url.contains("://") || url.starts_with(['/', '\\']) || url.starts_with(KEPT_MODELS);
        if whole {
            url.to_owned()
        } else {
            format!("{}{url}", self.beside)
        }
    }

    /// Models of the open scenario whose files others cannot read: how the scenario names them, and where they are.
    #[must_use]
    pub fn local_models(&self) -> BTreeMap<String, String> {
        let operations = self.editor.as_ref().map(Editor::scenario);
        let operations = operations.map_or(&[][..], |scenario| &scenario.operations);
        let urls = operations
            .iter()
            .filter_map(|operation| match &operation.kind {
                OperationKind::PlaceModel { url, .. } => Some(url.clone()),
                _ => None,
            });
        urls.map(|url| (url.clone(), self.place_of(&url)))
            .filter(|(_, place)| is_local(place))
            .collect()
    }

    /// The hub keeps models now, by how the scenario named them: it names them as the hub does from now on.
    pub fn models_are_kept(&mut self, kept: &BTreeMap<String, String>) {
        let moved = kept
            .iter()
            .map(|(from, to)| (self.place_of(from), self.place_of(to)));
        let moved: Vec<(String, String)> = moved.collect();
        self.moved_models.extend(moved);
        if let Some(editor) = &mut self.editor {
            editor.readdress_models(kept);
            self.touch();
        }
    }
}

/// Whether a whole address leads to a file of this machine.
pub(super) fn is_local(place: &str) -> bool {
    let elsewhere = place.contains("://") && !place.starts_with("file://");
    let inside = ["data:", KEPT_MODELS, crate::platform::DROPPED];
    !elsewhere && !inside.iter().any(|prefix| place.starts_with(prefix))
}

/// Why an address leads nowhere, where it needs a hub and there is none.
pub(super) fn without_hub(place: &str) -> Option<String> {
    let rest = place.strip_prefix(KEPT_MODELS)?;
    Some(if KeptModel::parse(place).is_some() {
        "a hub keeps it, and no hub is known: name one (`--hub`, or `?hub=` in the page)".to_owned()
    } else {
        format!("`{rest}` is no model of a hub: write {KEPT_MODELS}, its SHA-256 and .glb")
    })
}

/// What people call a file.
pub(super) fn label_of(place: &str) -> String {
    let bare = match url::Url::parse(place) {
        Ok(parsed) if parsed.scheme() == "file" => {
            percent_encoding::percent_decode_str(parsed.path())
                .decode_utf8_lossy()
                .into_owned()
        }
        _ => place.to_owned(),
    };
    let name = bare.rsplit(['/', '\\']).next();
    name.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use city_geo::Geodetic;
    use city_time::SimInstant;

    use super::*;
    use crate::scenario::OPEN;
    use crate::ui::model::PlanTool;

    fn desk(urls: &[&str]) -> Desk {
        let mut desk = Desk::default();
        desk.create("Quay");
        for url in urls {
            desk.model_url = (*url).to_owned();
            desk.tool = PlanTool::Model;
            desk.click(Geodetic::from_degrees(114.17, 22.29, 5.0));
        }
        desk.refresh(SimInstant(0));
        desk
    }

    fn address() -> String {
        KeptModel::of(b"abc").named("kiosk.glb").address()
    }

    #[test]
    fn what_a_hub_keeps_is_found_wherever_the_hub_is() {
        let mut desk = desk(&[]);
        desk.beside = "https://x.org/scenes/".to_owned();
        let file = KeptModel::of(b"abc").file();
        let place = desk.place_of(&address());
        assert!(
            without_hub(&place).unwrap().contains("no hub is known"),
            "{place}"
        );
        desk.kept_models = Some("http://hub/api/models/".to_owned());
        assert_eq!(
            desk.place_of(&address()),
            format!("http://hub/api/models/{file}")
        );
        desk.kept_models = Some("/data/hub/models/".to_owned());
        let place = desk.place_of(&address());
        assert_eq!(place, format!("/data/hub/models/{file}"));
        assert_eq!(without_hub(&place), None);
        let wrong = desk.place_of("hub:models/kiosk.glb");
        assert!(without_hub(&wrong).unwrap().contains("SHA-256"));
        assert_eq!(desk.place_of("a.glb"), "https://x.org/scenes/a.glb");
    }

    #[test]
    fn only_what_others_cannot_read_is_local() {
        let kept = address();
        let mut desk = desk(&[
            "file:///home/ada/Caf%C3%A9.glb",
            "models/tree.glb",
            "/srv/a.glb",
            "https://x.org/b.glb",
            "data:model/gltf-binary;base64,AAAA",
            &kept,
        ]);
        let names = |desk: &Desk| desk.local_models().into_keys().collect::<Vec<_>>();
        assert_eq!(
            names(&desk),
            [
                "/srv/a.glb",
                "file:///home/ada/Caf%C3%A9.glb",
                "models/tree.glb"
            ]
        );
        desk.beside = "https://x.org/scenes/".to_owned();
        assert_eq!(names(&desk).len(), 2, "the tree is on a server");
        assert_eq!(label_of("file:///home/ada/Caf%C3%A9.glb"), "Café.glb");
        assert_eq!(label_of("C:\\plans\\a%20b.glb"), "a%20b.glb");
    }

    #[test]
    fn the_open_scenario_names_what_the_hub_keeps_without_a_step_of_undo() {
        let mut desk = desk(&["file:///a/kiosk.glb"]);
        desk.kept_models = Some("http://hub/api/models/".to_owned());
        desk.editor.as_mut().unwrap().mark_saved();
        let kept = [("file:///a/kiosk.glb".to_owned(), address())];
        desk.models_are_kept(&kept.into());
        desk.refresh(SimInstant(0));
        let model = desk.plan(OPEN).models.values().next().unwrap();
        assert_eq!(model.url, address());
        let [(old, new)] = &desk.moved_models[..] else {
            panic!("{:?}", desk.moved_models)
        };
        assert_eq!(old, "file:///a/kiosk.glb");
        assert_eq!(*new, desk.place_of(&address()));
        assert!(desk.local_models().is_empty());
        // The one step is the placing.
        assert!(desk.editor.as_mut().unwrap().undo());
        assert!(!desk.editor.as_ref().unwrap().can_undo());
    }
}
