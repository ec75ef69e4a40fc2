//! What the panels remember from frame to frame.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::Context;
use serde::{Deserialize, Serialize};

use super::fonts::{self, FontFile};
use super::i18n::{Language, Messages};
use super::model::{InspectorModel, UiModel};
use super::palette::PaletteState;
use super::plan::PlanState;
use super::search::SearchState;
use super::theme::{self, ThemeChoice};
use super::timeline::TimelineState;

/// A panel at the side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tab {
    /// The layer tree; on the left.
    Layers,
    /// What is selected; on the right, as are the rest.
    Inspector,
    /// How the program is doing.
    Health,
    /// Tile debugging.
    Tiles,
    /// Scenarios.
    Plan,
    /// What is cut away.
    Clip,
}

/// The smallest scale of text and panels.
pub const MIN_UI_SCALE: f32 = 0.7;
/// The largest one: a wall read from eight metres.
pub const MAX_UI_SCALE: f32 = 4.0;

/// What is kept between runs. The app stores it (a file, the browser's storage) whenever
/// [`UiCommand::SettingsChanged`](super::UiCommand::SettingsChanged) comes; unknown and missing fields are harmless.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The language.
    pub language: Language,
    /// The theme.
    pub theme: ThemeChoice,
    /// Scale of everything; 1 is normal, walls derive it from their viewing distance.
    pub ui_scale: f32,
    /// Whether the layer panel is unfolded.
    pub left_open: bool,
    /// Which right panel is unfolded.
    pub right: Option<Tab>,
    /// Width of the layer panel, logical pixels.
    pub left_width: f32,
    /// Width of the right panel, logical pixels.
    pub right_width: f32,
    /// Groups of the layer tree and parts of the plan panel that are folded, by their message keys.
    pub folded: BTreeSet<String>,
    /// Who the changes of scenarios are by.
    pub author: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::En,
            theme: ThemeChoice::Dark,
            ui_scale: 1.0,
            left_open: true,
            right: Some(Tab::Inspector),
            left_width: 272.0,
            right_width: 312.0,
            // What planners need less often than the rest.
            folded: ["plan-streets", "plan-attribute", "plan-input"]
                .map(str::to_owned)
                .into(),
            author: String::new(),
        }
    }
}

impl Settings {
    /// Settings as kept by an earlier run. What it lacks gets its default, what is out of range is brought
    /// into it; a text that is no settings at all gives `None`.
    pub fn from_json(text: &str) -> Option<Self> {
        // A list would be taken for the fields in their order.
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
        let mut settings: Self = serde_json::from_value(object.into()).ok()?;
        let finite = |value: f32, default: f32| if value.is_finite() { value } else { default };
        settings.ui_scale = finite(settings.ui_scale, 1.0).clamp(MIN_UI_SCALE, MAX_UI_SCALE);
        settings.left_width = finite(settings.left_width, 272.0).clamp(220.0, 420.0);
        settings.right_width = finite(settings.right_width, 312.0).clamp(264.0, 520.0);
        Some(settings)
    }

