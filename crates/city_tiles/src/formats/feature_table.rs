//! What the tile formats of 3D Tiles 1.0 share: the header, the feature table, the batch table.
//!
//! Clauses: 3D Tiles 1.0, 9 "Feature Table", 11 "Batch Table". Sections are only asked to be there:
//! alignment, padding and `byteLength` are wrong in many files that are fine otherwise.

use super::Input;
use super::bytes::{json, slice, u32_at};
use super::error::{DecodeErrorKind, Fault, limit};
use crate::metadata::{PropertyTable, batch_table};
use glam::DVec3;
use serde_json::Value;

/// The sections of a tile of 3D Tiles 1.0.
pub(super) struct Sections<'a> {
    pub feature_json: &'a [u8],
    pub feature_binary: &'a [u8],
    pub batch_json: &'a [u8],
    pub batch_binary: &'a [u8],
    /// What follows the tables: the model.
    pub body: &'a [u8],
}

/// The bytes that a header of `name` (magic, version, byteLength) stands for.
pub(super) fn open<'a>(bytes: &'a [u8], name: &str) -> Result<&'a [u8], Fault> {
    let place = format!("{name} header");
    let version = u32_at(bytes, 4, &place)?;
    if version != 1 {
        return Err(Fault::new(
            place,
            DecodeErrorKind::UnsupportedVersion(format!("{name} {version}")),
        ));
    }
    // The length may leave out padding, or count more than there is; only the parts must be there.
    let length = u32_at(bytes, 8, &place)? as usize;
    Ok(bytes.get(..length).unwrap_or(bytes))
}

/// Cuts a tile behind its header into its sections: the lengths of feature table JSON, feature table
/// binary, batch table JSON, batch table binary.
pub(super) fn cut(bytes: &[u8], header: usize, lengths: [u32; 4]) -> Result<Sections<'_>, Fault> {
    let mut at = header;
    let mut next = |length: u32, place: &str| {
        let part = slice(bytes, at, length as usize, place)?;
        at += length as usize;
        Ok::<_, Fault>(part)
    };
    Ok(Sections {
        feature_json: next(lengths[0], "feature table JSON")?,
        feature_binary: next(lengths[1], "feature table binary")?,
        batch_json: next(lengths[2], "batch table JSON")?,
        batch_binary: next(lengths[3], "batch table binary")?,
        body: bytes.get(at..).unwrap_or_default(),
    })
}

/// The four section lengths of a header of 28 bytes or more.
pub(super) fn lengths(bytes: &[u8], name: &str) -> Result<[u32; 4], Fault> {
    let place = format!("{name} header");
    let word = |index: usize| u32_at(bytes, 12 + index * 4, &place);
    Ok([word(0)?, word(1)?, word(2)?, word(3)?])
}

fn table_json(bytes: &[u8], place: &str) -> Result<Value, Fault> {
    if bytes.iter().all(|byte| matches!(byte, 0 | b' ')) {
        return Ok(Value::Null);
    }
    json(bytes, place)
}

/// How numbers of the binary part are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Component {
    U8,
    U16,
    U32,
    F32,
}

impl Component {
    fn size(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16 => 2,
            Self::U32 | Self::F32 => 4,
        }
    }
}

/// The feature table: what it says of all features, and lists with a row per feature.
pub(super) struct Semantics<'a> {
    json: Value,
    binary: &'a [u8],
}

impl<'a> Semantics<'a> {
    pub(super) fn read(sections: &Sections<'a>) -> Result<Self, Fault> {
        Ok(Self {
            json: table_json(sections.feature_json, "feature table JSON")?,
            binary: sections.feature_binary,
        })
    }

    /// Whether the table has this semantic.
    pub(super) fn has(&self, name: &str) -> bool {
        self.json.get(name).is_some()
    }

    /// What an extension of the table says.
    pub(super) fn extension(&self, name: &str) -> Option<&Value> {
        self.json.get("extensions")?.get(name)
    }

