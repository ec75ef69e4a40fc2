//! Positions of points and of instances, plain or quantized, in f64.

use super::draco::Compressed;
use super::values;
use crate::formats::error::{DecodeErrorKind, Fault};
use crate::formats::feature_table::{Component, Semantics, Values};
use glam::DVec3;

/// POSITION, or POSITION_QUANTIZED with its volume; with RTC_CENTER, which both take alike.
pub(in crate::formats) struct Positions<'a> {
    values: Values<'a>,
    /// Metres to a step.
    scale: DVec3,
    /// Metres, in the tile's frame.
    offset: DVec3,
}

impl<'a> Positions<'a> {
    /// The positions of `count` features (3D Tiles 1.0, 10.2.3.4.1 and 10.3.3.1).
    pub(in crate::formats) fn read(table: &'a Semantics<'_>, count: usize) -> Result<Self, Fault> {
        let plain = table.values("POSITION", count, 3, Component::F32)?;
        Self::of(table, count, plain)
    }

    /// The same, where points may be compressed.
    pub(super) fn read_with(
        table: &'a Semantics<'_>,
        count: usize,
        compressed: &'a Compressed,
    ) -> Result<Self, Fault> {
        let plain = values(table, compressed, "POSITION", count, 3, Component::F32)?;
        Self::of(table, count, plain)
    }

    fn of(
        table: &'a Semantics<'_>,
        count: usize,
        plain: Option<Values<'a>>,
    ) -> Result<Self, Fault> {
        let center = table.vector("RTC_CENTER")?.unwrap_or(DVec3::ZERO);
        if let Some(values) = plain {
            return Ok(Self {
                values,
                scale: DVec3::ONE,
                offset: center,
            });
        }
        let quantized = table.values("POSITION_QUANTIZED", count, 3, Component::U16)?;
        let values = quantized.ok_or_else(|| {
            Fault::invalid(
                "feature table",
                "has neither POSITION nor POSITION_QUANTIZED",
            )
        })?;
        let volume = |name: &str| {
            table.vector(name)?.ok_or_else(|| {
                let place = format!("feature table {name}");
                Fault::invalid(place, "is missing beside POSITION_QUANTIZED")
            })
        };
        Ok(Self {
            values,
            scale: volume("QUANTIZED_VOLUME_SCALE")? / 65535.0,
            offset: center + volume("QUANTIZED_VOLUME_OFFSET")?,
        })
    }

    /// A position in the tile's frame, metres.
    pub(in crate::formats) fn get(&self, index: usize) -> Result<DVec3, Fault> {
        let position = self.values.vector(index) * self.scale + self.offset;
        if position.is_finite() {
            return Ok(position);
        }
        let kind = DecodeErrorKind::NotFinite(index as u64);
        Err(Fault::new("feature table POSITION", kind))
    }
}
