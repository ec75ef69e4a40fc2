//! What the lean path's vertices need to know of an object, worked out once for all of them: shaders/shaded.wgsl.

use bytemuck::{Pod, Zeroable};
use glam::{Mat3, Mat4, Vec3, Vec4};

use super::view::{CityView, Lighting};

/// In the order of the shader's `Object`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub(super) struct ShadedUniform {
    clip_from_mesh: [[f32; 4]; 4],
    eye: [f32; 4],
    up: [f32; 4],
    sun: [f32; 4],
    ambient: [f32; 4],
    ambient_up: [f32; 4],
    sunlight: [f32; 4],
    horizon: [f32; 4],
    zenith: [f32; 4],
    glow: [f32; 4],
    color: [f32; 4],
    tint: [f32; 4],
    unused: [f32; 4],
}

/// One object, as far as it differs from others.
pub(super) struct Object {
    pub rel_from_mesh: Mat4,
    pub base_color: [f32; 4],
    pub tint: [f32; 4],
    pub selected_feature: u32,
    pub opacity: f32,
    pub cutoff: f32,
    /// Share of its distance by which it is nearer than it stands.
    pub pull: f32,
    pub is_unlit: bool,
    pub is_two_sided: bool,
    /// Lit by lamps at night.
    pub is_street: bool,
}

/// Metres per unit of a mesh, where all its axes have the same scale and are upright on each other; others keep the
/// general shader.
pub(super) fn scale_of(rel_from_mesh: &Mat4) -> Option<f32> {
    /// Of the square of a scale: less is not seen in a normal.
    const TOLERANCE: f32 = 2e-3;
    let axes = Mat3::from_mat4(*rel_from_mesh);
    let squares = axes.transpose() * axes;
    let square = squares.x_axis.x;
    let is_alike =
        squares.abs_diff_eq(Mat3::from_diagonal(Vec3::splat(square)), square * TOLERANCE);
    (square.is_finite() && square > 0.0 && is_alike).then(|| square.sqrt())
}

impl ShadedUniform {
    /// `scale` is from [`scale_of`].
    pub fn of(
        object: &Object,
        scale: f32,
        clip_from_rel: &Mat4,
        view: &CityView,
        light: &Lighting,
    ) -> Self {
        let axes = Mat3::from_mat4(object.rel_from_mesh);
        let mesh_from_rel = axes.transpose() / (scale * scale);
        let eye = -(mesh_from_rel * object.rel_from_mesh.w_axis.truncate());
        let up = mesh_from_rel * Vec3::Z * scale;
        let sun = mesh_from_rel * light.toward_light * scale;
        let nearer = Mat4::from_scale(Vec3::splat(1.0 - object.pull));
        let exposed = |color: Vec3| color * light.exposure;
        let lamps = match object.is_street {
            true => Vec3::new(1.0, 0.62, 0.28) * 0.9 * light.night,
            false => Vec3::ZERO,
        };
        let (ambient, ambient_up, sunlight) = match object.is_unlit {
            true => (Vec3::ONE, Vec3::ZERO, Vec3::ZERO),
            false => (
                (light.ambient_sky + light.ambient_ground) * 0.5,
                (light.ambient_sky - light.ambient_ground) * 0.5,
                light.sun_color,
            ),
        };
        let tint = Vec4::from(object.tint);
        let base = Vec4::from(object.base_color);
        let haze = light.haze_per_m * std::f32::consts::LOG2_E * scale;
        let with = |color: Vec3, w: f32| color.extend(w).to_array();
        Self {
            clip_from_mesh: (*clip_from_rel * nearer * object.rel_from_mesh).to_cols_array_2d(),
            eye: with(eye, haze),
            up: with(up, scale),
            sun: with(sun, f32::from(object.is_two_sided)),
            ambient: with(
                exposed(ambient + lamps),
                view.above_ground_m.max(0.0) as f32,
            ),
            ambient_up: with(exposed(ambient_up), f32::from(!object.is_unlit)),
            sunlight: with(exposed(sunlight), object.cutoff),
            horizon: with(exposed(light.sky_horizon), object.opacity),
            zenith: with(exposed(light.sky_zenith), 0.45 * light.exposure),
            glow: with(exposed(light.sky_glow), 0.0),
            color: with(base.truncate() * (1.0 - tint.w), base.w),
            tint: with(
                tint.truncate() * tint.w,
                f32::from_bits(object.selected_feature),
            ),
            unused: [0.0; 4],
        }
    }
}

