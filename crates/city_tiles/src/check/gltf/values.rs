//! Stored numbers against the ranges that classes and properties declare.

use serde_json::Value;

use super::{Gltf, data};
use crate::check::report::Report;
use crate::check::value::{Type, flat_numbers, numbers_of};

/// The component type that values are stored in, and how many of them make one value.
pub(super) fn stored_size<'a>(
    of: &Type<'a>,
    schema: &'a Value,
    definition: &'a Value,
) -> Option<(&'a str, usize)> {
    let elements = if of.is_array { of.count? } else { 1 };
    if of.kind == "ENUM" {
        let name = definition.get("enumType")?.as_str()?;
        let declared = schema
            .get("enums")?
            .get(name)?
            .get("valueType")
            .and_then(Value::as_str);
        return Some((declared.unwrap_or("UINT16"), elements));
    }
    Some((of.component?, numbers_of(of.kind)?.checked_mul(elements)?))
}

/// What values must obey.
pub(super) struct Range<'a> {
    of: &'a Type<'a>,
    offset: Vec<f64>,
    scale: Vec<f64>,
    class: [Vec<f64>; 2],
    own: [Vec<f64>; 2],
    no_data: Vec<f64>,
    enum_values: Option<Vec<f64>>,
}

impl<'a> Range<'a> {
    /// `own` is the table's, texture's or attribute's property, which may override the class's.
    pub fn of(class: &Value, own: &Value, of: &'a Type<'a>, schema: &Value) -> Option<Self> {
        let list = |value: &Value, key: &str| value.get(key).map(flat_numbers).unwrap_or_default();
        let overridden = |key: &str| {
            let own = list(own, key);
            if own.is_empty() {
                list(class, key)
            } else {
                own
            }
        };
        let enum_values = match class.get("enumType").and_then(Value::as_str) {
            None => None,
            Some(name) => {
                let values = schema.get("enums")?.get(name)?.get("values")?.as_array()?;
                Some(
                    values
                        .iter()
                        .filter_map(|v| v.get("value")?.as_f64())
                        .collect(),
                )
            }
        };
        Some(Self {
            of,
            offset: overridden("offset"),
            scale: overridden("scale"),
            class: [list(class, "min"), list(class, "max")],
            own: [list(own, "min"), list(own, "max")],
            no_data: list(class, "noData"),
            enum_values,
        })
    }

    /// Checks rows of stored numbers. A row outside is one issue; declared extremes that no value reaches, another.
    pub fn check(&self, r: &mut Report, path: &str, stored: &[f64], per_row: usize) -> bool {
        let at = |list: &[f64], index: usize, otherwise: f64| match list.len() {
            0 => otherwise,
            1 => list.first().copied().unwrap_or(otherwise),
            _ => list.get(index).copied().unwrap_or(otherwise),
        };
        let mut good = true;
        let mut extremes = [vec![f64::MAX; per_row], vec![f64::MIN; per_row]];
        for row in stored.chunks_exact(per_row.max(1)) {
            if !self.no_data.is_empty() && row == self.no_data {
                continue;
            }
            if let Some(values) = &self.enum_values {
                for odd in row.iter().filter(|v| !values.contains(v)) {
                    good = r.add(
                        "VALUE_NOT_IN_LIST",
                        path,
                        format!("{odd} is none of the enum's values"),
                    );
                }
                continue;
            }
            let mut outside = None;
            for (index, &number) in row.iter().enumerate() {
                let value = self.of.normalize(number) * at(&self.scale, index, 1.0)
                    + at(&self.offset, index, 0.0);
                for bounds in [&self.class, &self.own] {
                    let slack = value.abs() * 1e-6;
                    if value < at(&bounds[0], index, f64::MIN) - slack
                        || value > at(&bounds[1], index, f64::MAX) + slack
                    {
                        outside = Some(value);
                    }
                }
                let [least, greatest] = &mut extremes;
                if let (Some(least), Some(greatest)) =
                    (least.get_mut(index), greatest.get_mut(index))
                {
                    *least = least.min(value);
                    *greatest = greatest.max(value);
                }
            }
            if let Some(value) = outside {
                good = r.add(
                    "METADATA_VALUE_NOT_IN_RANGE",
                    path,
                    format!("{value} is outside the declared range"),
                );
            }
        }
        if good && !stored.is_empty() && self.enum_values.is_none() {
            for (which, (own, found)) in self.own.iter().zip(&extremes).enumerate() {
                let differs = own
                    .iter()
                    .zip(found)
                    .any(|(a, b)| (a - b).abs() > 1e-6 * a.abs().max(1.0));
                if differs {
                    let name = if which == 0 { "min" } else { "max" };
                    let what = format!("'{name}' says {own:?}, the values say {found:?}");
                    good = r.add("METADATA_VALUE_MISMATCH", path, what);
                }
            }
        }
        good
    }
}

/// Checks the numeric, fixed-length columns of a property table that is sound.
pub(super) fn check_table(
    r: &mut Report,
    gltf: &Gltf,
    path: &str,
    table: &Value,
    schema: &Value,
) -> bool {
    let class = table
        .get("class")
        .and_then(Value::as_str)
        .and_then(|c| schema.get("classes")?.get(c));
    let count = table
        .get("count")
        .and_then(Value::as_u64)
        .and_then(|c| usize::try_from(c).ok())
        .unwrap_or(0);
    let columns = table.get("properties").and_then(Value::as_object);
    let mut good = true;
    for (name, column) in columns.into_iter().flatten() {
        let path = format!("{path}/properties/{name}");
        let Some(definition) = class.and_then(|c| c.get("properties")?.get(name)) else {
            continue;
        };
        let Some(of) = Type::of(definition, schema) else {
            continue;
        };
        let Some((component, per_row)) = stored_size(&of, schema, definition) else {
            continue;
        };
        let Some(view) = column
            .get("values")
            .and_then(Value::as_u64)
            .and_then(|v| gltf.view(v as usize))
        else {
            continue;
        };
        let Some(size) = data::size_of_component(component) else {
            continue;
        };
        let needed = size.checked_mul(per_row).and_then(|s| s.checked_mul(count));
        let Some(bytes) = needed.and_then(|n| view.get(..n)) else {
            let what = format!(
                "{count} rows of {per_row} × {component} are more than its {} bytes",
                view.len()
            );
            good = r.add("METADATA_INVALID_LENGTH", &path, what);
            continue;
        };
        let numbers: Vec<f64> = bytes
            .chunks_exact(size)
            .filter_map(|b| data::number_at(b, component))
            .collect();
        if let Some(range) = Range::of(definition, column, &of, schema) {
            good &= range.check(r, &path, &numbers, per_row);
        }
    }
    good
}
