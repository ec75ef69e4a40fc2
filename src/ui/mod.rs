//! The panels: functions of (egui, read model) that emit commands.
//!
//! Nothing here knows the engine. The app's plugin fills a [`UiModel`], calls [`draw`] once a frame with the
//! [`UiState`] that it keeps, and applies the [`UiCommand`]s. The same function runs in tests without a
//! window. What the panels remember from frame to frame (what is folded, where the timeline is zoomed to)
//! is in `UiState`; the part worth keeping between runs is [`Settings`].
//!
//! To add a panel: one file with `fn show(ui, cx)`, one line in [`side::TABS`].

pub mod colormap;
pub mod command;
pub mod fonts;
pub mod format;
pub mod i18n;
pub mod model;
pub mod theme;

mod actions;
mod chart;
mod chart_lines;
mod clip;
mod debug;
mod health;
mod icons;
mod inspector;
mod keymap;
mod keys_sheet;
mod layers;
mod legend;
mod map_furniture;
mod measure;
mod palette;
mod plan;
mod search;
mod several;
mod shape;
mod side;
mod state;
mod status;
mod style;
mod timeline;
mod timeline_paint;
mod timeline_scale;
mod toasts;
mod top_bar;
mod transport;
mod wall;
mod welcome;
mod widgets;

#[cfg(test)]
pub(crate) mod tests;

pub use command::{
    CameraMove, ClipCommand, ClockCommand, ManyCommand, PlanCommand, Target, UiCommand,
};
pub use i18n::Language;
pub use model::UiModel;
pub use state::{MAX_UI_SCALE, MIN_UI_SCALE, Settings, Tab, UiState};
pub use theme::ThemeChoice;
pub use wall::{WallHud, scale_for_viewing};

use egui::{Context, Id, LayerId, Pos2, Rect, Ui, UiBuilder};

use fonts::FontFile;
use i18n::Messages;
use theme::{NARROW_WIDTH, Tokens};

/// What the app needs to know after the panels are drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct UiOutput {
    /// The part of the window, in logical pixels, where nothing covers the city: the camera may take its
    /// middle for the view's middle.
    pub free: Rect,
    /// The pointer is over a panel, or drags something that began on one: the camera leaves it alone.
    pub pointer_taken: bool,
    /// It drags something of theirs, or is over a window or menu above the city.
    pub pointer_above: bool,
    /// What the panels cover, in the window's logical pixels: a pointer that has jumped there since the panels
    /// were drawn belongs to them too.
    pub covered: Vec<Rect>,
    /// A text field has the focus: no key moves the camera.
    pub typing: bool,
    /// A button or slider has the focus: the arrow keys are its own.
    pub focused: bool,
    /// Font files that are wanted: read or download them and call [`fonts::install`]. Empty while all is well.
    pub wanted_fonts: Vec<FontFile>,
}

impl UiOutput {
    /// Whether a place in the window, in its logical pixels, is covered by a panel.
    #[must_use]
    pub fn covers(&self, x_px: f32, y_px: f32) -> bool {
        let at = Pos2::new(x_px, y_px);
        self.covered.iter().any(|rect| rect.contains(at))
    }

    /// Whether a pointer that is at a place by now, in the window's logical pixels, belongs to the panels. Where it was
    /// when they were drawn does not count: a slow frame must not lose a click that comes right after it left one.
    #[must_use]
    pub fn takes(&self, x_px: f32, y_px: f32) -> bool {
        self.pointer_above || self.covers(x_px, y_px)
    }
}

/// What every panel gets: what to show, what is remembered, where to say what the user wants.
pub(crate) struct Cx<'a> {
    pub model: &'a UiModel,
    pub state: &'a mut UiState,
    pub out: &'a mut Vec<UiCommand>,
    pub t: &'a Messages,
    pub theme: Tokens,
    /// Rectangles that panels cover in this frame.
    pub covered: Vec<Rect>,
    /// True below [`NARROW_WIDTH`]: panels are sheets.
    pub narrow: bool,
}

