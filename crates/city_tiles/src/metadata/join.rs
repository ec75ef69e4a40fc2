//! Joining: rows of a table of one's own (RFC 4180, CSV) become properties of the features that they name.

use std::collections::HashMap;

use super::{Column, ColumnValues, FeatureTable, PropertyTable, PropertyValue};

/// Bytes of a table.
pub const MAX_BYTES: usize = 32 << 20;
/// Columns of a table.
pub const MAX_COLUMNS: usize = 200;
/// Rows of a table.
pub const MAX_ROWS: usize = 1_000_000;
/// Rows that are told apart when some are left out; more are counted.
const TOLD_ROWS: usize = 5;

/// Why a table cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// It is larger than what is read.
    #[error("it has {found} {what}, and at most {limit} are read")]
    TooLarge {
        /// Of what there is too much.
        what: &'static str,
        /// How much.
        found: usize,
        /// How much is allowed.
        limit: usize,
    },
    /// It has no line of column names and a row below it.
    #[error("it needs a first line with the names of at least two columns, and rows below it")]
    NoRows,
    /// Two columns are called the same.
    #[error("two columns are called {0:?}; each needs a name of its own")]
    SameName(String),
    /// The column that was named as the key is not there.
    #[error("it has no column {wanted:?}; its columns are {found}")]
    NoKey {
        /// The name.
        wanted: String,
        /// The names that are there.
        found: String,
    },
    /// The text is damaged.
    #[error("line {line}: {what}")]
    Damaged {
        /// Counted from 1.
        line: u64,
        /// What is wrong.
        what: String,
    },
}

/// A table whose rows are found by the identifier of a feature.
#[derive(Debug, Clone, PartialEq)]
pub struct JoinTable {
    /// The column that names features.
    pub key: String,
    /// The other columns: numbers where every cell is one or is empty, text otherwise.
    pub columns: Vec<Column>,
    /// Row by identifier.
    rows: HashMap<String, u32>,
    /// What was left out, for people.
    pub warnings: Vec<String>,
}

/// Names of the properties by which producers identify features, the surest first.
const KEYS: [&str; 5] = ["id", "identificatie", "gml_id", "gml:id", "bag_id"];

impl PropertyTable {
    /// The column that identifies the features, by what producers call it.
    #[must_use]
    pub fn key_column(&self) -> Option<&Column> {
        let known = |column: &&Column| KEYS.contains(&column.id.as_str());
        let ends = |column: &&Column| column.id.to_lowercase().ends_with("id");
        let columns = || self.columns.iter();
        columns().find(known).or_else(|| columns().find(ends))
    }
}

