//! The style of a tileset in the layer panel: by a property, by hand, with what is wrong.

use egui_kittest::kittest::Queryable;

use super::desk;
use crate::ui::UiCommand;
use crate::ui::model::*;

fn tiles(style: StyleModel) -> LayerModel {
    LayerModel {
        id: "city".into(),
        name: "Old town".into(),
        kind: LayerKind::Tiles,
        visible: true,
        opacity: 1.0,
        style: Some(style),
        ..LayerModel::default()
    }
}

#[test]
fn a_property_is_chosen_and_given_up() {
    let mut h = desk();
    h.state_mut().model.layers = vec![tiles(StyleModel {
        properties: vec!["height".into(), "use".into()],
        text: "{}".into(),
        ..StyleModel::default()
    })];
    h.run_steps(3);
    h.state_mut().take();
    let layer = || "city".to_owned();
    h.get_by_label("Colour Old town by").click();
    h.run_steps(4);
    h.get_by_label("By use").click();
    h.run_steps(3);
    h.get_by_label("Colour Old town by").click();
    h.run_steps(4);
    h.get_by_label("Own colours").click();
    h.run_steps(3);
    let mut asked = h.state_mut().take();
    asked.retain(|command| *command != UiCommand::SettingsChanged);
    assert_eq!(
        asked,
        [
            UiCommand::ColorBy {
                layer: layer(),
                property: "use".into()
            },
            UiCommand::SetStyle {
                layer: layer(),
                text: String::new(),
                strength: 0.0
            },
        ]
    );
}

#[test]
fn a_layer_of_readings_is_chosen_and_named() {
    let mut h = desk();
    let style = StyleModel {
        properties: vec!["height".into(), "meter_power".into()],
        readings: vec![ReadingChoice {
            layer: "meters".into(),
            name: "Meters".into(),
            property: "meter_power".into(),
        }],
        ..StyleModel::default()
    };
    h.state_mut().model.layers = vec![tiles(style.clone())];
    h.run_steps(3);
    h.state_mut().take();
    h.get_by_label("Colour Old town by").click();
    h.run_steps(4);
    assert!(
        h.query_by_label("By meter_power").is_none(),
        "once is enough"
    );
    h.get_by_label("By Meters (readings)").click();
    h.run_steps(3);
    let mut asked = h.state_mut().take();
    asked.retain(|command| *command != UiCommand::SettingsChanged);
    assert_eq!(
        asked,
        [UiCommand::ColorByReading {
            layer: "city".into(),
            reading: "meters".into()
        }]
    );
    // The legend names the layer whose values the colours are.
    h.state_mut().model.layers = vec![LayerModel {
        legend: Some(LegendModel::Continuous {
            map: "cividis".into(),
            min: 0.0,
            max: 800.0,
            unit: "kW".into(),
        }),
        ..tiles(StyleModel {
            text: "{}".into(),
            by_reading: Some("meters".into()),
            ..style
        })
    }];
    h.run_steps(3);
    h.get_by_label("Meters");
}

#[test]
fn what_is_written_is_asked_for_and_what_is_wrong_is_read() {
    let mut h = desk();
    h.state_mut().model.layers = vec![tiles(StyleModel {
        error: Some("color: byte 3: no function is called colour".into()),
        ..StyleModel::default()
    })];
    h.run_steps(3);
    assert!(
        h.query_by_label("color: byte 3: no function is called colour")
            .is_some()
    );
    assert!(h.query_by_label("Style of Old town").is_none());
    h.get_by_label("Style…").click();
    h.run_steps(3);
    h.get_by_label("Style of Old town").focus();
    h.run_steps(2);
    h.event(egui::Event::Text("{}".into()));
    h.run_steps(2);
    let text = "{}".to_owned();
    let wanted = UiCommand::SetStyle {
        layer: "city".into(),
        text,
        strength: 0.0,
    };
    let mut asked = h.state_mut().take();
    asked.retain(|command| *command != UiCommand::SettingsChanged);
    assert_eq!(asked, [wanted]);
}
