//! Clicks become commands; what is on screen has a name.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;

use super::{Rig, desk, harness, plan_sample, sample};
use crate::ui::command::{ClockCommand, Target};
use crate::ui::model::*;
use crate::ui::{Language, Tab, ThemeChoice, UiCommand};

#[test]
fn a_click_on_the_eye_shows_or_hides_a_layer() {
    let mut h = desk();
    h.get_by_label("Hide Traffic speed").click();
    h.run_steps(2);
    let hide = UiCommand::SetLayerVisible {
        layer: "traffic_speed".into(),
        visible: false,
    };
    assert_eq!(h.state_mut().take(), [hide]);
    h.get_by_label("Show Parking").click();
    h.run_steps(2);
    let show = UiCommand::SetLayerVisible {
        layer: "parking_occupancy".into(),
        visible: true,
    };
    assert_eq!(h.state_mut().take(), [show]);
}

#[test]
fn the_model_is_not_changed_by_a_click() {
    let mut h = desk();
    h.get_by_label("Hide Traffic speed").click();
    h.run_steps(3);
    assert!(
        h.query_by_label("Hide Traffic speed").is_some(),
        "only the app may hide it"
    );
}

#[test]
fn filtering_the_layers_leaves_those_that_match() {
    let mut h = desk();
    h.state_mut().state.layer_filter = "noise".into();
    h.run_steps(3);
    assert!(h.query_by_label("Show Noise").is_some());
    assert!(h.query_by_label("Show Parking").is_none());
    h.state_mut().state.layer_filter = "zzz".into();
    h.run_steps(3);
    assert!(h.query_by_label("No layer is called “zzz”.").is_some());
}

#[test]
fn the_clock_is_played_paused_stepped_and_sent_live() {
    let mut h = desk();
    h.get_by_label("Pause (Space)").click();
    h.run_steps(2);
    assert_eq!(
        h.state_mut().take(),
        [UiCommand::Clock(ClockCommand::Pause)]
    );

    let clock = &mut h.state_mut().model.clock;
    clock.mode = ClockMode::Replay;
    clock.now_ns -= 3600 * NS_PER_S;
    clock.playing = false;
    h.run_steps(2);
    h.get_by_label("Play (Space)").click();
    h.run_steps(2);
    assert_eq!(h.state_mut().take(), [UiCommand::Clock(ClockCommand::Play)]);
    h.get_by_label_contains("Step back").click();
    h.run_steps(2);
    let commands = h.state_mut().take();
    assert!(
        matches!(commands[..], [UiCommand::Clock(ClockCommand::Step(ns))] if ns < 0),
        "{commands:?}"
    );
    h.get_all_by_label("LIVE").last().unwrap().click();
    h.run_steps(2);
    assert_eq!(
        h.state_mut().take(),
        [UiCommand::Clock(ClockCommand::GoLive)]
    );
}

#[test]
fn the_mode_is_said_in_words() {
    let mut h = desk();
    assert!(h.query_by_label("REPLAY").is_none());
    h.state_mut().model.clock.mode = ClockMode::Replay;
    h.run_steps(2);
    assert!(h.query_by_label("REPLAY").is_some());
    h.state_mut().model.clock.mode = ClockMode::Forecast;
    h.run_steps(2);
    assert!(h.query_by_label("FORECAST").is_some());
}

#[test]
fn the_inspector_shows_a_reading_with_unit_quality_source_and_age() {
    let h = desk();
    for text in [
        "31.4",
        "µg/m³",
        "good",
        "· 2 min ago",
        "simulated feed",
        "2026-03-14 09:39:00 HKT",
    ] {
        assert!(
            h.query_all_by_label(text).next().is_some(),
            "{text} is not on screen"
        );
    }
    assert!(h.query_by_label_contains("Chart of 288 readings").is_some());
}

#[test]
fn a_missing_reading_has_no_value() {
    let mut model = sample::model();
    if let InspectorModel::Sensor(sensor) = &mut model.inspector {
        sensor.quality = Quality::Missing;
    }
    let h = harness(egui::vec2(1280.0, 720.0), 1.0, Rig::new(model));
    assert!(h.query_by_label("no reading").is_some());
    assert!(h.query_by_label("31.4").is_none());
}

#[test]
fn the_inspector_names_properties_and_gives_their_units() {
    let mut model = sample::model();
    model.inspector = sample::building();
    let h = harness(egui::vec2(1280.0, 720.0), 1.0, Rig::new(model));
    for text in [
        "Harbour Tower 12",
        "Height",
        "148.2 m",
        "Floor area",
        "52,300 m²",
        "office",
        "Storeys",
        "41",
    ] {
        assert!(h.query_by_label(text).is_some(), "{text} is not on screen");
    }
}