impl JoinTable {
    /// Reads a table: UTF-8, a first line of names, cells parted by comma, semicolon or tab, whichever the first line
    /// has most of. Without `key` the column is taken that is called like an identifier, or else the first. Where
    /// semicolons part the cells, numbers may have a decimal comma.
    ///
    /// # Errors
    /// It is no such table, or larger than the limits. Single rows that are damaged are left out with a warning.
    pub fn read_csv(bytes: &[u8], key: Option<&str>) -> Result<Self, JoinError> {
        limit("bytes", bytes.len(), MAX_BYTES)?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let delimiter = delimiter(bytes);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .trim(csv::Trim::All)
            .flexible(true)
            .from_reader(bytes);
        let names: Vec<String> = match reader.headers() {
            Ok(names) => names.iter().map(str::to_owned).collect(),
            Err(error) => return Err(damaged(&error)),
        };
        limit("columns", names.len(), MAX_COLUMNS)?;
        if names.len() < 2 {
            return Err(JoinError::NoRows);
        }
        for (index, name) in names.iter().enumerate() {
            if names[..index].contains(name) {
                return Err(JoinError::SameName(name.clone()));
            }
        }
        let key_at = key_index(&names, key)?;
        let mut cells: Vec<Vec<String>> = vec![Vec::new(); names.len()];
        let mut rows: HashMap<String, u32> = HashMap::new();
        let mut left_out = LeftOut::default();
        let mut twice = 0_usize;
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    left_out.note(error.position().map(csv::Position::line), &error);
                    continue;
                }
            };
            let line = record.position().map(csv::Position::line);
            if record.len() != names.len() {
                let what = format!("{} cells instead of {}", record.len(), names.len());
                left_out.note(line, &what);
                continue;
            }
            let id = record.get(key_at).unwrap_or_default();
            if id.is_empty() {
                left_out.note(line, &"the key is empty");
                continue;
            }
            let row = cells.first().map_or(0, Vec::len);
            limit("rows", row + 1, MAX_ROWS)?;
            // The later of two rows is the newer one.
            twice += usize::from(rows.insert(id.to_owned(), row as u32).is_some());
            for (column, cell) in cells.iter_mut().zip(record.iter()) {
                column.push(cell.to_owned());
            }
        }
        if rows.is_empty() {
            return Err(match left_out.told.first() {
                Some(told) => JoinError::Damaged {
                    line: told.0,
                    what: told.1.clone(),
                },
                None => JoinError::NoRows,
            });
        }
        let mut warnings = left_out.say();
        if twice > 0 {
            warnings.push(format!(
                "{twice} rows name a feature that an earlier row names; the later one counts"
            ));
        }
        let decimal_comma = delimiter == b';';
        let columns = names
            .iter()
            .zip(cells)
            .enumerate()
            .filter(|(index, _)| *index != key_at)
            .map(|(_, (name, cells))| typed(name, cells, decimal_comma))
            .collect();
        Ok(Self {
            key: names.get(key_at).cloned().unwrap_or_default(),
            columns,
            rows,
            warnings,
        })
    }

    /// Number of features that are named.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no feature is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The features' table with this one's columns added, and how many features have a row; none where no feature
    /// does. `feature_key` is the property that identifies features, found by its name where it is not given. A
    /// property of the tiles keeps its name: a column of the same name gets the table's name before its own.
    #[must_use]
    pub fn join(
        &self,
        features: &FeatureTable,
        feature_key: Option<&str>,
        name: &str,
    ) -> Option<(FeatureTable, u32)> {
        let mut found = 0;
        let mut joined: Option<FeatureTable> = None;
        for (index, table) in features.tables.iter().enumerate() {
            let key = match feature_key {
                Some(id) => table.columns.iter().find(|column| column.id == id),
                None => table.key_column(),
            };
            let Some(key) = key else { continue };
            let rows: Vec<Option<u32>> = (0..table.count as usize)
                .map(|row| self.row(&key.value(row)))
                .collect();
            let here = rows.iter().flatten().count() as u32;
            if here == 0 {
                continue;
            }
            found += here;
            let all = joined.get_or_insert_with(|| features.clone());
            let Some(target) = all.tables.get_mut(index) else {
                continue;
            };
            for column in &self.columns {
                let mut column = taken(column, &rows);
                if target.columns.iter().any(|other| other.id == column.id) {
                    column.id = format!("{name} {}", column.id);
                }
                target.columns.push(column);
            }
        }
        joined.map(|joined| (joined, found))
    }

    fn row(&self, id: &PropertyValue) -> Option<u32> {
        match id {
            PropertyValue::NoData => None,
            PropertyValue::String(text) => self.rows.get(text).copied(),
            other => self.rows.get(&other.to_string()).copied(),
        }
    }
}

/// Rows that are left out.
#[derive(Default)]
struct LeftOut {
    told: Vec<(u64, String)>,
    more: usize,
}

impl LeftOut {
    fn note(&mut self, line: Option<u64>, what: &dyn std::fmt::Display) {
        if self.told.len() < TOLD_ROWS {
            self.told.push((line.unwrap_or(0), what.to_string()));
        } else {
            self.more += 1;
        }
    }

    fn say(&self) -> Vec<String> {
        let told = self.told.iter();
        let mut said: Vec<String> = told
            .map(|(line, what)| format!("line {line} is left out: {what}"))
            .collect();
        if self.more > 0 {
            said.push(format!("{} more lines are left out", self.more));
        }
        said
    }
}

fn limit(what: &'static str, found: usize, limit: usize) -> Result<(), JoinError> {
    if found > limit {
        return Err(JoinError::TooLarge { what, found, limit });
    }
    Ok(())
}

fn damaged(error: &csv::Error) -> JoinError {
    JoinError::Damaged {
        line: error.position().map_or(1, csv::Position::line),
        what: error.to_string(),
    }
}

/// What parts the cells: of the usual ones that which the first line has most of.
fn delimiter(bytes: &[u8]) -> u8 {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or(bytes);
    let count = |wanted: u8| first.iter().filter(|byte| **byte == wanted).count();
    let usual = [b'\t', b';', b','];
    usual
        .into_iter()
        .max_by_key(|byte| count(*byte))
        .unwrap_or(b',')
}

