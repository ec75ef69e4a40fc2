//! A picture that goes straight into the window's own buffer, for pages that draw on the CPU.
//!
//! Bevy draws into a texture, copies it into the window's buffer, and on WebGL 2 wgpu draws that once more, encoded, onto
//! the canvas. On a CPU these two and the reading and writing of encoded texels cost several times what an empty city
//! does. Here the pass writes colours that are encoded already ([`FORMAT`] does not encode), and the browser takes the
//! buffer as it is. What is drawn over it has to encode too.

use bevy::ecs::prelude::*;
use bevy::render::camera::SortedCameras;
use bevy::render::render_resource::{
    LoadOp, Operations, RenderPassColorAttachment, StoreOp, SurfaceTexture, TextureFormat,
    TextureUsages, TextureView,
};
use bevy::render::renderer::{RenderDevice, RenderInstance, WgpuWrapper};
use bevy::render::view::{ExtractedWindow, ExtractedWindows};

use super::extract::ExtractedCity;

/// What the buffer keeps: colours as screens show them.
pub const FORMAT: TextureFormat = TextureFormat::Rgba8Unorm;

/// The window's buffer, while [`super::RenderQuality::direct`] asks for it.
#[derive(Resource, Default)]
pub struct DirectPicture {
    is_on: bool,
    own: Option<Own>,
    frame: Option<Frame>,
}

struct Own {
    surface: WgpuWrapper<wgpu::Surface<'static>>,
    size_px: [u32; 2],
}

impl Own {
    /// Of the same WebGL 2 context as Bevy's buffer of the window, which nobody draws into then.
    fn of(window: &ExtractedWindow, instance: &wgpu::Instance) -> Option<Self> {
        let target = wgpu::SurfaceTargetUnsafe::RawHandle {
            raw_display_handle: Some(window.handle.get_display_handle()),
            raw_window_handle: window.handle.get_window_handle(),
        };
        #[expect(
            unsafe_code,
            reason = "Bevy keeps handles of windows, and wgpu takes those by trust alone"
        )]
        // SAFETY: the handle names the page's canvas, which lives as long as the page.
        let surface = unsafe { instance.create_surface_unsafe(target) };
        match surface {
            Ok(surface) => Some(Self {
                surface: WgpuWrapper::new(surface),
                size_px: [0; 2],
            }),
            Err(error) => {
                tracing::error!("the page's canvas cannot be drawn into: {error}; reload the page");
                None
            }
        }
    }
}

struct Frame {
    texture: SurfaceTexture,
    view: TextureView,
}

impl DirectPicture {
    /// Pictures go this way, whether or not one is drawn in this frame.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Where this frame's picture is drawn over what is there already; none where no picture is drawn this way.
    #[must_use]
    pub fn attachment(&self) -> Option<RenderPassColorAttachment<'_>> {
        self.attachment_with(LoadOp::Load)
    }

    /// The same for who draws first.
    pub(super) fn cleared(&self) -> Option<RenderPassColorAttachment<'_>> {
        self.attachment_with(LoadOp::Clear(wgpu::Color::BLACK))
    }

    fn attachment_with(&self, load: LoadOp<wgpu::Color>) -> Option<RenderPassColorAttachment<'_>> {
        Some(RenderPassColorAttachment {
            view: &self.frame.as_ref()?.view,
            depth_slice: None,
            resolve_target: None,
            ops: Operations {
                load,
                store: StoreOp::Store,
            },
        })
    }
}

/// Runs condition of what draws through Bevy's own textures.
#[must_use]
pub fn is_indirect(picture: Res<DirectPicture>) -> bool {
    !picture.is_on
}

/// Asks the window for its buffer, where this frame draws a picture.
pub(super) fn acquire(
    mut picture: ResMut<DirectPicture>,
    city: Res<ExtractedCity>,
    cameras: Res<SortedCameras>,
    windows: Res<ExtractedWindows>,
    instance: Res<RenderInstance>,
    device: Res<RenderDevice>,
) {
    let picture = &mut *picture;
    picture.is_on = city.quality.direct;
    picture.frame = None;
    if !picture.is_on || cameras.0.is_empty() || city.viewport_px.contains(&0) {
        return;
    }
    if picture.own.is_none() {
        let window = windows.primary.and_then(|window| windows.get(&window));
        picture.own = window.and_then(|window| Own::of(window, &instance));
    }
    let Some(own) = &mut picture.own else {
        return;
    };
    if own.size_px != city.viewport_px {
        own.size_px = city.viewport_px;
        device.configure_surface(&own.surface, &configuration(own.size_px));
    }
    match own.surface.get_current_texture() {
        wgpu::CurrentSurfaceTexture::Success(texture)
        | wgpu::CurrentSurfaceTexture::Suboptimal(texture) => {
            let view = texture
                .texture
                .create_view(&wgpu::TextureViewDescriptor::default());
            picture.frame = Some(Frame {
                texture: SurfaceTexture::from(texture),
                view: TextureView::from(view),
            });
        }
        other => {
            // Asked for again, with a new configuration.
            own.size_px = [0; 2];
            tracing::warn!("the page's canvas gives no buffer to draw into: {other:?}");
        }
    }
}

fn configuration([width, height]: [u32; 2]) -> wgpu::SurfaceConfiguration {
    wgpu::SurfaceConfiguration {
        usage: TextureUsages::RENDER_ATTACHMENT,
        format: FORMAT,
        width,
        height,
        present_mode: wgpu::PresentMode::AutoVsync,
        desired_maximum_frame_latency: 2,
        alpha_mode: wgpu::CompositeAlphaMode::Auto,
        view_formats: Vec::new(),
    }
}

/// Shows what was drawn.
pub(super) fn present(mut picture: ResMut<DirectPicture>) {
    if let Some(frame) = picture.frame.take() {
        frame.texture.present();
    }
}
