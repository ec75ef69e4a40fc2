//! Bytes behind a glTF's accessors and textures, as far as metadata needs them.

use std::cell::Cell;

use serde_json::Value;

/// Values and bytes read of one file; primitives may share accessors and images without end.
const MAX_READ: u64 = 1 << 28;

/// A glTF and where its files are.
pub(in crate::check) struct Gltf<'a> {
    pub json: &'a Value,
    pub binary: Option<&'a [u8]>,
    pub location: &'a str,
    pub read: &'a dyn Fn(&str) -> Result<Vec<u8>, String>,
    /// Values and bytes read so far.
    pub used: Cell<u64>,
}

/// Pixels of an image.
pub(in crate::check) struct Pixels {
    /// Channels that the file has, 1 to 4.
    pub channels: usize,
    /// Four bytes per pixel.
    pub rgba: Vec<u8>,
}

/// The JSON of a glTF or GLB, and the GLB's binary chunk.
pub(super) fn split(bytes: &[u8]) -> Option<(Value, Option<&[u8]>)> {
    if !bytes.starts_with(b"glTF") {
        return serde_json::from_slice(bytes).ok().map(|json| (json, None));
    }
    let length = |at: usize| {
        bytes
            .get(at..at + 4)
            .and_then(|b| b.try_into().ok())
            .map(|b| u32::from_le_bytes(b) as usize)
    };
    let json_end = 20usize.checked_add(length(12)?)?;
    let json = serde_json::from_slice(bytes.get(20..json_end)?).ok()?;
    let binary =
        length(json_end).and_then(|n| bytes.get(json_end + 8..(json_end + 8).checked_add(n)?));
    Some((json, binary))
}

fn index(value: &Value, key: &str) -> Option<usize> {
    value
        .get(key)?
        .as_u64()
        .and_then(|v| usize::try_from(v).ok())
}