    /// The text to keep.
    pub fn to_json(&self) -> String {
        // Plain fields of plain types: writing them to memory cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

/// What the panels remember.
#[derive(Debug)]
pub struct UiState {
    /// The part that is kept between runs.
    pub settings: Settings,
    /// Everything but clock, legend, alarms and credits is hidden (`H`; the wall starts so).
    pub hidden: bool,
    /// This is a node of a video wall.
    pub wall: Option<super::WallHud>,
    /// A scale for this start only, which goes before the kept one: walls have theirs from their viewing distance.
    pub scale_override: Option<f32>,
    pub(crate) remembered: Settings,
    pub(crate) search: SearchState,
    pub(crate) palette: PaletteState,
    pub(crate) timeline: TimelineState,
    pub(crate) plan: PlanState,
    pub(crate) help_open: bool,
    /// A text field had the focus at the end of the last frame: egui takes it away at `Esc` before we see the key.
    pub(crate) was_typing: bool,
    pub(crate) layer_filter: String,
    /// Styles that are being written, by layer.
    pub(crate) styles: std::collections::HashMap<String, super::style::Draft>,
    pub(crate) open_text: String,
    /// The sheet that is up on a narrow screen.
    pub(crate) sheet: Option<Tab>,
    /// Whether something was selected in the last frame: a new selection unfolds the inspector.
    had_selection: bool,
    /// Whether a scenario was open in the last frame: one that opens unfolds its panel.
    pub(crate) had_scenario: bool,
    messages: Arc<Messages>,
    applied: Option<ThemeChoice>,
    chinese_seen: bool,
    fonts_asked: Option<(Language, bool)>,
    /// Pixels per point and number of fonts for which the figures are drawn already.
    figures: Option<(u32, usize)>,
}

impl Default for UiState {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}

impl UiState {
    /// State with the settings of the last run.
    pub fn new(settings: Settings) -> Self {
        let messages = Arc::new(Messages::new(settings.language));
        Self {
            remembered: settings.clone(),
            settings,
            hidden: false,
            wall: None,
            scale_override: None,
            search: SearchState::default(),
            palette: PaletteState::default(),
            timeline: TimelineState::default(),
            plan: PlanState::default(),
            help_open: false,
            was_typing: false,
            layer_filter: String::new(),
            styles: std::collections::HashMap::new(),
            open_text: String::new(),
            sheet: None,
            had_selection: false,
            had_scenario: false,
            messages,
            applied: None,
            chinese_seen: false,
            fonts_asked: None,
            figures: None,
        }
    }

    /// The messages of the language, for texts that the app itself makes.
    pub fn messages(&self) -> Arc<Messages> {
        Arc::clone(&self.messages)
    }

    /// What stands in the search field.
    pub fn search_text(&self) -> &str {
        &self.search.text
    }

    /// The scale of text and panels in use.
    pub fn ui_scale(&self) -> f32 {
        self.scale_override
            .filter(|scale| scale.is_finite())
            .unwrap_or(self.settings.ui_scale)
            .clamp(MIN_UI_SCALE, MAX_UI_SCALE)
    }

    /// Changes the scale of text and panels. True when that is a change.
    pub fn set_ui_scale(&mut self, scale: f32) -> bool {
        let scale = (scale.clamp(MIN_UI_SCALE, MAX_UI_SCALE) * 20.0).round() / 20.0;
        if (scale - self.ui_scale()).abs() < 1e-3 {
            return false;
        }
        match &mut self.scale_override {
            Some(kept) => *kept = scale,
            None => self.settings.ui_scale = scale,
        }
        true
    }

    /// Brings scale, theme and messages up to date with the settings.
    pub(crate) fn prepare(&mut self, ctx: &Context) {
        if self.messages.language() != self.settings.language {
            self.messages = Arc::new(Messages::new(self.settings.language));
        }
        if self.applied != Some(self.settings.theme) {
            theme::apply(ctx, self.settings.theme);
            self.applied = Some(self.settings.theme);
            // The scale is a setting of ours, with its own keys.
            ctx.options_mut(|options| options.zoom_with_keyboard = false);
        }
        let scale = self.ui_scale();
        if (ctx.zoom_factor() - scale).abs() > 1e-3 {
            ctx.set_zoom_factor(scale);
        }
        self.draw_figures(ctx);
    }

    /// Has the figures of every size drawn before they are needed: a glyph comes to the screen a frame after it
    /// is first used, and clocks and ages change their figures all the time.
    fn draw_figures(&mut self, ctx: &Context) {
        const FIGURES: &str = "0123456789:.,-+−/%×°";
        let fonts = ctx.fonts(|fonts| fonts.definitions().font_data.len());
        let wanted = Some((ctx.pixels_per_point().to_bits(), fonts));
        if self.figures == wanted {
            return;
        }
        self.figures = wanted;
        ctx.fonts_mut(|fonts| {
            for size in theme::TEXT_SIZES {
                for font in [theme::font(size), theme::strong_font(size)] {
                    fonts.layout_no_wrap(FIGURES.to_owned(), font, egui::Color32::WHITE);
                }
            }
        });
    }

    /// A new selection unfolds the inspector once; not while a scenario is worked on, which selects all the time.
    pub(crate) fn follow_selection(&mut self, model: &UiModel, narrow: bool) {
        let selected = !matches!(model.inspector, InspectorModel::None);
        let shown = [self.settings.right, self.sheet][usize::from(narrow)];
        let planning = shown == Some(Tab::Plan) && model.plan.open.is_some();
        if selected && !self.had_selection && !planning {
            if narrow {
                self.sheet = Some(Tab::Inspector);
            } else {
                self.settings.right = Some(Tab::Inspector);
            }
        }
        self.had_selection = selected;
    }

    /// A scenario that opens, by its link above all, unfolds its panel once: without it nothing says whose city
    /// this is. Not on a narrow screen, where the panel would hide most of what was to be seen.
    pub(crate) fn follow_scenario(&mut self, model: &UiModel) {
        let open = model.plan.open.is_some();
        if open && !self.had_scenario {
            self.settings.right = Some(Tab::Plan);
        }
        self.had_scenario = open;
    }

    /// The font files to load now: those of the language, and the Chinese ones as soon as data or typed
    /// text needs them. Each list is asked for once.
    pub(crate) fn wanted_fonts(&mut self, ctx: &Context, model: &UiModel) -> Vec<FontFile> {
        let language = self.settings.language;
        if !self.chinese_seen {
            let typed = ctx.input(|i| {
                i.events.iter().any(|e| match e {
                    egui::Event::Text(text) | egui::Event::Paste(text) => {
                        fonts::needs_chinese(text)
                    }
                    egui::Event::Ime(egui::ImeEvent::Commit(text)) => fonts::needs_chinese(text),
                    egui::Event::Ime(egui::ImeEvent::Preedit { text, .. }) => {
                        fonts::needs_chinese(text)
                    }
                    _ => false,
                })
            });
            let (title, properties) = match &model.inspector {
                InspectorModel::Building(f) | InspectorModel::Feature(f) => {
                    (f.title.as_str(), f.properties.as_slice())
                }
                InspectorModel::Sensor(s) => (s.name.as_str(), [].as_slice()),
                InspectorModel::None => ("", [].as_slice()),
            };
            self.chinese_seen = typed
                || fonts::needs_chinese(&model.scene.name)
                || fonts::needs_chinese(title)
                || model.plan.texts().any(fonts::needs_chinese)
                || properties.iter().any(|p| fonts::needs_chinese(&p.value))
                || model.layers.iter().any(|l| fonts::needs_chinese(&l.name))
                || model
                    .search
                    .results
                    .iter()
                    .any(|r| fonts::needs_chinese(&r.title));
        }
        let want = (language, self.chinese_seen);
        if self.fonts_asked == Some(want) {
            return Vec::new();
        }
        self.fonts_asked = Some(want);
        let mut files = fonts::files_for(language).to_vec();
        let chinese = fonts::file_for_chinese(language);
        if self.chinese_seen && !files.contains(&chinese) {
            files.push(chinese);
        }
        files
    }
}
