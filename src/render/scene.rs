//! What the main world may put on screen.

use std::sync::Arc;

use bevy::ecs::component::Component;
use bytemuck::{Pod, Zeroable};
use city_tiles::prepared::PreparedTile;
use glam::{DMat4, DVec3, Vec3};

/// Geometry of one tile content (or anything decoded to the same shape), uploaded once.
#[derive(Component, Clone)]
pub struct CityMesh(pub Arc<PreparedTile>, pub Option<(Vec3, Vec3)>);

impl CityMesh {
    /// A mesh with its bounds (relative to the tile's origin), which every ray asks for.
    #[must_use]
    pub fn new(tile: PreparedTile) -> Self {
        let bounds = tile.bounds().map(|(low, high)| (low.into(), high.into()));
        Self(Arc::new(tile), bounds)
    }
}

/// Where a mesh stands: metres, east-north-up at the scene's origin, f64.
#[derive(Component, Clone, Copy)]
pub struct Placement {
    /// Local frame from the mesh's own coordinates (tile frame plus [`PreparedTile::origin`]).
    pub local_from_mesh: DMat4,
}

/// Whether a mesh is drawn. Meshes are spawned hidden and shown with their siblings in one step.
#[derive(Component, Clone, Copy, PartialEq, Eq)]
pub struct Shown(pub bool);

/// Which variants of the scene show a mesh or a set of lines, one bit each; without it all do. A pane names the variant that it shows.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variants(pub u8);

/// How many variants there can be: what stands, and what is proposed instead.
pub const VARIANTS: usize = 2;

/// Features of a mesh that a variant does not show: feature indices in ascending order.
#[derive(Component, Clone, Debug, Default, PartialEq, Eq)]
pub struct HiddenFeatures(pub [Arc<[u32]>; VARIANTS]);

impl HiddenFeatures {
    /// Whether a variant leaves a feature out.
    #[must_use]
    pub fn hides(&self, variant: u8, feature: u32) -> bool {
        self.0
            .get(usize::from(variant))
            .is_some_and(|hidden| hidden.binary_search(&feature).is_ok())
    }
}

/// What a style says of the features of a mesh, by feature index; what is beyond the lists is drawn as it is.
#[derive(Component, Clone, Debug, PartialEq)]
pub struct FeatureLook {
    /// sRGB, straight alpha; alpha 0 is not drawn.
    pub colors: Arc<[[u8; 4]]>,
    /// Sizes of points in pixels.
    pub point_sizes_px: Option<Arc<[f32]>>,
    /// 0: colours multiply the content's own (the highlight mode of 3D Tiles viewers), 1: they replace it.
    pub replaces: f32,
    /// Features whose colour replaces the content's own whatever the rest does: ascending indices.
    pub replaced: Arc<[u32]>,
    /// Features that show a reading which is not good: ascending indices, with what it is instead (1 stale, 2 suspect,
    /// 3 failed, 4 missing). Each is drawn with a pattern of its own.
    pub patterns: Arc<[(u32, u8)]>,
}

/// How a mesh looks besides its material.
#[derive(Component, Clone, Copy)]
pub struct Style {
    /// Feature index drawn as selected; `u32::MAX` for none.
    pub selected_feature: u32,
    /// Linear colour and its share, for tile debugging.
    pub tint: [f32; 4],
    /// 0..1.
    pub opacity: f32,
    /// Casts a shadow (the ground does not).
    pub casts_shadow: bool,
    /// Pulls the mesh toward the camera by this share of its distance, to lie over surfaces.
    pub pull: f32,
    /// Least size of its points in pixels; they grow with the distance between them.
    pub point_px: f32,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            selected_feature: u32::MAX,
            tint: [0.0; 4],
            opacity: 1.0,
            casts_shadow: true,
            pull: 0.0,
            point_px: 2.0,
        }
    }
}

/// One thick line segment, relative to its set's origin.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct LineSegment {
    /// Start, metres from the set's origin (east, north, up).
    pub a: [f32; 3],
    /// Width on screen in pixels.
    pub width_px: f32,
    /// End, as `a`.
    pub b: [f32; 3],
    /// Linear colour and alpha, 0..255.
    pub color: [u8; 4],
}

/// Thick lines with an f64 origin: outlines, bounding volumes, GeoJSON.
#[derive(Component, Clone)]
pub struct LineSet {
    /// Local-frame origin of the segments.
    pub origin: DVec3,
    /// The segments; replaced as a whole.
    pub segments: Arc<Vec<LineSegment>>,
    /// 0..1.
    pub opacity: f32,
    /// Pulls the lines toward the camera by this share of their distance, to lie over surfaces.
    pub pull: f32,
    /// Drawn even behind other things.
    pub through: bool,
}

/// One sensor: the readings around the clock's time. Layout is shared with marker.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, Pod, Zeroable)]
pub struct Marker {
    /// Metres from the layer's origin (east, north, up).
    pub position: [f32; 3],
    /// The reading at or before the clock, and the next one.
    pub values: [f32; 2],
    /// Their times in seconds from the layer's epoch.
    pub times: [f32; 2],
    /// Quality of both (4 bits each), bit 8 linear, bit 9 no reading.
    pub flags: u32,
    /// Index within the layer, for picking.
    pub index: u32,
}

/// The time side of a marker layer; changes every frame without an upload of instances.
#[derive(Clone, Copy, Debug, Default)]
pub struct MarkerTime {
    /// The clock, seconds from the layer's epoch.
    pub now_s: f32,
    /// Expected interval between readings.
    pub cadence_s: f32,
    /// A reading older than this is stale.
    pub stale_after_s: f32,
}

/// All sensors of one layer, drawn in one instanced draw.
#[derive(Component, Clone)]
pub struct MarkerLayer {
    /// Local-frame origin of the positions.
    pub origin: DVec3,
    /// Instances; the generation says when they changed.
    pub markers: Arc<Vec<Marker>>,
    /// Increases with every change of `markers`.
    pub generation: u64,
    /// Clock and staleness.
    pub time: MarkerTime,
    /// Values at the colour map's ends.
    pub range: [f32; 2],
    /// Radius in pixels at 2.4 km.
    pub size_px: f32,
    /// 0..1.
    pub opacity: f32,
    /// Colour map name.
    pub color_map: Arc<str>,
    /// Selected instance, `u32::MAX` for none.
    pub selected: u32,
    /// Drawn at all.
    pub visible: bool,
}