impl Gltf<'_> {
    /// How many of something the file has.
    pub fn count(&self, key: &str) -> usize {
        self.json
            .get(key)
            .and_then(Value::as_array)
            .map_or(0, Vec::len)
    }

    /// Counts what is read; `None` when it has been too much.
    fn use_up(&self, count: usize) -> Option<()> {
        self.used.set(self.used.get().saturating_add(count as u64));
        (self.used.get() <= MAX_READ).then_some(())
    }

    pub fn accessor(&self, number: usize) -> Option<&Value> {
        self.json.get("accessors")?.get(number)
    }

    fn file(&self, uri: &str) -> Option<Vec<u8>> {
        let at = crate::uri::resolve(self.location, uri).ok()?;
        (self.read)(&at).ok()
    }

    /// The bytes of a buffer view; `None` where they are compressed or missing.
    pub fn view(&self, number: usize) -> Option<Vec<u8>> {
        let view = self.json.get("bufferViews")?.get(number)?;
        if view.get("extensions").is_some() {
            return None;
        }
        let buffer_number = index(view, "buffer")?;
        let buffer = self.json.get("buffers")?.get(buffer_number)?;
        let (start, length) = (
            index(view, "byteOffset").unwrap_or(0),
            index(view, "byteLength")?,
        );
        let range = start..start.checked_add(length)?;
        self.use_up(length)?;
        match buffer.get("uri").and_then(Value::as_str) {
            Some(uri) => self.file(uri)?.get(range).map(<[u8]>::to_vec),
            None => self
                .binary
                .filter(|_| buffer_number == 0)?
                .get(range)
                .map(<[u8]>::to_vec),
        }
    }

    /// All numbers of an accessor, without normalisation; `None` where they cannot be read plainly.
    pub fn numbers(&self, number: usize) -> Option<Vec<f64>> {
        let accessor = self.accessor(number)?;
        if accessor.get("sparse").is_some() {
            return None;
        }
        let count = index(accessor, "count")?;
        let per_element = match accessor.get("type")?.as_str()? {
            "SCALAR" => 1,
            "VEC2" => 2,
            "VEC3" => 3,
            "VEC4" => 4,
            _ => return None,
        };
        let component = match index(accessor, "componentType")? {
            5120 => "INT8",
            5121 => "UINT8",
            5122 => "INT16",
            5123 => "UINT16",
            5125 => "UINT32",
            5126 => "FLOAT32",
            _ => return None,
        };
        let size = size_of_component(component)?;
        let view_number = index(accessor, "bufferView")?;
        let view = self.json.get("bufferViews")?.get(view_number)?;
        let stride = index(view, "byteStride").unwrap_or(size * per_element);
        let start = index(accessor, "byteOffset").unwrap_or(0);
        let bytes = self.view(view_number)?;
        // A count that lies ends here: the last element must lie inside.
        let last = count.checked_sub(1)?.checked_mul(stride)?;
        let end = last.checked_add(start)?.checked_add(size * per_element)?;
        if stride == 0 || end > bytes.len() {
            return None;
        }
        self.use_up(count.checked_mul(per_element)?)?;
        let mut out = Vec::with_capacity(count * per_element);
        for element in 0..count {
            for part in 0..per_element {
                let at = element * stride + start + part * size;
                out.push(number_at(bytes.get(at..at + size)?, component)?);
            }
        }
        Some(out)
    }

    /// Decodes a texture's image. `Err` says that it is damaged, `Ok(None)` that this program does not read its kind.
    pub fn pixels(&self, texture: usize) -> Result<Option<Pixels>, String> {
        let image = (|| {
            let source = index(self.json.get("textures")?.get(texture)?, "source")?;
            self.json.get("images")?.get(source)
        })();
        let Some(image) = image else { return Ok(None) };
        let bytes = match (
            image.get("uri").and_then(Value::as_str),
            index(image, "bufferView"),
        ) {
            (Some(uri), _) => self
                .file(uri)
                .ok_or_else(|| format!("{} cannot be read", crate::uri::short(uri)))?,
            (None, Some(view)) => self.view(view).ok_or("its buffer view cannot be read")?,
            _ => return Ok(None),
        };
        let mut reader = image::ImageReader::new(std::io::Cursor::new(&bytes))
            .with_guessed_format()
            .map_err(|e| e.to_string())?;
        let mut limits = image::Limits::default();
        limits.max_alloc = Some(256 << 20);
        reader.limits(limits);
        if reader.format().is_none()
            && (bytes.starts_with(b"RIFF") || bytes.starts_with(b"\xabKTX"))
        {
            return Ok(None);
        }
        if self.use_up(bytes.len()).is_none() {
            return Ok(None);
        }
        let image = reader.decode().map_err(|e| e.to_string())?;
        let pixels = image.width().saturating_mul(image.height());
        if self.use_up(pixels as usize).is_none() {
            return Ok(None);
        }
        let channels = usize::from(image.color().channel_count());
        Ok(Some(Pixels {
            channels,
            rgba: image.into_rgba8().into_raw(),
        }))
    }
}

/// Bytes of a component type.
pub(super) fn size_of_component(component: &str) -> Option<usize> {
    let bits = component
        .trim_start_matches(|c: char| c.is_ascii_alphabetic())
        .parse::<usize>()
        .ok()?;
    Some(bits / 8)
}

/// The number in little-endian bytes of a component type.
pub(super) fn number_at(bytes: &[u8], component: &str) -> Option<f64> {
    Some(match component {
        "INT8" => f64::from(i8::from_le_bytes(bytes.try_into().ok()?)),
        "UINT8" => f64::from(u8::from_le_bytes(bytes.try_into().ok()?)),
        "INT16" => f64::from(i16::from_le_bytes(bytes.try_into().ok()?)),
        "UINT16" => f64::from(u16::from_le_bytes(bytes.try_into().ok()?)),
        "INT32" => f64::from(i32::from_le_bytes(bytes.try_into().ok()?)),
        "UINT32" => f64::from(u32::from_le_bytes(bytes.try_into().ok()?)),
        "INT64" => i64::from_le_bytes(bytes.try_into().ok()?) as f64,
        "UINT64" => u64::from_le_bytes(bytes.try_into().ok()?) as f64,
        "FLOAT32" => f64::from(f32::from_le_bytes(bytes.try_into().ok()?)),
        "FLOAT64" => f64::from_le_bytes(bytes.try_into().ok()?),
        _ => return None,
    })
}
