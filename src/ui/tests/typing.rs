//! Text: keys are inert while typing, composed input arrives, wanted fonts are named.

use egui::{Event, ImeEvent, Key};

use super::{Rig, desk, harness, sample};
use crate::ui::fonts::FontFile;
use crate::ui::{Language, UiCommand, UiState, draw};

fn preedit(text: &str) -> Event {
    Event::Ime(ImeEvent::Preedit {
        text: text.into(),
        active_range_chars: None,
    })
}

#[test]
fn composed_input_enters_the_search_field() {
    let mut h = desk();
    h.key_press(Key::Slash);
    h.run_steps(2);
    assert!(h.state().output.as_ref().unwrap().typing);
    h.event(preedit("gong"));
    h.run_steps(2);
    h.event(preedit("港"));
    h.run_steps(2);
    h.event(Event::Ime(ImeEvent::Commit("港".into())));
    h.run_steps(2);
    assert_eq!(h.state().state.search.text, "港");
    let last = h.state_mut().take().pop();
    assert_eq!(last, Some(UiCommand::Search("港".into())));
}

#[test]
fn no_key_acts_while_text_is_typed() {
    let mut h = desk();
    h.key_press(Key::Slash);
    h.run_steps(2);
    h.state_mut().take();
    for key in [Key::H, Key::L, Key::Space, Key::G, Key::Comma] {
        h.key_press(key);
        h.run_steps(1);
    }
    assert!(h.state().state.settings.left_open);
    assert!(!h.state().state.hidden);
    let commands = h.state_mut().take();
    assert!(
        !commands
            .iter()
            .any(|c| matches!(c, UiCommand::Clock(_) | UiCommand::HidePanels(_))),
        "{commands:?}"
    );
    h.key_press(Key::Escape);
    h.run_steps(2);
    assert!(!h.state().output.as_ref().unwrap().typing);
    h.key_press(Key::L);
    h.run_steps(2);
    assert!(!h.state().state.settings.left_open);
}

#[test]
fn chinese_input_in_english_asks_for_the_chinese_font() {
    let mut state = UiState::default();
    let ctx = egui::Context::default();
    let model = sample::model();
    let mut wanted = Vec::new();
    let mut frame = |events: Vec<Event>| {
        let input = egui::RawInput {
            events,
            ..Default::default()
        };
        let _ = ctx.run_ui(input, |_| {
            wanted = draw(&ctx, &model, &mut state, &mut Vec::new()).wanted_fonts;
        });
        std::mem::take(&mut wanted)
    };
    assert_eq!(
        frame(vec![]),
        [FontFile::Latin, FontFile::LatinStrong, FontFile::Names]
    );
    assert!(frame(vec![]).is_empty(), "each list is asked for once");
    let files = frame(vec![preedit("港")]);
    assert!(files.contains(&FontFile::ChineseTraditional), "{files:?}");
}

#[test]
fn every_language_runs() {
    for language in Language::ALL {
        let rig = Rig::new(sample::model()).in_language(language);
        let h = harness(egui::vec2(1280.0, 720.0), 1.0, rig);
        assert!(h.state().output.as_ref().unwrap().free.is_positive());
    }
}