#[test]
fn the_inspector_says_what_a_scenario_changes() {
    let mut model = sample::model();
    let InspectorModel::Building(mut feature) = sample::building() else {
        panic!("no building");
    };
    for property in &mut feature.properties {
        property.before = match property.id.as_str() {
            "height_m" => Some("120".to_owned()),
            "use" => Some("Residential".to_owned()),
            "district" => Some(String::new()),
            _ => None,
        };
    }
    model.inspector = InspectorModel::Building(feature);
    let h = harness(egui::vec2(1280.0, 720.0), 1.0, Rig::new(model));
    for text in [
        "148.2 m",
        "Changed by the scenario; before: 120 m",
        "Changed by the scenario; before: residential",
        "Added by the scenario",
    ] {
        assert!(h.query_by_label(text).is_some(), "{text} is not on screen");
    }
}

#[test]
fn a_search_by_attributes_says_how_many_there_are_and_what_was_looked_through() {
    let mut h = desk();
    h.key_press(Key::Slash);
    h.run_steps(2);
    h.event(egui::Event::Text("height > 60".into()));
    h.run_steps(2);
    let asked = h.state_mut().take();
    assert!(
        asked.contains(&UiCommand::Search("height > 60".into())),
        "{asked:?}"
    );
    let result = SearchResult {
        id: "feature:B1".into(),
        title: "Tower 7".into(),
        kind: SearchKind::Building,
        values: vec![FoundValue {
            id: "height_m".into(),
            name: "height_m".into(),
            value: "62".into(),
            unit: "m".into(),
        }],
        ..SearchResult::default()
    };
    h.state_mut().model.search = SearchModel {
        query: "height > 60".into(),
        results: vec![result],
        searching: false,
        note: SearchNote {
            found: 1214,
            is_rule: true,
            loaded_only: true,
            ..SearchNote::default()
        },
    };
    h.run_steps(3);
    for text in [
        "Tower 7, Height 62 m",
        "Found: 1,214; 1 are listed",
        "Only tiles that are loaded were searched.",
    ] {
        assert!(h.query_by_label(text).is_some(), "{text} is not on screen");
    }
    h.state_mut().model.search = SearchModel {
        query: "colour = red".into(),
        note: SearchNote {
            unknown: "colour".into(),
            ..SearchNote::default()
        },
        ..SearchModel::default()
    };
    h.run_steps(3);
    assert!(
        h.query_by_label("Nothing has a property “colour”.")
            .is_some()
    );
}

#[test]
fn a_building_shows_what_its_sensors_say_and_leads_to_them() {
    let (InspectorModel::Building(mut feature), InspectorModel::Sensor(mut sensor)) =
        (sample::building(), sample::sensor())
    else {
        panic!("no building, no sensor");
    };
    sensor.layer_id = "meters".into();
    sensor.layer = "Meters".into();
    sensor.source = "city broker".into();
    sensor.value = Some(417.0);
    sensor.decimals = 0;
    sensor.unit = "kW".into();
    sensor.quality = Quality::Suspect;
    let id = sensor.id;
    feature.readings = vec![*sensor];
    let mut model = sample::model();
    model.inspector = InspectorModel::Building(feature);
    let mut h = harness(egui::vec2(1280.0, 720.0), 1.0, Rig::new(model));
    for text in ["Readings", "417", "kW", "suspect", "city broker"] {
        let mut found = h.query_all_by_label(text);
        assert!(found.next().is_some(), "{text} is not on screen");
    }
    h.state_mut().take();
    h.get_by_label("Meters").click();
    h.run_steps(3);
    let asked = h.state_mut().take();
    assert!(
        asked.contains(&UiCommand::Select(Target::Sensor(id))),
        "{asked:?}"
    );
}

#[test]
fn selecting_something_unfolds_the_inspector_once() {
    let mut model = sample::model();
    model.inspector = InspectorModel::None;
    let mut h = harness(egui::vec2(1280.0, 720.0), 1.0, Rig::new(model));
    h.state_mut().state.settings.right = None;
    h.run_steps(2);
    h.state_mut().model.inspector = sample::sensor();
    h.run_steps(2);
    assert_eq!(h.state().state.settings.right, Some(Tab::Inspector));
    h.state_mut().state.settings.right = None;
    h.run_steps(2);
    assert_eq!(
        h.state().state.settings.right,
        None,
        "it stays folded when the user folds it"
    );
}

