//! Tables that are joined to features.

use city_tiles::metadata::join::JoinTable;
use city_tiles::metadata::{Column, ColumnValues, FeatureTable, PropertyTable};

/// Tables with commas, semicolons and tabs, quotes, units and damaged lines.
pub fn seeds() -> Vec<Vec<u8>> {
    [
        "id,demand [kWh],owner\nB1,12.5,\"Wong, A.\"\nB2,,\n",
        "\u{feff}name;id;area\r\nA;B1;1,5\r\nB;;2\r\nC;B2\r\n",
        "id\tv\nB1\t1e3\nB1\t\"a\nb\"\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

/// Reads bytes as a table and joins it: every feature keeps its row, and a row's value is found by its name.
pub fn hold(bytes: &[u8]) {
    let Ok(table) = JoinTable::read_csv(bytes, None) else {
        return;
    };
    let text = "B1B2".to_owned();
    let mut features = FeatureTable::default();
    features.tables.push(PropertyTable {
        count: 2,
        columns: vec![Column::new(
            "id",
            ColumnValues::Text {
                ends: vec![2, 4],
                text,
            },
        )],
        ..Default::default()
    });
    features.push_block(2, Some(0), None);
    let Some((joined, found)) = table.join(&features, None, "table") else {
        return;
    };
    assert!((1..=2).contains(&found) && joined.len() == 2);
    for feature in 0..2 {
        let properties = joined.properties(feature);
        assert_eq!(properties.len(), table.columns.len() + 1);
        assert_eq!(properties[0].value, features.properties(feature)[0].value);
    }
}
