//! One small program that draws the same city in five ways, natively without a
//! window and in the browser, so that their costs can be compared:
//!
//! * `a` an empty `Camera3d`,
//! * `b` `StandardMaterial`, one light, no shadows, no MSAA (feature `stock`),
//! * `c` a one-light `Material` of our own, no tonemapping (feature `stock`),
//! * `d` a camera schedule of our own: one pass, then `upscaling`,
//! * `e` the same pass straight into the target,
//! * `f` as e, into a surface without sRGB conversion (browser only).
//!
//! A letter may be followed by `0` (nothing is drawn: the floor of that way) or
//! `p` (light per pixel instead of per vertex; d and e).

mod glb;
mod lean;
#[cfg(not(target_arch = "wasm32"))]
mod native;
mod orbit;
#[cfg(target_arch = "wasm32")]
mod plain_surface;
mod report;
#[cfg(feature = "stock")]
mod stock;
#[cfg(target_arch = "wasm32")]
mod web;

use bevy::camera::{Camera3d, PerspectiveProjection, Projection, RenderTarget};
use bevy::core_pipeline::tonemapping::{DebandDither, Tonemapping};
use bevy::prelude::*;
use bevy::render::camera::CameraRenderGraph;
use bevy::render::view::Msaa;

use glb::TileMesh;
use report::Drawn;

/// The 13 contents of the tileset.
pub const CONTENTS: [&str; 13] = [
    "1_0_0", "1_0_1", "1_1_0", "2_2_2", "2_2_3", "2_3_2", "3_6_7", "3_7_6", "3_7_7", "4_12_12",
    "4_12_13", "4_13_12", "4_13_13",
];

/// The frame of the orbit that is drawn now.
#[derive(Resource, Default)]
pub struct Frame(pub u32);

/// Adds what the case needs and spawns its camera. `mode` is as in the crate's
/// documentation.
pub fn add_case(app: &mut App, mode: &str, tiles: Vec<TileMesh>, target: RenderTarget) -> Drawn {
    let drawn = Drawn::default();
    let has = |c: char| mode.contains(c);
    let empty = has('0');
    let fog = Color::linear_rgb(0.62, 0.72, 0.83);
    app.init_resource::<Frame>()
        .insert_resource(ClearColor(fog))
        .add_systems(Update, place_camera);
    let projection = Projection::Perspective(PerspectiveProjection {
        fov: orbit::FOV_Y_RAD,
        near: 1.0,
        far: 40_000.0,
        ..default()
    });
    let camera = (
        Camera::default(),
        projection,
        Transform::default(),
        Msaa::Off,
        target,
    );
    match mode.chars().next().unwrap_or('d') {
        'd' | 'e' | 'f' => {
            let direct = !has('d');
            #[cfg(target_arch = "wasm32")]
            if has('f') {
                app.add_plugins(plain_surface::PlainSurfacePlugin);
            }
            let options = lean::LeanOptions {
                direct,
                per_pixel: has('p'),
                empty,
            };
            app.add_plugins(lean::LeanPlugin {
                options,
                tiles,
                drawn: drawn.clone(),
            });
            let graph = if direct {
                CameraRenderGraph::new(lean::LeanDirect)
            } else {
                CameraRenderGraph::new(lean::LeanThenUpscale)
            };
            app.world_mut().spawn((camera, graph));
        }
        other => {
            let counter = drawn.clone();
            app.add_systems(Last, move || counter.add());
            #[cfg(feature = "stock")]
            match other {
                'b' => stock::add_standard(app, &tiles),
                'c' => stock::add_one_light(app, &tiles),
                _ => {}
            }
            #[cfg(not(feature = "stock"))]
            assert!(other == 'a', "case {other} needs the feature `stock`");
            // After the plugins: they register what a camera brings along.
            app.world_mut().spawn((
                camera,
                Camera3d::default(),
                Tonemapping::None,
                DebandDither::Disabled,
            ));
        }
    }
    drawn
}

fn place_camera(frame: Res<Frame>, mut cameras: Query<&mut Transform, With<Camera>>) {
    for mut transform in &mut cameras {
        *transform = Transform::from_translation(orbit::eye(frame.0).as_vec3())
            .looking_at(Vec3::ZERO, Vec3::Z);
    }
}

fn main() {
    #[cfg(not(target_arch = "wasm32"))]
    native::main();
    #[cfg(target_arch = "wasm32")]
    web::main();
}
