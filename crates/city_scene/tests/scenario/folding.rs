use crate::*;

fn keys<V>(map: &BTreeMap<String, V>) -> Vec<&str> {
    map.keys().map(String::as_str).collect()
}

#[test]
fn every_value_names_the_operation_it_comes_from_and_later_ones_win() {
    let plan = fold(
        &scenario([
            hide(&["B1"]),
            replace(
                "B2",
                building("New", rectangle(0.0012, 0.0003, 0.0004, 0.0004)),
            ),
            add("Tower", 0.01),
            set("B3", "energy_class", Value::Text("A".into())),
            set("B3", "energy_class", Value::Text("B".into())),
            set("c", "use", Value::Text("Office".into())),
            OperationKind::CloseStreet {
                street: "R1".into(),
            },
            speed("R1", 20.0),
            sea_level(1.0),
            sea_level(2.0),
            model(0.02),
        ]),
        NOW,
        &city(),
    );
    assert_eq!(plan.problems, []);
    assert_eq!(
        plan.hidden,
        BTreeMap::from([("B1".into(), "a".into()), ("B2".into(), "b".into())])
    );
    assert_eq!(keys(&plan.added), ["B2", "c"]);
    assert!(plan.added["B2"].replaces_base && !plan.added["c"].replaces_base);
    assert_eq!(plan.added["c"].origin, "c");
    let class = &plan.attributes["B3"]["energy_class"];
    assert_eq!(
        (&class.value, class.origin.as_str()),
        (&Value::Text("B".into()), "e")
    );
    assert_eq!(plan.attributes["c"]["use"].origin, "f");
    assert_eq!(plan.streets["R1"].closed.as_deref(), Some("g"));
    assert_eq!(plan.streets["R1"].attributes["speed_kmh"].origin, "h");
    let level = &plan.inputs[&("flood".to_owned(), "sea_level".to_owned())];
    assert_eq!(
        (
            level.value.value,
            level.value.unit.as_str(),
            level.origin.as_str()
        ),
        (2.0, "m", "j")
    );
    assert_eq!(keys(&plan.models), ["k"]);
    assert!(!plan.is_empty() && Plan::default().is_empty());
}

#[test]
fn what_was_added_can_be_replaced_and_hidden() {
    let moved = building("Tower", rectangle(0.02, 0.0, 0.0005, 0.0004));
    let city = city();
    let operations = [
        add("Tower", 0.01),
        replace("a", moved.clone()),
        hide(&["a"]),
    ];
    let step = |n: usize| fold(&scenario(operations[..n].to_vec()), NOW, &city);
    assert_eq!(step(1).added["a"].origin, "a");
    assert_eq!(
        (
            &step(2).added["a"].building,
            step(2).added["a"].origin.as_str()
        ),
        (&moved, "b")
    );
    assert!(step(2).hidden.is_empty(), "nothing of the base is hidden");
    assert!(step(3).is_empty());
    // One in the place of a feature of the base leaves the ground empty when it is hidden.
    let plan = fold(&scenario([replace("B1", moved), hide(&["B1"])]), NOW, &city);
    assert!(plan.added.is_empty());
    assert_eq!(plan.hidden["B1"], "b");
    let plan = fold(&scenario([model(0.0), hide(&["a"])]), NOW, &city);
    assert!(plan.is_empty());
}

#[test]
fn an_area_hides_what_stands_in_it_at_that_point_of_the_list() {
    let area = OperationKind::HidePolygon {
        polygon: rectangle(0.0, 0.0, 0.002, 0.001),
    };
    let plan = fold(
        &scenario([
            add("Before", 0.0005),
            model(0.0001),
            area,
            add("After", 0.0005),
        ]),
        NOW,
        &city(),
    );
    assert_eq!(keys(&plan.hidden), ["B1", "B2"]);
    assert_eq!(keys(&plan.added), ["d"]);
    assert_eq!(
        (
            plan.hidden_areas.len(),
            plan.hidden_areas[0].origin.as_str()
        ),
        (1, "c")
    );
    assert_eq!(keys(&plan.models), ["b"], "on the edge is not inside");
}

#[test]
fn windows_decide_what_holds_at_an_instant() {
    let mut scenario = scenario([
        hide(&["B1"]),
        add("Tower", 0.01),
        set("b", "use", Value::Text("x".into())),
    ]);
    let at = |s: i64| SimInstant::from_unix_s(s);
    scenario.operations[0].window = Some(Window {
        from: Some(at(100)),
        to: Some(at(200)),
    });
    scenario.operations[1].window = Some(Window {
        from: Some(at(150)),
        to: None,
    });
    assert_eq!(scenario.turning_points(), [100, 150, 200].map(at));
    let holds = |s: i64| {
        let plan = fold(&scenario, at(s), &city());
        assert_eq!(
            plan.problems,
            [],
            "what refers to an operation out of its window is no fault"
        );
        (plan.hidden.len(), plan.added.len(), plan.attributes.len())
    };
    assert_eq!(
        [99, 100, 150, 199, 200].map(holds),
        [(0, 0, 0), (1, 0, 0), (1, 1, 1), (1, 1, 1), (0, 1, 1)]
    );
}

