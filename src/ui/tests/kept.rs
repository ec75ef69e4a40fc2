//! What is kept between starts, and what is only for one.

use egui::{Key, Modifiers, PointerButton, pos2, vec2};
use egui_kittest::kittest::Queryable;

use super::{Rig, desk, harness, sample};
use crate::ui::{Language, Settings, Tab, ThemeChoice, UiCommand, UiState};

#[test]
fn settings_survive_a_start_and_whatever_is_in_their_file() {
    let mut settings = Settings {
        language: Language::ZhHant,
        theme: ThemeChoice::Light,
        ui_scale: 1.4,
        left_open: false,
        right: Some(Tab::Health),
        left_width: 301.0,
        right_width: 402.0,
        ..Settings::default()
    };
    settings.folded.insert("area-people".into());
    assert_eq!(Settings::from_json(&settings.to_json()), Some(settings));

    assert_eq!(Settings::from_json("{}"), Some(Settings::default()));
    let later = r#"{"theme":"light","a_setting_of_a_later_version":[1,2]}"#;
    assert_eq!(
        Settings::from_json(later).unwrap().theme,
        ThemeChoice::Light
    );
    let wild = Settings::from_json(r#"{"ui_scale":1e30,"left_width":-5,"right_width":1e9}"#);
    let wild = wild.unwrap();
    assert_eq!(
        (wild.ui_scale, wild.left_width, wild.right_width),
        (4.0, 220.0, 520.0)
    );
    for none in ["", "null", r#"{"theme":"purple"}"#, "<html>"] {
        assert_eq!(Settings::from_json(none), None, "{none}");
    }
}

#[test]
fn a_panel_that_is_dragged_keeps_its_width() {
    let mut h = desk();
    let edge = h.state().output.as_ref().unwrap().free.left();
    let y = 300.0;
    let button = |pos, pressed| egui::Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    h.event(egui::Event::PointerMoved(pos2(edge, y)));
    h.run_steps(2);
    h.event(button(pos2(edge, y), true));
    h.run_steps(1);
    for x in [20.0, 40.0, 60.0] {
        h.event(egui::Event::PointerMoved(pos2(edge + x, y)));
        h.run_steps(1);
    }
    h.event(button(pos2(edge + 60.0, y), false));
    h.run_steps(3);
    let width = h.state().state.settings.left_width;
    assert!((width - 332.0).abs() < 4.0, "{width}");
    assert!(h.state_mut().take().contains(&UiCommand::SettingsChanged));

    // The next start begins with it.
    let kept = h.state().state.settings.clone();
    let mut rig = Rig::new(sample::model());
    rig.state = UiState::new(kept);
    let h = harness(vec2(1280.0, 720.0), 1.0, rig);
    let left = h.state().output.as_ref().unwrap().free.left();
    assert!((left - width).abs() < 2.0, "{left}");
}

#[test]
fn text_and_panels_scale_by_the_keyboard() {
    let mut h = desk();
    let before = h.get_by_label("Hide Traffic speed").rect().width();
    let points = h.ctx.content_rect().width();
    for _ in 0..5 {
        h.key_press_modifiers(Modifiers::COMMAND, Key::Plus);
        h.run_steps(2);
    }
    assert_eq!(h.state().state.settings.ui_scale, 1.5);
    assert!((h.ctx.zoom_factor() - 1.5).abs() < 1e-3);
    assert!(h.state_mut().take().contains(&UiCommand::SetUiScale(1.5)));
    // The window holds fewer of the larger points; a button has as many of them as before.
    assert!((h.ctx.content_rect().width() * 1.5 - points).abs() < 1.0);
    assert!((h.ctx.pixels_per_point() - 1.5).abs() < 1e-3 && before > 0.0);
    h.key_press_modifiers(Modifiers::COMMAND, Key::Num0);
    h.run_steps(2);
    assert!((h.ctx.zoom_factor() - 1.0).abs() < 1e-3);
}

#[test]
fn a_wall_starts_hidden_with_a_scale_of_its_own_that_is_not_kept() {
    let mut rig = Rig::new(sample::model());
    rig.state.hidden = true;
    rig.state.scale_override = Some(2.0);
    let mut h = harness(vec2(3840.0, 2160.0), 1.0, rig);
    assert!((h.ctx.zoom_factor() - 2.0).abs() < 1e-3);
    assert!(h.query_by_label("Hide Traffic speed").is_none());
    for text in ["09:41:07", "LIVE", "Traffic speed"] {
        assert!(h.query_by_label(text).is_some(), "{text}");
    }
    assert!(h.query_by_label_contains("Belvedere demo city").is_some());
    let free = h.state().output.as_ref().unwrap().free;
    assert_eq!(free, h.ctx.content_rect(), "all of it is the city's");
    h.key_press_modifiers(Modifiers::COMMAND, Key::Minus);
    h.run_steps(2);
    assert!((h.ctx.zoom_factor() - 1.9).abs() < 1e-3);
    assert_eq!(
        h.state().state.settings.ui_scale,
        1.0,
        "the desk's own stays"
    );
    h.key_press(Key::H);
    h.run_steps(3);
    assert!(h.query_by_label("Hide Traffic speed").is_some());
}

#[test]
fn below_900_pixels_the_side_panels_are_sheets() {
    for (width, sheets) in [(899.0, true), (901.0, false)] {
        let mut h = harness(vec2(width, 700.0), 1.0, Rig::new(sample::model()));
        h.state_mut().state.sheet = None;
        h.run_steps(2);
        let free = h.state().output.as_ref().unwrap().free;
        assert_eq!(free.left() < 1.0, sheets, "{width}: {free:?}");
        h.key_press(Key::L);
        h.run_steps(3);
        let after = h.state().output.as_ref().unwrap().free;
        if sheets {
            assert!(h.query_by_label("Hide Traffic speed").is_some());
            assert!(after.bottom() < free.bottom() - 100.0, "a sheet is up");
            h.get_by_label("Close").click();
            h.run_steps(3);
            assert!(h.query_by_label("Hide Traffic speed").is_none());
        } else {
            assert!(
                after.left() < free.left(),
                "the panel is folded to its rail"
            );
        }
    }
}

#[test]
fn a_pointer_that_jumps_onto_a_panel_belongs_to_it_at_any_scale() {
    for scale in [1.0, 1.5] {
        let mut rig = Rig::new(sample::model());
        rig.state.settings.ui_scale = scale;
        let mut h = harness(vec2(1600.0, 900.0), 1.0, rig);
        h.run_steps(3);
        let output = h.state().output.as_ref().unwrap();
        // In the window's own pixels: the layer panel, the timeline, the city.
        assert!(output.covers(100.0 * scale, 300.0 * scale), "{scale}");
        assert!(output.covers(800.0, 900.0 - 30.0 * scale), "{scale}");
        assert!(!output.covers(760.0, 420.0), "{scale}");
        assert!(!output.pointer_taken, "no pointer was seen yet");
    }
}

#[test]
fn a_click_that_comes_right_after_the_pointer_left_a_panel_is_the_citys() {
    let mut h = harness(vec2(1600.0, 900.0), 1.0, Rig::new(sample::model()));
    h.event(egui::Event::PointerMoved(pos2(100.0, 300.0)));
    h.run_steps(3);
    let output = h.state().output.as_ref().unwrap();
    assert!(output.pointer_taken && output.takes(100.0, 300.0));
    assert!(
        !output.takes(760.0, 420.0),
        "it is there before the next frame"
    );
    // What was begun on a panel stays the panel's.
    h.event(egui::Event::PointerButton {
        pos: pos2(800.0, 870.0),
        button: PointerButton::Primary,
        pressed: true,
        modifiers: Modifiers::NONE,
    });
    h.event(egui::Event::PointerMoved(pos2(820.0, 860.0)));
    h.run_steps(2);
    let output = h.state().output.as_ref().unwrap();
    assert!(output.takes(760.0, 420.0), "the timeline is dragged");
}
