//! Little-endian writing, and reading that never trusts a length.

use super::PreparedError;
use bytemuck::{AnyBitPattern, NoUninit};

/// Writes little-endian.
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(capacity),
        }
    }
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
    pub(super) fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }
    pub(super) fn bool(&mut self, value: bool) {
        self.u8(u8::from(value));
    }
    pub(super) fn u32(&mut self, value: u32) {
        self.raw(&value.to_le_bytes());
    }
    pub(super) fn u64(&mut self, value: u64) {
        self.raw(&value.to_le_bytes());
    }
    pub(super) fn f32(&mut self, value: f32) {
        self.raw(&value.to_le_bytes());
    }
    pub(super) fn f64(&mut self, value: f64) {
        self.raw(&value.to_le_bytes());
    }
    /// Lists here are bounded far below `u32::MAX` by the decoders' limits.
    pub(super) fn length(&mut self, length: usize) {
        self.u32(u32::try_from(length).unwrap_or(u32::MAX));
    }
    pub(super) fn text(&mut self, text: &str) {
        self.length(text.len());
        self.raw(text.as_bytes());
    }
    pub(super) fn pods<T: NoUninit>(&mut self, values: &[T]) {
        self.length(values.len());
        self.raw(bytemuck::cast_slice(values));
    }
    pub(super) fn list<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) {
        self.length(items.len());
        for item in items {
            write(self, item);
        }
    }
    pub(super) fn option<T: ?Sized>(&mut self, item: Option<&T>, write: impl Fn(&mut Self, &T)) {
        self.bool(item.is_some());
        if let Some(item) = item {
            write(self, item);
        }
    }
}

/// Reads what [`Writer`] wrote.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }
    pub(super) fn fault(&self, what: &'static str) -> PreparedError {
        PreparedError { at: self.at, what }
    }
    pub(super) fn raw(&mut self, length: usize) -> Result<&'a [u8], PreparedError> {
        let end = self
            .at
            .checked_add(length)
            .filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| self.fault("cut short"))?;
        let bytes = &self.bytes[self.at..end];
        self.at = end;
        Ok(bytes)
    }
    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], PreparedError> {
        let mut fixed = [0; N];
        fixed.copy_from_slice(self.raw(N)?);
        Ok(fixed)
    }
    pub(super) fn u8(&mut self) -> Result<u8, PreparedError> {
        Ok(self.fixed::<1>()?[0])
    }
    pub(super) fn bool(&mut self) -> Result<bool, PreparedError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.fault("neither true nor false")),
        }
    }
    pub(super) fn u32(&mut self) -> Result<u32, PreparedError> {
        Ok(u32::from_le_bytes(self.fixed()?))
    }
    pub(super) fn u64(&mut self) -> Result<u64, PreparedError> {
        Ok(u64::from_le_bytes(self.fixed()?))
    }
    pub(super) fn f32(&mut self) -> Result<f32, PreparedError> {
        Ok(f32::from_le_bytes(self.fixed()?))
    }
    pub(super) fn f64(&mut self) -> Result<f64, PreparedError> {
        Ok(f64::from_le_bytes(self.fixed()?))
    }
    pub(super) fn text(&mut self) -> Result<String, PreparedError> {
        let length = self.u32()? as usize;
        let bytes = self.raw(length)?;
        let text = std::str::from_utf8(bytes).map_err(|_| self.fault("text is not UTF-8"))?;
        Ok(text.to_owned())
    }
    pub(super) fn pods<T: AnyBitPattern + NoUninit>(&mut self) -> Result<Vec<T>, PreparedError> {
        let length = (self.u32()? as usize).checked_mul(size_of::<T>());
        let length = length.ok_or_else(|| self.fault("too long"))?;
        Ok(bytemuck::pod_collect_to_vec(self.raw(length)?))
    }
    /// `smallest` is the least number of bytes that one item takes: a lying length ends before memory does.
    pub(super) fn list<T>(
        &mut self,
        smallest: usize,
        read: impl Fn(&mut Self) -> Result<T, PreparedError>,
    ) -> Result<Vec<T>, PreparedError> {
        let length = self.u32()? as usize;
        if length > (self.bytes.len() - self.at) / smallest.max(1) {
            return Err(self.fault("a list is longer than the buffer"));
        }
        (0..length).map(|_| read(self)).collect()
    }
    pub(super) fn option<T>(
        &mut self,
        read: impl Fn(&mut Self) -> Result<T, PreparedError>,
    ) -> Result<Option<T>, PreparedError> {
        self.bool()?.then(|| read(self)).transpose()
    }
    pub(super) fn end(&self) -> Result<(), PreparedError> {
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(self.fault("bytes after the end"))
        }
    }
}
