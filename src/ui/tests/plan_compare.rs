//! The plan panel: two sides, what differs, what it amounts to, and two people at once.

use egui::{Event, Key, Modifiers, PointerButton, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use super::plan::{asked, planning};
use super::plan_sample::{listed, opened};
use super::{Rig, harness, sample};
use crate::ui::PlanCommand;
use crate::ui::model::*;

fn press(h: &mut Harness<'_, Rig>, x: f32, y: f32, pressed: bool) {
    h.event(Event::PointerMoved(pos2(x, y)));
    h.event(Event::PointerButton {
        pos: pos2(x, y),
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    });
    h.run_steps(1);
}

fn click(h: &mut Harness<'_, Rig>, label: &str) -> Vec<PlanCommand> {
    h.get_by_label(label).click();
    h.run_steps(3);
    asked(h)
}

fn swiping(swipe: f32) -> Harness<'static, Rig> {
    let mut plan = opened();
    plan.compare = Compare::Swipe;
    plan.swipe = swipe;
    let mut h = planning(plan);
    h.run_steps(2);
    h.state_mut().take();
    h
}

const LINE: &str = "Line between As it stands and Pier quarter";

#[test]
fn the_other_side_is_chosen_and_shown_in_three_ways() {
    let mut h = planning(opened());
    let side = PlanCommand::Compare(Compare::SideBySide);
    assert_eq!(click(&mut h, "Side by side"), [side]);
    let show = PlanCommand::ShowOther(true);
    assert_eq!(click(&mut h, "Show instead: As it stands"), [show]);
    h.get_all_by_label("Compare with").last().unwrap().click();
    h.run_steps(3);
    let against = PlanCommand::Against(Some("low".into()));
    assert_eq!(click(&mut h, "Pier quarter, low"), [against]);
    h.state_mut().model.plan.against = Some(("low".into(), "Pier quarter, low".into()));
    h.run_steps(2);
    assert!(
        h.query_by_label("Show instead: Pier quarter, low")
            .is_some()
    );
    for (key, how) in [
        (Key::Num1, Compare::Off),
        (Key::Num2, Compare::Swipe),
        (Key::Num3, Compare::SideBySide),
    ] {
        h.key_press(key);
        h.run_steps(2);
        assert_eq!(asked(&mut h), [PlanCommand::Compare(how)]);
    }
    h.state_mut().model.plan = listed();
    h.run_steps(2);
    h.key_press(Key::Num2);
    h.run_steps(2);
    assert_eq!(asked(&mut h), [], "nothing is open");
}

#[test]
fn a_difference_is_flown_to_where_it_has_a_place() {
    let mut h = planning(opened());
    assert_eq!(
        click(&mut h, "Hidden · Old depot"),
        [PlanCommand::FlyToDifference(1)]
    );
    let nowhere = "Input changed · Sea level, 0 m → 0.6 m";
    assert_eq!(click(&mut h, nowhere), []);
}

#[test]
fn indicators_carry_change_share_and_unit() {
    let mut plan = opened();
    plan.open.as_mut().unwrap().sun = Some(SunModel {
        place: "Pier Square".into(),
        date: "2026-03-20".into(),
        base_h: 8.5,
        value_h: 6.2,
        method: "Every 10 minutes a ray.".into(),
        by: "Belvedere hours of sun 1".into(),
    });
    let h = planning(plan);
    for text in [
        "Floor area, m²: 120,000 → 137,360, +17,360 (+14 %)",
        "Dwellings: 900 → 1,085, +185 (+21 %)",
        "Pier Square",
        "6.2 h",
        "−2.3 h (−27 %)",
        "Method: Every 10 minutes a ray.",
        "Computed by: Belvedere hours of sun 1",
    ] {
        assert!(h.query_by_label(text).is_some(), "{text} is not on screen");
    }
}

#[test]
fn a_conflict_is_shown_with_its_ways_out() {
    let mut plan = opened();
    plan.conflict = Some(ConflictModel {
        who: "Grace".into(),
        theirs: vec![ChangeModel {
            what: "added".into(),
            kind: "close-street".into(),
            subject: "Pier Street".into(),
            fields: vec![],
        }],
        mine: vec![
            ChangeModel {
                what: "changed".into(),
                kind: "add-building".into(),
                subject: "Pier House".into(),
                fields: vec!["reason".into(), "window".into()],
            },
            ChangeModel {
                what: "changed".into(),
                kind: String::new(),
                subject: "Pier quarter, high".into(),
                fields: vec!["name".into()],
            },
        ],
        can_merge: true,
    });
    let mut h = planning(plan);
    for text in [
        "Grace has saved this scenario meanwhile. Nothing is lost: choose what to keep.",
        "· Added · Close street · Pier Street",
        "· Changed · Add building · Pier House (reason, period)",
        "· Changed · Pier quarter, high (name)",
    ] {
        assert!(h.query_by_label(text).is_some(), "{text} is not on screen");
    }
    for (label, command) in [
        ("Merge", PlanCommand::Merge),
        ("Keep mine", PlanCommand::KeepMine),
        ("Take theirs", PlanCommand::TakeTheirs),
    ] {
        assert_eq!(click(&mut h, label), [command]);
    }
    let conflict = &mut h.state_mut().model.plan.conflict;
    conflict.as_mut().unwrap().can_merge = false;
    h.run_steps(2);
    assert!(h.query_by_label("Merge").is_none());
}

