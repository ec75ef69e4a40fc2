//! A decoded tile content: plain buffers, ready for the GPU, with their cost in bytes.
//!
//! [`PreparedTile`] is what every format decoder gives and what every renderer takes. It knows
//! nothing of files, threads or GPUs, and travels as one flat byte buffer ([`PreparedTile::to_bytes`])
//! between the browser's decode worker and the page.

mod boxes;
mod bytes;
mod image;
mod merge;
mod surface;
mod texels;

pub use boxes::{Extent, TRIANGLES_PER_BOX, TriangleBoxes};
pub use bytes::PreparedError;
pub use image::PreparedImage;
pub(crate) use surface::id_of;
pub use surface::{
    FeatureTexture, PointProperties, PropertyTexture, SurfaceData, SurfacePart, SurfaceTable,
    TextureLookup, TextureProperty,
};
pub use texels::{ImageUse, TexelFormat};

use crate::metadata::FeatureTable;
use glam::DVec3;

/// [`Vertex::feature`] of a vertex that belongs to no feature.
pub const NO_FEATURE: u32 = u32::MAX;

/// One vertex, as it lies in the GPU's vertex buffer: 32 bytes, no padding.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub struct Vertex {
    /// Metres from [`PreparedTile::origin`], in the tile's frame (z up).
    pub position: [f32; 3],
    /// Unit normal in the tile's frame, signed normalised; the fourth byte is 0.
    pub normal: [i8; 4],
    /// glTF `COLOR_0`: linear, unsigned normalised; 255 where the content has none.
    pub color: [u8; 4],
    /// Texture coordinates, with `KHR_texture_transform` already applied.
    pub uv: [f32; 2],
    /// Index into the tile's [`FeatureTable`], or [`NO_FEATURE`].
    pub feature: u32,
}

/// How the indices of a primitive are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topology {
    /// Three indices per triangle, counter-clockwise seen from outside.
    Triangles,
    /// Two indices per line.
    Lines,
    /// One index per point.
    Points,
}

/// All geometry of a tile that shares one material and one topology.
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedPrimitive {
    /// How the indices are joined.
    pub topology: Topology,
    /// The vertices.
    pub vertices: Vec<Vertex>,
    /// Indices into `vertices`; their number fits the topology.
    pub indices: Vec<u32>,
    /// Index into [`PreparedTile::materials`].
    pub material: u32,
    /// False only for lines and points without normals, which glTF draws unlit. Triangles always
    /// have normals: flat ones are computed where the content has none (glTF 2.0, 3.7.2.1).
    pub has_normals: bool,
}

/// How alpha is used (glTF 2.0, 5.19, `alphaMode`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AlphaMode {
    /// Alpha is ignored.
    Opaque,
    /// Fully there where alpha is at least the cutoff, otherwise not at all.
    Mask(f32),
    /// Blended over what is behind.
    Blend,
}

/// What a surface is, for shaders that know more than a texture: the material's
/// `extras.belvedere_surface`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SurfaceClass {
    /// Nothing special.
    #[default]
    Plain,
    /// A building's wall: uv = (metres along the wall, metres above the base), colour's alpha = use code.
    Facade,
    /// Water.
    Water,
    /// Ground.
    Terrain,
    /// Trees and grass.
    Vegetation,
    /// Roads, rails, paths.
    Road,
}

impl SurfaceClass {
    /// Every class with its name in `extras.belvedere_surface` (`Plain` has none and is written "plain").
    pub const NAMES: [(Self, &'static str); 6] = [
        (Self::Plain, "plain"),
        (Self::Facade, "facade"),
        (Self::Water, "water"),
        (Self::Terrain, "terrain"),
        (Self::Vegetation, "vegetation"),
        (Self::Road, "road"),
    ];

    /// The class of this name; unknown names are `Plain`.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::NAMES
            .iter()
            .find(|(_, known)| *known == name)
            .map_or(Self::Plain, |(class, _)| *class)
    }
}

/// What happens to texture coordinates outside 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Wrap {
    /// The image repeats.
    #[default]
    Repeat,
    /// The image's edge goes on.
    Clamp,
    /// The image repeats, every second time mirrored.
    Mirror,
}

/// A texture of a material besides that of its base colour. It has the same coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreparedMap {
    /// Index into [`PreparedTile::images`].
    pub image: u32,
    /// Outside 0..1 in u.
    pub wrap_u: Wrap,
    /// Outside 0..1 in v.
    pub wrap_v: Wrap,
}

/// A surface, in glTF's metallic-roughness terms.
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedMaterial {
    /// Linear base colour and alpha, 0..1.
    pub base_color: [f32; 4],
    /// Index into [`PreparedTile::images`]: sRGB image times the base colour.
    pub base_color_image: Option<u32>,
    /// 0 (dielectric) to 1 (metal).
    pub metallic: f32,
    /// 0 (mirror) to 1 (matt).
    pub roughness: f32,
    /// Linear emitted colour, with `KHR_materials_emissive_strength` already applied: 1 is a white wall at noon.
    pub emissive: [f32; 3],
    /// An sRGB image times the emitted colour.
    pub emissive_map: Option<PreparedMap>,
    /// A linear image: green times the roughness, blue times the metal.
    pub roughness_map: Option<PreparedMap>,
    /// A linear image of normals in the surface's own frame: x to the right in the image, y up in it, z out.
    pub normal_map: Option<PreparedMap>,
    /// By how much x and y of the normals count.
    pub normal_scale: f32,
    /// A linear image: red is how much light from around gets there.
    pub occlusion_map: Option<PreparedMap>,
    /// 0 (no occlusion) to 1 (all of the image's).
    pub occlusion_strength: f32,
    /// How alpha is used.
    pub alpha_mode: AlphaMode,
    /// Draw back faces too.
    pub double_sided: bool,
    /// Draw without lighting (`KHR_materials_unlit`).
    pub unlit: bool,
    /// What the surface is.
    pub class: SurfaceClass,
    /// Outside 0..1 in u.
    pub wrap_u: Wrap,
    /// Outside 0..1 in v.
    pub wrap_v: Wrap,
}

