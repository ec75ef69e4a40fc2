use crate::*;
use proptest::prelude::*;

#[test]
fn every_kind_is_read_and_written_back_to_the_byte() {
    let scenario = parse(ALL_KINDS);
    let kinds: Vec<&str> = scenario.operations.iter().map(|o| o.kind.id()).collect();
    assert_eq!(kinds, OperationKind::IDS);
    assert_eq!(scenario.to_toml(), ALL_KINDS);
    assert_eq!(parse(&scenario.to_toml()), scenario);
    let bytes = [b"\xef\xbb\xbf", ALL_KINDS.as_bytes()].concat();
    assert_eq!(Scenario::parse_bytes(&bytes, "s.toml").unwrap().0, scenario);
}

/// What is said about a file that cannot be read.
fn refusal(text: &str) -> String {
    Scenario::parse(text, "s.toml").unwrap_err().to_string()
}

const HEAD: &str = "id = \"a\"\nname = \"A\"\nbase = \"b\"\n";

#[test]
fn files_that_cannot_be_read_are_refused_with_their_place() {
    let newer = refusal("schema = 2\nwhatever = 1\n");
    assert!(
        newer.starts_with("s.toml:1:10: ") && newer.contains("newer version"),
        "{newer}"
    );
    let cases = [
        (
            format!("{HEAD}nmae = 1\n"),
            "s.toml:4:1: unknown key \"nmae\". Did you mean \"name\"?",
        ),
        (
            "id = \"a\"\nbase = \"b\"".to_owned(),
            "the key \"name\" is missing",
        ),
        (
            format!("schema = 0\n{HEAD}"),
            "s.toml:1:10: schema is 0, not a version number",
        ),
        (
            "id = \"A b\"\nname = \"A\"\nbase = \"b\"\n".to_owned(),
            "s.toml:1:6: \"A b\" cannot be the id",
        ),
        (
            "id = \"a\"\nname = \" \"\nbase = \"b\"\n".to_owned(),
            "s.toml:2:8: name",
        ),
        (
            format!("{HEAD}[[operation]]\nkind = \"blow-up\"\n"),
            "s.toml:5:8: \"blow-up\" is not one of the choices",
        ),
        (
            format!("{HEAD}[[operation]]\nkind = \"hide-features\"\nidz = []\n"),
            "s.toml:6:1: unknown key \"idz\"",
        ),
        (
            format!("{HEAD}[[operation]]\nkind = \"close-street\"\nurl = \"u\"\nstreet = \"R1\"\n"),
            "s.toml:6:7: the key \"url\" does not belong to close-street",
        ),
        (
            format!("{HEAD}[[operation]]\nkind = \"close-street\"\n"),
            "the key \"street\" is missing, which close-street needs",
        ),
        (
            format!(
                "{HEAD}[[operation]]\nkind = \"set-input\"\nmodel = \"m\"\ninput = \"i\"\nvalue = \"x\"\n"
            ),
            "s.toml:8:9: the input's value is x, not a number",
        ),
        (
            format!(
                "{HEAD}[[operation]]\nkind = \"add-building\"\n[operation.building]\nfootprint = []\nheight_m = 1\nroof_color = \"red\"\n"
            ),
            "s.toml:9:14: \"red\" is not a colour",
        ),
        (
            format!(
                "{HEAD}[[operation]]\nkind = \"add-building\"\nwindow = {{ from = \"2027\" }}\n"
            ),
            "\"2027\" is not a time",
        ),
        (
            "x".repeat(MAX_SCENARIO_BYTES + 1),
            "more than the 1048576 of a scenario",
        ),
        (
            format!(
                "{HEAD}{}",
                "[[operation]]\nkind=\"close-street\"\nstreet=\"r\"\n".repeat(MAX_OPERATIONS + 1)
            ),
            "there are 2001 of [[operation]]. At most 2000 are taken",
        ),
    ];
    for (text, expected) in cases {
        let said = refusal(&text);
        assert!(said.contains(expected), "{said}\nnot: {expected}");
    }
    assert!(Scenario::parse_bytes(b"id = \"\xff\"", "s.toml").is_err());
}

#[test]
fn too_many_corners_are_refused() {
    let corner = "[114.0, 22.0],".repeat(MAX_SCENARIO_VERTICES / 20);
    let operation = format!("[[operation]]\nkind = \"hide-polygon\"\npolygon = [{corner}]\n");
    let said = refusal(&format!("{HEAD}{}", operation.repeat(21)));
    assert!(said.contains("corners"), "{said}");
}

