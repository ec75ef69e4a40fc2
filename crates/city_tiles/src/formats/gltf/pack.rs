//! A glTF and the files beside it, in one GLB.

use super::buffers::resource;
use super::container;
use crate::formats::bytes::json;
use crate::formats::error::{DecodeErrorKind, Fault, limit};
use crate::formats::{DecodeError, DecodeOptions, External, Input, ktx2};
use image::ImageFormat;
use serde_json::{Map, Value, json as value};

/// Extensions of buffer views that name a buffer of their own.
const MESHOPT: [&str; 2] = ["EXT_meshopt_compression", "KHR_meshopt_compression"];

/// Puts a glTF and the buffers, images and schema beside it into one GLB. A GLB that has all it needs stays as it is.
///
/// `external` is asked as by [`crate::formats::decode`].
///
/// # Errors
/// Where the file is no glTF 2.0, or something that it names is not there or cannot be in a GLB.
pub fn pack(
    bytes: &[u8],
    base_url: &str,
    external: External<'_>,
    options: &DecodeOptions,
) -> Result<Vec<u8>, DecodeError> {
    let input = Input {
        bytes,
        base_url,
        external,
        options,
    };
    packed(&input).map_err(|fault| fault.in_file(base_url))
}

fn packed(input: &Input<'_>) -> Result<Vec<u8>, Fault> {
    let most = input.options.max_bytes;
    limit("the file", "bytes", input.bytes.len(), most)?;
    // What is no glTF 2.0 is said as the decoder says it.
    container::open(input.bytes)?;
    let (mut root, binary) = container::parts(input.bytes)?;
    if container::is_glb(input.bytes) && !names_files(&root) {
        return Ok(input.bytes.to_vec());
    }
    let mut packer = Packer {
        input,
        binary: Vec::new(),
    };
    let (places, buffers) = packer.buffers(list(&mut root, "buffers"), binary)?;
    let mut views = list(&mut root, "bufferViews");
    for (index, view) in views.iter_mut().enumerate() {
        let place = format!("bufferViews[{index}]");
        move_view(view, &places, &place)?;
        for name in MESHOPT {
            if let Some(source) = view.pointer_mut(&format!("/extensions/{name}")) {
                move_view(source, &places, &place)?;
            }
        }
    }
    let mut images = list(&mut root, "images");
    for (index, image) in images.iter_mut().enumerate() {
        packer.image(image, &mut views, &format!("images[{index}]"))?;
    }
    packer.schema(&mut root)?;
    let mut all = Vec::new();
    if !packer.binary.is_empty() {
        all.push(value!({"byteLength": packer.binary.len()}));
    }
    all.extend(buffers);
    for (name, list) in [("buffers", all), ("bufferViews", views), ("images", images)] {
        if let (Some(root), false) = (root.as_object_mut(), list.is_empty()) {
            root.insert(name.to_owned(), Value::Array(list));
        }
    }
    container::glb(&root, &packer.binary)
        .ok_or_else(|| Fault::invalid("the file", "would be longer than a GLB may be"))
}

/// Whether anything that the JSON names is not in a GLB.
fn names_files(root: &Value) -> bool {
    let any = |name: &str| {
        let list = root.get(name).and_then(Value::as_array);
        list.is_some_and(|list| list.iter().any(|item| item.get("uri").is_some()))
    };
    any("buffers") || any("images") || root.pointer(SCHEMA_URI).is_some()
}

const METADATA: &str = "/extensions/EXT_structural_metadata";
const SCHEMA_URI: &str = "/extensions/EXT_structural_metadata/schemaUri";

/// Takes a list out of the root; what is none is none.
fn list(root: &mut Value, name: &str) -> Vec<Value> {
    let taken = root.as_object_mut().and_then(|root| root.remove(name));
    match taken {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    }
}

fn number(object: &Value, key: &str) -> Option<usize> {
    usize::try_from(object.get(key)?.as_u64()?).ok()
}

/// Where a buffer's bytes are now: its new number, and where it begins.
type Place = (usize, usize);

fn move_view(view: &mut Value, places: &[Place], place: &str) -> Result<(), Fault> {
    let buffer = number(view, "buffer").and_then(|buffer| places.get(buffer));
    let (buffer, start) =
        *buffer.ok_or_else(|| Fault::invalid(place, "its buffer does not exist"))?;
    let offset = start.saturating_add(number(view, "byteOffset").unwrap_or(0));
    if let Some(view) = view.as_object_mut() {
        view.insert("buffer".to_owned(), value!(buffer));
        view.insert("byteOffset".to_owned(), value!(offset));
    }
    Ok(())
}

