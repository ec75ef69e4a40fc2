//! Tile content: bytes to [`PreparedTile`], one module per format.
//!
//! [`FORMATS`] is the list. To read another format, write one module with a `decode` and add one
//! line there. Nothing here opens a file or a socket: models, buffers and images beside a file are
//! asked for by [`list_external`] and handed in as a function.

pub mod b3dm;
mod bytes;
pub mod cmpt;
pub mod draco;
mod error;
mod extent;
mod feature_table;
pub mod geojson;
pub mod gltf;
pub mod i3dm;
pub mod ktx2;
mod octahedron;
pub mod pnts;
pub mod terrain;

pub use error::{DecodeError, DecodeErrorKind, Fault};

use crate::prepared::{ImageUse, PreparedImage, PreparedTile};

/// The axis that points up in a glTF file. glTF 2.0 says y; early tilesets said otherwise in
/// `asset.gltfUpAxis`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UpAxis {
    /// x.
    X,
    /// y, as glTF 2.0 has it.
    #[default]
    Y,
    /// z.
    Z,
}

/// Limits on what a tile may hold, and how to read it. The defaults suit city tiles many times over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeOptions {
    /// The tileset's `asset.gltfUpAxis`.
    pub up_axis: UpAxis,
    /// Which images of surfaces are read, and in which formats; images that hold data are plain in any case.
    pub images: ImageUse,
    /// Most bytes of a file.
    pub max_bytes: usize,
    /// Most bytes of all compressed buffer views of a file, decompressed.
    pub max_decompressed_bytes: usize,
    /// Most vertices, and most indices / 3, of a tile.
    pub max_vertices: usize,
    /// Most nodes visited, and most primitives read.
    pub max_nodes: usize,
    /// Deepest node.
    pub max_depth: usize,
    /// Most pixels of one image.
    pub max_image_pixels: u64,
    /// Most pixels of all images of a tile.
    pub max_total_pixels: u64,
    /// Most features of a tile.
    pub max_features: usize,
    /// Most values in one property column.
    pub max_column_values: usize,
}

impl Default for DecodeOptions {
    fn default() -> Self {
        Self {
            up_axis: UpAxis::Y,
            images: ImageUse::default(),
            max_bytes: 256 << 20,
            max_decompressed_bytes: 512 << 20,
            max_vertices: 4 << 20,
            max_nodes: 1 << 16,
            max_depth: 64,
            max_image_pixels: 8192 * 8192,
            max_total_pixels: 2 * 8192 * 8192,
            max_features: 4 << 20,
            max_column_values: 16 << 20,
        }
    }
}

/// Asks for the bytes of an external buffer, image or schema, by its resolved address.
pub type External<'a> = &'a dyn Fn(&str) -> Option<Vec<u8>>;

/// What a decoder is given.
pub(crate) struct Input<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// Its own address, which relative addresses start from.
    pub base_url: &'a str,
    /// Files beside it.
    pub external: External<'a>,
    /// Limits.
    pub options: &'a DecodeOptions,
}

/// A tile format: how to know it, and how to read it.
pub struct Format {
    /// The format's name.
    pub name: &'static str,
    /// Whether bytes are of this format.
    pub sniff: fn(&[u8]) -> bool,
    decode: fn(&Input<'_>) -> Result<PreparedTile, Fault>,
    external: fn(&Input<'_>) -> Result<Vec<String>, Fault>,
}

/// Every format that is read. The first whose `sniff` says yes reads the bytes.
pub const FORMATS: &[Format] = &[
    Format {
        name: "GLB",
        sniff: gltf::is_glb,
        decode: gltf::decode,
        external: gltf::external,
    },
    Format {
        name: "b3dm",
        sniff: b3dm::is_b3dm,
        decode: b3dm::decode,
        external: b3dm::external,
    },
    Format {
        name: "i3dm",
        sniff: i3dm::is_i3dm,
        decode: i3dm::decode,
        external: i3dm::external,
    },
    Format {
        name: "pnts",
        sniff: pnts::is_pnts,
        decode: pnts::decode,
        external: pnts::external,
    },
    Format {
        name: "cmpt",
        sniff: cmpt::is_cmpt,
        decode: cmpt::decode,
        external: cmpt::external,
    },
    // These two before glTF, which takes any JSON.
    Format {
        name: "terrain",
        sniff: terrain::is_terrain,
        decode: terrain::decode,
        external: terrain::external,
    },
    Format {
        name: "GeoJSON",
        sniff: geojson::is_geojson,
        decode: geojson::decode,
        external: geojson::external,
    },
    Format {
        name: "glTF",
        sniff: gltf::is_gltf_json,
        decode: gltf::decode,
        external: gltf::external,
    },
];

/// Formats that are known, but not read: drafts that never became a standard.
const UNREAD: [(&[u8], &str); 2] = [
    (b"vctr", "vector tiles (vctr)"),
    (b"geom", "geometry tiles (geom)"),
];

fn format_of(bytes: &[u8]) -> Result<&'static Format, Fault> {
    if let Some(format) = FORMATS.iter().find(|format| (format.sniff)(bytes)) {
        return Ok(format);
    }
    if let Some((_, name)) = UNREAD.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(Fault::new(
            "the file",
            DecodeErrorKind::UnsupportedFormat((*name).to_owned()),
        ));
    }
    let start = bytes.get(..bytes.len().min(4)).unwrap_or_default();
    let start = format!("starts with {:?}", String::from_utf8_lossy(start));
    Err(Fault::new(
        "the file",
        DecodeErrorKind::NotTileContent(start),
    ))
}