impl PreparedMaterial {
    /// The maps that there may be besides the image of the base colour.
    #[must_use]
    pub fn maps(&self) -> [Option<PreparedMap>; 4] {
        [
            self.emissive_map,
            self.roughness_map,
            self.normal_map,
            self.occlusion_map,
        ]
    }

    /// The same, to be changed.
    pub(crate) fn maps_mut(&mut self) -> [&mut Option<PreparedMap>; 4] {
        [
            &mut self.emissive_map,
            &mut self.roughness_map,
            &mut self.normal_map,
            &mut self.occlusion_map,
        ]
    }
}

impl Default for PreparedMaterial {
    /// glTF's default material (glTF 2.0, 3.9.6).
    fn default() -> Self {
        Self {
            base_color: [1.0; 4],
            base_color_image: None,
            metallic: 1.0,
            roughness: 1.0,
            emissive: [0.0; 3],
            emissive_map: None,
            roughness_map: None,
            normal_map: None,
            normal_scale: 1.0,
            occlusion_map: None,
            occlusion_strength: 1.0,
            alpha_mode: AlphaMode::Opaque,
            double_sided: false,
            unlit: false,
            class: SurfaceClass::Plain,
            wrap_u: Wrap::Repeat,
            wrap_v: Wrap::Repeat,
        }
    }
}

/// A decoded tile content.
///
/// `ecef_from_content = ecef_from_tile * translate(origin)`: nodes, the y-up to z-up turn and
/// RTC_CENTER are already in the positions and the origin.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PreparedTile {
    /// The middle of the content in the tile's frame, metres; positions are relative to it.
    pub origin: DVec3,
    /// The geometry, one entry per material and topology.
    pub primitives: Vec<PreparedPrimitive>,
    /// The materials.
    pub materials: Vec<PreparedMaterial>,
    /// The images.
    pub images: Vec<PreparedImage>,
    /// What the features of the tile are.
    pub features: FeatureTable,
    /// What is known of single points of the surfaces.
    pub surface: SurfaceTable,
    /// Where its triangles are, for rays.
    pub boxes: TriangleBoxes,
    /// Credits to show while the tile is on screen.
    pub copyright: Vec<String>,
    /// What this content asks for and this program does not draw; to be shown.
    pub warnings: Vec<String>,
}

impl PreparedTile {
    /// Bytes held in main memory.
    #[must_use]
    pub fn cpu_bytes(&self) -> u64 {
        let texts: usize = self
            .copyright
            .iter()
            .chain(&self.warnings)
            .map(String::len)
            .sum();
        self.geometry_bytes()
            + self.image_bytes()
            + self.features.bytes()
            + self.surface.bytes()
            + self.boxes.bytes()
            + (texts + self.materials.len() * size_of::<PreparedMaterial>()) as u64
            + size_of::<Self>() as u64
    }

    /// Bytes that the same tile takes on the GPU: geometry, and images with their smaller levels.
    #[must_use]
    pub fn gpu_bytes(&self) -> u64 {
        self.geometry_bytes() + self.image_bytes()
    }

    fn image_bytes(&self) -> u64 {
        self.images.iter().map(PreparedImage::bytes).sum()
    }

    /// What the tile costs against the byte budget: main memory and GPU together.
    #[must_use]
    pub fn byte_cost(&self) -> u64 {
        self.cpu_bytes() + self.gpu_bytes()
    }

    fn geometry_bytes(&self) -> u64 {
        self.primitives
            .iter()
            .map(|p| {
                (size_of_val(p.vertices.as_slice()) + size_of_val(p.indices.as_slice())) as u64
            })
            .sum()
    }

    /// Number of triangles.
    #[must_use]
    pub fn triangles(&self) -> u64 {
        self.primitives
            .iter()
            .filter(|p| p.topology == Topology::Triangles)
            .map(|p| p.indices.len() as u64 / 3)
            .sum()
    }

    /// Number of vertices.
    #[must_use]
    pub fn vertices(&self) -> u64 {
        self.primitives
            .iter()
            .map(|p| p.vertices.len() as u64)
            .sum()
    }

    /// Smallest and largest position, relative to the origin, metres; none where there is no vertex.
    #[must_use]
    pub fn bounds(&self) -> Option<([f32; 3], [f32; 3])> {
        let positions = (self.primitives.iter())
            .flat_map(|primitive| primitive.vertices.iter().map(|vertex| vertex.position));
        boxes::extent(positions).map(|[low, high]| (low, high))
    }

    /// Puts boxes around its triangles, once its geometry stays as it is.
    pub fn make_boxes(&mut self) {
        self.boxes = TriangleBoxes::around(&self.primitives);
    }
}

/// A unit vector as signed normalised bytes; a vector without direction points up.
#[must_use]
pub fn snorm_normal(normal: DVec3) -> [i8; 4] {
    let unit = normal.try_normalize().unwrap_or(DVec3::Z);
    [
        (unit.x * 127.0).round() as i8,
        (unit.y * 127.0).round() as i8,
        (unit.z * 127.0).round() as i8,
        0,
    ]
}
