//! Every view is a link: camera, time, layers, what is open.

use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use city_time::ClockMode;

use crate::clipping::Clipping;
use crate::clock::SimClock;
use crate::frame::SceneFrame;
use crate::framing::pose_of;
use crate::overlays::LayerLooks;
use crate::picking::{Selection, feature_id};
use crate::render::{CityMesh, CityView};
use crate::tiles::TileLayer;

/// A link is wanted on the clipboard.
#[derive(Message, Clone, Copy, Debug)]
pub struct CopyLink;

/// What a link is made of.
#[derive(SystemParam)]
pub struct LinkParts<'w, 's> {
    views: Query<'w, 's, &'static CityView>,
    frame: Res<'w, SceneFrame>,
    clock: Res<'w, SimClock>,
    looks: Option<Res<'w, LayerLooks>>,
    opened: Query<'w, 's, &'static TileLayer>,
    vectors: Query<'w, 's, &'static crate::geojson::VectorLayer>,
    scene: Res<'w, crate::scene::SceneInfo>,
    desk: Res<'w, crate::scenario::Desk>,
    selection: Res<'w, Selection>,
    meshes: Query<'w, 's, &'static CityMesh>,
    clipping: Res<'w, Clipping>,
}

/// The parameters of the current view.
#[must_use]
pub fn parameters(parts: &LinkParts) -> Vec<(String, String)> {
    let mut out: Vec<(&str, String)> = Vec::new();
    if let Some(scene) = &parts.scene.url {
        out.push(("scene", scene.clone()));
    } else if let Some(layer) = parts.opened.iter().next() {
        out.push(("tileset", layer.source.url.clone()));
    }
    for layer in parts.vectors.iter().filter(|layer| !layer.of_scene) {
        out.push(("geojson", layer.source.url.clone()));
    }
    if let Some(view) = parts.views.iter().next() {
        out.push(("camera", pose_of(view, &parts.frame).to_string()));
    }
    if parts.clock.state().mode != ClockMode::Live {
        out.push(("time", parts.clock.now().to_rfc3339()));
    }
    if let Some(looks) = parts.looks.as_ref().filter(|looks| !looks.0.is_empty()) {
        let shown: Vec<&str> = looks
            .0
            .iter()
            .filter(|look| look.visible)
            .map(|look| look.id.as_str())
            .chain(
                parts
                    .vectors
                    .iter()
                    .filter(|layer| layer.visible)
                    .map(|layer| layer.source.id.as_str()),
            )
            .collect();
        out.push(("layers", shown.join(",")));
    }
    // What is nowhere yet cannot be opened by others.
    if let (Some(editor), Some(_)) = (&parts.desk.editor, &parts.desk.revision) {
        out.push(("scenario", editor.scenario().id.clone()));
    }
    out.extend(parts.clipping.text().map(|text| ("clip", text)));
    out.extend(selected(parts).map(|selected| ("select", selected)));
    out.into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// What is selected, as [`Selected`] reads it.
fn selected(parts: &LinkParts) -> Option<String> {
    match *parts.selection {
        Selection::None => None,
        Selection::Sensor(datastream) => Some(format!("{SENSOR}{datastream}")),
        Selection::Feature { mesh, feature, at } => {
            let id = feature_id(parts.meshes.get(mesh).ok()?, feature)?;
            let place = parts.frame.geodetic(at)?;
            Some(format!(
                "{:.6},{:.6},{:.1},{id}",
                place.lon_rad.to_degrees(),
                place.lat_rad.to_degrees(),
                place.height_m
            ))
        }
    }
}

const SENSOR: &str = "sensor:";

/// What a link selects.
#[derive(Clone, Debug, PartialEq)]
pub enum Selected {
    /// A sensor by its datastream number.
    Sensor(u32),
    /// A feature by its identifier, near a place: only tiles there are looked through.
    Feature(String, city_geo::Geodetic),
}

impl std::str::FromStr for Selected {
    type Err = ();

    /// Reads `sensor:NUMBER` or `LON,LAT,HEIGHT,ID`.
    fn from_str(text: &str) -> Result<Self, ()> {
        if let Some(number) = text.strip_prefix(SENSOR) {
            return number.parse().map(Self::Sensor).map_err(|_| ());
        }
        let mut parts = text.splitn(4, ',');
        let mut number = |most: f64| {
            let number: f64 = parts.next()?.trim().parse().ok()?;
            (number.abs() <= most).then_some(number)
        };
        let (lon, lat, height_m) = (number(180.0), number(90.0), number(1e6));
        match (lon, lat, height_m, parts.next()) {
            (Some(lon), Some(lat), Some(height_m), Some(id)) if !id.is_empty() => {
                let place = city_geo::Geodetic::from_degrees(lon, lat, height_m);
                Ok(Self::Feature(id.to_owned(), place))
            }
            _ => Err(()),
        }
    }
}

/// The current view as it stands in an address.
#[must_use]
pub fn fragment(parameters: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish()
}

/// Puts the link on the clipboard and into the page's address.
pub fn copy(
    mut wanted: MessageReader<CopyLink>,
    parts: LinkParts,
    mut contexts: bevy_egui::EguiContexts,
    mut notices: ResMut<crate::notices::Notices>,
) {
    if wanted.read().last().is_none() {
        return;
    }
    let parameters = parameters(&parts);
    crate::platform::remember_link(&parameters);
    let fragment = fragment(&parameters);
    let link = crate::platform::page_address()
        .map_or_else(|| fragment.clone(), |page| format!("{page}#{fragment}"));
    if let Ok(ctx) = contexts.ctx_mut() {
        ctx.copy_text(link.clone());
    }
    notices.info("the link to this view is copied", link);
}

/// How often the view is looked at, milliseconds.
const LOOK_EVERY_MS: f64 = 500.0;
/// A view that never stands still gets its address this often all the same, milliseconds.
const ADDRESS_EVERY_MS: f64 = 5000.0;

/// The page's address, as far as it was written.
#[derive(Default)]
pub struct Address {
    looked_ms: f64,
    seen: Vec<(String, String)>,
    written_ms: f64,
    written: Vec<(String, String)>,
}

impl Address {
    /// Whether the address is to be written: once the view stands still, as a change of the address costs a page more
    /// than drawing a frame does, and browsers refuse more than some three a second.
    fn is_due(&mut self, now: Vec<(String, String)>, now_ms: f64) -> bool {
        self.looked_ms = now_ms;
        let stands = now == self.seen;
        self.seen = now;
        let is_late = now_ms - self.written_ms >= ADDRESS_EVERY_MS;
        let is_due = self.seen != self.written && (stands || is_late);
        if is_due {
            self.written_ms = now_ms;
            self.written.clone_from(&self.seen);
        }
        is_due
    }
}

/// Keeps the page's address at the current view, so that reload, bookmark and a copied address all
/// lead back to it. Waits until what the address asked for has been opened.
pub fn keep_address(
    parts: LinkParts,
    wishes: Res<crate::scene::LinkWishes>,
    home: Res<crate::framing::HomeView>,
    mut address: Local<Address>,
) {
    let now_ms = crate::platform::monotonic_ms();
    let still_opening = parts.scene.loading || home.0.is_none() || wishes.camera.is_some();
    if still_opening || now_ms - address.looked_ms < LOOK_EVERY_MS {
        return;
    }
    if address.is_due(parameters(&parts), now_ms) {
        crate::platform::remember_link(&address.written);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_once_the_view_stands_still_and_not_never() {
        let mut address = Address::default();
        let view = |x: u32| vec![("camera".to_owned(), x.to_string())];
        assert!(!address.is_due(view(1), 500.0), "it may be moving");
        assert!(address.is_due(view(1), 1000.0));
        assert!(!address.is_due(view(1), 1500.0), "it is written");
        let moving = (2..12).map(|x| address.is_due(view(x), 1000.0 + f64::from(x) * 500.0));
        let written: Vec<bool> = moving.collect();
        assert_eq!(written.iter().filter(|due| **due).count(), 1, "{written:?}");
    }

    #[test]
    fn a_selection_is_read_as_it_is_written() {
        assert_eq!("sensor:7".parse(), Ok(Selected::Sensor(7)));
        let Ok(Selected::Feature(id, place)) = "114.161000,22.282000,5.5,a,b 1".parse() else {
            panic!()
        };
        assert_eq!(id, "a,b 1");
        assert!((place.height_m - 5.5).abs() < 1e-9);
        for bad in ["", "sensor:x", "1,2,3", "1,2,3,", "1,91,0,a", "x,2,3,a"] {
            assert_eq!(bad.parse::<Selected>(), Err(()), "{bad}");
        }
    }
}
