//! Search: a field in the top bar and the answers under it.

use egui::{Area, Context, Id, Key, Order, Rect, RichText, Sense, Ui, Vec2};

use super::Cx;
use super::command::{Target, UiCommand};
use super::format;
use super::icons::{self, Icon};
use super::model::{SearchKind, SearchResult};
use super::theme;
use super::widgets;

/// What the search remembers.
#[derive(Debug, Default)]
pub(crate) struct SearchState {
    /// The text in the field.
    pub text: String,
    /// The row that Enter takes.
    pub chosen: usize,
    /// The arrow keys moved there: the list scrolls to it.
    pub moved: bool,
    /// Asks for the keyboard's focus in the next frame (`/`).
    pub focus: bool,
    /// Where the field was drawn, while its answers are open.
    anchor: Option<Rect>,
}

/// The identifier of the search field, so that the app and tests find it.
pub(crate) fn field_id() -> Id {
    Id::new("belvedere search")
}

/// Draws the field and asks for answers while the user types.
pub(crate) fn field(ui: &mut Ui, cx: &mut Cx, max_width: f32) {
    let width = (ui.available_width() - 330.0).clamp(140.0, max_width);
    let hint = RichText::new(cx.t.get("search-hint")).color(cx.theme.quiet);
    let edit = egui::TextEdit::singleline(&mut cx.state.search.text)
        .id(field_id())
        .hint_text(hint)
        .margin(egui::Margin {
            left: 28,
            right: 8,
            top: 5,
            bottom: 5,
        })
        .desired_width(width);
    let response = ui.add(edit);
    let label = cx.t.get("search-hint");
    let value = cx.state.search.text.clone();
    response.widget_info(|| {
        let mut info = egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, label);
        info.current_text_value = Some(value.clone());
        info
    });
    let at = Rect::from_center_size(
        response.rect.left_center() + egui::vec2(14.0, 0.0),
        Vec2::splat(15.0),
    );
    icons::paint(ui.painter(), at, Icon::Search, cx.theme.quiet);
    if std::mem::take(&mut cx.state.search.focus) {
        response.request_focus();
    }
    if response.changed() {
        cx.state.search.chosen = 0;
        let text = cx.state.search.text.trim().to_owned();
        cx.emit(UiCommand::Search(text));
    }
    let has_text = !cx.state.search.text.trim().is_empty();
    if response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) {
        take_chosen(cx);
    }
    if response.has_focus() {
        move_choice(ui.ctx(), cx);
    }
    let open = has_text && (response.has_focus() || over_results(ui.ctx(), cx));
    cx.state.search.anchor = open.then_some(response.rect);
}

fn over_results(ctx: &Context, cx: &Cx) -> bool {
    let open = cx.state.search.anchor.is_some();
    open && ctx.input(|i| i.pointer.interact_pos()).is_some_and(|at| {
        egui::AreaState::load(ctx, Id::new("search results"))
            .is_some_and(|area| area.rect().contains(at))
    })
}

/// Up and down move through the answers.
pub(crate) fn move_choice(ctx: &Context, cx: &mut Cx) {
    let count = cx.model.search.results.len().max(1);
    let (down, up) = ctx.input_mut(|i| {
        (
            i.consume_key(egui::Modifiers::NONE, Key::ArrowDown),
            i.consume_key(egui::Modifiers::NONE, Key::ArrowUp),
        )
    });
    cx.state.search.moved |= down || up;
    let chosen = &mut cx.state.search.chosen;
    if down {
        *chosen = (*chosen + 1) % count;
    }
    if up {
        *chosen = (*chosen + count - 1) % count;
    }
}

fn take_chosen(cx: &mut Cx) {
    let model = cx.model;
    if let Some(result) = model.search.results.get(cx.state.search.chosen) {
        take(cx, result);
    }
}

/// Selects an answer and flies there.
pub(crate) fn take(cx: &mut Cx, result: &SearchResult) {
    cx.emit(UiCommand::Select(Target::Result(result.id.clone())));
    cx.emit(UiCommand::FlyTo(Target::Result(result.id.clone())));
    cx.state.search.anchor = None;
    cx.state.search.text.clear();
    cx.state.search.chosen = 0;
}

/// The answers under the field.
pub(crate) fn results(ctx: &Context, cx: &mut Cx) {
    let Some(anchor) = cx.state.search.anchor else {
        return;
    };
    let area = Area::new(Id::new("search results")).order(Order::Foreground);
    let shown = area
        .fixed_pos(anchor.left_bottom() + egui::vec2(0.0, 6.0))
        .show(ctx, |ui| {
            egui::Frame::popup(ui.style()).show(ui, |ui| {
                // Names and values side by side need more room.
                let least = if cx.model.search.note.is_rule {
                    440.0
                } else {
                    260.0
                };
                let width = anchor.width().max(least);
                ui.set_width(width.min(ctx.content_rect().right() - anchor.left() - 24.0));
                list(ui, cx)
            })
        });
    if let Some(result) = shown.inner.inner {
        take(cx, &result);
        ctx.memory_mut(|m| m.surrender_focus(field_id()));
    }
}