#[test]
fn the_line_is_dragged_over_the_window_and_the_camera_keeps_still() {
    let mut h = swiping(0.5);
    let line = h.get_by_label(LINE).rect();
    assert!((line.center().x - 640.0).abs() < 1.0, "{line:?}");
    let output = h.state().output.as_ref().unwrap();
    assert!(output.covers(640.0, 500.0) && !output.covers(600.0, 500.0));
    press(&mut h, 644.0, 500.0, true);
    for x in [660.0, 700.0, 772.0] {
        h.event(Event::PointerMoved(pos2(x, 500.0)));
        h.run_steps(1);
        let output = h.state().output.as_ref().unwrap();
        assert!(output.pointer_taken, "the camera keeps still");
    }
    press(&mut h, 772.0, 500.0, false);
    let commands = asked(&mut h);
    let Some(PlanCommand::Swipe(share)) = commands.last() else {
        panic!("{commands:?}");
    };
    assert!((share - 0.6).abs() < 1e-3, "{share}");
}

#[test]
fn the_line_follows_the_arrow_keys() {
    let mut h = swiping(0.5);
    h.get_by_label(LINE).focus();
    h.run_steps(2);
    h.key_press(Key::ArrowRight);
    h.run_steps(2);
    let output = h.state().output.as_ref().unwrap();
    assert!(output.focused, "the camera leaves the arrows alone");
    h.key_press_modifiers(Modifiers::SHIFT, Key::ArrowLeft);
    h.run_steps(2);
    let commands = asked(&mut h);
    let [PlanCommand::Swipe(right), PlanCommand::Swipe(left)] = commands[..] else {
        panic!("{commands:?}");
    };
    assert!((right - 0.51).abs() < 1e-4 && (left - 0.4).abs() < 1e-4);
}

#[test]
fn a_line_under_a_panel_is_fetched_from_the_edge() {
    for swipe in [0.0, 1.0, f32::NAN] {
        let mut h = swiping(swipe);
        let free = h.state().output.as_ref().unwrap().free;
        let line = h.get_by_label(LINE).rect();
        assert!(free.expand(0.5).contains_rect(line), "{line:?} in {free:?}");
        press(&mut h, line.center().x, 500.0, true);
        for x in [600.0, 610.0, 640.0] {
            h.event(Event::PointerMoved(pos2(x, 500.0)));
            h.run_steps(1);
        }
        press(&mut h, 640.0, 500.0, false);
        let commands = asked(&mut h);
        let last = commands.last();
        // Of a share that is no number the line is in the middle already.
        let there = matches!(last, Some(PlanCommand::Swipe(s)) if (s - 0.5).abs() < 0.01);
        assert!(there || swipe.is_nan(), "{commands:?}");
    }
}

#[test]
fn both_sides_have_names_and_none_is_left_without_a_scenario() {
    let mut plan = opened();
    plan.compare = Compare::SideBySide;
    let mut rig = Rig::new(sample::model());
    rig.model.plan = plan;
    let mut h = harness(vec2(1280.0, 720.0), 1.0, rig);
    let left = h.get_by_label("As it stands").rect();
    let right = h.get_by_label("Pier quarter").rect();
    // They stand on their sides of the line, which is in the middle of what no panel covers.
    assert!(left.right() < right.left());
    h.state_mut().model.plan.compare = Compare::Off;
    h.state_mut().model.plan.shows_other = true;
    h.run_steps(3);
    assert!(h.query_by_label("As it stands").is_some());
    assert!(h.query_by_label("Pier quarter").is_none());
    h.state_mut().model.plan.open = None;
    h.run_steps(3);
    assert!(h.query_by_label("As it stands").is_none());
}

#[test]
fn every_figure_says_where_it_comes_from() {
    let mut h = planning(opened());
    // So that the figures are within the window.
    for part in [
        "plan-operations",
        "plan-streets",
        "plan-attribute",
        "plan-input",
    ] {
        h.state_mut().state.settings.folded.insert(part.into());
    }
    h.run_steps(3);
    assert!(h.query_by_label_contains("assumption: ").is_none());
    let asked = click(&mut h, "Where it comes from: Dwellings");
    assert_eq!(asked, []);
    for part in [
        "Residential gross floor area divided by the area per dwelling.",
        "the city's own list (city.json): 900 buildings",
        "Floor area per dwelling: 70 m²/dwelling · assumption: a round figure",
        "Belvedere indicators 1",
    ] {
        assert!(h.query_by_label_contains(part).is_some(), "{part}");
    }
    click(&mut h, "Where it comes from: Dwellings");
    assert!(h.query_by_label_contains("assumption: ").is_none());
}