#[test]
fn a_scenario_that_opens_unfolds_its_panel_once() {
    let mut model = sample::model();
    model.inspector = InspectorModel::None;
    let mut h = harness(egui::vec2(1280.0, 720.0), 1.0, Rig::new(model));
    h.run_steps(2);
    assert_eq!(h.state().state.settings.right, Some(Tab::Inspector));
    h.state_mut().model.plan = plan_sample::opened();
    h.run_steps(2);
    assert_eq!(h.state().state.settings.right, Some(Tab::Plan));
    h.state_mut().state.settings.right = Some(Tab::Health);
    h.run_steps(2);
    assert_eq!(
        h.state().state.settings.right,
        Some(Tab::Health),
        "whoever looks at something else is left to it"
    );
}

#[test]
fn the_health_panel_tells_of_tiles_memory_feeds_and_rejects() {
    let mut h = desk();
    h.key_press(Key::P);
    h.run_steps(3);
    for text in [
        "301 MiB of 512 MiB",
        "demo city",
        "Rejected: 14",
        "12 · value out of range",
        "mqtt tide",
        "lean",
    ] {
        assert!(h.query_by_label(text).is_some(), "{text} is not on screen");
    }
}

#[test]
fn messages_can_be_closed_and_stay_in_the_health_panel() {
    let mut h = desk();
    h.state_mut().model.messages.push(Message {
        id: 9,
        severity: Severity::Error,
        text: "tiles/3/1/2.glb: 404 from 127.0.0.1:8080".into(),
        advice: "The tile's parent is shown instead. Check the tileset with belvedere check."
            .into(),
        time_ns: sample::NOW_NS,
        shown_s: 1.0,
        count: 3,
    });
    h.run_steps(2);
    assert!(
        h.query_by_label("tiles/3/1/2.glb: 404 from 127.0.0.1:8080 (×3)")
            .is_some(),
        "as a toast"
    );
    h.get_by_label("Close this message").click();
    h.run_steps(2);
    assert_eq!(h.state_mut().take(), [UiCommand::DismissMessage(9)]);
    h.state_mut().model.messages[0].shown_s = 99.0;
    h.state_mut().state.settings.right = Some(Tab::Health);
    h.run_steps(2);
    assert!(
        h.query_by_label("tiles/3/1/2.glb: 404 from 127.0.0.1:8080 (×3)")
            .is_some(),
        "in the panel"
    );
}

#[test]
fn keys_act_and_hide_everything_but_clock_legend_alarms_and_credits() {
    let mut h = desk();
    h.state_mut().model.alarms.push(Alarm {
        id: 1,
        severity: Severity::Warning,
        text: "Water level 2.61 m at Pier 3".into(),
        since_ns: sample::NOW_NS,
        acknowledged: false,
    });
    h.key_press(Key::Space);
    h.run_steps(2);
    assert_eq!(
        h.state_mut().take(),
        [UiCommand::Clock(ClockCommand::Pause)]
    );
    h.key_press(Key::H);
    h.run_steps(3);
    assert_eq!(h.state_mut().take(), [UiCommand::HidePanels(true)]);
    assert!(h.query_by_label("Hide Traffic speed").is_none());
    for text in [
        "09:41:07",
        "LIVE",
        "Water level 2.61 m at Pier 3",
        "Traffic speed",
    ] {
        assert!(h.query_by_label(text).is_some(), "{text} stays");
    }
    assert!(
        h.query_by_label_contains("Belvedere demo city").is_some(),
        "credits stay"
    );
    h.get_by_label("Acknowledge").click();
    h.run_steps(2);
    assert_eq!(h.state_mut().take(), [UiCommand::AcknowledgeAlarm(1)]);
    h.key_press(Key::H);
    h.run_steps(3);
    assert!(h.query_by_label("Hide Traffic speed").is_some());
}

#[test]
fn the_keys_sheet_opens_with_a_question_mark_and_closes_with_escape() {
    let mut h = desk();
    h.event(egui::Event::Text("?".into()));
    h.run_steps(3);
    assert!(h.query_by_label("Hide or show all panels").is_some());
    h.key_press(Key::Escape);
    h.run_steps(3);
    assert!(h.query_by_label("Hide or show all panels").is_none());
}

#[test]
fn the_palette_does_what_it_names_in_every_language() {
    for (language, words) in [
        (Language::En, "home view"),
        (Language::ZhHant, "起始視角"),
        (Language::ZhHans, "起始视角"),
    ] {
        let rig = Rig::new(sample::model()).in_language(language);
        let mut h = harness(egui::vec2(1280.0, 720.0), 1.0, rig);
        h.key_press_modifiers(Modifiers::COMMAND, Key::K);
        h.run_steps(2);
        h.event(egui::Event::Text(words.into()));
        h.run_steps(2);
        h.state_mut().take();
        h.key_press(Key::Enter);
        h.run_steps(2);
        assert_eq!(h.state_mut().take(), [UiCommand::Home], "{language:?}");
    }
}