#[test]
fn one_wrong_operation_is_said_and_the_rest_is_applied() {
    let operation = |body: &str| format!("[[operation]]\n{body}\n");
    let outline = "[[114.17, 22.29], [114.18, 22.29], [114.18, 22.30], [114.17, 22.30]]";
    let crossed = "[[114.17, 22.29], [114.18, 22.30], [114.18, 22.29], [114.17, 22.30]]";
    let house = |footprint: &str, rest: &str| {
        operation(&format!(
            "kind = \"add-building\"\n[operation.building]\nfootprint = {footprint}\n{rest}"
        ))
    };
    let cases = [
        (
            house(crossed, "height_m = 9"),
            "the side after corner 1 meets the side after corner 3 at 114.175000, 22.295000",
        ),
        (house(outline, "height_m = 0"), "the building is 0 m high"),
        (
            house(outline, "height_m = nan"),
            "the building is NaN m high",
        ),
        (house(outline, "height_m = 9\nstoreys = 0"), "0 storeys"),
        (
            house(
                "[[114.17, 22.29], [114.18, nan], [114.18, 22.30]]",
                "height_m = 9",
            ),
            "corner 2 of the outline is no place",
        ),
        (
            house("[[114.17, 22.29], [114.18, 22.29]]", "height_m = 9"),
            "no three corners",
        ),
        (
            house(
                "[[114.17, 22.29], [114.18, 22.29], [114.19, 22.29]]",
                "height_m = 9",
            ),
            "crosses itself",
        ),
        (
            house(
                "[[22.29, 114.17], [22.30, 114.17], [22.30, 114.18]]",
                "height_m = 9",
            ),
            "longitude first",
        ),
        (
            house(
                "[[110.0, 22.0], [111.0, 22.0], [111.0, 23.0]]",
                "height_m = 9",
            ),
            "spans 1.00 degrees",
        ),
        (
            house(
                outline,
                "height_m = 9\nholes = [[[114.2, 22.4], [114.3, 22.4], [114.3, 22.5]]]",
            ),
            "not contained",
        ),
        (
            operation(
                "kind = \"close-street\"\nstreet = \"R1\"\nwindow = { from = \"2030-01-01T00:00:00Z\", to = \"2029-01-01T00:00:00Z\" }",
            ),
            "its time window ends (2029-01-01T00:00:00Z) before it begins (2030-01-01T00:00:00Z). Swap from and to",
        ),
        (
            operation("kind = \"close-street\"\nstreet = \"\""),
            "cannot be used in street",
        ),
        (
            operation("kind = \"hide-features\"\nids = []"),
            "names 0 features",
        ),
        (
            operation("kind = \"set-input\"\nmodel = \"m\"\ninput = \"i\"\nvalue = inf"),
            "value is inf",
        ),
        (
            operation("kind = \"place-model\"\nurl = \"a.glb\"\nposition = { lon = 200, lat = 0 }"),
            "lon is 200. It must be between -180 and 180",
        ),
        (
            operation(
                "kind = \"place-model\"\nurl = \"a.glb\"\nscale = 0\nposition = { lon = 1, lat = 0 }",
            ),
            "scale is 0",
        ),
        (
            operation("kind = \"change-street\"\nstreet = \"R\"\nattributes = {}"),
            "sets 0 attributes",
        ),
    ];
    for (wrong, expected) in cases {
        let text = format!(
            "{HEAD}{wrong}{}",
            operation("id = \"good\"\nkind = \"close-street\"\nstreet = \"R1\"")
        );
        let (scenario, problems) = Scenario::parse(&text, "s.toml").unwrap();
        assert_eq!(problems.len(), 1, "{text}\n{problems:?}");
        let said = problems[0].to_string();
        assert!(
            said.starts_with("operation 1 (\"op-1\", line ") && said.contains(expected),
            "{said}\nnot: {expected}"
        );
        assert_eq!(
            scenario.operations.len(),
            2,
            "kept, so that saving loses nothing"
        );
        let plan = fold(&scenario, NOW, &NoBase);
        assert_eq!(plan.streets.keys().collect::<Vec<_>>(), ["R1"], "{text}");
        assert_eq!(plan.problems.len(), 1);
        assert!(plan.added.is_empty() && plan.models.is_empty());
        // Also after saving.
        let (again, problems) = Scenario::parse(&scenario.to_toml(), "s.toml").unwrap();
        assert_eq!((again.operations.len(), problems.len()), (2, 1));
        assert_eq!(again.problems().len(), 1);
    }
}

#[test]
fn an_id_that_comes_twice_is_changed_and_said() {
    let street = |id: &str| {
        format!("[[operation]]\nid = \"{id}\"\nkind = \"close-street\"\nstreet = \"{id}\"\n")
    };
    let text = format!("{HEAD}{}{}{}", street("x"), street("x"), street("x-2"));
    let (scenario, problems) = Scenario::parse(&text, "s.toml").unwrap();
    let ids: Vec<&str> = scenario.operations.iter().map(|o| o.id.as_str()).collect();
    assert_eq!(ids, ["x", "x-3", "x-2"]);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].place, Some((9, 6)), "{}", problems[0]);
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_back(
        name in "\\PC{1,20}", reason in any::<String>(), ids in proptest::collection::vec("[ -~]{1,12}", 1..4),
        x in -179.0..179.0f64, y in -89.0..89.0f64, size in 1e-4..1e-2f64, height_m in 0.1..900.0f64,
        value in any::<f64>(), from in any::<i64>(),
    ) {
        prop_assume!(!name.trim().is_empty() && ids.iter().all(|id| !id.trim().is_empty()));
        let mut scenario = scenario([
            OperationKind::HideFeatures { ids },
            OperationKind::AddBuilding { building: Building { height_m, ..building(&reason, polygon![
                (x: x, y: y), (x: x + size, y: y), (x: x, y: y + size)]) } },
            set("f", "a", Value::Text(reason.clone())),
            set("f", "a", Value::Number(value)),
        ]);
        scenario.name = name;
        scenario.operations[0].reason = reason;
        scenario.operations[1].window = Some(Window { from: Some(SimInstant(from)), to: None });
        let text = scenario.to_toml();
        let (again, _) = Scenario::parse(&text, "s.toml").map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
        prop_assert_eq!(again.to_toml(), text);
        if value.is_finite() {
            prop_assert_eq!(again, scenario);
        }
    }

    #[test]
    fn any_text_gives_a_scenario_or_an_error_that_names_the_file(text in "\\PC{0,200}") {
        if let Err(error) = Scenario::parse(&text, "s.toml") {
            prop_assert!(error.to_string().starts_with("s.toml"));
        }
    }
}
