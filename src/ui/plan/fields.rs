//! Fields that change the scenario when they are left, not at every key: each change is one step of undo.

use std::ops::RangeInclusive;

use egui::{DragValue, Id, RichText, TextEdit, Ui, WidgetInfo, WidgetType, vec2};

use super::super::Cx;
use super::super::theme::Tokens;
use super::super::widgets;

/// What stands in a field that is being changed.
#[derive(Debug)]
pub(crate) enum Draft {
    Text(String),
    Number(f64),
}

/// The longest text of one line, characters.
const LINE_CHARS: usize = 200;
/// The longest text of several lines.
const PAGE_CHARS: usize = 4000;

/// A text of one line, or of several. What it is changed to, once it is left or Enter is pressed in one line;
/// `Esc` leaves it as it was.
pub(super) fn text(
    ui: &mut Ui,
    cx: &mut Cx,
    salt: &str,
    label: &str,
    value: &str,
    rows: usize,
) -> Option<String> {
    let id = ui.make_persistent_id(salt);
    let mut text = match cx.state.plan.drafts.remove(&id) {
        Some(Draft::Text(text)) if !cx.state.plan.dropped => text,
        _ => value.to_owned(),
    };
    let field = if rows > 1 {
        TextEdit::multiline(&mut text)
            .desired_rows(rows)
            .hint_text(RichText::new(label).color(cx.theme.quiet))
            .margin(egui::Margin::symmetric(8, 5))
            .char_limit(PAGE_CHARS)
    } else {
        widgets::text_field(&cx.theme, &mut text, label).char_limit(LINE_CHARS)
    };
    let response = ui.add(field.id(id).desired_width(f32::INFINITY));
    response.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, label));
    if response.has_focus() {
        cx.state.plan.drafts.insert(id, Draft::Text(text));
        return None;
    }
    (response.lost_focus() && text != value).then_some(text)
}

/// A field of one line as it is now.
pub(super) struct Typed {
    /// What stands in it.
    pub text: String,
    /// What it was changed to, once it is left: only what may be there.
    pub left: Option<String>,
    /// It is being typed in.
    pub has_focus: bool,
}

/// A text of one line whose faults are told while it is typed. What may not be there stays in the field, to be
/// corrected, and changes nothing; `Esc` gives it up.
pub(super) fn checked(
    ui: &mut Ui,
    cx: &mut Cx,
    salt: &str,
    [label, hint]: [&str; 2],
    value: &str,
    may_be: impl Fn(&str) -> bool,
) -> Typed {
    let id = ui.make_persistent_id(salt);
    let dropped = cx.state.plan.dropped;
    let mut text = match cx.state.plan.drafts.remove(&id) {
        Some(Draft::Text(text)) if !dropped => text,
        _ => value.to_owned(),
    };
    let field = widgets::text_field(&cx.theme, &mut text, hint).char_limit(PAGE_CHARS);
    let response = ui.add(field.id(id).desired_width(f32::INFINITY));
    response.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, label));
    let (has_focus, good) = (response.has_focus(), may_be(&text));
    if has_focus || (!good && !dropped) {
        let draft = Draft::Text(text.clone());
        cx.state.plan.drafts.insert(id, draft);
    }
    let left = (response.lost_focus() && good && text != value).then(|| text.clone());
    Typed {
        text,
        left,
        has_focus,
    }
}

/// What stands in a field now: what is typed, or the value.
pub(super) fn now(ui: &Ui, cx: &Cx, salt: &str, value: &str) -> String {
    match cx.state.plan.drafts.get(&ui.make_persistent_id(salt)) {
        Some(Draft::Text(text)) if !cx.state.plan.dropped => text.clone(),
        _ => value.to_owned(),
    }
}

/// Gives up what stands in a field that nobody types in, where it is wrong.
pub(super) fn forget(ui: &Ui, cx: &mut Cx, salt: &str, is_wrong: impl Fn(&str) -> bool) {
    let id = ui.make_persistent_id(salt);
    let wrong = matches!(cx.state.plan.drafts.get(&id), Some(Draft::Text(text)) if is_wrong(text));
    if wrong && !ui.memory(|memory| memory.has_focus(id)) {
        cx.state.plan.drafts.remove(&id);
    }
}

/// How a number is shown and what it may be.
pub(super) struct Number<'a> {
    pub label: &'a str,
    pub range: RangeInclusive<f64>,
    /// Change for each pixel of a drag.
    pub speed: f64,
    pub decimals: usize,
    /// With the space before it.
    pub unit: &'a str,
}

/// A number that is dragged or typed. What it is changed to, once it is let go or left.
pub(super) fn number(
    ui: &mut Ui,
    cx: &mut Cx,
    salt: &str,
    value: f64,
    look: &Number,
) -> Option<f64> {
    let id = ui.make_persistent_id(salt);
    let mut shown = match cx.state.plan.drafts.remove(&id) {
        Some(Draft::Number(number)) => number,
        _ => value,
    };
    let field = DragValue::new(&mut shown)
        .range(look.range.clone())
        .clamp_existing_to_range(false)
        .speed(look.speed)
        .max_decimals(look.decimals)
        .suffix(look.unit)
        .update_while_editing(false);
    let response = ui.add(field);
    let enabled = ui.is_enabled();
    response.widget_info(|| {
        let mut info = WidgetInfo::drag_value(enabled, value);
        info.label = Some(look.label.to_owned());
        info
    });
    // What the field rounds for its display is no change.
    let smallest = 0.5 * 10f64.powi(-(look.decimals as i32));
    let changed = (shown - value).abs() >= smallest;
    if response.dragged() && !response.drag_stopped() {
        cx.state.plan.drafts.insert(id, Draft::Number(shown));
        return None;
    }
    let done = response.drag_stopped() || response.changed();
    (done && changed && !cx.state.plan.dropped).then_some(shown)
}

/// One of several. What it is changed to.
pub(super) fn choice<T: Clone + PartialEq>(
    ui: &mut Ui,
    salt: &str,
    label: &str,
    shown: &str,
    now: Option<&T>,
    options: &[(T, String)],
) -> Option<T> {
    let mut taken = None;
    let width = ui.available_width();
    let combo = egui::ComboBox::from_id_salt(salt)
        .selected_text(shown)
        .width(width)
        .truncate();
    let response = combo.show_ui(ui, |ui| {
        for (option, name) in options {
            let on = now == Some(option);
            if ui.selectable_label(on, name).clicked() && !on {
                taken = Some(option.clone());
            }
        }
    });
    let enabled = ui.is_enabled();
    response.response.widget_info(|| {
        let mut info = WidgetInfo::labeled(WidgetType::ComboBox, enabled, label);
        info.current_text_value = Some(shown.to_owned());
        info
    });
    taken
}

/// A row "name … field".
pub(super) fn row<R>(ui: &mut Ui, theme: &Tokens, name: &str, add: impl FnOnce(&mut Ui) -> R) -> R {
    ui.horizontal(|ui| {
        let width = (ui.available_width() * 0.34).floor().clamp(80.0, 140.0);
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        ui.allocate_ui_with_layout(vec2(width, 28.0), layout, |ui| {
            ui.set_width(width);
            let name = RichText::new(name).color(theme.quiet).size(12.0);
            ui.add(egui::Label::new(name).truncate());
        });
        add(ui)
    })
    .inner
}

/// An identifier for things of which there are many.
pub(super) fn id_of(what: &str, id: &str) -> Id {
    Id::new((what, id))
}
