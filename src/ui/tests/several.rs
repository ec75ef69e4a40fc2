//! Several selected things, undo, messages, tile levels.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;

use super::{Rig, desk, harness, sample};
use crate::ui::command::Target;
use crate::ui::model::*;
use crate::ui::{Language, Tab, UiCommand};

#[test]
fn one_of_several_comes_into_the_inspector_or_leaves_the_selection() {
    let mut h = desk();
    h.state_mut().model.inspector = sample::building();
    h.state_mut().model.selected = vec![
        "Harbour Tower 12".into(),
        "Pier 3 tide gauge".into(),
        "Old Market".into(),
    ];
    h.run_steps(3);
    assert!(h.query_by_label("Selected: 3").is_some());
    h.get_by_label("Old Market").click();
    h.run_steps(2);
    h.get_by_label("Take Pier 3 tide gauge out of the selection")
        .click();
    h.run_steps(2);
    assert_eq!(
        h.state_mut().take(),
        [
            UiCommand::Select(Target::Selected(2)),
            UiCommand::Deselect(1)
        ]
    );
}

#[test]
fn undo_is_offered_when_there_is_something_to_undo() {
    let mut h = desk();
    h.state_mut().model.abilities.undo = true;
    let find = |h: &mut egui_kittest::Harness<'_, Rig>| {
        h.key_press_modifiers(Modifiers::COMMAND, Key::K);
        h.run_steps(2);
        h.event(egui::Event::Text("undo".into()));
        h.run_steps(2);
        let found = h.query_by_label("Undo, Ctrl+Z").is_some();
        h.key_press(Key::Escape);
        h.run_steps(2);
        found
    };
    assert!(!find(&mut h));
    h.state_mut().model.abilities.can_undo = true;
    assert!(find(&mut h));
    h.state_mut().take();
    h.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    h.run_steps(2);
    assert_eq!(h.state_mut().take(), [UiCommand::Undo]);
    h.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    h.run_steps(2);
    assert_eq!(h.state_mut().take(), [UiCommand::Redo]);
}

#[test]
fn a_message_is_forgotten_only_in_the_health_panel() {
    let mut h = desk();
    h.state_mut().model.messages = vec![Message {
        id: 4,
        severity: Severity::Warning,
        text: "the hub does not answer".into(),
        shown_s: f32::INFINITY,
        count: 1,
        ..Message::default()
    }];
    h.state_mut().state.settings.right = Some(Tab::Health);
    h.run_steps(3);
    assert_eq!(
        h.query_all_by_label("the hub does not answer").count(),
        1,
        "in the panel, not at the corner"
    );
    h.get_by_label("Close this message").click();
    h.run_steps(2);
    assert!(h.state_mut().take().contains(&UiCommand::ForgetMessage(4)));
}

#[test]
fn tiles_are_counted_by_level() {
    let mut model = sample::model();
    model.inspector = InspectorModel::None;
    model.debug.levels = vec![
        LevelCount {
            level: 2,
            count: 7,
            color: [0, 158, 115],
        },
        LevelCount {
            level: 3,
            count: 31,
            color: [240, 228, 66],
        },
    ];
    let mut rig = Rig::new(model);
    rig.state.settings.right = Some(Tab::Tiles);
    let mut h = harness(egui::vec2(1280.0, 720.0), 1.0, rig);
    for text in ["Level 2", "Level 3", "31"] {
        assert!(h.query_all_by_label(text).next().is_some(), "{text}");
    }
    for (label, command) in [
        ("Freeze the tile selection", UiCommand::SetFreeze(true)),
        ("Show bounding volumes", UiCommand::SetShowVolumes(true)),
        ("Colour tiles by level", UiCommand::SetColorByLevel(true)),
    ] {
        h.state_mut().take();
        h.get_by_label(label).click();
        h.run_steps(2);
        assert_eq!(h.state_mut().take(), [command]);
    }
}

#[test]
fn reasons_of_a_flag_are_said_in_the_language() {
    let mut model = sample::model();
    if let InspectorModel::Sensor(sensor) = &mut model.inspector {
        sensor.quality = Quality::Suspect;
        sensor.quality_reason = "spike,late".into();
    }
    for (language, words) in [
        (Language::En, "spike · arrived late"),
        (Language::ZhHans, "突变值 · 迟到"),
    ] {
        let rig = Rig::new(model.clone()).in_language(language);
        let h = harness(egui::vec2(1280.0, 720.0), 1.0, rig);
        assert!(h.query_by_label(words).is_some(), "{words}");
    }
}

#[test]
fn another_scene_is_opened_from_the_menu_and_work_is_shown_with_the_time_left() {
    let mut h = desk();
    h.state_mut().model.scene.name = "Harbour".into();
    h.state_mut().model.scene.others = vec![("scenes/wageningen.toml".into(), "Wageningen".into())];
    h.state_mut().model.progress = Some(Progress {
        stage: "progress-history".into(),
        fraction: Some(0.4),
        left_s: Some(12.0),
    });
    h.run_steps(3);
    assert!(
        h.query_by_label("Filling in the last 24 hours, 12 s left")
            .is_some()
    );
    h.get_by_label("Harbour").click();
    h.run_steps(3);
    h.get_by_label("Wageningen").click();
    h.run_steps(2);
    let open = UiCommand::OpenScene("scenes/wageningen.toml".into());
    assert!(h.state_mut().take().contains(&open));
}

#[test]
fn simulated_readings_are_credited_where_they_are_seen() {
    let mut h = desk();
    assert!(
        h.query_by_label_contains("Simulated readings by Belvedere")
            .is_some()
    );
    for layer in &mut h.state_mut().model.layers {
        layer.visible = false;
    }
    h.run_steps(2);
    assert!(
        h.query_by_label_contains("Simulated readings by Belvedere")
            .is_none()
    );
}