fn key_index(names: &[String], key: Option<&str>) -> Result<usize, JoinError> {
    match key {
        Some(key) => {
            let place = names.iter().position(|name| name == key);
            place.ok_or_else(|| JoinError::NoKey {
                wanted: key.to_owned(),
                found: names.join(", "),
            })
        }
        None => {
            let like = |name: &String| KEYS.contains(&name.to_lowercase().as_str());
            Ok(names.iter().position(like).unwrap_or(0))
        }
    }
}

/// A column of numbers where all its cells are numbers or empty, else of text.
fn typed(name: &str, cells: Vec<String>, decimal_comma: bool) -> Column {
    let empty = |(row, cell): (usize, &String)| cell.is_empty().then_some(row as u32);
    let no_data: Vec<u32> = cells.iter().enumerate().filter_map(empty).collect();
    let numbers: Option<Vec<f64>> = cells
        .iter()
        .map(|cell| match cell.as_str() {
            "" => Some(f64::NAN),
            cell => number(cell, decimal_comma),
        })
        .collect();
    let values = match numbers {
        Some(numbers) if no_data.len() < cells.len() => ColumnValues::F64(numbers),
        _ => text(cells.iter().map(String::as_str)),
    };
    let (id, unit) = split_unit(name);
    Column {
        unit,
        no_data,
        ..Column::new(id, values)
    }
}

/// `demand [kWh]` is a name with its unit.
fn split_unit(name: &str) -> (&str, Option<String>) {
    match name
        .strip_suffix(']')
        .and_then(|rest| rest.rsplit_once('['))
    {
        Some((id, unit)) if !id.trim().is_empty() && !unit.trim().is_empty() => {
            (id.trim(), Some(unit.trim().to_owned()))
        }
        _ => (name, None),
    }
}

fn number(cell: &str, decimal_comma: bool) -> Option<f64> {
    let parsed = match decimal_comma && cell.contains(',') {
        true => cell.replacen(',', ".", 1).parse(),
        false => cell.parse::<f64>(),
    };
    // `inf` and `nan` are words here.
    parsed.ok().filter(|number: &f64| number.is_finite())
}

fn text<'a>(cells: impl Iterator<Item = &'a str>) -> ColumnValues {
    let (mut ends, mut text) = (Vec::new(), String::new());
    for cell in cells {
        text.push_str(cell);
        ends.push(text.len() as u32);
    }
    ColumnValues::Text { ends, text }
}

