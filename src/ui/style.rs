//! The style of a tileset, below its row in the layer panel: colour by a property, or the whole language.

use city_tiles::style::{Completion, complete};
use egui::text::{CCursor, CCursorRange};
use egui::{FontId, Key, Modifiers, RichText, TextEdit, Ui};

use super::Cx;
use super::command::UiCommand;
use super::model::{LayerModel, ReadingChoice, StyleModel};
use super::widgets;

/// What is being written, for each layer that has the editor open.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    text: String,
    /// The text of the model when it was last looked at: another one there came from elsewhere.
    seen: String,
}

/// Completions that are shown.
const MOST: usize = 6;

/// Draws what belongs to the style; `name` is the layer's.
pub(crate) fn show(ui: &mut Ui, cx: &mut Cx, layer: &LayerModel, style: &StyleModel, name: &str) {
    let is_open = cx.state.styles.contains_key(&layer.id);
    ui.horizontal(|ui| {
        by_property(ui, cx, layer, style, name);
        let label = cx.t.get("style-edit");
        if widgets::toggle(ui, &cx.theme, label, is_open).clicked() {
            if is_open {
                cx.state.styles.remove(&layer.id);
            } else {
                cx.state.styles.insert(layer.id.clone(), draft(style));
            }
        }
    });
    if is_open {
        editor(ui, cx, layer, style, name);
    }
    if let Some(error) = &style.error {
        let text = RichText::new(error).size(12.0).color(cx.theme.error);
        ui.add(egui::Label::new(text).wrap());
    }
    for warning in &style.warnings {
        let text = RichText::new(warning).size(12.0).color(cx.theme.warning);
        ui.add(egui::Label::new(text).wrap());
    }
}

fn draft(style: &StyleModel) -> Draft {
    Draft {
        text: style.text.clone(),
        seen: style.text.clone(),
    }
}

/// One of the properties, or none.
fn by_property(ui: &mut Ui, cx: &mut Cx, layer: &LayerModel, style: &StyleModel, name: &str) {
    let label = cx.t.fmt("style-by", &[("layer", &name)]);
    let reading_name = |cx: &Cx, choice: &ReadingChoice| {
        let name = cx.layer_name(&choice.layer, &choice.name).to_owned();
        cx.t.fmt("style-by-reading", &[("layer", &name)])
    };
    let by_reading = (style.readings.iter())
        .find(|choice| Some(&choice.layer) == style.by_reading.as_ref())
        .map(|choice| reading_name(cx, choice));
    let shown = match by_reading {
        _ if style.text.is_empty() => cx.t.get("style-own").to_owned(),
        Some(name) => name,
        None => cx.t.get("style-styled").to_owned(),
    };
    let choice = egui::ComboBox::from_id_salt(("style", &layer.id))
        .selected_text(shown)
        .width(150.0)
        .show_ui(ui, |ui| {
            if ui
                .selectable_label(style.text.is_empty(), cx.t.get("style-own"))
                .clicked()
            {
                cx.emit(UiCommand::SetStyle {
                    layer: layer.id.clone(),
                    text: String::new(),
                    strength: style.strength,
                });
            }
            for choice in &style.readings {
                let is_chosen = style.by_reading.as_ref() == Some(&choice.layer);
                if ui
                    .selectable_label(is_chosen, reading_name(cx, choice))
                    .clicked()
                {
                    cx.emit(UiCommand::ColorByReading {
                        layer: layer.id.clone(),
                        reading: choice.layer.clone(),
                    });
                }
            }
            let is_reading =
                |name: &String| style.readings.iter().any(|choice| choice.property == *name);
            for property in style.properties.iter().filter(|name| !is_reading(name)) {
                let text = cx.t.fmt("style-by-property", &[("property", property)]);
                if ui.selectable_label(false, text).clicked() {
                    cx.emit(UiCommand::ColorBy {
                        layer: layer.id.clone(),
                        property: property.clone(),
                    });
                }
            }
        });
    choice
        .response
        .widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::ComboBox, true, &label));
}

