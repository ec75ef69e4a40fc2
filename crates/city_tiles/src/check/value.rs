//! Metadata values in JSON against the type of their property (3D Metadata, "Property Values").

use serde_json::Value;

use super::report::Report;

/// The type of a class property, as far as values are concerned.
#[derive(Clone, Debug)]
pub(super) struct Type<'a> {
    /// `SCALAR`, `VEC2` … `ENUM`.
    pub kind: &'a str,
    /// `INT8` … `FLOAT64`, for numeric kinds.
    pub component: Option<&'a str>,
    pub is_array: bool,
    /// A fixed array's length.
    pub count: Option<usize>,
    pub normalized: bool,
    /// Names of the enum's values.
    pub names: Vec<&'a str>,
}

pub(super) const KINDS: &[&str] = &[
    "SCALAR", "VEC2", "VEC3", "VEC4", "MAT2", "MAT3", "MAT4", "STRING", "BOOLEAN", "ENUM",
];
pub(super) const COMPONENTS: &[&str] = &[
    "INT8", "UINT8", "INT16", "UINT16", "INT32", "UINT32", "INT64", "UINT64", "FLOAT32", "FLOAT64",
];

/// Numbers of one element of a numeric kind; `None` for the others.
pub(super) fn numbers_of(kind: &str) -> Option<usize> {
    Some(match kind {
        "SCALAR" => 1,
        "VEC2" => 2,
        "VEC3" => 3,
        "VEC4" | "MAT2" => 4,
        "MAT3" => 9,
        "MAT4" => 16,
        _ => return None,
    })
}

/// The range of an integer component type; `None` for floating point.
pub(super) fn integer_range(component: &str) -> Option<(f64, f64)> {
    let bits = component
        .trim_start_matches("UINT")
        .trim_start_matches("INT")
        .parse::<i32>()
        .ok()?;
    if component.starts_with("UINT") {
        Some((0.0, 2f64.powi(bits) - 1.0))
    } else if component.starts_with("INT") {
        Some((-(2f64.powi(bits - 1)), 2f64.powi(bits - 1) - 1.0))
    } else {
        None
    }
}

impl<'a> Type<'a> {
    /// Reads a class property that has been found valid.
    pub fn of(property: &'a Value, schema: &'a Value) -> Option<Self> {
        let text = |key: &str| property.get(key).and_then(Value::as_str);
        let values =
            text("enumType").and_then(|e| schema.get("enums")?.get(e)?.get("values")?.as_array());
        Some(Self {
            kind: text("type")?,
            component: text("componentType"),
            is_array: property
                .get("array")
                .and_then(Value::as_bool)
                .unwrap_or(false),
            count: property
                .get("count")
                .and_then(Value::as_u64)
                .and_then(|c| usize::try_from(c).ok()),
            normalized: property
                .get("normalized")
                .and_then(Value::as_bool)
                .unwrap_or(false),
            names: values
                .into_iter()
                .flatten()
                .filter_map(|v| v.get("name")?.as_str())
                .collect(),
        })
    }

    /// Whether values are, or after normalisation become, floating point.
    pub fn is_float(&self) -> bool {
        self.normalized || self.component.is_some_and(|c| c.starts_with("FLOAT"))
    }

    /// Checks a value as stored (normalised integers as integers).
    pub fn check(&self, r: &mut Report, path: &str, value: &Value) -> bool {
        self.check_as(r, path, value, false)
    }

    /// Checks a value in the range of the property after normalisation, such as `min` and `offset`.
    pub fn check_transformed(&self, r: &mut Report, path: &str, value: &Value) -> bool {
        self.check_as(r, path, value, self.normalized)
    }

    fn check_as(&self, r: &mut Report, path: &str, value: &Value, as_float: bool) -> bool {
        if !self.is_array {
            return self.check_element(r, path, value, as_float);
        }
        let Some(elements) = value.as_array() else {
            return r.add(
                "TYPE_MISMATCH",
                path,
                format!("expected an array, found {value}"),
            );
        };
        if let Some(count) = self.count.filter(|c| *c != elements.len()) {
            return r.add(
                "ARRAY_LENGTH_MISMATCH",
                path,
                format!("expected {count} elements, found {}", elements.len()),
            );
        }
        let mut good = true;
        for (index, element) in elements.iter().enumerate() {
            good &= self.check_element(r, &format!("{path}/{index}"), element, as_float);
        }
        good
    }

    fn check_element(&self, r: &mut Report, path: &str, value: &Value, as_float: bool) -> bool {
        let wrong = |r: &mut Report, expected: &str| {
            r.add(
                "TYPE_MISMATCH",
                path,
                format!("expected {expected}, found {value}"),
            )
        };
        match self.kind {
            "STRING" => value.is_string() || wrong(r, "a string"),
            "BOOLEAN" => value.is_boolean() || wrong(r, "a boolean"),
            "ENUM" => match value.as_str() {
                None => wrong(r, "the name of an enum value"),
                Some(name) => {
                    self.names.contains(&name) || {
                        let what = format!("'{name}' is none of the enum's values");
                        r.add("CLASS_PROPERTY_ENUM_VALUE_NAME_NOT_FOUND", path, what)
                    }
                }
            },
            "SCALAR" => match value.as_f64() {
                None => wrong(r, "a number"),
                Some(number) => self.check_number(r, path, number, as_float),
            },
            kind => {
                let Some(elements) = value.as_array() else {
                    return wrong(r, "an array of numbers");
                };
                let needed = numbers_of(kind).unwrap_or(0);
                if elements.len() != needed {
                    let what = format!("{kind} has {needed} numbers, found {}", elements.len());
                    return r.add("ARRAY_LENGTH_MISMATCH", path, what);
                }
                let mut good = true;
                for (index, element) in elements.iter().enumerate() {
                    let path = format!("{path}/{index}");
                    good &= match element.as_f64() {
                        None => r.add(
                            "ARRAY_ELEMENT_TYPE_MISMATCH",
                            &path,
                            format!("{element} is not a number"),
                        ),
                        Some(number) => self.check_number(r, &path, number, as_float),
                    };
                }
                good
            }
        }
    }

    fn check_number(&self, r: &mut Report, path: &str, number: f64, as_float: bool) -> bool {
        let Some((min, max)) = self.component.filter(|_| !as_float).and_then(integer_range) else {
            return true;
        };
        let component = self.component.unwrap_or_default();
        if number.fract() != 0.0 {
            return r.add(
                "TYPE_MISMATCH",
                path,
                format!("{number} is not an integer, as {component} needs"),
            );
        }
        (min..=max).contains(&number)
            || r.add(
                "VALUE_NOT_IN_RANGE",
                path,
                format!("{number} is outside the range of {component}"),
            )
    }

    /// A stored number after normalisation.
    pub fn normalize(&self, number: f64) -> f64 {
        match self
            .component
            .filter(|_| self.normalized)
            .and_then(integer_range)
        {
            Some((_, max)) => (number / max).max(-1.0),
            None => number,
        }
    }
}

/// All numbers in a value, in order.
pub(super) fn flat_numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(list) => list.iter().flat_map(flat_numbers).collect(),
        other => other.as_f64().into_iter().collect(),
    }
}