struct Packer<'a> {
    input: &'a Input<'a>,
    /// What becomes the GLB's binary part.
    binary: Vec<u8>,
}

impl Packer<'_> {
    /// Adds bytes and says where they begin: where numbers of any size may.
    fn add(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        let start = self.binary.len().next_multiple_of(8);
        let most = self.input.options.max_bytes;
        limit("the packed file", "bytes", start + bytes.len(), most)?;
        self.binary.resize(start, 0);
        self.binary.extend_from_slice(bytes);
        Ok(start)
    }

    /// Puts the buffers one after the other; where each is now, and those that have no bytes: they stand in for
    /// compressed ones.
    fn buffers(
        &mut self,
        buffers: Vec<Value>,
        binary: Option<&[u8]>,
    ) -> Result<(Vec<Place>, Vec<Value>), Fault> {
        let (mut places, mut empty) = (Vec::new(), Vec::new());
        for (index, mut buffer) in buffers.into_iter().enumerate() {
            let place = format!("buffers[{index}]");
            let is_fallback = MESHOPT.iter().any(|name| {
                let fallback = buffer.pointer(&format!("/extensions/{name}/fallback"));
                fallback.and_then(Value::as_bool).unwrap_or(false)
            });
            if is_fallback {
                if let Some(buffer) = buffer.as_object_mut() {
                    buffer.remove("uri");
                }
                places.push((1 + empty.len(), 0));
                empty.push(buffer);
                continue;
            }
            let uri = buffer.get("uri").and_then(Value::as_str);
            let fetched;
            let bytes = match (uri, binary) {
                (Some(uri), _) => {
                    fetched = resource(uri, self.input, &place)?;
                    &fetched[..]
                }
                (None, Some(binary)) if index == 0 => binary,
                (None, _) => return Err(Fault::invalid(&place, "has no bytes")),
            };
            let length = number(&buffer, "byteLength").unwrap_or(bytes.len());
            let bytes = bytes.get(..length).ok_or_else(|| {
                let (need, have) = (length as u64, bytes.len() as u64);
                Fault::new(&place, DecodeErrorKind::Truncated { need, have })
            })?;
            places.push((0, self.add(bytes)?));
        }
        if self.binary.is_empty() && !empty.is_empty() {
            // The first buffer is the GLB's own.
            self.binary.resize(4, 0);
        }
        Ok((places, empty))
    }

    fn image(
        &mut self,
        image: &mut Value,
        views: &mut Vec<Value>,
        place: &str,
    ) -> Result<(), Fault> {
        let Some(uri) = image.get("uri").and_then(Value::as_str) else {
            return Ok(());
        };
        let bytes = resource(uri, self.input, place)?;
        let kind = kind_of(&bytes).ok_or_else(|| {
            let what = "it is neither PNG, JPEG, WebP nor KTX 2.0".to_owned();
            Fault::new(place, DecodeErrorKind::Image(what))
        })?;
        let start = self.add(&bytes)?;
        views.push(value!({"buffer": 0, "byteOffset": start, "byteLength": bytes.len()}));
        if let Some(image) = image.as_object_mut() {
            image.remove("uri");
            image.insert("bufferView".to_owned(), value!(views.len() - 1));
            image.insert("mimeType".to_owned(), value!(kind));
        }
        Ok(())
    }

    /// A schema beside the file goes into its JSON.
    fn schema(&self, root: &mut Value) -> Result<(), Fault> {
        let Some(uri) = root.pointer(SCHEMA_URI).and_then(Value::as_str) else {
            return Ok(());
        };
        let schema: Value = json(&resource(uri, self.input, "the schema")?, "the schema")?;
        let metadata = root.pointer_mut(METADATA).and_then(Value::as_object_mut);
        let metadata: Option<&mut Map<String, Value>> = metadata;
        if let Some(metadata) = metadata {
            metadata.remove("schemaUri");
            metadata.entry("schema").or_insert(schema);
        }
        Ok(())
    }
}

/// The media type of an image, by its first bytes.
fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    if ktx2::is_ktx2(bytes) {
        return Some("image/ktx2");
    }
    match image::guess_format(bytes).ok()? {
        ImageFormat::Png => Some("image/png"),
        ImageFormat::Jpeg => Some("image/jpeg"),
        ImageFormat::WebP => Some("image/webp"),
        _ => None,
    }
}