    /// The binary part.
    pub(super) fn binary(&self) -> &'a [u8] {
        self.binary
    }

    /// A boolean of all features; false where it is not said.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.json.get(name).and_then(Value::as_bool) == Some(true)
    }

    /// A whole number of all features.
    pub(super) fn count(&self, name: &str) -> Result<Option<usize>, Fault> {
        let Some([number]) = self.numbers(name, Component::U32)? else {
            return Ok(None);
        };
        // Some exporters write 10.0.
        if !(number >= 0.0 && number.fract() == 0.0 && number < 9.0e15) {
            return Err(Fault::invalid(place(name), "must be a whole number"));
        }
        Ok(Some(number as usize))
    }

    /// A finite vector of all features. Numbers in the JSON stay f64: an ECEF position in f32 is off
    /// by up to half a metre.
    pub(super) fn vector(&self, name: &str) -> Result<Option<DVec3>, Fault> {
        let vector = self
            .numbers::<3>(name, Component::F32)?
            .map(DVec3::from_array);
        if vector.is_some_and(|vector| !vector.is_finite()) {
            return Err(Fault::invalid(place(name), "is not finite"));
        }
        Ok(vector)
    }

    /// Numbers of all features: in the JSON, or in the binary part at `byteOffset`.
    pub(super) fn numbers<const N: usize>(
        &self,
        name: &str,
        component: Component,
    ) -> Result<Option<[f64; N]>, Fault> {
        let Some(json) = self.json.get(name) else {
            return Ok(None);
        };
        let values = match json {
            // A single number may stand without brackets.
            Value::Number(_) => Values::of_json(std::slice::from_ref(json), 1, N, name)?,
            _ => self.rows(json, name, 1, N, component)?,
        };
        Ok(Some(std::array::from_fn(|axis| values.get(0, axis))))
    }

    /// A list of `count` rows of `width` numbers: in the JSON, or in the binary part.
    pub(super) fn values(
        &self,
        name: &str,
        count: usize,
        width: usize,
        component: Component,
    ) -> Result<Option<Values<'_>>, Fault> {
        let json = self.json.get(name);
        json.map(|json| self.rows(json, name, count, width, component))
            .transpose()
    }

    /// BATCH_ID of each of `count` features.
    pub(super) fn batch_ids(&self, count: usize) -> Result<Option<Values<'_>>, Fault> {
        let kind = self.batch_id_component()?;
        self.values("BATCH_ID", count, 1, kind)
    }

    fn batch_id_component(&self) -> Result<Component, Fault> {
        let kind = self
            .json
            .get("BATCH_ID")
            .and_then(|json| json.get("componentType"));
        match kind.map(|kind| kind.as_str().unwrap_or_default()) {
            None | Some("UNSIGNED_SHORT") => Ok(Component::U16),
            Some("UNSIGNED_BYTE") => Ok(Component::U8),
            Some("UNSIGNED_INT") => Ok(Component::U32),
            Some(other) => Err(Fault::invalid(
                place("BATCH_ID"),
                format!("componentType {other:?} is not one of those allowed"),
            )),
        }
    }

    fn rows<'s>(
        &'s self,
        json: &'s Value,
        name: &str,
        count: usize,
        width: usize,
        component: Component,
    ) -> Result<Values<'s>, Fault> {
        if let Value::Array(items) = json {
            return Values::of_json(items, count, width, name);
        }
        let place = place(name);
        let offset = json.get("byteOffset").and_then(Value::as_u64);
        let offset = offset.and_then(|offset| usize::try_from(offset).ok());
        let offset = offset.ok_or_else(|| {
            Fault::invalid(
                &place,
                "must be numbers, or a byteOffset of the binary part",
            )
        })?;
        let length = count
            .checked_mul(width * component.size())
            .ok_or_else(|| Fault::invalid(&place, "is too long"))?;
        Ok(Values {
            width,
            source: Source::Binary(component, slice(self.binary, offset, length, &place)?),
        })
    }
}

fn place(name: &str) -> String {
    format!("feature table {name}")
}

/// A list of rows, checked to be there and read number by number.
pub(super) struct Values<'a> {
    width: usize,
    source: Source<'a>,
}

