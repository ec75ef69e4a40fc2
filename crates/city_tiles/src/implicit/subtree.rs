//! Subtree files: binary (`subt`) or JSON, with internal or external buffers.

use serde_json::Value;

use super::Coord;
use crate::Limits;
use crate::tileset::Subdivision;

/// Which of a row of tiles, contents or subtrees exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// All of them, or none.
    Constant(bool),
    /// One bit each, least significant first.
    Bits(Vec<u8>),
}

impl Availability {
    /// Whether number `index` exists; what lies beyond the bits does not.
    pub fn get(&self, index: u64) -> bool {
        match self {
            Self::Constant(all) => *all,
            Self::Bits(bytes) => usize::try_from(index / 8)
                .ok()
                .and_then(|at| bytes.get(at))
                .is_some_and(|byte| byte >> (index % 8) & 1 == 1),
        }
    }

    /// How many of the first `length` exist.
    pub fn count(&self, length: u64) -> u64 {
        match self {
            Self::Constant(all) => u64::from(*all) * length,
            Self::Bits(bytes) => {
                let whole = usize::try_from(length / 8)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                let full: u64 = bytes
                    .iter()
                    .take(whole)
                    .map(|b| u64::from(b.count_ones()))
                    .sum();
                full + (length / 8 * 8..length).filter(|&i| self.get(i)).count() as u64
            }
        }
    }

    fn byte_cost(&self) -> u64 {
        match self {
            Self::Constant(_) => 0,
            Self::Bits(bytes) => bytes.len() as u64,
        }
    }
}

/// Why a subtree is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubtreeError {
    /// The file is not a subtree, or ends too early.
    #[error("not a subtree file: {0}")]
    Header(String),
    /// Its JSON part cannot be used.
    #[error("the subtree's JSON: {0}")]
    Json(String),
    /// A buffer or bitstream is not what the JSON says.
    #[error("the subtree's {what}: {cause}")]
    Bits {
        /// Which of them.
        what: String,
        /// What is wrong.
        cause: String,
    },
}

/// A subtree's JSON and its buffers, some of which may still have to be fetched.
#[derive(Clone, Debug)]
pub struct SubtreeDocument {
    json: Value,
    buffers: Vec<Option<Vec<u8>>>,
}

/// What a subtree says exists.
#[derive(Clone, Debug, PartialEq)]
pub struct Subtree {
    subdivision: Subdivision,
    levels: u32,
    tiles: Availability,
    contents: Vec<Availability>,
    child_subtrees: Availability,
    /// What was odd about it but could be read.
    pub warnings: Vec<String>,
}

