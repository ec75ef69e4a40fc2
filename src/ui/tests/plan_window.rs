//! The plan panel: when a change holds.

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use super::Rig;
use super::plan::{asked, planning, write};
use super::plan_sample::opened;
use crate::ui::PlanCommand;

const FROM: &str = "From: Add building · Pier House";
const UNTIL: &str = "Until: Add building · Pier House";

fn type_and_leave(h: &mut Harness<'_, Rig>, label: &str, text: &str) -> Vec<PlanCommand> {
    write(h, label, text);
    h.key_press(Key::Enter);
    h.run_steps(3);
    asked(h)
}

fn set(from: &str, to: &str) -> PlanCommand {
    PlanCommand::SetWindow {
        operation: "op-1".into(),
        from: from.into(),
        to: to.into(),
    }
}

#[test]
fn either_end_may_stay_open() {
    let mut h = planning(opened());
    assert_eq!(
        type_and_leave(&mut h, FROM, "2027-05-01"),
        [set("2027-05-01", "")]
    );
    let mut h = planning(opened());
    let until = "2030-12-31 18:00";
    assert_eq!(type_and_leave(&mut h, UNTIL, until), [set("", until)]);
}

#[test]
fn what_is_no_date_is_told_while_it_is_typed_and_not_sent() {
    let mut h = planning(opened());
    write(&mut h, FROM, "next May");
    assert!(h.query_by_label_contains("This is no date").is_some());
    h.key_press(Key::Enter);
    h.run_steps(3);
    assert_eq!(asked(&mut h), []);
    assert!(h.query_by_label_contains("This is no date").is_some());
    assert_eq!(
        type_and_leave(&mut h, FROM, "2027-05-01"),
        [set("2027-05-01", "")]
    );
    assert!(h.query_by_label_contains("This is no date").is_none());
}

#[test]
fn an_end_before_the_begin_is_told_and_both_can_be_moved_one_after_the_other() {
    let mut plan = opened();
    let operation = &mut plan.open.as_mut().unwrap().operations[0];
    operation.from = "2027-05-01".into();
    operation.to = "2027-12-31".into();
    let mut h = planning(plan);
    assert_eq!(type_and_leave(&mut h, FROM, "2035-01-01"), []);
    assert!(h.query_by_label_contains("end before it begins").is_some());
    let moved = type_and_leave(&mut h, UNTIL, "2040-12-31");
    assert_eq!(moved, [set("2035-01-01", "2040-12-31")]);
}

#[test]
fn escape_gives_a_date_up() {
    let mut h = planning(opened());
    write(&mut h, FROM, "2027-05-");
    h.key_press(Key::Escape);
    h.run_steps(3);
    assert!(h.query_by_label_contains("This is no date").is_none());
    assert_eq!(asked(&mut h), []);
}

#[test]
fn who_only_looks_reads_the_dates() {
    let mut plan = opened();
    plan.can_edit = false;
    plan.open.as_mut().unwrap().operations[0].from = "2027-05-01".into();
    let h = planning(plan);
    assert!(h.query_by_label_contains("2027-05-01 –").is_some());
}
