//! Pictures without a window: `belvedere render`, thumbnails, tests.
//!
//! The same app as on the desktop, drawing into a texture. Every frame is ended by a read-back, so
//! that times are of finished frames.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use bevy::app::{App, PluginsState};
use bevy::asset::{Assets, Handle};
use bevy::camera::RenderTarget;
use bevy::ecs::entity::Entity;
use bevy::image::Image;
use bevy::render::RenderApp;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::*;
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::texture::GpuImage;
use serde::Serialize;

use crate::app::{AdapterName, QualityChoice, Stage, build, city_camera};
use crate::platform::{monotonic_ms, peak_rss_bytes};
use crate::render::{CityView, Redraw, Silhouette};
use crate::scenario::Desk;
use crate::tiles::{Ground, TileSettings, TileTotals};

/// What was measured; one flat JSON object.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Stats {
    /// Tile contents that became ready.
    pub tiles_loaded: u64,
    /// Files (contents, tilesets, subtrees) that could not be had or read.
    pub tiles_failed: u64,
    /// Bytes received.
    pub bytes_fetched: u64,
    /// Requests made.
    pub requests: u64,
    /// Triangles of the drawn cut.
    pub triangles: u64,
    /// Features of the drawn cut.
    pub features: u64,
    /// From opening to the first tile on screen.
    pub first_tile_ms: f64,
    /// From opening to the last one of the view.
    pub all_tiles_ms: f64,
    /// Median, 95th and 99th percentile of the frame time, each frame ended by a read-back.
    pub frame_ms_p50: f64,
    /// See `frame_ms_p50`.
    pub frame_ms_p95: f64,
    /// See `frame_ms_p50`.
    pub frame_ms_p99: f64,
    /// Median of the main thread's time per frame up to its submission: what is left of a frame waits for the GPU.
    pub cpu_ms_p50: f64,
    /// Peak of resident memory.
    pub peak_rss_bytes: u64,
    /// The graphics adapter.
    pub adapter: String,
}

/// A headless app with its picture.
pub struct Headless {
    /// The app; run it with [`Headless::frame`].
    pub app: App,
    image: Handle<Image>,
    camera: Entity,
    size: [u32; 2],
}

/// Pictures larger than this are refused (pixels per side).
pub const MAX_SIDE_PX: u32 = 16_384;

impl Headless {
    /// Starts the renderer with a picture of `size` pixels.
    ///
    /// # Errors
    /// No graphics adapter, or a size that it cannot do.
    pub fn new(size: [u32; 2], quality: QualityChoice) -> anyhow::Result<Self> {
        if size.iter().any(|side| !(1..=MAX_SIDE_PX).contains(side)) {
            bail!(
                "a picture of {}x{} cannot be made: sides go from 1 to {MAX_SIDE_PX} pixels",
                size[0],
                size[1]
            );
        }
        let mut app = build(Stage::Headless, quality);
        app.world_mut()
            .resource_mut::<TileSettings>()
            .no_upload_limit = true;
        app.insert_resource(Redraw::Always);
        let mut image =
            Image::new_target_texture(size[0], size[1], TextureFormat::Rgba8UnormSrgb, None);
        image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
        let image = app.world_mut().resource_mut::<Assets<Image>>().add(image);
        let camera = app
            .world_mut()
            .spawn(city_camera(RenderTarget::Image(image.clone().into())))
            .id();
        let started = monotonic_ms();
        while app.plugins_state() == PluginsState::Adding {
            if monotonic_ms() - started > 60_000.0 {
                bail!(
                    "no graphics adapter answered within a minute: install a Vulkan driver (Debian: apt-get install mesa-vulkan-drivers)"
                );
            }
            bevy::tasks::tick_global_task_pools_on_main_thread();
        }
        app.finish();
        app.cleanup();
        Ok(Self {
            app,
            image,
            camera,
            size,
        })
    }

    /// Draws one frame and waits until it is finished, by reading one pixel back.
    ///
    /// # Errors
    /// The GPU was lost.
    pub fn frame(&mut self) -> anyhow::Result<()> {
        self.app.update();
        if self.app.should_exit().is_some() {
            bail!("the renderer stopped; its message is above");
        }
        self.finish_frame()
    }

    /// Waits until what was submitted is drawn, by reading one pixel back.
    ///
    /// # Errors
    /// The GPU was lost.
    pub fn finish_frame(&mut self) -> anyhow::Result<()> {
        self.read(1, 1).map(drop)
    }

    /// Draws the city alone, white on black, from the next frame on: masks to compare with other renderers.
    pub fn draw_silhouette(&mut self) {
        let world = self.app.world_mut();
        world.insert_resource(Silhouette(true));
        world.resource_mut::<Ground>().disabled = true;
    }

