//! The panels' plugin: draws them with egui, fills their read model and applies their commands.

mod alarms;
mod commands;
mod drawn;
mod fonts;
mod paint;
mod plan;
mod read_model;
mod settings;
mod several;
mod undo;

use bevy::app::{App, Last, Plugin, PostUpdate, Update};
use bevy::asset::AssetEventSystems;
use bevy::ecs::prelude::*;
use bevy::render::render_resource::SpecializedRenderPipelines;
use bevy::render::{GpuResourceAppExt, Render, RenderApp, RenderSystems};
use bevy_egui::render::systems::{
    EguiRenderData, EguiTransforms, prepare_egui_render_target_data_system,
};
use bevy_egui::render::{EguiPipeline, egui_pass, prepare_egui_pass};
use bevy_egui::{EguiContexts, EguiPlugin, EguiPostUpdateSet, EguiPrimaryContextPass};

use crate::render::{CityPass, CityPassSystems, is_indirect};
use crate::scenario::FreeArea;
use crate::schedule::FrameSet;
use crate::ui::{self, UiCommand, UiModel, UiOutput, UiState};

/// What the panels read this frame.
#[derive(Resource, Default)]
pub struct Model(pub UiModel);

/// What the panels remember.
#[derive(Resource, Default)]
pub struct State(pub UiState);

/// What the panels asked for in the last frame.
#[derive(Resource, Default)]
pub struct Commands(pub Vec<UiCommand>);

/// What the camera must know: whether the pointer or the keys belong to a panel.
#[derive(Resource, Default)]
pub struct PanelFocus(pub Option<UiOutput>);

impl PanelFocus {
    /// The pointer, at a place in the window's logical pixels, belongs to a panel.
    #[must_use]
    pub fn takes(&self, x_px: f64, y_px: f64) -> bool {
        self.0
            .as_ref()
            .is_some_and(|output| output.takes(x_px as f32, y_px as f32))
    }

    /// A text field has the keys.
    #[must_use]
    pub fn typing(&self) -> bool {
        self.0.as_ref().is_some_and(|output| output.typing)
    }

    /// A button or slider has the arrow keys.
    #[must_use]
    pub fn focused(&self) -> bool {
        self.0.as_ref().is_some_and(|output| output.focused)
    }
}

/// Draws the panels with egui.
pub struct PanelsPlugin;

impl Plugin for PanelsPlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins(EguiPlugin::default())
            .init_resource::<Model>()
            .insert_resource(State(settings::first_state()))
            .init_resource::<settings::Unkept>()
            .init_resource::<undo::History>()
            .init_resource::<alarms::Alarms>()
            .init_resource::<Commands>()
            .init_resource::<PanelFocus>()
            .init_resource::<read_model::Frames>()
            .init_resource::<several::Totals>()
            .add_message::<several::ExportSelected>()
            .insert_non_send(fonts::FontLoader::new())
            .add_message::<crate::links::CopyLink>()
            .add_systems(Update, commands::apply.in_set(FrameSet::Commands))
            .add_systems(Update, crate::links::copy.in_set(FrameSet::ReadModel))
            .add_systems(
                Update,
                (
                    several::count,
                    several::export,
                    undo::cuts,
                    read_model::fill,
                )
                    .chain()
                    .in_set(FrameSet::ReadModel),
            )
            .add_systems(EguiPrimaryContextPass, draw)
            // Glyphs that are new in a frame must reach the GPU in it: the clock would miss a digit.
            .configure_sets(
                PostUpdate,
                EguiPostUpdateSet::PostProcessOutput.before(AssetEventSystems),
            )
            .add_systems(
                PostUpdate,
                drawn::tell.after(EguiPostUpdateSet::PostProcessOutput),
            )
            .add_systems(Last, settings::write);
        if let Some(render_app) = app.get_sub_app_mut(RenderApp) {
            // bevy_egui makes these once; a GPU that was lost and came back needs them anew.
            render_app
                .init_gpu_resource::<EguiPipeline>()
                .init_gpu_resource::<SpecializedRenderPipelines<EguiPipeline>>()
                .init_gpu_resource::<EguiTransforms>()
                .init_gpu_resource::<EguiRenderData>();
            render_app.init_gpu_resource::<paint::Painter>();
            render_app.add_systems(
                Render,
                paint::prepare
                    .in_set(RenderSystems::Prepare)
                    .before(prepare_egui_render_target_data_system),
            );
            render_app.add_systems(
                CityPass,
                (
                    (prepare_egui_pass, egui_pass).chain().run_if(is_indirect),
                    paint::paint,
                )
                    .after(CityPassSystems::Main)
                    .before(CityPassSystems::Upscaling),
            );
        }
    }
}

fn draw(
    mut contexts: EguiContexts,
    model: Res<Model>,
    mut state: ResMut<State>,
    mut commands: ResMut<Commands>,
    mut focus: ResMut<PanelFocus>,
    mut free: ResMut<FreeArea>,
    mut fonts: NonSendMut<fonts::FontLoader>,
) {
    // Before the window is there, there is no context.
    let Ok(ctx) = contexts.ctx_mut() else {
        return;
    };
    let output = ui::draw(ctx, &model.0, &mut state.0, &mut commands.0);
    fonts.serve(ctx, state.0.settings.language, &output.wanted_fonts);
    let px = |x: f32| (x * ctx.pixels_per_point()).round().max(0.0) as u32;
    let now = FreeArea(Some([px(output.free.left()), px(output.free.right())]));
    if *free != now {
        *free = now;
    }
    focus.0 = Some(output);
}