#[test]
fn what_does_not_exist_is_said_and_the_rest_applied() {
    let kinds = [
        hide(&["B1", "B9", "B2"]),
        replace("B8", building("x", rectangle(0.0, 0.0, 0.001, 0.001))),
        set("B7", "use", Value::Flag(true)),
        speed("R9", 1.0),
        OperationKind::CloseStreet {
            street: "R8".into(),
        },
    ];
    let plan = fold(&scenario(kinds.clone()), NOW, &city());
    let said: Vec<String> = plan.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        said[0],
        "operation 1 (\"a\"): there is no feature \"B9\" in the base. Pick the feature again, or remove the operation"
    );
    assert!(
        said[4].contains("there is no street \"R8\"") && said.len() == 5,
        "{said:?}"
    );
    assert_eq!(keys(&plan.hidden), ["B1", "B2"]);
    assert!(plan.added.is_empty() && plan.streets.is_empty() && plan.attributes.is_empty());
    // A base that does not know all is believed to have it.
    let plan = fold(&scenario(kinds), NOW, &NoBase);
    assert_eq!(plan.problems, []);
    assert_eq!((plan.hidden.len(), plan.streets.len()), (4, 2));
    let many: Vec<String> = (0..20).map(|i| format!("X{i}")).collect();
    let plan = fold(
        &scenario([OperationKind::HideFeatures { ids: many }]),
        NOW,
        &city(),
    );
    assert_eq!(plan.problems.len(), 6);
    assert!(plan.problems[5].cause.starts_with("15 more"));
}

#[test]
fn the_buildings_that_stand_have_the_scenarios_values() {
    let city = city();
    assert!(city.has_facts());
    let plan = fold(
        &scenario([
            hide(&["B1"]),
            replace(
                "B2",
                building("New", rectangle(0.0012, 0.0003, 0.0004, 0.0004)),
            ),
            set("B3", "floor_area_m2", Value::Number(100.0)),
            set("B3", "energy_class", Value::Text("b".into())),
            set("B3", "colour", Value::Text("blue".into())),
        ]),
        NOW,
        &city,
    );
    let facts = facts_of_plan(city.facts(), &plan);
    let ids: Vec<&str> = facts.iter().map(|f| f.id.as_str()).collect();
    assert_eq!(ids, ["B3", "B2"]);
    assert_eq!(
        (facts[0].floor_m2(), facts[0].energy_class),
        (100.0, Some(EnergyClass::B))
    );
    let area = footprint::area_m2(&plan.added["B2"].building.footprint);
    assert!((facts[1].floor_m2() - area * 10.0).abs() < 1e-6);
}

#[test]
fn what_is_built_on_a_park_is_no_longer_green() {
    let city = city();
    let park_m2 = city.green_m2().unwrap();
    assert!((park_m2 - 103.0 * 110.7).abs() < 100.0, "{park_m2}");
    let left = |outline: Polygon<f64>| {
        let kind = OperationKind::AddBuilding {
            building: building("x", outline),
        };
        park_m2
            - city
                .green_m2_under(&fold(&scenario([kind]), NOW, &city))
                .unwrap()
    };
    // Half of it, all of it, none of it; a frame around it whose hole is the park.
    assert!((left(rectangle(0.0105, -0.001, 0.002, 0.003)) / park_m2 - 0.5).abs() < 1e-6);
    assert!((left(rectangle(0.009, -0.001, 0.003, 0.003)) / park_m2 - 1.0).abs() < 1e-6);
    assert_eq!(left(rectangle(0.02, 0.0, 0.001, 0.001)), 0.0);
    let hole = rectangle(0.01, 0.0, 0.001, 0.001);
    let frame = Polygon::new(
        rectangle(0.009, -0.001, 0.003, 0.003).exterior().clone(),
        vec![hole.exterior().clone()],
    );
    assert!(left(frame).abs() < 1e-6);
    let inside = rectangle(0.0102, 0.0002, 0.0004, 0.0004);
    assert!((left(inside.clone()) - footprint::area_m2(&inside)).abs() < 0.01);
}

#[test]
fn lists_of_cities_are_read_or_refused() {
    let base = city();
    assert_eq!((base.len(), base.streets().count()), (3, 2));
    let feature = base.feature("B2").unwrap();
    assert_eq!(feature.attributes["use"], Value::Text("Office".into()));
    assert_eq!(base.street("R1").unwrap().name, "Harbour Road");
    assert_eq!(base.street("R2").unwrap().centre.lat, 22.291);
    let old = r#"{"buildings": {"id": ["B1"], "lon": [1], "lat": [2], "top_m": [3], "height_m": [3], "district": [0]}}"#;
    assert!(!CityIndex::parse(old.as_bytes(), "c").unwrap().has_facts());
    for (json, expected) in [
        ("{", "city.json:1:1: EOF"),
        (
            r#"{"buildings": {"id": ["B1"]}}"#,
            "column lon of buildings has 0 values for 1 buildings",
        ),
        (
            r#"{"buildings": {"id": [1]}}"#,
            "city.json:1:23: invalid type",
        ),
    ] {
        let said = CityIndex::parse(json.as_bytes(), "city.json")
            .unwrap_err()
            .to_string();
        assert!(said.contains(expected), "{said}");
    }
    let edge = r#"{"names": [], "nodes": [], "edges": [{"a": 0, "b": 1, "class": "", "kind": "", "name": 0, "length_m": 1, "speed_kmh": 1, "lanes": 1}]}"#;
    let said = city()
        .read_streets(edge.as_bytes(), "streets.json")
        .unwrap_err()
        .to_string();
    assert!(
        said.contains("edge 0 runs from node 0 to node 1, and there are 0"),
        "{said}"
    );
}