#[test]
fn search_flies_to_the_answer_that_is_chosen() {
    let mut h = desk();
    h.key_press(Key::Slash);
    h.run_steps(2);
    h.event(egui::Event::Text("pier".into()));
    h.run_steps(2);
    assert_eq!(h.state_mut().take(), [UiCommand::Search("pier".into())]);
    h.state_mut().model.search = sample::search("pier");
    h.run_steps(2);
    h.key_press(Key::ArrowDown);
    h.run_steps(2);
    h.key_press(Key::Enter);
    h.run_steps(2);
    let target = Target::Result("b-012-4411".into());
    assert_eq!(
        h.state_mut().take(),
        [UiCommand::Select(target.clone()), UiCommand::FlyTo(target)]
    );
}

#[test]
fn language_and_theme_change_at_once_and_the_app_hears_of_it() {
    let mut h = desk();
    h.get_by_label("Light theme").click();
    h.run_steps(2);
    let commands = h.state_mut().take();
    assert_eq!(
        commands,
        [
            UiCommand::SetTheme(ThemeChoice::Light),
            UiCommand::SettingsChanged
        ]
    );
    h.get_by_label("Language").click();
    h.run_steps(3);
    h.get_by_label("繁體中文").click();
    h.run_steps(3);
    let commands = h.state_mut().take();
    assert_eq!(
        commands,
        [
            UiCommand::SetLanguage(Language::ZhHant),
            UiCommand::SettingsChanged
        ]
    );
    assert!(h.query_by_label("圖層").is_some());
    assert!(h.query_by_label("隱藏車流速度").is_some());
}

#[test]
fn empty_states_say_how_to_fill_them() {
    let h = harness(egui::vec2(1280.0, 720.0), 1.0, Rig::new(UiModel::default()));
    for text in ["Open a city", "No scene"] {
        assert!(h.query_by_label(text).is_some(), "{text}");
    }
    assert!(
        h.query_by_label_contains("This scene has no layers.")
            .is_some()
    );
    assert!(
        h.query_by_label_contains("Click a building or a sensor")
            .is_some()
    );
}

#[test]
fn a_tileset_opens_by_its_address() {
    let mut h = harness(egui::vec2(1280.0, 720.0), 1.0, Rig::new(UiModel::default()));
    h.state_mut().state.open_text = " https://example.org/tileset.json ".into();
    h.run_steps(2);
    h.get_by_label("Open").click();
    h.run_steps(2);
    let open = UiCommand::OpenTileset("https://example.org/tileset.json".into());
    assert!(h.state_mut().take().contains(&open));
}

#[test]
fn what_the_app_cannot_do_is_not_offered() {
    let mut h = desk();
    h.state_mut().model.inspector = sample::building();
    h.key_press(Key::Delete);
    h.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    h.run_steps(2);
    assert_eq!(h.state_mut().take(), []);
    assert!(h.query_by_label("Hide the selected feature").is_none());
    h.state_mut().model.abilities.hide_features = true;
    h.run_steps(2);
    h.get_by_label("Hide the selected feature").click();
    h.run_steps(2);
    assert_eq!(h.state_mut().take(), [UiCommand::HideSelected]);
}

#[test]
fn the_values_can_be_copied_as_text() {
    let mut h = desk();
    h.get_by_label("Copy the values").click();
    h.run_steps(2);
    let commands = h.state_mut().take();
    let [UiCommand::CopyText(text)] = &commands[..] else {
        panic!("{commands:?}")
    };
    assert!(
        text.contains("PM2.5 mass concentration\t31.4 µg/m³\n"),
        "{text}"
    );
    assert!(
        text.contains("Measured\t2026-03-14 09:39:00 HKT\n"),
        "{text}"
    );
}

#[test]
fn a_sensor_is_called_by_its_layer_and_place_in_the_language() {
    let mut h = desk();
    if let InspectorModel::Sensor(sensor) = &mut h.state_mut().model.inspector {
        let names = [("en", "Harbour Road"), ("zh-Hant", "海港道")];
        sensor.place = names.map(|(l, n)| (l.to_owned(), n.to_owned())).into();
    }
    h.run_steps(3);
    assert!(h.query_by_label_contains(", Harbour Road").is_some());
    h.state_mut().state.settings.language = Language::ZhHant;
    h.run_steps(3);
    assert!(h.query_by_label_contains("海港道，").is_some());
}

#[test]
fn a_value_of_the_forecast_is_not_called_measured() {
    let mut h = desk();
    h.run_steps(3);
    assert!(h.query_by_label("Measured").is_some());
    if let InspectorModel::Sensor(sensor) = &mut h.state_mut().model.inspector {
        sensor.forecast = true;
    }
    h.run_steps(3);
    assert!(h.query_by_label("Measured").is_none());
}
