//! Several features as one table: what their numbers add up to, and the table as CSV.

use super::{Property, PropertyValue};

/// A property that some of the features have.
#[derive(Debug, Clone, PartialEq)]
pub struct GatheredColumn {
    /// The schema's id of the property.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// The unit, where the schema names one.
    pub unit: Option<String>,
}

/// Features with their properties, whatever tables they come from. Columns are told apart by id and unit, so that
/// metres and feet are never added.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gathered {
    columns: Vec<GatheredColumn>,
    rows: Vec<Vec<PropertyValue>>,
}

/// What a column of numbers comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Total {
    /// The property.
    pub column: GatheredColumn,
    /// How many features have a number.
    pub count: usize,
    /// The sum, where it means something.
    pub sum: Option<f64>,
    /// The mean.
    pub mean: f64,
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
    /// They are years of the calendar: whole numbers that nobody parts by thousands.
    pub is_year: bool,
}

/// Columns that are kept; features of hostile data may have any number.
const MOST_COLUMNS: usize = 256;

/// Units of amounts: of two things together there is the sum. Of a temperature, a height or a share there is not.
const AMOUNTS: [&str; 34] = [
    "m²", "m2", "m^2", "ha", "km²", "km2", "ft²", "ft2", "sqft", "sqm", "m³", "m3", "l", "L", "J",
    "kJ", "MJ", "GJ", "Wh", "kWh", "MWh", "GWh", "W", "kW", "MW", "g", "kg", "t", "tCO2", "kgCO2",
    "person", "persons", "people", "1",
];

/// Parts of ids of whole numbers that name or date a thing, or that do not add up.
const NO_AMOUNTS: [&str; 14] = [
    "id", "code", "class", "type", "year", "date", "month", "level", "zone", "number", "no", "nr",
    "lod", "index",
];

impl Gathered {
    /// Adds a feature with its properties.
    pub fn add(&mut self, properties: Vec<Property>) {
        let mut row = vec![PropertyValue::NoData; self.columns.len()];
        for property in properties {
            let is_same =
                |column: &GatheredColumn| column.id == property.id && column.unit == property.unit;
            let index = match self.columns.iter().position(is_same) {
                Some(index) => index,
                None if self.columns.len() >= MOST_COLUMNS => continue,
                None => {
                    self.columns.push(GatheredColumn {
                        id: property.id,
                        name: property.name,
                        unit: property.unit,
                    });
                    self.columns.len() - 1
                }
            };
            row.resize(self.columns.len(), PropertyValue::NoData);
            if let Some(cell) = row.get_mut(index) {
                *cell = property.value;
            }
        }
        self.rows.push(row);
    }

    /// Number of features.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What the columns of numbers come to, in the order of the columns. A column that names its features is left out.
    #[must_use]
    pub fn totals(&self) -> Vec<Total> {
        let columns = self.columns.iter().enumerate();
        columns
            .filter_map(|(index, column)| self.total(index, column))
            .collect()
    }

    fn total(&self, index: usize, column: &GatheredColumn) -> Option<Total> {
        let cells = || self.rows.iter().filter_map(|row| row.get(index));
        let is_number = |value: &PropertyValue| {
            matches!(
                value,
                PropertyValue::I64(_) | PropertyValue::U64(_) | PropertyValue::F64(_)
            )
        };
        let numbers: Vec<f64> = cells()
            .filter(|value| is_number(value))
            .filter_map(PropertyValue::as_f64)
            .filter(|number| number.is_finite())
            .collect();
        if numbers.is_empty() || is_name(column) {
            return None;
        }
        let all: f64 = numbers.iter().sum();
        let is_whole = numbers.iter().all(|number| number.fract() == 0.0);
        Some(Total {
            column: column.clone(),
            count: numbers.len(),
            sum: adds_up(column, is_whole).then_some(all),
            mean: all / numbers.len() as f64,
            low: numbers.iter().copied().fold(f64::INFINITY, f64::min),
            high: numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            is_year: is_whole && is_year(column),
        })
    }

    /// The features as CSV (RFC 4180): a header with units in brackets, as tables to be joined have them, then a line
    /// for each. `before` has columns to go first, with their values by row.
    #[must_use]
    pub fn csv(&self, before: &[(&str, Vec<String>)]) -> String {
        let mut text = String::new();
        let header = self.columns.iter().map(|column| match &column.unit {
            Some(unit) => format!("{} [{unit}]", column.id),
            None => column.id.clone(),
        });
        let names = before.iter().map(|(name, _)| (*name).to_owned());
        line(&mut text, names.chain(header));
        for (row, cells) in self.rows.iter().enumerate() {
            let own = self
                .columns
                .iter()
                .enumerate()
                .map(|(index, _)| match cells.get(index) {
                    None | Some(PropertyValue::NoData) => String::new(),
                    Some(value) => value.to_string(),
                });
            let first = before
                .iter()
                .map(|(_, values)| values.get(row).cloned().unwrap_or_default());
            line(&mut text, first.chain(own));
        }
        text
    }
}

fn line(text: &mut String, cells: impl Iterator<Item = String>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&quoted(&cell));
    }
    text.push_str("\r\n");
}

