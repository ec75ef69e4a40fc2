//! The view: where the camera stands, the light of the hour, and the uniform both become.

use bevy::ecs::component::Component;
use bevy::ecs::prelude::{Commands, Res, ResMut};
use bevy::ecs::resource::Resource;
use bevy::render::render_resource::{Buffer, BufferDescriptor, BufferUsages};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bytemuck::{Pod, Zeroable};
use glam::{DVec3, Mat4, Vec3, Vec4};

use super::clip::ClipUniform;
use super::extract::ExtractedCity;
use super::shadow;

/// The camera's pose in the scene's local frame (east, north, up; metres; f64).
#[derive(Component, Clone, Copy, Debug)]
pub struct CityView {
    /// Position.
    pub position: DVec3,
    /// Unit vectors.
    pub forward: DVec3,
    /// Unit, orthogonal to `forward`.
    pub up: DVec3,
    /// Vertical field of view, radians.
    pub fov_y_rad: f64,
    /// Near plane, metres. There is no far plane (reverse z, infinite).
    pub near_m: f64,
    /// Height above the ground below, metres: how thin the air is.
    pub above_ground_m: f64,
}

impl Default for CityView {
    fn default() -> Self {
        Self {
            position: DVec3::new(0.0, -1500.0, 900.0),
            forward: DVec3::new(0.0, 0.857, -0.515).normalize(),
            up: DVec3::new(0.0, 0.515, 0.857).normalize(),
            fov_y_rad: city_geo::Camera::DEFAULT_FOV_Y_RAD,
            near_m: 0.5,
            above_ground_m: 900.0,
        }
    }
}

impl CityView {
    /// Where a point (local frame) lies in a picture of this size, from its left and top; none where it is behind the
    /// camera or outside.
    #[must_use]
    pub fn pixel_of(&self, point: DVec3, size_px: [f64; 2]) -> Option<[f64; 2]> {
        let rel = point - self.position;
        let ahead = rel.dot(self.forward);
        if ahead <= self.near_m {
            return None;
        }
        let half = (self.fov_y_rad * 0.5).tan() * ahead;
        let x = rel.dot(self.right()) / (half * size_px[0] / size_px[1]);
        let y = rel.dot(self.up) / half;
        let inside = x.abs() <= 1.0 && y.abs() <= 1.0;
        inside.then_some([(x + 1.0) * 0.5 * size_px[0], (1.0 - y) * 0.5 * size_px[1]])
    }

    /// Right-hand unit vector.
    #[must_use]
    pub fn right(&self) -> DVec3 {
        self.forward.cross(self.up).normalize()
    }

    /// Clip space from camera-relative east-north-up, infinite reverse z.
    #[must_use]
    pub fn clip_from_rel(&self, aspect: f64) -> Mat4 {
        let projection = Mat4::perspective_infinite_reverse_rh(
            self.fov_y_rad as f32,
            aspect as f32,
            self.near_m as f32,
        );
        projection * Mat4::look_to_rh(Vec3::ZERO, self.forward.as_vec3(), self.up.as_vec3())
    }
}

/// What a whole video wall shows, of which this machine draws a part. Level of detail and shadows follow it, so that
/// neighbours agree. Without it the picture is the whole.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq)]
pub struct WholeView(pub Option<Whole>);

/// See [`WholeView`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Whole {
    /// Left, right, bottom and top on the plane at distance 1 from the eye.
    pub tangents: [f64; 4],
    /// Height in pixels.
    pub height_px: f64,
}

