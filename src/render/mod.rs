//! The city's renderer: one lean pass of our own inside Bevy's render world.
//!
//! A camera that carries [`CityView`] is drawn by the [`CityPass`] schedule instead of Bevy's
//! `Core3d`: shadow maps (on a GPU), one main pass (tiles, sky, lines, sensors), egui, and the
//! copy to the screen. docs/adr/0001 says why: Bevy's stock material costs ten times as much per
//! pixel on machines that draw on the CPU.
//!
//! The main world describes what to draw with plain components ([`CityMesh`], [`Placement`],
//! [`Shown`], [`LineSet`], [`MarkerLayer`]); nothing here decides what a city contains.

mod clip;
mod direct;
mod extract;
mod gpu_lines;
mod gpu_look;
mod gpu_markers;
mod gpu_mesh;
mod gpu_texture;
mod hidden;
mod pane;
mod pass;
mod pipelines;
mod recover;
mod scene;
mod shaded;
mod shadow;
mod still;
mod view;

pub use clip::SceneClip;
pub use direct::{DirectPicture, FORMAT as DIRECT_FORMAT, is_indirect};
pub use extract::{GpuNotices, Uploaded};
pub use gpu_texture::DrawnImages;
pub use pane::{Lens, MAX_PANES, Pane, Panes};
pub use pass::{CityPass, CityPassSystems};
pub use recover::LostDevices;
pub use scene::{
    CityMesh, FeatureLook, HiddenFeatures, LineSegment, LineSet, Marker, MarkerLayer, MarkerTime,
    Placement, Shown, Style, VARIANTS, Variants,
};
pub use still::{Arriving, DrawnOver, PicturesDrawn, Redraw};
pub use view::{CityView, Lighting, RenderQuality, ShadowQuality, Silhouette, Whole, WholeView};

use bevy::app::{App, Plugin};
use bevy::asset::{Assets, Handle, uuid_handle};
use bevy::core_pipeline::upscaling::upscaling;
use bevy::ecs::schedule::{IntoScheduleConfigs, Schedule, ScheduleBuildSettings};
use bevy::render::view::prepare_windows;
use bevy::render::{ExtractSchedule, Render, RenderApp, RenderStartup, RenderSystems};
use bevy::shader::Shader;

const COMMON: Handle<Shader> = uuid_handle!("6d2f0e2a-31f8-4a41-9b3d-2f3d1f4f0001");
const TILE: Handle<Shader> = uuid_handle!("6d2f0e2a-31f8-4a41-9b3d-2f3d1f4f0002");
const SKY: Handle<Shader> = uuid_handle!("6d2f0e2a-31f8-4a41-9b3d-2f3d1f4f0003");
const SHADOW: Handle<Shader> = uuid_handle!("6d2f0e2a-31f8-4a41-9b3d-2f3d1f4f0004");
const LINE: Handle<Shader> = uuid_handle!("6d2f0e2a-31f8-4a41-9b3d-2f3d1f4f0005");
const MARKER: Handle<Shader> = uuid_handle!("6d2f0e2a-31f8-4a41-9b3d-2f3d1f4f0006");
const CLIP: Handle<Shader> = uuid_handle!("6d2f0e2a-31f8-4a41-9b3d-2f3d1f4f0007");

const SHADED: Handle<Shader> = uuid_handle!("6d2f0e2a-31f8-4a41-9b3d-2f3d1f4f0009");
/// The panels' shader, where they are not drawn by bevy_egui's own.
pub const PANELS: Handle<Shader> = uuid_handle!("6d2f0e2a-31f8-4a41-9b3d-2f3d1f4f0008");

