//! Nothing covers anything else, from a phone to a wall.

use egui::{Rect, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use super::{Rig, harness, sample};
use crate::ui::model::{Compare, InspectorModel};
use crate::ui::{Language, Tab};

/// Rectangles, in logical pixels, of everything that can be pressed or read, with names.
fn nodes(h: &Harness<'_, Rig>, scale: f32) -> Vec<(String, Rect)> {
    h.query_all(egui_kittest::kittest::By::new().predicate(|n| n.children().next().is_none()))
        .filter_map(|n| {
            let node = n.accesskit_node();
            let label = node.label().or_else(|| node.value()).unwrap_or_default();
            let bounds = node.bounding_box()?;
            let min = egui::pos2(bounds.x0 as f32, bounds.y0 as f32) / scale;
            let rect =
                Rect::from_min_max(min, egui::pos2(bounds.x1 as f32, bounds.y1 as f32) / scale);
            (!label.is_empty() && rect.is_positive()).then_some((label, rect))
        })
        .collect()
}

/// Runs the panels in a window and finds what overlaps. Lists keep the rows that their panel clips in the
/// tree, beyond its end: so the same window with its panels folded tells what stands below the lists.
fn check(size: Vec2, scale: f32, rig: impl Fn() -> Rig) {
    let mut folded = rig();
    folded.state.settings.left_open = false;
    folded.state.settings.right = None;
    // Otherwise it would unfold its panel.
    folded.state.had_scenario = true;
    folded.state.sheet = None;
    folded.model.inspector = InspectorModel::None;
    let h = harness(size, scale, folded);
    let bottom = h.state().output.as_ref().unwrap().free.bottom();
    let mut all: Vec<_> = nodes(&h, scale)
        .into_iter()
        .filter(|(_, rect)| rect.top() >= bottom - 1.0)
        .collect();

    let rig = rig();
    let name = format!("{size:?} at {scale}, {:?}", rig.state.settings.language);
    let h = harness(size, scale, rig);
    let free = h.state().output.as_ref().unwrap().free;
    assert!(
        free.width() >= size.x * 0.3 && free.height() >= size.y * 0.3,
        "{name}: the city is seen"
    );
    all.extend(
        nodes(&h, scale)
            .into_iter()
            .filter(|(_, rect)| rect.bottom() <= bottom + 1.0),
    );
    assert!(all.len() > 3, "{name}: {} nodes", all.len());

    let screen = Rect::from_min_size(egui::Pos2::ZERO, size).expand(0.5);
    for (label, rect) in &all {
        let across = rect.left() >= screen.left() && rect.right() <= screen.right();
        assert!(
            across && rect.top() >= screen.top(),
            "{name}: {label} at {rect:?} leaves the window"
        );
        assert!(
            rect.bottom() <= screen.bottom(),
            "{name}: {label} at {rect:?} leaves the window"
        );
    }
    for (i, (a, ra)) in all.iter().enumerate() {
        for (b, rb) in &all[i + 1..] {
            let both = ra.intersect(*rb);
            let inside = ra.contains_rect(*rb) || rb.contains_rect(*ra);
            let overlap = both.width() > 3.0 && both.height() > 3.0 && !inside;
            assert!(!overlap, "{name}: {a} {ra:?} covers {b} {rb:?}");
        }
    }
}

#[test]
fn nothing_overlaps_at_1280_by_720_in_any_language_and_panel() {
    for language in Language::ALL {
        for tab in [Tab::Inspector, Tab::Clip, Tab::Health, Tab::Tiles] {
            check(vec2(1280.0, 720.0), 1.0, || {
                let mut rig = Rig::new(sample::model()).in_language(language);
                rig.model.clip = super::clip::clip();
                rig.model.inspector = if tab == Tab::Inspector {
                    sample::sensor()
                } else {
                    InspectorModel::None
                };
                rig.state.settings.right = Some(tab);
                rig
            });
        }
    }
}

#[test]
fn nothing_overlaps_while_planning_in_any_language() {
    for language in Language::ALL {
        for compare in [Compare::Off, Compare::Swipe, Compare::SideBySide] {
            check(vec2(1280.0, 720.0), 1.0, || {
                let mut rig = Rig::new(sample::model()).in_language(language);
                rig.model.plan = super::plan_sample::opened();
                rig.model.plan.compare = compare;
                rig.model.inspector = InspectorModel::None;
                rig.state.settings.right = Some(Tab::Plan);
                rig.state.settings.right_width = 264.0;
                rig
            });
        }
    }
    check(vec2(412.0, 860.0), 2.0, || {
        let mut phone = Rig::new(sample::model());
        phone.model.plan = super::plan_sample::opened();
        phone.model.plan.can_edit = false;
        phone.model.inspector = InspectorModel::None;
        phone.state.sheet = Some(Tab::Plan);
        phone
    });
}

#[test]
fn nothing_overlaps_with_buildings_and_empty_scenes() {
    check(vec2(1280.0, 720.0), 1.0, || {
        let mut rig = Rig::new(sample::model());
        rig.model.inspector = sample::building();
        rig
    });
    check(vec2(1280.0, 720.0), 1.0, || {
        Rig::new(crate::ui::UiModel::default())
    });
}

#[test]
fn a_4k_wall_and_a_phone_fit() {
    check(vec2(1920.0, 1080.0), 2.0, || {
        let mut wall = Rig::new(sample::model());
        wall.state.hidden = true;
        wall
    });
    check(vec2(3840.0, 2160.0), 1.0, || Rig::new(sample::model()));
    for tab in [
        None,
        Some(Tab::Layers),
        Some(Tab::Inspector),
        Some(Tab::Health),
    ] {
        check(vec2(412.0, 860.0), 2.0, || {
            let mut phone = Rig::new(sample::model());
            phone.model.inspector = InspectorModel::None;
            phone.state.sheet = tab;
            phone
        });
    }
}

#[test]
fn every_button_has_a_name() {
    let h = harness(vec2(1280.0, 720.0), 1.0, Rig::new(sample::model()));
    let buttons: Vec<_> = h.get_all_by_role(egui::accesskit::Role::Button).collect();
    assert!(buttons.len() > 15, "{} buttons", buttons.len());
    for button in buttons {
        let node = button.accesskit_node();
        assert!(
            node.label().is_some_and(|l| !l.is_empty()),
            "a button without a name at {:?}",
            button.rect()
        );
    }
}