#[cfg(test)]
mod tests {
    use glam::Quat;

    use super::*;

    #[test]
    fn only_meshes_with_one_scale_are_taken() {
        let turned = Quat::from_rotation_y(0.7) * Quat::from_rotation_x(-1.1);
        let mesh = Mat4::from_scale_rotation_translation(
            Vec3::splat(2.5),
            turned,
            Vec3::new(4000.0, -20.0, 3.0),
        );
        assert!((scale_of(&mesh).unwrap() - 2.5).abs() < 1e-4);
        assert!(scale_of(&(Mat4::from_scale(Vec3::new(1.0, 1.0, -1.0)) * mesh)).is_some());
        assert_eq!(
            scale_of(&(mesh * Mat4::from_scale(Vec3::new(1.0, 1.0, 1.2)))),
            None
        );
        assert_eq!(scale_of(&Mat4::ZERO), None);
        let slanted = Mat4::from_cols(Vec4::X, Vec4::new(0.3, 0.95, 0.0, 0.0), Vec4::Z, Vec4::W);
        assert_eq!(scale_of(&slanted), None);
    }

    #[test]
    fn a_vertex_finds_in_the_axes_of_its_mesh_what_it_would_in_the_scenes() {
        let turned = Quat::from_rotation_z(0.4) * Quat::from_rotation_x(1.3);
        let rel_from_mesh = Mat4::from_scale_rotation_translation(
            Vec3::splat(0.5),
            turned,
            Vec3::new(300.0, 900.0, -120.0),
        );
        let light = Lighting::default();
        let object = Object {
            rel_from_mesh,
            base_color: [1.0; 4],
            tint: [0.0; 4],
            selected_feature: u32::MAX,
            opacity: 1.0,
            cutoff: -1.0,
            pull: 0.0,
            is_unlit: false,
            is_two_sided: false,
            is_street: false,
        };
        let scale = scale_of(&rel_from_mesh).unwrap();
        let view = CityView::default();
        let uniform = ShadedUniform::of(&object, scale, &Mat4::IDENTITY, &view, &light);
        let vector = |v: [f32; 4]| Vec4::from(v).truncate();
        let point = Vec3::new(40.0, -12.0, 7.0);
        let rel = rel_from_mesh.transform_point3(point);
        let from_eye = point - vector(uniform.eye);
        assert!((from_eye.length() * scale - rel.length()).abs() < 1e-2);
        assert!((from_eye.dot(vector(uniform.up)) * uniform.up[3] - rel.z).abs() < 1e-2);
        let normal = Vec3::new(0.6, 0.0, 0.8);
        let world = turned * normal;
        assert!((normal.dot(vector(uniform.sun)) - world.dot(light.toward_light)).abs() < 1e-5);
        assert!((normal.dot(vector(uniform.up)) - world.z).abs() < 1e-5);
        // A wall between roofs and floors, and the same light as `ambient` in tile.wgsl.
        let ambient = vector(uniform.ambient) + vector(uniform.ambient_up) * world.z;
        let mixed = light
            .ambient_ground
            .lerp(light.ambient_sky, world.z * 0.5 + 0.5);
        assert!(ambient.abs_diff_eq(mixed * light.exposure, 1e-5));
        let placed = Mat4::from_cols_array_2d(&uniform.clip_from_mesh).transform_point3(point);
        assert!(placed.abs_diff_eq(rel, 1e-2));
    }
}