/// Reads tile content: GLB, glTF JSON, b3dm, i3dm, pnts, cmpt, GeoJSON or a terrain's descriptor, told apart by what
/// the bytes are.
///
/// `base_url` is the content's own address (a URL, or a path); `external` is asked for files beside
/// it by their resolved address, and answers `None` for what it has not got.
///
/// # Errors
/// Anything that cannot be drawn rightly: [`DecodeError`] names file, place, cause and what to do.
pub fn decode(
    bytes: &[u8],
    base_url: &str,
    external: External<'_>,
    options: &DecodeOptions,
) -> Result<PreparedTile, DecodeError> {
    let input = Input {
        bytes,
        base_url,
        external,
        options,
    };
    let mut tile = with_input(&input, |format| (format.decode)(&input))?;
    // Here and not where they are asked for: the thread that draws would wait for them.
    tile.images.iter_mut().for_each(PreparedImage::make_levels);
    tile.make_boxes();
    Ok(tile)
}

/// The resolved addresses of the files that [`decode`] will ask for. Empty for nearly all tiles.
///
/// # Errors
/// As [`decode`], for what is wrong before any external file is needed.
pub fn list_external(
    bytes: &[u8],
    base_url: &str,
    options: &DecodeOptions,
) -> Result<Vec<String>, DecodeError> {
    list_external_with(bytes, base_url, &|_| None, options)
}

/// The same, given files that have come: the glTF file that an i3dm names has files beside it in turn,
/// which nobody knows before it is there. Names the given files too; after at most
/// [`EXTERNAL_ROUNDS`] rounds there is nothing new.
///
/// # Errors
/// As [`list_external`].
pub fn list_external_with(
    bytes: &[u8],
    base_url: &str,
    external: External<'_>,
    options: &DecodeOptions,
) -> Result<Vec<String>, DecodeError> {
    let input = Input {
        bytes,
        base_url,
        external,
        options,
    };
    with_input(&input, |format| (format.external)(&input))
}

/// How often [`list_external_with`] can have something new to say: a tile's model, and the model's
/// own files.
pub const EXTERNAL_ROUNDS: usize = 2;

/// Addresses to ask for instead, once some of [`list_external`]'s could not be had. Only terrain has any.
#[must_use]
pub fn list_instead(
    bytes: &[u8],
    base_url: &str,
    is_missing: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    terrain::instead(bytes, base_url, is_missing)
}

/// Whether [`decode`] gives a tile without this file beside it too, if a poorer one: imagery of terrain.
#[must_use]
pub fn can_do_without(bytes: &[u8], base_url: &str, address: &str) -> bool {
    terrain::is_imagery(bytes, base_url, address)
}

fn with_input<T>(
    input: &Input<'_>,
    read: impl FnOnce(&Format) -> Result<T, Fault>,
) -> Result<T, DecodeError> {
    error::limit(
        "the file",
        "bytes",
        input.bytes.len(),
        input.options.max_bytes,
    )
    .and_then(|()| format_of(input.bytes))
    .and_then(read)
    .map_err(|fault| fault.in_file(input.base_url))
}