impl Cx<'_> {
    /// Asks the app for something.
    pub fn emit(&mut self, command: UiCommand) {
        self.out.push(command);
    }

    /// The name of a layer in the language.
    pub fn layer_name<'m>(&self, id: &str, name: &'m str) -> &'m str {
        self.t.named("layer", id, name)
    }
}

/// Draws every panel and collects what the user wants. Call it once each frame, between the start and the
/// end of egui's pass, after [`fonts::install`]; before the fonts are there it draws nothing and says which it
/// wants.
pub fn draw(
    ctx: &Context,
    model: &UiModel,
    state: &mut UiState,
    commands: &mut Vec<UiCommand>,
) -> UiOutput {
    let screen = ctx.content_rect();
    if !fonts::installed(ctx) {
        let wanted_fonts = state.wanted_fonts(ctx, model);
        return UiOutput {
            free: screen,
            pointer_taken: false,
            pointer_above: false,
            covered: Vec::new(),
            typing: false,
            focused: false,
            wanted_fonts,
        };
    }
    state.prepare(ctx);
    let messages = state.messages();
    let theme = Tokens::of(state.settings.theme);
    let narrow = screen.width() < NARROW_WIDTH;
    let mut cx = Cx {
        model,
        state,
        out: commands,
        t: &messages,
        theme,
        covered: Vec::new(),
        narrow,
    };

    keymap::handle(ctx, &mut cx);

    let builder = UiBuilder::new()
        .layer_id(LayerId::background())
        .max_rect(screen);
    let mut root = Ui::new(ctx.clone(), Id::new("belvedere"), builder);
    let free = if cx.state.hidden {
        wall::show(&mut root, &mut cx)
    } else {
        panels(&mut root, &mut cx)
    };
    plan::overlay::show(ctx, &mut cx, free);

    palette::show(ctx, &mut cx);
    keys_sheet::show(ctx, &mut cx);

    let before = cx.state.remembered.clone();
    let covered = std::mem::take(&mut cx.covered);
    // A wall's node shows what the wall is told; the person's own settings stay.
    if before != cx.state.settings && cx.state.wall.is_none() {
        cx.state.remembered = cx.state.settings.clone();
        cx.emit(UiCommand::SettingsChanged);
    }
    state.was_typing = ctx.text_edit_focused();
    let wanted_fonts = state.wanted_fonts(ctx, model);
    let pointer_above = pointer_above(ctx);
    UiOutput {
        free,
        pointer_taken: pointer_above || pointer_over(ctx, &covered),
        pointer_above,
        covered: covered
            .iter()
            .map(|rect| *rect * ctx.zoom_factor())
            .collect(),
        typing: state.was_typing,
        focused: ctx.memory(|memory| memory.focused().is_some()),
        wanted_fonts,
    }
}

/// The normal layout: bars, side panels, and what floats over the city between them.
fn panels(root: &mut Ui, cx: &mut Cx) -> Rect {
    top_bar::show(root, cx);
    timeline::show(root, cx);
    if cx.narrow {
        side::show_sheet(root, cx);
    } else {
        side::show_left(root, cx);
        side::show_right(root, cx);
    }
    let free = root.available_rect_before_wrap();
    map_furniture::show(root.ctx(), cx, free);
    legend::show(root.ctx(), cx, free);
    measure::show(root.ctx(), cx, free);
    shape::show(root.ctx(), cx, free);
    toasts::show(root.ctx(), cx, free);
    welcome::show(root.ctx(), cx, free);
    free
}

/// Whether the pointer drags something that began on a panel, or is over a window or menu above the city.
fn pointer_above(ctx: &Context) -> bool {
    let at = ctx.input(|i| i.pointer.interact_pos());
    let layer = at.and_then(|at| ctx.layer_id_at(at));
    ctx.egui_is_using_pointer() || layer.is_some_and(|layer| layer.order != egui::Order::Background)
}

/// Whether the pointer is over a panel.
fn pointer_over(ctx: &Context, covered: &[Rect]) -> bool {
    let at = ctx.input(|i| i.pointer.interact_pos());
    at.is_some_and(|at| covered.iter().any(|rect| rect.contains(at)))
}