enum Source<'a> {
    Binary(Component, &'a [u8]),
    Json(&'a [Value]),
    Plain(&'a [f64]),
}

impl<'a> Values<'a> {
    /// Numbers that were read elsewhere: `width` to a row.
    pub(super) fn plain(values: &'a [f64], width: usize) -> Self {
        Self {
            width,
            source: Source::Plain(values),
        }
    }

    fn of_json<'j>(
        items: &'j [Value],
        count: usize,
        width: usize,
        name: &str,
    ) -> Result<Values<'j>, Fault> {
        let need = count.saturating_mul(width);
        if items.len() != need || !items.iter().all(Value::is_number) {
            return Err(Fault::invalid(
                place(name),
                format!("must be {need} number(s)"),
            ));
        }
        Ok(Values {
            width,
            source: Source::Json(items),
        })
    }

    /// A number of a row; zero beyond the last.
    pub(super) fn get(&self, row: usize, axis: usize) -> f64 {
        let index = row * self.width + axis;
        match &self.source {
            Source::Json(items) => items.get(index).and_then(Value::as_f64),
            Source::Plain(items) => items.get(index).copied(),
            Source::Binary(component, bytes) => {
                let size = component.size();
                let raw = bytes.get(index * size..(index + 1) * size);
                raw.map(|raw| {
                    let word = raw
                        .iter()
                        .rev()
                        .fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
                    match component {
                        Component::F32 => f64::from(f32::from_bits(word)),
                        _ => f64::from(word),
                    }
                })
            }
        }
        .unwrap_or(0.0)
    }

    /// The first three numbers of a row.
    pub(super) fn vector(&self, row: usize) -> DVec3 {
        DVec3::new(self.get(row, 0), self.get(row, 1), self.get(row, 2))
    }
}

/// A batch table of `rows` rows, where there is one. What cannot be read is a warning: the picture
/// is more than its labels.
pub(super) fn properties(
    json: &Value,
    binary: &[u8],
    rows: usize,
    input: &Input<'_>,
    warnings: &mut Vec<String>,
) -> Option<PropertyTable> {
    if json.is_null() || rows == 0 {
        return None;
    }
    let most = input.options.max_features;
    batch_table(json, binary, rows, most, warnings)
        .map_err(|fault| warnings.push(fault.to_string()))
        .ok()
}

/// The batch table's JSON; null where there is none.
pub(super) fn batch_json(sections: &Sections<'_>) -> Result<Value, Fault> {
    table_json(sections.batch_json, "batch table JSON")
}

/// BATCH_LENGTH, or another number of features, within the limit.
pub(super) fn check_features(name: &str, count: usize, input: &Input<'_>) -> Result<u32, Fault> {
    limit(&place(name), "features", count, input.options.max_features)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn semantics(json: Value, binary: &[u8]) -> Semantics<'_> {
        Semantics { json, binary }
    }

    #[test]
    fn a_value_is_in_the_json_or_in_the_binary_part() {
        let binary = [0.5_f32, -2.0, 3.0].map(f32::to_le_bytes).concat();
        let table = semantics(
            json!({
                "A": [1215012.898804909, -4736313.04, 4081604.33], "B": {"byteOffset": 0},
                "N": 10.0, "M": {"byteOffset": 4}, "F": true, "BATCH_ID": [3, 4],
            }),
            &binary,
        );
        assert_eq!(table.vector("A").unwrap().unwrap().x, 1_215_012.898_804_909);
        let vector = table.vector("B").unwrap().unwrap();
        assert_eq!(vector, DVec3::new(0.5, -2.0, 3.0));
        assert_eq!(table.count("N").unwrap(), Some(10));
        assert_eq!(table.count("M").unwrap(), Some(0xC000_0000));
        assert_eq!(table.count("missing").unwrap(), None);
        assert!(table.flag("F") && !table.flag("N"));
        assert_eq!(table.batch_ids(2).unwrap().unwrap().get(1, 0), 4.0);
    }

    #[test]
    fn what_does_not_fit_is_a_fault() {
        let table = semantics(
            json!({
                "SHORT": {"byteOffset": 1}, "HUGE": {"byteOffset": u64::MAX}, "TEXT": "x", "PAIR": [1, 2],
                "NEGATIVE": -1, "BATCH_ID": {"byteOffset": 0, "componentType": "DOUBLE"},
            }),
            &[0; 12],
        );
        for name in ["SHORT", "HUGE", "TEXT", "PAIR"] {
            assert!(table.vector(name).is_err(), "{name}");
        }
        assert!(table.count("NEGATIVE").is_err());
        assert!(table.batch_ids(1).is_err());
        assert!(
            table
                .values("SHORT", usize::MAX / 2, 3, Component::F32)
                .is_err()
        );
    }
}