impl SubtreeDocument {
    /// Reads a subtree file (already decompressed), binary or JSON.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, SubtreeError> {
        if bytes.len() > limits.max_subtree_bytes {
            return Err(SubtreeError::Header(format!(
                "larger than the limit of {} bytes",
                limits.max_subtree_bytes
            )));
        }
        let (json, binary) = if bytes.starts_with(b"subt") {
            split(bytes)?
        } else {
            (bytes, None)
        };
        let json: Value =
            serde_json::from_slice(json).map_err(|e| SubtreeError::Json(e.to_string()))?;
        if !json.is_object() {
            return Err(SubtreeError::Json("not an object".to_owned()));
        }
        let count = json
            .get("buffers")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        if count > 1024 {
            return Err(SubtreeError::Json("more than 1024 buffers".to_owned()));
        }
        let mut document = Self {
            json,
            buffers: vec![None; count],
        };
        // Only the first buffer may live in the file itself, and then it has no uri.
        if document.buffer_uri(0).is_none()
            && let (Some(first), Some(binary)) = (document.buffers.first_mut(), binary)
        {
            *first = Some(binary.to_vec());
        }
        Ok(document)
    }

    fn buffer_uri(&self, index: usize) -> Option<&str> {
        self.json.get("buffers")?.get(index)?.get("uri")?.as_str()
    }

    /// The JSON part.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// External buffers that the availability needs and that have not been supplied: (index, uri).
    pub fn missing_buffers(&self) -> Vec<(usize, String)> {
        let mut missing = Vec::new();
        for entry in self.availabilities() {
            let Some(buffer) = bitstream_of(entry)
                .and_then(|view| self.view(view))
                .and_then(|v| index_of(v, "buffer"))
            else {
                continue;
            };
            if matches!(self.buffers.get(buffer), Some(None))
                && let Some(uri) = self.buffer_uri(buffer)
                && !missing.iter().any(|(i, _)| *i == buffer)
            {
                missing.push((buffer, uri.to_owned()));
            }
        }
        missing
    }

    /// Supplies an external buffer.
    pub fn set_buffer(&mut self, index: usize, bytes: Vec<u8>) {
        if let Some(slot) = self.buffers.get_mut(index) {
            *slot = Some(bytes);
        }
    }

    fn availabilities(&self) -> impl Iterator<Item = &Value> {
        let one = |key: &str| self.json.get(key).into_iter();
        one("tileAvailability")
            .chain(self.content_entries())
            .chain(one("childSubtreeAvailability"))
    }

    /// The forerunner extension had one object where 1.1 has an array, and more contents in an extension.
    fn content_entries(&self) -> Vec<&Value> {
        let own = match self.json.get("contentAvailability") {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(one @ Value::Object(_)) => vec![one],
            _ => Vec::new(),
        };
        let several = self
            .json
            .pointer("/extensions/3DTILES_multiple_contents/contentAvailability")
            .and_then(Value::as_array);
        match several {
            Some(list) if own.is_empty() => list.iter().collect(),
            _ => own,
        }
    }

    fn view(&self, index: usize) -> Option<&Value> {
        self.json.get("bufferViews")?.get(index)
    }

    fn availability(
        &self,
        entry: &Value,
        length: u64,
        what: &str,
    ) -> Result<Availability, SubtreeError> {
        let bits = |cause: String| SubtreeError::Bits {
            what: what.to_owned(),
            cause,
        };
        if let Some(constant) = entry.get("constant").and_then(Value::as_u64) {
            return Ok(Availability::Constant(constant != 0));
        }
        let view_index = bitstream_of(entry)
            .ok_or_else(|| bits("neither a bitstream nor a constant".to_owned()))?;
        let view = self
            .view(view_index)
            .ok_or_else(|| bits(format!("there is no buffer view {view_index}")))?;
        let buffer_index = index_of(view, "buffer")
            .ok_or_else(|| bits("the buffer view names no buffer".to_owned()))?;
        let buffer = match self.buffers.get(buffer_index) {
            Some(Some(buffer)) => buffer,
            Some(None) => return Err(bits(format!("buffer {buffer_index} is missing"))),
            None => return Err(bits(format!("there is no buffer {buffer_index}"))),
        };
        let offset = index_of(view, "byteOffset").unwrap_or(0);
        let size = index_of(view, "byteLength")
            .ok_or_else(|| bits("the buffer view has no byteLength".to_owned()))?;
        let bytes = offset
            .checked_add(size)
            .and_then(|end| buffer.get(offset..end))
            .ok_or_else(|| {
                bits(format!(
                    "bytes {offset}+{size} lie outside its buffer of {} bytes",
                    buffer.len()
                ))
            })?;
        let needed = usize::try_from(length.div_ceil(8)).unwrap_or(usize::MAX);
        let mut bytes = bytes
            .get(..needed)
            .ok_or_else(|| {
                bits(format!(
                    "{} bytes are too few for {length} bits",
                    bytes.len()
                ))
            })?
            .to_vec();
        // Bits beyond the length mean nothing; cleared, so that nobody counts them.
        if !length.is_multiple_of(8)
            && let Some(last) = bytes.last_mut()
        {
            *last &= (1 << (length % 8)) - 1;
        }
        Ok(Availability::Bits(bytes))
    }

    /// Reads the availability, once the buffers are there.
    pub fn build(&self, subdivision: Subdivision, levels: u32) -> Result<Subtree, SubtreeError> {
        let too_many = || SubtreeError::Json(format!("{levels} levels are too many"));
        let tile_count = subdivision.tiles_in(levels).ok_or_else(too_many)?;
        let child_count = u64::from(subdivision.branching())
            .checked_pow(levels)
            .ok_or_else(too_many)?;
        let entry = |key: &str| {
            self.json
                .get(key)
                .ok_or_else(|| SubtreeError::Json(format!("{key} is missing")))
        };
        let tiles =
            self.availability(entry("tileAvailability")?, tile_count, "tileAvailability")?;
        let mut contents = Vec::new();
        for (index, content) in self.content_entries().into_iter().take(64).enumerate() {
            contents.push(self.availability(
                content,
                tile_count,
                &format!("contentAvailability/{index}"),
            )?);
        }
        let child_subtrees = self.availability(
            entry("childSubtreeAvailability")?,
            child_count,
            "childSubtreeAvailability",
        )?;
        let mut warnings = Vec::new();
        if !tiles.get(0) {
            warnings.push("its root tile is not available, so nothing of it is".to_owned());
        }
        for (what, availability, key) in [("tile", &tiles, "tileAvailability")].into_iter().chain(
            contents
                .iter()
                .map(|c| ("content", c, "contentAvailability")),
        ) {
            let said = self
                .json
                .get(key)
                .map(|v| v.get(0).unwrap_or(v))
                .and_then(|v| v.get("availableCount"));
            let real = availability.count(tile_count);
            if contents.len() <= 1
                && said
                    .and_then(Value::as_u64)
                    .is_some_and(|said| said != real)
            {
                warnings.push(format!(
                    "{what} availableCount says {}, the bits say {real}",
                    said.map_or(0, |v| v.as_u64().unwrap_or(0))
                ));
            }
        }
        Ok(Subtree {
            subdivision,
            levels,
            tiles,
            contents,
            child_subtrees,
            warnings,
        })
    }
}

