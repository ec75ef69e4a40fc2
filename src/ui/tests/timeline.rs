//! The timeline in the hand.

use egui::{Event, Modifiers, MouseWheelUnit, PointerButton, Rect, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use super::{Rig, desk, sample};
use crate::ui::UiCommand;
use crate::ui::command::ClockCommand;
use crate::ui::model::*;

fn track(h: &Harness<'_, Rig>) -> Rect {
    h.get_by_label_contains("Timeline, ").rect()
}

fn seeks(h: &mut Harness<'_, Rig>) -> Vec<i64> {
    let commands = h.state_mut().take();
    commands
        .iter()
        .filter_map(|c| match c {
            UiCommand::Clock(ClockCommand::Seek(t)) => Some(*t),
            _ => None,
        })
        .collect()
}

fn press(h: &mut Harness<'_, Rig>, x: f32, y: f32, pressed: bool) {
    h.event(Event::PointerMoved(pos2(x, y)));
    let event = Event::PointerButton {
        pos: pos2(x, y),
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    h.event(event);
    h.run_steps(1);
}

#[test]
fn dragging_seeks_along_the_way() {
    let mut h = desk();
    let rect = track(&h);
    let y = rect.center().y;
    press(&mut h, rect.left() + 300.0, y, true);
    for x in [290.0, 250.0, 200.0] {
        h.event(Event::PointerMoved(pos2(rect.left() + x, y)));
        h.run_steps(1);
    }
    assert!(
        h.state().output.as_ref().unwrap().pointer_taken,
        "the camera keeps still"
    );
    press(&mut h, rect.left() + 200.0, y, false);
    let times = seeks(&mut h);
    assert!(times.len() >= 3, "{times:?}");
    assert!(
        times.windows(2).all(|w| w[1] <= w[0]),
        "to the left is earlier"
    );
    let hours = (sample::NOW_NS - times[times.len() - 1]) / (3600 * NS_PER_S);
    assert!((1..24).contains(&hours), "{hours} h ago");
}

#[test]
fn letting_go_at_the_live_edge_goes_live() {
    let mut h = desk();
    h.state_mut().model.clock.mode = ClockMode::Replay;
    h.state_mut().model.clock.now_ns -= 7200 * NS_PER_S;
    h.run_steps(2);
    let rect = track(&h);
    // The last day, then six and a half hours of forecast: the view of a clock near the live edge.
    let start = sample::NOW_NS - 25 * 3600 * NS_PER_S;
    let end = sample::NOW_NS + 23_400 * NS_PER_S;
    let part = (sample::NOW_NS - start) as f32 / (end - start) as f32;
    let x = rect.left() + rect.width() * part;
    press(&mut h, x, rect.center().y, true);
    press(&mut h, x, rect.center().y, false);
    let commands = h.state_mut().take();
    assert!(
        commands.contains(&UiCommand::Clock(ClockCommand::GoLive)),
        "{commands:?}"
    );
}

#[test]
fn nobody_seeks_into_what_is_not_known() {
    let mut h = desk();
    h.state_mut().model.clock.forecast = Forecast::None {
        reason: "no forecast feed".into(),
    };
    h.run_steps(2);
    let rect = track(&h);
    press(&mut h, rect.right() - 4.0, rect.center().y, true);
    press(&mut h, rect.right() - 4.0, rect.center().y, false);
    assert!(seeks(&mut h).iter().all(|t| *t <= sample::NOW_NS));
}

#[test]
fn scrolling_zooms_and_the_next_drag_is_finer() {
    let mut h = desk();
    let rect = track(&h);
    let at = rect.center() - vec2(100.0, 0.0);
    let coarse = drag_by_100(&mut h, rect);
    h.event(Event::PointerMoved(at));
    h.event(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, 600.0),
        phase: egui::TouchPhase::Move,
        modifiers: Modifiers::NONE,
    });
    h.run_steps(30);
    let fine = drag_by_100(&mut h, rect);
    assert!(
        fine * 4 < coarse,
        "{fine} ns after zooming, {coarse} ns before"
    );
}

/// How much time 100 pixels are.
fn drag_by_100(h: &mut Harness<'_, Rig>, rect: Rect) -> i64 {
    let (x, y) = (rect.center().x - 200.0, rect.center().y);
    press(h, x, y, true);
    for dx in [20.0, 60.0, 100.0] {
        h.event(Event::PointerMoved(pos2(x + dx, y)));
        h.run_steps(1);
    }
    press(h, x + 100.0, y, false);
    let times = seeks(h);
    // The next press must not count as a double click.
    h.run_steps(30);
    times.last().unwrap() - times.first().unwrap()
}

#[test]
fn the_axis_pans_and_a_double_click_on_it_shows_the_last_day_again() {
    let mut h = desk();
    let rect = track(&h);
    let y = rect.bottom() - 6.0;
    press(&mut h, rect.left() + 500.0, y, true);
    for x in [460.0, 380.0, 300.0] {
        h.event(Event::PointerMoved(pos2(rect.left() + x, y)));
        h.run_steps(1);
    }
    press(&mut h, rect.left() + 300.0, y, false);
    h.run_steps(30);
    assert_eq!(h.state_mut().take(), [], "the clock stays");
    let live = |h: &mut Harness<'_, Rig>| {
        press(h, rect.left() + 100.0, rect.center().y, true);
        press(h, rect.left() + 100.0, rect.center().y, false);
        h.run_steps(30);
        seeks(h)[0]
    };
    let panned = live(&mut h);
    for pressed in [true, false, true, false] {
        press(&mut h, rect.left() + 700.0, y, pressed);
    }
    h.run_steps(30);
    let again = live(&mut h);
    assert!(again < panned, "the view is back: {again} and {panned}");
}
