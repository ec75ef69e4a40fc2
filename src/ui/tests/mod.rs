//! Panel tests: the panels run in egui without a window; what is on screen is read from the accessibility
//! tree, what the user wants from the commands.

mod clip;
mod kept;
mod layout;
mod many;
mod measure;
mod panels;
mod plan;
mod plan_city;
mod plan_compare;
mod plan_models;
pub(crate) mod plan_sample;
mod plan_window;
pub(crate) mod sample;
mod several;
mod style;
mod timeline;
mod typing;

use std::sync::Arc;

use egui::Vec2;
use egui_kittest::Harness;

use super::fonts::{self, FontFile};
use super::{Language, UiCommand, UiModel, UiOutput, UiState, draw};

/// The panels with a model, as the app would run them.
pub(crate) struct Rig {
    pub model: UiModel,
    pub state: UiState,
    pub commands: Vec<UiCommand>,
    pub output: Option<UiOutput>,
}

impl Rig {
    pub fn new(model: UiModel) -> Self {
        Self {
            model,
            state: UiState::default(),
            commands: Vec::new(),
            output: None,
        }
    }

    pub fn in_language(mut self, language: Language) -> Self {
        self.state.settings.language = language;
        self
    }

    /// What has been asked for since the last call.
    pub fn take(&mut self) -> Vec<UiCommand> {
        std::mem::take(&mut self.commands)
    }
}

/// The bytes of a committed font.
pub(crate) fn font(file: FontFile) -> Arc<Vec<u8>> {
    let path = format!(
        "{}/assets/fonts/{}",
        env!("CARGO_MANIFEST_DIR"),
        file.file_name()
    );
    Arc::new(std::fs::read(path).unwrap())
}

/// Runs the panels in a window of a size in logical pixels.
pub(crate) fn harness(size: Vec2, scale: f32, rig: Rig) -> Harness<'static, Rig> {
    let language = rig.state.settings.language;
    let mut harness = Harness::builder()
        .with_size(size)
        .with_pixels_per_point(scale)
        .with_max_steps(60)
        .with_step_dt(1.0 / 60.0)
        .build_ui_state(
            |ui, rig: &mut Rig| {
                let ctx = ui.ctx().clone();
                rig.output = Some(draw(&ctx, &rig.model, &mut rig.state, &mut rig.commands));
            },
            rig,
        );
    let mut files: Vec<_> = fonts::files_for(language).to_vec();
    for file in [FontFile::ChineseTraditional, FontFile::ChineseSimplified] {
        if !files.contains(&file) {
            files.push(file);
        }
    }
    let files: Vec<_> = files.into_iter().map(|f| (f, font(f))).collect();
    fonts::install(&harness.ctx, language, &files).unwrap();
    harness.run_steps(4);
    harness
}

/// The usual window with the usual model.
pub(crate) fn desk() -> Harness<'static, Rig> {
    let mut harness = harness(Vec2::new(1280.0, 720.0), 1.0, Rig::new(sample::model()));
    harness.state_mut().take();
    harness
}
