//! Nothing covers anything else, from a phone to a wall.

use egui::{Rect, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use super::{Rig, harness, sample};
use crate::ui::{Language, Tab};

/// Rectangles of everything that can be pressed or read, with names.
fn nodes(h: &Harness<'_, Rig>) -> Vec<(String, Rect)> {
    h.query_all(egui_kittest::kittest::By::new().predicate(|n| n.children().next().is_none()))
        .filter_map(|n| {
            let node = n.accesskit_node();
            let label = node.label().or_else(|| node.value()).unwrap_or_default();
            let rect = n.rect();
            (!label.is_empty() && rect.is_positive()).then_some((label, rect))
        })
        .collect()
}

fn check(size: Vec2, scale: f32, rig: Rig) {
    let name = format!("{size:?} at {scale}, {:?}, hidden {}", rig.state.settings.language, rig.state.hidden);
    let h = harness(size, scale, rig);
    let screen = Rect::from_min_size(egui::Pos2::ZERO, size);
    let nodes = nodes(&h);
    assert!(nodes.len() > 3, "{name}: {} nodes", nodes.len());
    let output = h.state().output.as_ref().unwrap();
    assert!(output.free.width() >= size.x * 0.3 && output.free.height() >= size.y * 0.3, "{name}: the city is seen");
    // Lists scroll: what is beyond their panel is clipped, so only the bars and the furniture must fit.
    let bars = [Rect::from_min_max(screen.min, egui::pos2(size.x, 40.0))];
    for (label, rect) in &nodes {
        if bars.iter().any(|bar| bar.contains_rect(*rect)) || output.free.contains_rect(*rect) {
            assert!(screen.expand(0.5).contains_rect(*rect), "{name}: {label} at {rect:?} leaves the window");
        }
    }
    for (i, (a, ra)) in nodes.iter().enumerate() {
        for (b, rb) in &nodes[i + 1..] {
            let both = ra.intersect(*rb);
            let inside = ra.contains_rect(*rb) || rb.contains_rect(*ra);
            if both.width() > 3.0 && both.height() > 3.0 && !inside && visible(ra, &h) && visible(rb, &h) {
                panic!("{name}: {a} {ra:?} covers {b} {rb:?}");
            }
        }
    }
}

/// Rows of a scrolled list keep their place in the tree when they are clipped; those under the timeline
/// do not count.
fn visible(rect: &Rect, h: &Harness<'_, Rig>) -> bool {
    let free = h.state().output.as_ref().unwrap().free;
    rect.bottom() <= free.bottom() || rect.top() >= free.bottom()
}

#[test]
fn nothing_overlaps_at_1280_by_720_in_any_language_and_panel() {
    for language in Language::ALL {
        for tab in [Tab::Inspector, Tab::Health, Tab::Tiles] {
            let mut rig = Rig::new(sample::model()).in_language(language);
            rig.state.settings.right = Some(tab);
            check(vec2(1280.0, 720.0), 1.0, rig);
        }
    }
}

#[test]
fn nothing_overlaps_with_buildings_and_empty_scenes() {
    let mut model = sample::model();
    model.inspector = sample::building();
    check(vec2(1280.0, 720.0), 1.0, Rig::new(model));
    check(vec2(1280.0, 720.0), 1.0, Rig::new(crate::ui::UiModel::default()));
}

#[test]
fn a_4k_wall_and_a_phone_fit() {
    let mut wall = Rig::new(sample::model());
    wall.state.hidden = true;
    check(vec2(3840.0 / 2.0, 2160.0 / 2.0), 2.0, wall);
    check(vec2(3840.0, 2160.0), 1.0, Rig::new(sample::model()));
    for tab in [None, Some(Tab::Layers), Some(Tab::Inspector), Some(Tab::Health)] {
        let mut phone = Rig::new(sample::model());
        phone.model.inspector = crate::ui::model::InspectorModel::None;
        phone.state.sheet = tab;
        check(vec2(412.0, 860.0), 2.0, phone);
    }
}

#[test]
fn every_button_has_a_name() {
    let h = harness(vec2(1280.0, 720.0), 1.0, Rig::new(sample::model()));
    let buttons: Vec<_> = h.get_all_by_role(egui::accesskit::Role::Button).collect();
    assert!(buttons.len() > 15, "{} buttons", buttons.len());
    for button in buttons {
        let node = button.accesskit_node();
        assert!(node.label().is_some_and(|l| !l.is_empty()), "a button without a name at {:?}", button.rect());
    }
}