/// The light of the hour, all linear and in scene units (1.0 is a white wall in full sun at noon).
#[derive(Resource, Clone, Copy, Debug)]
pub struct Lighting {
    /// Unit vector toward the sun, or toward the moon when the sun is well below the horizon.
    pub toward_light: Vec3,
    /// Sine of the sun's elevation (not the moon's).
    pub sun_sine: f32,
    /// Direct light.
    pub sun_color: Vec3,
    /// Sky overhead, at the horizon, and around the sun.
    pub sky_zenith: Vec3,
    /// Sky at the horizon.
    pub sky_horizon: Vec3,
    /// Light added around the sun.
    pub sky_glow: Vec3,
    /// Light from above and from the ground.
    pub ambient_sky: Vec3,
    /// Bounced light from below.
    pub ambient_ground: Vec3,
    /// Haze per metre at the ground.
    pub haze_per_m: f32,
    /// 0 by day, 1 by night.
    pub night: f32,
    /// Multiplier before the tone curve.
    pub exposure: f32,
    /// Fraction of lit windows by building use code.
    pub lit_windows: [f32; 12],
    /// Seconds for moving water; from the clock, so that pictures repeat.
    pub water_s: f32,
}

impl Default for Lighting {
    fn default() -> Self {
        Self {
            toward_light: Vec3::new(0.4, -0.5, 0.75).normalize(),
            sun_sine: 0.75,
            sun_color: Vec3::splat(0.9),
            sky_zenith: Vec3::new(0.16, 0.32, 0.66),
            sky_horizon: Vec3::new(0.62, 0.72, 0.82),
            sky_glow: Vec3::new(0.3, 0.26, 0.2),
            ambient_sky: Vec3::splat(0.4),
            ambient_ground: Vec3::splat(0.2),
            haze_per_m: 3.0e-5,
            night: 0.0,
            exposure: 1.0,
            lit_windows: [0.0; 12],
            water_s: 0.0,
        }
    }
}

/// Draws what stands in the city in white on black: no sky, light, haze, lines or markers (and no ground, which
/// [`crate::headless::Headless::draw_silhouette`] takes away). What a texture shows as pure black stays black.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Silhouette(pub bool);

impl Lighting {
    /// Everything that is not black is white.
    #[must_use]
    pub fn silhouette() -> Self {
        Self {
            sun_color: Vec3::ZERO,
            sky_zenith: Vec3::ZERO,
            sky_horizon: Vec3::ZERO,
            sky_glow: Vec3::ZERO,
            ambient_sky: Vec3::ONE,
            ambient_ground: Vec3::ONE,
            haze_per_m: 0.0,
            exposure: 1e4,
            ..Self::default()
        }
    }
}

/// Shadow maps: none, one fitted to the camera (all that WebGL2 takes), or four cascades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShadowQuality {
    /// No shadow.
    Off,
    /// One map.
    Single,
    /// Four cascades in one atlas.
    Cascades,
}

/// Which path draws. Chosen from the adapter at start; the user may override it.
#[derive(Resource, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RenderQuality {
    /// Light and reflections per pixel; otherwise per vertex.
    pub full: bool,
    /// Shadow maps.
    pub shadows: ShadowQuality,
    /// Samples per pixel: 1 or 4.
    pub samples: u32,
    /// Pictures go straight into the window's own buffer, see [`super::DirectPicture`]. One sample only.
    pub direct: bool,
}

impl Default for RenderQuality {
    fn default() -> Self {
        Self {
            full: false,
            shadows: ShadowQuality::Off,
            samples: 1,
            direct: false,
        }
    }
}

#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
pub(super) struct ViewUniform {
    clip_from_rel: [[f32; 4]; 4],
    ray_right: [f32; 4],
    ray_up: [f32; 4],
    ray_forward: [f32; 4],
    sun_dir: [f32; 4],
    sun_color: [f32; 4],
    sky_zenith: [f32; 4],
    sky_horizon: [f32; 4],
    sky_glow: [f32; 4],
    ambient_sky: [f32; 4],
    ambient_ground: [f32; 4],
    air: [f32; 4],
    camera: [f32; 4],
    viewport: [f32; 4],
    lit: [[f32; 4]; 3],
    shadow_from_rel: [[[f32; 4]; 4]; 4],
    shadow_splits: [f32; 4],
    shadow_info: [f32; 4],
}

