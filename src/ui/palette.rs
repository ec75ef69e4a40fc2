//! The command palette (`Ctrl+K`): every action by its name in the language, layers, and search answers.

use egui::{Area, Context, Id, Key, Order, RichText};

use super::Cx;
use super::actions::{ACTIONS, Action};
use super::command::UiCommand;
use super::icons::Icon;
use super::keymap;
use super::search;
use super::widgets;

/// What the palette remembers.
#[derive(Debug, Default)]
pub(crate) struct PaletteState {
    open: bool,
    search_only: bool,
    text: String,
    chosen: usize,
    fresh: bool,
}

impl PaletteState {
    /// Opens it; `search_only` when it stands in for the search field.
    pub(crate) fn open(&mut self, search_only: bool) {
        *self = Self {
            open: true,
            search_only,
            fresh: true,
            ..Self::default()
        };
    }

    /// Closes it.
    pub(crate) fn close(&mut self) {
        self.open = false;
    }

    /// Whether it is open.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }
}

enum Choice {
    Do(Action),
    Layer(String, bool),
    Found(usize),
}

struct Row {
    choice: Choice,
    icon: Icon,
    title: String,
    detail: String,
}

/// Shows the palette when it is open.
pub(crate) fn show(ctx: &Context, cx: &mut Cx) {
    if !cx.state.palette.open {
        return;
    }
    let rows = rows(cx);
    let count = rows.len();
    let (down, up, enter) = ctx.input_mut(|i| {
        let none = egui::Modifiers::NONE;
        (
            i.consume_key(none, Key::ArrowDown),
            i.consume_key(none, Key::ArrowUp),
            i.key_pressed(Key::Enter),
        )
    });
    let palette = &mut cx.state.palette;
    if count > 0 {
        palette.chosen = palette.chosen.min(count - 1);
        if down {
            palette.chosen = (palette.chosen + 1) % count;
        }
        if up {
            palette.chosen = (palette.chosen + count - 1) % count;
        }
    }
    let screen = ctx.content_rect();
    let width = 520.0f32.min(screen.width() - 24.0);
    let at = egui::pos2(
        screen.center().x - width * 0.5,
        screen.top() + (screen.height() * 0.14).min(120.0),
    );
    let mut taken = None;
    let shown = Area::new(Id::new("palette"))
        .order(Order::Foreground)
        .fixed_pos(at)
        .show(ctx, |ui| {
            egui::Frame::window(ui.style()).show(ui, |ui| {
                ui.set_width(width - 24.0);
                let key = if cx.state.palette.search_only {
                    "search-hint"
                } else {
                    "palette-hint"
                };
                let hint = cx.t.get(key);
                let edit = egui::TextEdit::singleline(&mut cx.state.palette.text)
                    .id(Id::new("palette text"))
                    .hint_text(RichText::new(hint).color(cx.theme.quiet))
                    .font(egui::TextStyle::Heading)
                    .desired_width(f32::INFINITY);
                let response = ui.add(edit);
                response.widget_info(|| {
                    egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, hint)
                });
                if std::mem::take(&mut cx.state.palette.fresh) || enter {
                    response.request_focus();
                }
                if response.changed() {
                    cx.state.palette.chosen = 0;
                    let text = cx.state.palette.text.trim().to_owned();
                    cx.emit(UiCommand::Search(text));
                }
                ui.add_space(4.0);
                let height = (screen.height() * 0.5).min(360.0);
                egui::ScrollArea::vertical()
                    .max_height(height)
                    .auto_shrink([false, true])
                    .show(ui, |ui| {
                        if rows.is_empty() {
                            widgets::quiet(ui, &cx.theme, cx.t.get("palette-none"));
                        }
                        for (index, row) in rows.iter().enumerate() {
                            let chosen = index == cx.state.palette.chosen;
                            let response =
                                search::row(ui, cx, row.icon, &row.title, &row.detail, chosen);
                            if chosen && (down || up) {
                                response.scroll_to_me(None);
                            }
                            if response.clicked() {
                                taken = Some(index);
                            }
                        }
                    });
            });
        });
    if enter && count > 0 {
        taken = Some(cx.state.palette.chosen);
    }
    let outside = ctx.input(|i| {
        i.pointer.any_pressed()
            && i.pointer
                .interact_pos()
                .is_some_and(|p| !shown.response.rect.contains(p))
    });
    if let Some(row) = taken.and_then(|index| rows.into_iter().nth(index)) {
        cx.state.palette.close();
        take(ctx, cx, row.choice);
    } else if outside {
        cx.state.palette.close();
    }
}

fn take(ctx: &Context, cx: &mut Cx, choice: Choice) {
    let model = cx.model;
    match choice {
        Choice::Do(action) => keymap::perform(ctx, cx, action),
        Choice::Layer(layer, visible) => cx.emit(UiCommand::SetLayerVisible { layer, visible }),
        Choice::Found(index) => {
            if let Some(result) = model.search.results.get(index) {
                search::take(cx, result);
            }
        }
    }
}

fn rows(cx: &Cx) -> Vec<Row> {
    let palette = &cx.state.palette;
    let text = palette.text.trim().to_lowercase();
    let mut rows = Vec::new();
    if !palette.search_only {
        for entry in ACTIONS
            .iter()
            .filter(|e| e.action != Action::Palette && e.available(cx) && e.ready(cx))
        {
            let title = cx.t.get(entry.key);
            if matches(title, &text) {
                let row = Row {
                    choice: Choice::Do(entry.action),
                    icon: Icon::ChevronRight,
                    title: title.to_owned(),
                    detail: entry.shown_keys(),
                };
                rows.push(row);
            }
        }
        for layer in &cx.model.layers {
            let name = cx.layer_name(&layer.id, &layer.name);
            let key = if layer.visible {
                "layer-hide"
            } else {
                "layer-show"
            };
            let title = cx.t.fmt(key, &[("layer", &name)]);
            if !text.is_empty() && matches(&title, &text) {
                let choice = Choice::Layer(layer.id.clone(), !layer.visible);
                rows.push(Row {
                    choice,
                    icon: Icon::Layers,
                    title,
                    detail: String::new(),
                });
            }
        }
    }
    if !text.is_empty() {
        for (index, result) in cx.model.search.results.iter().enumerate().take(12) {
            rows.push(Row {
                choice: Choice::Found(index),
                icon: Icon::Place,
                title: result.title.clone(),
                detail: search::detail_of(cx, result),
            });
        }
    }
    rows
}

/// Whether every word of the query occurs.
fn matches(title: &str, query: &str) -> bool {
    let title = title.to_lowercase();
    query.split_whitespace().all(|word| title.contains(word))
}
