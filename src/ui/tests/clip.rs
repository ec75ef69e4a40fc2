//! The cut panel: planes by numbers, outlines by clicks, all by keys.

use egui::Key;
use egui_kittest::kittest::{NodeT, Queryable};

use super::plan::write;
use super::{Rig, desk, harness, sample};
use crate::ui::model::*;
use crate::ui::{ClipCommand, Language, Tab, UiCommand};

pub(super) fn clip() -> ClipModel {
    let plane = PlaneModel {
        heading_deg: 90.0,
        tilt_deg: 0.0,
        offset_m: 12.5,
        flipped: false,
    };
    ClipModel {
        on: true,
        planes: vec![plane, plane],
        chosen: Some(1),
        outlines: vec![OutlineModel {
            corners: 5,
            area_m2: 20_000.0,
        }],
        corners_left: 251,
        ..ClipModel::default()
    }
}

fn opened(model: ClipModel) -> egui_kittest::Harness<'static, Rig> {
    let mut rig = Rig::new(sample::model());
    rig.model.inspector = InspectorModel::None;
    rig.model.clip = model;
    rig.state.settings.right = Some(Tab::Clip);
    let mut h = harness(egui::vec2(1280.0, 900.0), 1.0, rig);
    h.state_mut().take();
    h
}

#[test]
fn a_key_unfolds_the_panel_and_a_plane_is_put_where_one_looks() {
    let mut h = desk();
    h.key_press(Key::X);
    h.run_steps(3);
    assert_eq!(h.state().state.settings.right, Some(Tab::Clip));
    h.state_mut().take();
    h.get_by_label("Upright plane").click();
    h.run_steps(2);
    h.get_by_label("Level plane").click();
    h.run_steps(2);
    let add = |level| UiCommand::Clip(ClipCommand::AddPlane { level });
    assert_eq!(h.state_mut().take(), [add(false), add(true)]);
}

#[test]
fn every_part_of_a_cut_is_changed_and_taken_out() {
    let mut h = opened(clip());
    let plane = h.state().model.clip.planes[1];
    let flipped = PlaneModel {
        flipped: true,
        ..plane
    };
    for (label, command) in [
        ("Cut off the other side", ClipCommand::SetPlane(1, flipped)),
        ("Plane 1", ClipCommand::ChoosePlane(Some(0))),
        ("Plane 2", ClipCommand::ChoosePlane(None)),
        ("Remove Plane 1", ClipCommand::RemovePlane(0)),
        ("Only where all cut", ClipCommand::SetTogether(true)),
        ("Keep only the inside", ClipCommand::SetKeepsInside(true)),
        ("Remove Outline 1, 2.00 ha", ClipCommand::RemoveOutline(0)),
        ("Draw an outline", ClipCommand::Draw),
        ("Remove all", ClipCommand::Clear),
    ] {
        h.state_mut().take();
        h.get_by_label(label).click();
        h.run_steps(2);
        assert_eq!(h.state_mut().take(), [UiCommand::Clip(command)], "{label}");
    }
    for (label, value) in [("Direction", 90.0), ("Tilt", 0.0), ("Moved by", 12.5)] {
        let mut nodes = h.get_all_by_label(label);
        let shown = nodes.find_map(|node| node.accesskit_node().numeric_value());
        assert_eq!(shown, Some(value), "{label}");
    }
}

#[test]
fn a_number_is_typed() {
    let mut h = opened(clip());
    write(&mut h, "Moved by", "-7.25");
    h.key_press(Key::Enter);
    h.run_steps(3);
    let moved = PlaneModel {
        offset_m: -7.25,
        ..h.state().model.clip.planes[1]
    };
    let wanted = UiCommand::Clip(ClipCommand::SetPlane(1, moved));
    assert!(h.state_mut().take().contains(&wanted));
}

#[test]
fn an_outline_is_drawn_with_keys_and_escape_lets_go_one_by_one() {
    let mut h = opened(ClipModel {
        drawing: Some(3),
        ..clip()
    });
    for (key, command) in [
        (Key::Backspace, ClipCommand::BackOutline),
        (Key::Enter, ClipCommand::FinishOutline),
        (Key::Escape, ClipCommand::CancelOutline),
    ] {
        h.key_press(key);
        h.run_steps(2);
        assert_eq!(h.state_mut().take(), [UiCommand::Clip(command)]);
    }
    h.state_mut().model.clip.drawing = None;
    h.run_steps(2);
    h.key_press(Key::Escape);
    h.run_steps(2);
    let let_go = UiCommand::Clip(ClipCommand::ChoosePlane(None));
    assert_eq!(h.state_mut().take(), [let_go]);
}

#[test]
fn there_are_no_more_planes_than_can_be_drawn() {
    let plane = clip().planes[0];
    let mut h = opened(ClipModel {
        planes: vec![plane; MAX_PLANES],
        chosen: None,
        corners_left: 2,
        ..clip()
    });
    h.get_by_label("Upright plane").click();
    h.get_by_label("Draw an outline").click();
    h.run_steps(2);
    assert_eq!(h.state_mut().take(), []);
}

#[test]
fn the_panel_speaks_the_language() {
    let mut rig = Rig::new(sample::model()).in_language(Language::ZhHans);
    rig.model.inspector = InspectorModel::None;
    rig.model.clip = clip();
    rig.state.settings.right = Some(Tab::Clip);
    let h = harness(egui::vec2(1280.0, 900.0), 1.0, rig);
    assert!(h.query_by_label("只保留内部").is_some());
}