/// The panes' uniform buffers and what the passes need to know about the frame.
#[derive(Resource)]
pub struct ViewGpu {
    /// One for each pane; the rest waits for more panes.
    pub(super) uniforms: Vec<Buffer>,
    /// What is cut away, for all panes: they look from one place.
    pub(super) clip: Buffer,
    pub(super) cascades: Vec<shadow::Cascade>,
}

pub(super) fn init_view_gpu(mut commands: Commands, device: Res<RenderDevice>) {
    commands.insert_resource(ViewGpu {
        uniforms: Vec::new(),
        clip: uniform_buffer(&device, "city_clip", size_of::<ClipUniform>()),
        cascades: Vec::new(),
    });
}

fn uniform_buffer(device: &RenderDevice, label: &'static str, size: usize) -> Buffer {
    device.create_buffer(&BufferDescriptor {
        label: Some(label),
        size: size as u64,
        usage: BufferUsages::UNIFORM | BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

fn v(value: Vec3, w: f32) -> [f32; 4] {
    [value.x, value.y, value.z, w]
}

pub(super) fn prepare_view(
    city: Res<ExtractedCity>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    mut gpu: ResMut<ViewGpu>,
) {
    let view = &city.view;
    let light = &city.lighting;
    // Shadow maps are fitted to all that the camera sees, so that panes agree about every shadow.
    let [left, right, bottom, top] = city.whole_tangents;
    let cascades = shadow::fit(
        view,
        left.abs().max(right.abs()),
        bottom.abs().max(top.abs()),
        light.toward_light,
        city.quality.shadows,
    );
    let mut uniform = ViewUniform::zeroed();
    uniform.sun_dir = v(light.toward_light, light.sun_sine);
    uniform.sun_color = v(light.sun_color, 0.0);
    uniform.sky_zenith = v(light.sky_zenith, 0.0);
    uniform.sky_horizon = v(light.sky_horizon, 0.0);
    uniform.sky_glow = v(light.sky_glow, 0.0);
    uniform.ambient_sky = v(light.ambient_sky, 0.0);
    uniform.ambient_ground = v(light.ambient_ground, 0.0);
    uniform.air = [light.haze_per_m, light.night, light.exposure, light.water_s];
    uniform.camera = v(view.position.as_vec3(), view.above_ground_m as f32);
    for (slot, lit) in uniform.lit.iter_mut().flatten().zip(light.lit_windows) {
        *slot = lit;
    }
    for (i, cascade) in cascades.iter().enumerate() {
        uniform.shadow_from_rel[i] = cascade.shadow_from_rel.to_cols_array_2d();
        uniform.shadow_splits[i] = cascade.far_m;
    }
    let info = shadow::info(&cascades);
    uniform.shadow_info = Vec4::new(info[0], info[1], 1.0 - light.night * 0.5, 0.0).to_array();
    while gpu.uniforms.len() < city.panes.len() {
        let buffer = uniform_buffer(&device, "city_view", size_of::<ViewUniform>());
        gpu.uniforms.push(buffer);
    }
    for (pane, buffer) in city.panes.iter().zip(&gpu.uniforms) {
        let look = pane.look(view, city.viewport_px);
        let [ray_right, ray_up, ray_forward] = look.rays();
        uniform.clip_from_rel = look.clip_from_rel(view.near_m).to_cols_array_2d();
        uniform.ray_right = v(ray_right.as_vec3(), 0.0);
        uniform.ray_up = v(ray_up.as_vec3(), 0.0);
        uniform.ray_forward = v(ray_forward.as_vec3(), 0.0);
        let [width, height] = [pane.rect_px[2], pane.rect_px[3]].map(|px| px.max(1) as f32);
        uniform.viewport = [width, height, 1.0 / width, 1.0 / height];
        queue.write_buffer(buffer, 0, bytemuck::bytes_of(&uniform));
    }
    if let Some(clip) = &city.clip {
        let uniform = ClipUniform::of(clip, view.position);
        queue.write_buffer(&gpu.clip, 0, bytemuck::bytes_of(&uniform));
    }
    gpu.cascades = cascades;
}