    /// Sets the camera.
    pub fn set_view(&mut self, view: CityView) {
        if let Some(mut current) = self.app.world_mut().get_mut::<CityView>(self.camera) {
            *current = view;
        }
    }

    /// The camera.
    #[must_use]
    pub fn view(&self) -> CityView {
        self.app
            .world()
            .get::<CityView>(self.camera)
            .copied()
            .unwrap_or_default()
    }

    /// Draws frames until every tile of the view is there, or the time is up.
    ///
    /// # Errors
    /// The time is up, or the GPU was lost.
    pub fn settle(&mut self, limit: Duration) -> anyhow::Result<()> {
        // Frames in which nothing came would only keep the tiles waiting.
        self.app.insert_resource(Redraw::WhenChanged);
        let settled = self.settle_within(limit);
        self.app.insert_resource(Redraw::Always);
        settled
    }

    fn settle_within(&mut self, limit: Duration) -> anyhow::Result<()> {
        let started = monotonic_ms();
        let mut steady = 0;
        while steady < 4 {
            self.frame()?;
            let world = self.app.world();
            let complete = world.resource::<TileTotals>().complete
                && !world.resource::<crate::geojson::VectorTotals>().busy
                && !world.resource::<crate::joining::Waiting>().is_busy()
                && !world.resource::<crate::joining::ReadingJoins>().is_busy()
                && !world.resource::<crate::styling::Waiting>().is_busy()
                && world.resource::<Desk>().models_under_way == 0;
            steady = if complete { steady + 1 } else { 0 };
            if !complete {
                std::thread::sleep(Duration::from_millis(1));
            }
            if monotonic_ms() - started > limit.as_secs_f64() * 1e3 {
                bail!(
                    "after {} s tiles are still missing; the data source may be slow: try --timeout",
                    limit.as_secs()
                );
            }
        }
        Ok(())
    }

    /// The picture as RGBA rows from the top.
    ///
    /// # Errors
    /// The GPU was lost.
    pub fn picture(&mut self) -> anyhow::Result<image::RgbaImage> {
        let [width, height] = self.size;
        let pixels = self.read(width, height)?;
        image::RgbaImage::from_raw(width, height, pixels).context("the picture has an odd size")
    }

    /// Draws one more frame and writes it as PNG.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&mut self, path: &Path) -> anyhow::Result<()> {
        self.frame()?;
        let picture = self.picture()?;
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("folder {} cannot be made", folder.display()))?;
        }
        picture
            .save(path)
            .with_context(|| format!("picture {} cannot be written", path.display()))
    }

    fn read(&mut self, width: u32, height: u32) -> anyhow::Result<Vec<u8>> {
        let world = self.app.sub_app(RenderApp).world();
        let device = world.resource::<RenderDevice>();
        let queue = world.resource::<RenderQueue>();
        let images = world.resource::<RenderAssets<GpuImage>>();
        // Before the first extraction there is no texture yet.
        let Some(image) = images.get(&self.image) else {
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

    /// Totals so far, with these frame and CPU times in milliseconds.
    #[must_use]
    pub fn stats(&self, opened_ms: f64, mut frame_ms: Vec<f64>, mut cpu_ms: Vec<f64>) -> Stats {
        let totals = self.app.world().resource::<TileTotals>();
        frame_ms.sort_by(f64::total_cmp);
        cpu_ms.sort_by(f64::total_cmp);
        let percentile = |sorted: &[f64], share: f64| {
            let index = (sorted.len() as f64 * share).ceil() as usize;
            sorted.get(index.saturating_sub(1)).copied().unwrap_or(0.0)
        };
        Stats {
            tiles_loaded: totals.contents_ready,
            tiles_failed: totals.failed as u64,
            bytes_fetched: totals.bytes_fetched,
            requests: totals.requests,
            triangles: totals.triangles,
            features: totals.features,
            first_tile_ms: totals.first_shown_ms.map_or(0.0, |at| at - opened_ms),
            all_tiles_ms: totals.completed_ms.map_or(0.0, |at| at - opened_ms),
            frame_ms_p50: percentile(&frame_ms, 0.5),
            frame_ms_p95: percentile(&frame_ms, 0.95),
            frame_ms_p99: percentile(&frame_ms, 0.99),
            cpu_ms_p50: percentile(&cpu_ms, 0.5),
            peak_rss_bytes: peak_rss_bytes(),
            adapter: self.app.world().resource::<AdapterName>().0.clone(),
        }
    }
}
