use std::collections::BTreeMap;
use std::path::Path;

use city_tiles::check::{
    CheckOptions, Issue, Severity, check, check_buffers, check_content, check_property_table,
    check_schema, check_subtree,
};
use serde_json::{Value, json};

use crate::samples::{Disk, samples};

/// Files (by the end of their path) of which this program says something else, and why that is.
const OTHERWISE: &[(&str, &str)] = &[
    (
        ".3dtiles",
        "a database is opened by the program's own source of files, not by the one of these tests",
    ),
    (
        "customSemanticsSchema.json",
        "a schema, which the reference reads together with a configuration of semantics that is not among the samples",
    ),
    (
        "validTilesetWithInvalidSchemaFromUri.json",
        "the schema that it refers to is not among the samples",
    ),
    (
        "validTilesetWithValidSchemaFromUri.json",
        "the schema that it refers to is not among the samples",
    ),
    (
        "PropertyTextureEnumsInvalidEnumValue.gltf",
        "two values are wrong, one of them inside an array; the reference tells that one twice",
    ),
    (
        "validTilesetWithValidCmptWithGlbInfo.json",
        "the reference passes on remarks of a glTF validator about a model inside it, which is in order",
    ),
];

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap_or(Value::Null)
}

fn issues_of(suite: &str, data: &Path, path: &Path) -> Vec<Issue> {
    let location = path.to_str().unwrap();
    match suite {
        "BinaryBufferStructure" => check_buffers(&read(path)),
        "MetadataSchemaValidation" => check_schema(&read(path)),
        "PropertyTableValidation" => {
            let schema = read(&data.join("schemas/FullMetadataSchema.json"));
            check_property_table(&read(path)["propertyTables"][0], 2, &schema)
        }
        "SubtreeValidation" => {
            let tiling = read(&data.join("subtrees/validSubtreeImplicitTiling.json.input"));
            // The schema that belongs to these files is not among them; this is what they use of it.
            let schema = json!({"id": "EXAMPLE", "classes": {"exampleClass": {}}});
            check_subtree(&mut Disk, location, &tiling, Some(&schema))
        }
        "ExtInstanceFeaturesValidation"
        | "ExtMeshFeaturesValidation"
        | "ExtStructuralMetadataValidation"
        | "ExtValidation" => {
            // What this program cannot draw is told as information, and no fault of the file.
            let mut issues = check_content(&mut Disk, location);
            issues.retain(|i| i.severity != Severity::Info);
            issues
        }
        _ => check(&mut Disk, location, &CheckOptions::default()).issues,
    }
}

/// As many outermost issues as expected, and of the expected types; the types that are listed beyond that many are
/// causes.
fn agrees(found: &[Issue], count: usize, types: &[&str]) -> bool {
    let outer: Vec<&str> = found.iter().map(|i| i.kind).collect();
    if outer.len() != count {
        return false;
    }
    let inside: Vec<&str> = found
        .iter()
        .flat_map(|i| i.flattened())
        .map(|i| i.kind)
        .collect();
    let listed = &types[..types.len().min(count)];
    let mut rest = outer;
    listed.iter().all(|t| {
        rest.iter()
            .position(|o| o == t)
            .map(|at| rest.remove(at))
            .is_some()
    }) && types.iter().all(|t| inside.contains(t))
}

#[test]
fn the_reference_validator_is_agreed_with() {
    let Some(root) = samples() else { return };
    let root = root.join("CesiumGS__3d-tiles-validator");
    let data = root.join("specs/data");
    let table = std::fs::read_to_string(root.join("EXPECTED.tsv")).unwrap();
    let mut suites: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let (mut differences, mut unexpected, mut settled) = (Vec::new(), Vec::new(), Vec::new());
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [suite, file, count, ..] = fields[..] else {
            continue;
        };
        let path = root.join(file);
        let tally = suites.entry(suite).or_default();
        tally.1 += 1;
        let types: Vec<&str> = fields.get(3).map_or(Vec::new(), |t| {
            t.split(',').filter(|t| !t.is_empty()).collect()
        });
        let found = issues_of(suite, &data, &path);
        let reason = OTHERWISE.iter().find(|(end, _)| file.ends_with(end));
        if agrees(&found, count.parse().unwrap(), &types) {
            tally.0 += 1;
            settled.extend(reason.map(|_| file));
            continue;
        }
        let kinds: Vec<_> = found
            .iter()
            .flat_map(|i| i.flattened())
            .map(|i| i.kind)
            .collect();
        let what = format!(
            "{suite}\t{file}\n   expected {count} {types:?}, found {} {kinds:?}",
            found.len()
        );
        match reason {
            Some((_, why)) => differences.push(format!("{what}\n   {why}")),
            None => unexpected.push(what),
        }
    }
    let (agreed, all) = suites
        .values()
        .fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
    for difference in &differences {
        println!("{difference}");
    }
    for (suite, (agreed, all)) in &suites {
        println!("{suite}: {agreed} of {all}");
    }
    println!("agreement with the reference validator: {agreed} of {all} files");
    assert!(unexpected.is_empty(), "{}", unexpected.join("\n"));
    assert!(
        settled.is_empty(),
        "these agree by now; take them from the list: {settled:?}"
    );
    assert!(agreed > 270, "most of the table is gone: {agreed} files");
}