impl Subtree {
    /// Whether the tile at coordinates inside the subtree exists. A tile without its parent does not.
    pub fn tile(&self, local: Coord) -> bool {
        local.level < self.levels
            && local
                .bit_index(self.subdivision)
                .is_some_and(|bit| self.tiles.get(bit))
    }

    /// Whether content number `content` of that tile exists.
    pub fn content(&self, local: Coord, content: usize) -> bool {
        self.tile(local)
            && self
                .contents
                .get(content)
                .is_some_and(|a| local.bit_index(self.subdivision).is_some_and(|b| a.get(b)))
    }

    /// The content's bit alone, whether or not its tile exists.
    pub(crate) fn content_bit(&self, local: Coord, content: usize) -> bool {
        self.contents.get(content).is_some_and(|a| {
            local
                .bit_index(self.subdivision)
                .is_some_and(|bit| a.get(bit))
        })
    }

    /// Whether the child subtree rooted at `local` (at the level just below this subtree) exists.
    pub fn child_subtree(&self, local: Coord) -> bool {
        local.level == self.levels && self.child_subtrees.get(local.morton(self.subdivision))
    }

    /// Tiles that exist, whatever their parents.
    pub fn tile_count(&self) -> u64 {
        self.subdivision
            .tiles_in(self.levels)
            .map_or(0, |n| self.tiles.count(n))
    }

    /// Content rows.
    pub fn content_rows(&self) -> usize {
        self.contents.len()
    }

    /// Bytes it occupies.
    pub fn byte_cost(&self) -> u64 {
        size_of::<Self>() as u64
            + self.tiles.byte_cost()
            + self.child_subtrees.byte_cost()
            + self
                .contents
                .iter()
                .map(Availability::byte_cost)
                .sum::<u64>()
    }
}

fn bitstream_of(entry: &Value) -> Option<usize> {
    // The forerunner extension called it bufferView.
    index_of(entry, "bitstream").or_else(|| index_of(entry, "bufferView"))
}

fn index_of(value: &Value, key: &str) -> Option<usize> {
    value
        .get(key)?
        .as_u64()
        .and_then(|v| usize::try_from(v).ok())
}

/// The JSON and the binary part of a binary subtree.
fn split(bytes: &[u8]) -> Result<(&[u8], Option<&[u8]>), SubtreeError> {
    let header = |cause: String| SubtreeError::Header(cause);
    let number = |at: usize| -> Option<usize> {
        let raw: [u8; 8] = bytes.get(at..at + 8)?.try_into().ok()?;
        usize::try_from(u64::from_le_bytes(raw)).ok()
    };
    let version = bytes
        .get(4..8)
        .ok_or_else(|| header("it ends inside its header".to_owned()))?;
    if version != [1, 0, 0, 0] {
        return Err(header(format!(
            "its version is {}, not 1",
            version.first().copied().unwrap_or(0)
        )));
    }
    let (Some(json_length), Some(binary_length)) = (number(8), number(16)) else {
        return Err(header(
            "it ends inside its header, or its lengths exceed the address space".to_owned(),
        ));
    };
    let rest = bytes.get(24..).unwrap_or_default();
    let json = rest.get(..json_length).ok_or_else(|| {
        header(format!(
            "its JSON of {json_length} bytes goes beyond the file"
        ))
    })?;
    let binary = json_length
        .checked_add(binary_length)
        .and_then(|end| rest.get(json_length..end))
        .ok_or_else(|| {
            header(format!(
                "its binary part of {binary_length} bytes goes beyond the file"
            ))
        })?;
    Ok((json, Some(binary)))
}

#[cfg(test)]
mod tests;