/// The list of answers; returns the one that was clicked.
pub(crate) fn list(ui: &mut Ui, cx: &mut Cx) -> Option<SearchResult> {
    let model = cx.model;
    if !model.search.results.is_empty() {
        let clicked = egui::ScrollArea::vertical()
            .max_height(12.0 * ROW_PX)
            .auto_shrink([false, true])
            .show(ui, |ui| answers(ui, cx));
        note(ui, cx);
        return clicked.inner;
    }
    note(ui, cx);
    None
}

/// How many there are, and what was looked through.
fn note(ui: &mut Ui, cx: &Cx) {
    let search = &cx.model.search;
    let note = &search.note;
    let listed = search.results.len();
    if !note.unknown.is_empty() {
        let text = cx.t.fmt("search-unknown", &[("name", &note.unknown)]);
        widgets::quiet(ui, &cx.theme, text);
    } else if !note.error.is_empty() {
        let text = RichText::new(&note.error).size(12.0).color(cx.theme.error);
        ui.add(egui::Label::new(text).wrap());
    } else if search.searching {
        widgets::quiet(ui, &cx.theme, cx.t.get("search-searching"));
    } else if listed == 0 {
        widgets::quiet(ui, &cx.theme, cx.t.get("search-none"));
    } else if note.found > listed {
        let (n, listed) = (format::count(note.found), format::count(listed));
        let text = cx.t.fmt("search-listed", &[("n", &n), ("listed", &listed)]);
        widgets::quiet(ui, &cx.theme, text);
    } else if note.is_rule {
        let text =
            cx.t.fmt("search-found", &[("n", &format::count(note.found))]);
        widgets::quiet(ui, &cx.theme, text);
    }
    if note.loaded_only && !search.searching {
        widgets::quiet(ui, &cx.theme, cx.t.get("search-loaded-only"));
    }
}

/// What an answer is, and for which of its attributes it is one.
pub(crate) fn detail_of(cx: &Cx, result: &SearchResult) -> String {
    let values = result.values.iter().map(|found| {
        let plain = if found.name.is_empty() {
            &found.id
        } else {
            &found.name
        };
        let name = cx.t.named("property", &found.id, plain);
        let value = match found.id.as_str() {
            "use" => cx.t.named("use", &found.value.to_lowercase(), &found.value),
            _ => &found.value,
        };
        let space = if found.unit.is_empty() { "" } else { " " };
        format!("{name} {value}{space}{}", found.unit)
    });
    let detail = Some(result.detail.clone()).filter(|detail| !detail.is_empty());
    let all: Vec<String> = detail.into_iter().chain(values).collect();
    all.join(" · ")
}

/// Height of an answer in the list.
const ROW_PX: f32 = 30.0;

/// The answers; returns the one that was clicked.
fn answers(ui: &mut Ui, cx: &mut Cx) -> Option<SearchResult> {
    let model = cx.model;
    let mut clicked = None;
    for (index, result) in model.search.results.iter().enumerate() {
        let icon = match result.kind {
            SearchKind::Place => Icon::Place,
            SearchKind::Building => Icon::Building,
            SearchKind::Sensor => Icon::Sensor,
            SearchKind::Layer => Icon::Layers,
        };
        let chosen = index == cx.state.search.chosen;
        let response = row(ui, cx, icon, &result.title, &detail_of(cx, result), chosen);
        if chosen && cx.state.search.moved {
            response.scroll_to_me(None);
            cx.state.search.moved = false;
        }
        if response.clicked() {
            clicked = Some(result.clone());
        }
    }
    clicked
}

/// A row of a list that is chosen by arrow keys or pointer: icon, name, quiet detail at the right.
pub(crate) fn row(
    ui: &mut Ui,
    cx: &Cx,
    icon: Icon,
    title: &str,
    detail: &str,
    chosen: bool,
) -> egui::Response {
    let size = Vec2::new(ui.available_width(), ROW_PX);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let name = if detail.is_empty() {
        title.to_owned()
    } else {
        format!("{title}, {detail}")
    };
    response.widget_info(|| {
        egui::WidgetInfo::selected(egui::WidgetType::SelectableLabel, true, chosen, &name)
    });
    let fill = match (chosen, response.hovered()) {
        (true, _) => cx.theme.selected_fill(),
        (false, true) => cx.theme.hover,
        (false, false) => egui::Color32::TRANSPARENT,
    };
    ui.painter()
        .rect_filled(rect, egui::CornerRadius::same(4), fill);
    let at = Rect::from_center_size(
        rect.left_center() + egui::vec2(16.0, 0.0),
        Vec2::splat(16.0),
    );
    icons::paint(ui.painter(), at, icon, cx.theme.quiet);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let detail = painter.layout_no_wrap(detail.to_owned(), theme::font(12.0), cx.theme.quiet);
    let room = (rect.width() - 48.0 - detail.size().x).max(40.0);
    let mut job = egui::text::LayoutJob::simple_singleline(
        title.to_owned(),
        theme::font(14.0),
        cx.theme.text,
    );
    job.wrap = egui::text::TextWrapping::truncate_at_width(room);
    let title = painter.layout_job(job);
    painter.galley(
        egui::pos2(rect.left() + 32.0, rect.center().y - title.size().y * 0.5),
        title,
        cx.theme.text,
    );
    let x = rect.right() - 8.0 - detail.size().x;
    painter.galley(
        egui::pos2(x, rect.center().y - detail.size().y * 0.5),
        detail,
        cx.theme.quiet,
    );
    response
}