fn editor(ui: &mut Ui, cx: &mut Cx, layer: &LayerModel, style: &StyleModel, name: &str) {
    let mut draft = cx.state.styles.remove(&layer.id).unwrap_or_default();
    if draft.seen != style.text {
        draft = self::draft(style);
    }
    let label = cx.t.fmt("style-text", &[("layer", &name)]);
    let before = draft.text.clone();
    let output = TextEdit::multiline(&mut draft.text)
        .id_salt(("style text", &layer.id))
        .font(FontId::monospace(12.0))
        .hint_text("{ \"color\": \"color('red')\" }")
        .desired_rows(6)
        .desired_width(f32::INFINITY)
        .show(ui);
    output
        .response
        .widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, &label));
    let cursor = output.cursor_range.map(|range| range.primary.index.0);
    if let Some(cursor) = cursor.filter(|_| output.response.has_focus()) {
        completions(ui, cx, &mut draft, style, cursor, output.response.id);
    }
    let mut strength = style.strength * 100.0;
    let label = cx.t.get("style-strength");
    let changed = ui
        .horizontal(|ui| {
            ui.spacing_mut().slider_width = 84.0;
            ui.label(RichText::new(label).size(12.0).color(cx.theme.quiet));
            let slider = ui.add(egui::Slider::new(&mut strength, 0.0..=100.0).show_value(false));
            slider.widget_info(|| egui::WidgetInfo::slider(true, f64::from(strength), label));
            slider.changed()
        })
        .inner;
    if draft.text != before || changed {
        cx.emit(UiCommand::SetStyle {
            layer: layer.id.clone(),
            text: draft.text.clone(),
            strength: strength / 100.0,
        });
        draft.seen.clone_from(&draft.text);
    }
    cx.state.styles.insert(layer.id.clone(), draft);
}

/// What can be written at the cursor, which lies in one of the expressions of the text: a click or Ctrl+Space takes it.
fn completions(
    ui: &mut Ui,
    cx: &mut Cx,
    draft: &mut Draft,
    style: &StyleModel,
    cursor: usize,
    id: egui::Id,
) {
    let at = byte_of(&draft.text, cursor);
    let Some(start) = expression_start(&draft.text, at) else {
        return;
    };
    let Some(expression) = draft.text.get(start..) else {
        return;
    };
    let end = expression.find('"').unwrap_or(expression.len());
    let expression = expression.get(..end).unwrap_or_default().to_owned();
    let offered = complete(&expression, at - start, &style.properties);
    let take_first = ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::Space));
    let mut taken: Option<Completion> = offered.first().filter(|_| take_first).cloned();
    ui.horizontal_wrapped(|ui| {
        for completion in offered.into_iter().take(MOST) {
            let text = RichText::new(&completion.label).size(12.0);
            let button = ui.add(egui::Button::new(text.color(cx.theme.text)).small());
            if button.on_hover_text(&completion.detail).clicked() {
                taken = Some(completion);
            }
        }
    });
    let Some(taken) = taken else { return };
    let range = taken.replace.start + start..taken.replace.end + start;
    if draft.text.get(range.clone()).is_none() {
        return;
    }
    draft.text.replace_range(range.clone(), &taken.insert);
    // The cursor goes on where the completion says.
    let after = range.start + taken.cursor;
    let index = draft
        .text
        .get(..after)
        .map_or(0, |before| before.chars().count());
    if let Some(mut state) = TextEdit::load_state(ui.ctx(), id) {
        state
            .cursor
            .set_char_range(Some(CCursorRange::one(CCursor::new(index))));
        state.store(ui.ctx(), id);
    }
    ui.memory_mut(|memory| memory.request_focus(id));
}

/// Where the string starts in which a byte of a JSON text lies; none outside of strings.
fn expression_start(text: &str, at: usize) -> Option<usize> {
    let mut start = None;
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate().take(at) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if start.is_some() => escaped = true,
            b'"' => {
                start = if start.is_some() {
                    None
                } else {
                    Some(index + 1)
                }
            }
            _ => {}
        }
    }
    start
}

fn byte_of(text: &str, character: usize) -> usize {
    text.char_indices()
        .nth(character)
        .map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expression_around_the_cursor_is_found() {
        let text = r#"{"color": "${he", "x": "a\"b"}"#;
        let inside = text.find("he").unwrap();
        assert_eq!(
            expression_start(text, inside),
            Some(text.find("${").unwrap())
        );
        assert_eq!(expression_start(text, 0), None);
        assert_eq!(expression_start(text, text.find(", ").unwrap()), None);
        let escaped = text.find('b').unwrap();
        assert_eq!(
            expression_start(text, escaped + 1),
            Some(text.find("a\\").unwrap())
        );
        assert_eq!(byte_of("ä1", 1), 2);
        assert_eq!(byte_of("ä1", 9), 3);
    }
}