/// The rows of a column that features have, in the features' order.
fn taken(column: &Column, rows: &[Option<u32>]) -> Column {
    let has = |row: &Option<u32>| row.filter(|row| column.no_data.binary_search(row).is_err());
    let no_data = (0_u32..)
        .zip(rows)
        .filter_map(|(index, row)| has(row).is_none().then_some(index));
    let values = match &column.values {
        ColumnValues::F64(numbers) => ColumnValues::F64(
            rows.iter()
                .map(|row| {
                    let number = row.and_then(|row| numbers.get(row as usize));
                    number.copied().unwrap_or(f64::NAN)
                })
                .collect(),
        ),
        other => {
            let cells: Vec<PropertyValue> = rows
                .iter()
                .map(|row| row.map_or(PropertyValue::NoData, |row| other.get(row as usize)))
                .collect();
            text(cells.iter().map(|cell| cell.as_str().unwrap_or_default()))
        }
    };
    Column {
        unit: column.unit.clone(),
        no_data: no_data.collect(),
        ..Column::new(column.id.clone(), values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(ids: &[&str]) -> FeatureTable {
        let mut features = FeatureTable::default();
        features.tables.push(PropertyTable {
            count: ids.len() as u32,
            columns: vec![
                Column::new("height", ColumnValues::F64(vec![1.0; ids.len()])),
                Column::new("id", text(ids.iter().copied())),
            ],
            ..Default::default()
        });
        features.push_block(ids.len() as u32, Some(0), None);
        features
    }

    fn value(table: &FeatureTable, feature: u32, name: &str) -> PropertyValue {
        table.lookup(feature, name).unwrap()
    }

    #[test]
    fn rows_become_properties_of_the_features_they_name() {
        let csv = "\u{feff}ID,demand [kWh],owner,height\r\nB2,12.5,\"Wong, A.\",7\r\nB9,1,x,1\r\nB1,,,2\r\n";
        let table = JoinTable::read_csv(csv.as_bytes(), None).unwrap();
        assert_eq!((table.key.as_str(), table.len()), ("ID", 3));
        let (joined, found) = table
            .join(&features(&["B1", "B2", "B3"]), None, "energy")
            .unwrap();
        assert_eq!(found, 2);
        assert_eq!(value(&joined, 1, "demand"), PropertyValue::F64(12.5));
        assert_eq!(value(&joined, 1, "owner").to_string(), "Wong, A.");
        for (feature, name) in [(0, "demand"), (0, "owner"), (2, "demand"), (2, "owner")] {
            assert_eq!(
                value(&joined, feature, name),
                PropertyValue::NoData,
                "{feature} {name}"
            );
        }
        // What the tiles say keeps its name.
        assert_eq!(value(&joined, 1, "height"), PropertyValue::F64(1.0));
        assert_eq!(value(&joined, 1, "energy height"), PropertyValue::F64(7.0));
        let unit = |name: &str| {
            let properties = joined.properties(1);
            properties.into_iter().find(|p| p.id == name).unwrap().unit
        };
        assert_eq!(unit("demand").as_deref(), Some("kWh"));
        assert_eq!(unit("owner"), None);
        assert_eq!(table.join(&features(&["C1"]), None, "energy"), None);
    }

    #[test]
    fn semicolons_tabs_decimal_commas_and_numbers_as_identifiers() {
        let csv = "name;code;area\nA;7;1,5\nB;8;2\n";
        let table = JoinTable::read_csv(csv.as_bytes(), Some("code")).unwrap();
        let mut numbered = features(&["x", "y"]);
        numbered.tables[0].columns[1] = Column::new("nr", ColumnValues::I64(vec![8, 7]));
        let (joined, found) = table.join(&numbered, Some("nr"), "t").unwrap();
        assert_eq!(found, 2);
        assert_eq!(value(&joined, 1, "area"), PropertyValue::F64(1.5));
        assert_eq!(value(&joined, 0, "name").to_string(), "B");
        assert_eq!(table.join(&numbered, Some("other"), "t"), None);
        let tabs = JoinTable::read_csv(b"id\tv\nB1\t3\n", None).unwrap();
        assert_eq!(tabs.columns[0].values, ColumnValues::F64(vec![3.0]));
        // A column is numbers or it is text.
        let mixed = JoinTable::read_csv(b"id,v\nB1,3\nB2,inf\n", None).unwrap();
        assert_eq!(mixed.columns[0].value(0).to_string(), "3");
        assert_eq!(mixed.columns[0].value(0).as_f64(), None);
    }

    #[test]
    fn damaged_rows_are_told_and_the_rest_is_joined() {
        let csv = b"id,v\nB1,1\nB2\n,5\nB3,\xff\nB1,4\n";
        let table = JoinTable::read_csv(csv, None).unwrap();
        assert_eq!(table.len(), 1);
        let said = table.warnings.join("\n");
        for part in [
            "line 3 ",
            "1 cells instead of 2",
            "line 4 ",
            "empty",
            "line 5 ",
            "UTF-8",
            "1 rows name",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let (joined, _) = table.join(&features(&["B1"]), None, "t").unwrap();
        assert_eq!(
            value(&joined, 0, "v"),
            PropertyValue::F64(4.0),
            "the later row counts"
        );
    }

    #[test]
    fn what_is_no_table_says_why() {
        let read = |text: &str, key| JoinTable::read_csv(text.as_bytes(), key).unwrap_err();
        assert_eq!(read("", None), JoinError::NoRows);
        assert_eq!(read("id,v\n", None), JoinError::NoRows);
        assert_eq!(read("only\n1\n", None), JoinError::NoRows);
        assert_eq!(
            read("id,v,v\n1,2,3\n", None),
            JoinError::SameName("v".into())
        );
        let missing = read("id,v\n1,2\n", Some("key")).to_string();
        assert!(
            missing.contains("\"key\"") && missing.contains("id, v"),
            "{missing}"
        );
        assert_eq!(
            read("id,v\n1\n", None),
            JoinError::Damaged {
                line: 2,
                what: "1 cells instead of 2".into()
            }
        );
        let wide = vec!["c"; MAX_COLUMNS + 1].join(",");
        assert!(read(&wide, None).to_string().contains("201 columns"));
    }
}
