use super::*;

fn at(east_m: f64, north_m: f64, height_m: f64) -> Geodetic {
    Geodetic::from_degrees(
        114.17 + east_m / 103_000.0,
        22.29 + north_m / 110_700.0,
        height_m,
    )
}

fn drawn(desk: &mut Desk) {
    desk.tool = PlanTool::Footprint;
    for (east, north, height) in [(0., 0., 5.), (30., 0., 4.), (30., 20., 6.), (0., 20., 5.)] {
        desk.click(at(east, north, height));
    }
    desk.finish();
    desk.refresh(SimInstant(0));
}

fn desk() -> Desk {
    let mut desk = Desk {
        scene: "scenes/harbour.toml".to_owned(),
        ..Desk::default()
    };
    desk.create("West Quay, tall");
    desk.refresh(SimInstant(0));
    desk
}

#[test]
fn a_drawn_outline_is_a_building_on_its_lowest_corner() {
    let mut desk = desk();
    assert_eq!(
        desk.editor.as_ref().unwrap().scenario().id,
        "west-quay-tall"
    );
    drawn(&mut desk);
    let plan = Arc::clone(desk.plan(OPEN));
    let (id, added) = plan.added.first_key_value().unwrap();
    assert_eq!(desk.chosen.as_ref(), Some(id));
    assert_eq!(added.building.base_height_m, Some(4.0));
    assert!((footprint::area_m2(&added.building.footprint) - 600.0).abs() < 6.0);
    assert!(desk.plan(OTHER).is_empty());
    assert_eq!(desk.differences().len(), 1);
}

#[test]
fn changing_its_form_is_no_new_operation_and_can_be_undone() {
    let mut desk = desk();
    drawn(&mut desk);
    let id = desk.chosen.clone().unwrap();
    for height_m in [40.0, 50.0, 60.0] {
        let mut building = desk.plan(OPEN).added[&id].building.clone();
        building.height_m = height_m;
        desk.put(&id, building);
        desk.refresh(SimInstant(0));
    }
    assert_eq!(desk.editor.as_ref().unwrap().scenario().operations.len(), 1);
    assert_eq!(desk.plan(OPEN).added[&id].building.height_m, 60.0);
    desk.editor.as_mut().unwrap().undo();
    desk.touch();
    desk.refresh(SimInstant(0));
    assert_eq!(desk.plan(OPEN).added[&id].building.height_m, 50.0);
}

#[test]
fn an_outline_that_crosses_itself_is_told_and_changes_nothing() {
    let mut desk = desk();
    desk.tool = PlanTool::Footprint;
    for (east, north) in [(0., 0.), (30., 20.), (30., 0.), (0., 20.)] {
        desk.click(at(east, north, 0.0));
    }
    desk.finish();
    desk.refresh(SimInstant(0));
    assert!(desk.plan(OPEN).is_empty());
    assert!(matches!(&desk.wishes[..], [Wish::Tell(why, _)] if why.contains("outline")));
}

#[test]
fn what_is_shown_follows_the_clock_and_the_choice() {
    let mut desk = desk();
    drawn(&mut desk);
    let editor = desk.editor.as_mut().unwrap();
    let id = editor.scenario().operations[0].id.clone();
    editor.edit(&id, |operation| {
        operation.window = Some(city_scene::scenario::Window {
            from: Some(SimInstant(100)),
            to: None,
        });
    });
    desk.touch();
    desk.refresh(SimInstant(0));
    assert!(desk.plan(OPEN).is_empty());
    let before = desk.stamp();
    desk.refresh(SimInstant(50));
    assert_eq!(desk.stamp(), before);
    desk.refresh(SimInstant(100));
    assert_eq!(desk.plan(OPEN).added.len(), 1);
    assert_eq!(desk.shown(), OPEN);
    desk.shows_other = true;
    assert_eq!(desk.shown(), OTHER);
    desk.close();
    assert!(!desk.is_used());
}