/// A cell; a text that a spreadsheet would run as a formula is kept from it.
fn quoted(cell: &str) -> String {
    let is_formula =
        cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    let cell = if is_formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if cell.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

/// The words of an id: `buildingId`, `building_id` and `BUILDING-ID` have the same.
fn words(id: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in id.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        was_lower = c.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words
}

/// A number that tells features apart and says nothing of them.
fn is_name(column: &GatheredColumn) -> bool {
    column.unit.is_none()
        && words(&column.id)
            .iter()
            .any(|word| word == "id" || word == "code")
}

/// A year of the calendar, by the names that producers give it: `year_built`, `bouwjaar`, `Baujahr`.
fn is_year(column: &GatheredColumn) -> bool {
    let words = words(&column.id);
    let mut names = words.iter();
    column.unit.is_none()
        && names.any(|word| word == "year" || word.ends_with("jaar") || word.ends_with("jahr"))
}

fn adds_up(column: &GatheredColumn, is_whole: bool) -> bool {
    match &column.unit {
        Some(unit) => AMOUNTS.contains(&unit.trim()),
        // Whole numbers without a unit count something, unless their name says otherwise.
        None => {
            let words = words(&column.id);
            is_whole
                && !is_year(column)
                && !words.iter().any(|word| NO_AMOUNTS.contains(&word.as_str()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(id: &str, value: PropertyValue, unit: Option<&str>) -> Property {
        Property {
            id: id.to_owned(),
            name: id.to_owned(),
            value,
            unit: unit.map(str::to_owned),
            description: None,
        }
    }

    fn two() -> Gathered {
        let mut gathered = Gathered::default();
        gathered.add(vec![
            property("id", PropertyValue::U64(7), None),
            property("floor_area", PropertyValue::F64(100.0), Some("m²")),
            property("height", PropertyValue::F64(10.0), Some("m")),
            property("yearBuilt", PropertyValue::I64(1960), None),
            property("dwellings", PropertyValue::I64(4), None),
            property("use", PropertyValue::Enum("Office".into()), None),
        ]);
        gathered.add(vec![
            property("dwellings", PropertyValue::I64(6), None),
            property("height", PropertyValue::F64(30.0), Some("m")),
            property("height", PropertyValue::F64(99.0), Some("ft")),
            property("floor_area", PropertyValue::NoData, Some("m²")),
            property("note", PropertyValue::String("=1+2, \"x\"".into()), None),
        ]);
        gathered
    }

    #[test]
    fn amounts_have_a_sum_and_everything_else_a_mean() {
        let totals = two().totals();
        let of = |id: &str, unit: Option<&str>| {
            let found = totals
                .iter()
                .find(|total| total.column.id == id && total.column.unit.as_deref() == unit);
            found.map(|t| (t.count, t.sum, t.mean, t.low, t.high))
        };
        assert_eq!(
            of("floor_area", Some("m²")),
            Some((1, Some(100.0), 100.0, 100.0, 100.0))
        );
        assert_eq!(of("height", Some("m")), Some((2, None, 20.0, 10.0, 30.0)));
        assert_eq!(of("height", Some("ft")), Some((1, None, 99.0, 99.0, 99.0)));
        assert_eq!(
            of("yearBuilt", None),
            Some((1, None, 1960.0, 1960.0, 1960.0))
        );
        let years = totals.iter().filter(|total| total.is_year);
        assert_eq!(years.count(), 1);
        assert_eq!(of("dwellings", None), Some((2, Some(10.0), 5.0, 4.0, 6.0)));
        assert_eq!(of("id", None), None);
        assert_eq!(of("use", None), None);
    }

    #[test]
    fn the_table_can_be_opened_and_joined_again() {
        let csv = two().csv(&[("layer", vec!["Harbour, east".into(), "b".into()])]);
        let lines: Vec<&str> = csv.split("\r\n").collect();
        assert_eq!(
            lines[..3],
            [
                "layer,id,floor_area [m²],height [m],yearBuilt,dwellings,use,height [ft],note",
                "\"Harbour, east\",7,100,10,1960,4,Office,,",
                "b,,,30,,6,,99,\"'=1+2, \"\"x\"\"\"",
            ]
        );
        let table = super::super::join::JoinTable::read_csv(csv.as_bytes(), Some("id"));
        assert!(table.is_ok(), "{table:?}");
        assert_eq!(quoted("-3.5"), "-3.5");
        assert_eq!(quoted("-3.5 m"), "'-3.5 m");
    }

    #[test]
    fn years_do_not_add_up_in_any_language() {
        let mut gathered = Gathered::default();
        let year = |id| property(id, PropertyValue::I64(1971), None);
        gathered.add(
            ["oorspronkelijkbouwjaar", "Baujahr", "year_built"]
                .map(year)
                .into(),
        );
        let totals = gathered.totals();
        assert!(
            totals
                .iter()
                .all(|total| total.is_year && total.sum.is_none())
        );
        assert_eq!(totals.len(), 3);
    }

    #[test]
    fn data_with_any_number_of_columns_keeps_some() {
        let mut gathered = Gathered::default();
        let many = (0..1000).map(|n| property(&format!("p{n}"), PropertyValue::I64(n), None));
        gathered.add(many.collect());
        assert_eq!(gathered.totals().len(), MOST_COLUMNS);
        assert_eq!(gathered.len(), 1);
    }
}