/// Every shader of the house: handle, file name and text. The shader test walks this list.
pub const SHADERS: [(Handle<Shader>, &str, &str); 9] = [
    (
        COMMON,
        "common.wgsl",
        include_str!("../../shaders/common.wgsl"),
    ),
    (CLIP, "clip.wgsl", include_str!("../../shaders/clip.wgsl")),
    (TILE, "tile.wgsl", include_str!("../../shaders/tile.wgsl")),
    (
        SHADED,
        "shaded.wgsl",
        include_str!("../../shaders/shaded.wgsl"),
    ),
    (SKY, "sky.wgsl", include_str!("../../shaders/sky.wgsl")),
    (
        SHADOW,
        "shadow.wgsl",
        include_str!("../../shaders/shadow.wgsl"),
    ),
    (LINE, "line.wgsl", include_str!("../../shaders/line.wgsl")),
    (
        MARKER,
        "marker.wgsl",
        include_str!("../../shaders/marker.wgsl"),
    ),
    (
        PANELS,
        "panels.wgsl",
        include_str!("../../shaders/panels.wgsl"),
    ),
];

/// Draws the city. Add after Bevy's render plugins; needs [`Lighting`] and [`RenderQuality`].
pub struct CityRenderPlugin;

impl Plugin for CityRenderPlugin {
    fn build(&self, app: &mut App) {
        let (notices, sender) = GpuNotices::pair();
        let pictures = PicturesDrawn::default();
        app.insert_resource(notices)
            .init_resource::<Lighting>()
            .init_resource::<Silhouette>()
            .init_resource::<SceneClip>()
            .init_resource::<WholeView>()
            .init_resource::<LostDevices>()
            .init_resource::<DrawnOver>()
            .init_resource::<Redraw>()
            .init_resource::<Arriving>()
            .insert_resource(pictures.clone())
            .insert_resource(recover::handler())
            .init_resource::<RenderQuality>()
            .init_resource::<DrawnImages>();
        if let Some(mut shaders) = app.world_mut().get_resource_mut::<Assets<Shader>>() {
            for (handle, name, text) in SHADERS {
                let text =
                    crate::platform::shader_override(name).unwrap_or_else(|| text.to_owned());
                let shader = Shader::from_wgsl(text, format!("shaders/{name}"));
                if let Err(error) = shaders.insert(&handle, shader) {
                    tracing::error!("shader {name} could not be registered: {error}");
                }
            }
        }
        let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
            return;
        };
        let mut schedule = Schedule::new(CityPass);
        schedule.set_build_settings(ScheduleBuildSettings {
            auto_insert_apply_deferred: false,
            ..Default::default()
        });
        render_app
            .insert_resource(sender)
            .init_resource::<extract::ExtractedCity>()
            .init_resource::<pipelines::PipelineIds>()
            .init_resource::<still::Still>()
            .init_resource::<DirectPicture>()
            .insert_resource(pictures)
            .add_schedule(schedule)
            .add_systems(
                RenderStartup,
                (
                    recover::forget,
                    pipelines::init_layouts,
                    view::init_view_gpu,
                    gpu_mesh::init,
                    gpu_lines::init,
                    gpu_markers::init,
                    shadow::init,
                )
                    .chain(),
            )
            .add_systems(ExtractSchedule, (extract::extract_city, still::extract))
            .add_systems(
                Render,
                (
                    recover::watch,
                    gpu_mesh::prepare,
                    view::prepare_view,
                    gpu_lines::prepare,
                    gpu_markers::prepare,
                    shadow::prepare_casters,
                    pass::prepare_depth,
                    pipelines::queue,
                )
                    .chain()
                    .in_set(RenderSystems::PrepareResources),
            )
            .add_systems(
                Render,
                (
                    still::decide.before(prepare_windows),
                    direct::acquire.after(prepare_windows).after(still::decide),
                )
                    .in_set(RenderSystems::PrepareViews),
            )
            .add_systems(Render, direct::present.in_set(RenderSystems::Cleanup))
            .add_systems(
                CityPass,
                (
                    shadow::shadow_pass,
                    pass::main_pass.in_set(CityPassSystems::Main),
                    upscaling.in_set(CityPassSystems::Upscaling),
                )
                    .chain(),
            );
    }
}
