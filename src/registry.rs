//! Everything the app is made of, by name: one line each.

use bevy::app::App;

use crate::app::Stage;

/// Adds the plugins. Adding a capability is one file and one line here.
pub fn add_plugins(app: &mut App, stage: Stage) {
    app.add_plugins((
        crate::render::CityRenderPlugin,
        crate::clock::ClockPlugin,
        crate::sky::SkyPlugin,
        crate::tiles::TilesPlugin,
        crate::overlays::OverlayPlugin,
        crate::geojson::GeoJsonPlugin,
        crate::picking::PickingPlugin,
        crate::scenario::ScenarioPlugin,
        crate::measure::MeasurePlugin,
        crate::terrain::TerrainPlugin,
        crate::joining::JoiningPlugin,
        crate::styling::StylingPlugin,
        crate::hiding::HidingPlugin,
        crate::scene::ScenePlugin,
        crate::host::HostPlugin,
    ));
    // A tuple holds no more.
    app.add_plugins((
        crate::clipping::ClippingPlugin,
        crate::marking::MarkingPlugin,
    ));
    #[cfg(not(target_arch = "wasm32"))]
    app.add_plugins(crate::wall::WallPlugin);
    if stage == Stage::Window {
        app.add_plugins((
            crate::camera_control::CameraControlPlugin,
            crate::scenario::GizmoPlugin,
            crate::clipping::ClipHandlePlugin,
            crate::picking::region::RegionToolPlugin,
            crate::panels::PanelsPlugin,
            crate::search_index::SearchIndexPlugin,
            crate::opening::OpeningPlugin,
        ));
    }
}
