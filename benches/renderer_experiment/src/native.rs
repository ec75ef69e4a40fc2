//! Without a window: an image as the target, each frame ended by reading one
//! pixel back.
//!
//! `renderer_experiment MODE CONTENT_DIR [PICTURE.ppm]`

use bevy::app::PluginsState;
use bevy::asset::{Assets, RenderAssetUsages};
use bevy::camera::RenderTarget;
use bevy::image::Image;
use bevy::prelude::*;
use bevy::render::RenderApp;
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::*;
use bevy::render::renderer::{RenderAdapterInfo, RenderDevice, RenderQueue};
use bevy::render::texture::GpuImage;
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;
use std::time::Instant;

use crate::{CONTENTS, Frame, add_case, glb, orbit};

pub fn main() {
    let mut args = std::env::args().skip(1);
    let usage = "renderer_experiment MODE CONTENT_DIR [PICTURE.ppm]";
    let mode = args.next().expect(usage);
    let dir = args.next().expect(usage);
    let picture = args.next();
    let enu_from_ecef = orbit::enu_from_ecef();
    let tiles: Vec<_> = CONTENTS
        .iter()
        .map(|name| {
            let path = format!("{dir}/{name}.glb");
            let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
            glb::read(&bytes, &enu_from_ecef).unwrap_or_else(|e| panic!("{path}: {e}"))
        })
        .collect();
    let triangles: usize = tiles.iter().map(|t| t.indices.len() / 3).sum();

    let mut app = App::new();
    app.add_plugins(
        DefaultPlugins
            .build()
            .set(WindowPlugin {
                primary_window: None,
                exit_condition: ExitCondition::DontExit,
                ..default()
            })
            .disable::<WinitPlugin>()
            .disable::<PipelinedRenderingPlugin>(),
    );
    let mut image = Image::new_target_texture(
        orbit::SIZE.0,
        orbit::SIZE.1,
        TextureFormat::Rgba8UnormSrgb,
        None,
    );
    image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
    image.asset_usage = RenderAssetUsages::default();
    let image = app.world_mut().resource_mut::<Assets<Image>>().add(image);
    let drawn = add_case(
        &mut app,
        &mode,
        tiles,
        RenderTarget::Image(image.clone().into()),
    );
    while app.plugins_state() == PluginsState::Adding {
        bevy::tasks::tick_global_task_pools_on_main_thread();
    }
    app.finish();
    app.cleanup();

    let mut warm = 0;
    while warm < 10 {
        app.update();
        if drawn.get() > 0 && read_back(&app, &image, (1, 1)).is_some() {
            warm += 1;
        }
    }
    let (mut frame_ms, mut cpu_ms) = (Vec::new(), Vec::new());
    for i in 0..orbit::FRAMES {
        app.world_mut().resource_mut::<Frame>().0 = i;
        let start = Instant::now();
        app.update();
        cpu_ms.push(start.elapsed().as_secs_f64() * 1e3);
        read_back(&app, &image, (1, 1));
        frame_ms.push(start.elapsed().as_secs_f64() * 1e3);
    }
    if let Some(path) = picture {
        app.world_mut().resource_mut::<Frame>().0 = 0;
        app.update();
        let rgba = read_back(&app, &image, orbit::SIZE).expect("the target is there");
        let mut ppm = format!("P6 {} {} 255\n", orbit::SIZE.0, orbit::SIZE.1).into_bytes();
        ppm.extend(rgba.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]));
        std::fs::write(&path, ppm).unwrap_or_else(|e| panic!("{path}: {e}"));
    }
    let adapter = app
        .sub_app(RenderApp)
        .world()
        .resource::<RenderAdapterInfo>()
        .name
        .clone();
    println!(
        "{{\"mode\":\"{mode}\",\"frame_ms_p50\":{:.2},\"frame_ms_p95\":{:.2},\"cpu_ms_p50\":{:.2},\"triangles\":{triangles},\"adapter\":\"{adapter}\"}}",
        quantile(&mut frame_ms, 0.5),
        quantile(&mut frame_ms, 0.95),
        quantile(&mut cpu_ms, 0.5),
    );
}

fn quantile(values: &mut [f64], q: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * q).round() as usize]
}

/// Waits for the GPU and returns the top left `size` of the target.
fn read_back(app: &App, image: &Handle<Image>, size: (u32, u32)) -> Option<Vec<u8>> {
    let world = app.sub_app(RenderApp).world();
    let texture = &world
        .resource::<RenderAssets<GpuImage>>()
        .get(image)?
        .texture;
    let (device, queue) = (
        world.resource::<RenderDevice>(),
        world.resource::<RenderQueue>(),
    );
    let row = RenderDevice::align_copy_bytes_per_row(size.0 as usize * 4);
    let buffer = device.create_buffer(&BufferDescriptor {
        label: Some("read back"),
        size: (row * size.1 as usize) as u64,
        usage: BufferUsages::COPY_DST | BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&CommandEncoderDescriptor::default());
    let extent = Extent3d {
        width: size.0,
        height: size.1,
        depth_or_array_layers: 1,
    };
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        TexelCopyBufferInfo {
            buffer: &buffer,
            layout: TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(row as u32),
                rows_per_image: None,
            },
        },
        extent,
    );
    queue.submit([encoder.finish()]);
    let slice = buffer.slice(..);
    slice.map_async(MapMode::Read, |_| ());
    device
        .poll(PollType::wait_indefinitely())
        .expect("the device answers");
    let data = slice.get_mapped_range();
    let rows = data
        .chunks_exact(row)
        .flat_map(|r| r[..size.0 as usize * 4].to_vec());
    Some(rows.collect())
}
