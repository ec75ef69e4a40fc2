//! A Bevy app that draws into a picture, frame by frame.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use bevy::app::PluginsState;
use bevy::prelude::*;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::*;
use bevy::render::renderer::{RenderAdapterInfo, RenderDevice, RenderQueue};
use bevy::render::texture::GpuImage;
use bevy::render::{RenderApp, RenderPlugin};
use bevy::window::ExitCondition;

/// The app and its picture.
pub struct Screen {
    /// Run it with [`Screen::frame`].
    pub app: App,
    image: Handle<Image>,
    size: [u32; 2],
}

impl Screen {
    /// Starts the renderer; `add` adds what is drawn.
    pub fn new(size: [u32; 2], add: impl FnOnce(&mut App)) -> anyhow::Result<Self> {
        let mut app = App::new();
        app.add_plugins(
            DefaultPlugins
                .set(WindowPlugin {
                    primary_window: None,
                    exit_condition: ExitCondition::DontExit,
                    ..default()
                })
                .set(RenderPlugin {
                    synchronous_pipeline_compilation: true,
                    ..default()
                })
                .set(bevy::log::LogPlugin {
                    filter: "error,bevy_3d_tiles=warn".into(),
                    ..default()
                })
                .disable::<bevy::render::pipelined_rendering::PipelinedRenderingPlugin>(),
        );
        add(&mut app);
        let mut image =
            Image::new_target_texture(size[0], size[1], TextureFormat::Rgba8UnormSrgb, None);
        image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
        let image = app.world_mut().resource_mut::<Assets<Image>>().add(image);
        let started = Instant::now();
        while app.plugins_state() == PluginsState::Adding {
            if started.elapsed() > Duration::from_secs(60) {
                bail!("no graphics adapter answered within a minute");
            }
            bevy::tasks::tick_global_task_pools_on_main_thread();
        }
        app.finish();
        app.cleanup();
        Ok(Self { app, image, size })
    }

    /// The picture that cameras draw into.
    pub fn target(&self) -> Handle<Image> {
        self.image.clone()
    }

    /// What draws.
    pub fn adapter(&self) -> String {
        self.app
            .world()
            .get_resource::<RenderAdapterInfo>()
            .map_or_else(String::new, |info| {
                format!("{} ({:?})", info.name, info.backend)
            })
    }

    /// Draws one frame and waits until it is finished, by reading one pixel back.
    pub fn frame(&mut self) -> anyhow::Result<()> {
        self.app.update();
        self.read(1, 1).map(drop)
    }

    /// Writes the picture as PNG.
    pub fn save(&mut self, path: &Path) -> anyhow::Result<()> {
        self.frame()?;
        let [width, height] = self.size;
        let pixels = self.read(width, height)?;
        image::RgbaImage::from_raw(width, height, pixels)
            .context("the picture has an odd size")?
            .save(path)
            .with_context(|| format!("{} cannot be written", path.display()))
    }

    fn read(&mut self, width: u32, height: u32) -> anyhow::Result<Vec<u8>> {
        let world = self.app.sub_app(RenderApp).world();
        let device = world.resource::<RenderDevice>();
        let queue = world.resource::<RenderQueue>();
        // Before the first extraction there is no texture yet.
        let Some(image) = world.resource::<RenderAssets<GpuImage>>().get(&self.image) else {
            return Ok(Vec::new());
        };
        let row = (width * 4).next_multiple_of(256);
        let buffer = device.create_buffer(&BufferDescriptor {
            label: Some("read_back"),
            size: u64::from(row) * u64::from(height),
            usage: BufferUsages::COPY_DST | BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = device.create_command_encoder(&CommandEncoderDescriptor::default());
        encoder.copy_texture_to_buffer(
            image.texture.as_image_copy(),
            TexelCopyBufferInfo {
                buffer: &buffer,
                layout: TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(row),
                    rows_per_image: None,
                },
            },
            Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
        );
        queue.submit([encoder.finish()]);
        let slice = buffer.slice(..);
        let (sender, receiver) = crossbeam_channel::bounded(1);
        slice.map_async(MapMode::Read, move |result| {
            // The receiver waits below.
            let _ = sender.send(result);
        });
        device
            .poll(PollType::wait_indefinitely())
            .context("the GPU was lost while drawing")?;
        receiver
            .recv()
            .context("the GPU did not answer")?
            .context("the picture could not be read back")?;
        let mapped = slice.get_mapped_range();
        let mut pixels = Vec::with_capacity((width * height * 4) as usize);
        for line in mapped.chunks_exact(row as usize) {
            pixels.extend_from_slice(line.get(..(width * 4) as usize).unwrap_or_default());
        }
        Ok(pixels)
    }
}
