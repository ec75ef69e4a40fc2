//! Case f, in the browser only: a surface without sRGB conversion.
//!
//! Bevy always configures an sRGB surface. On WebGL2 wgpu then shows each frame by
//! drawing a full-screen triangle that converts every pixel; a plain surface is
//! shown by `blitFramebuffer`. A second surface on the same canvas is put in the
//! place of the window's before Bevy acquires its own, so that everything
//! downstream (targets, other passes, presenting) stays as it is.

use bevy::app::{App, Plugin};
use bevy::ecs::prelude::*;
use bevy::render::render_resource::{
    SurfaceTexture, TextureFormat, TextureUsages, TextureView, TextureViewDescriptor,
};
use bevy::render::renderer::{RenderDevice, RenderInstance, WgpuWrapper};
use bevy::render::view::{ExtractedWindows, prepare_windows};
use bevy::render::{Render, RenderApp, RenderSystems};
use wasm_bindgen::JsCast;

/// Shows frames through a surface of format `Rgba8Unorm`; shaders encode.
pub struct PlainSurfacePlugin;

/// The format of the surface.
const FORMAT: TextureFormat = TextureFormat::Rgba8Unorm;

#[derive(Resource, Default)]
struct PlainSurface(Option<WgpuWrapper<(wgpu::Surface<'static>, u32, u32)>>);

impl Plugin for PlainSurfacePlugin {
    fn build(&self, app: &mut App) {
        let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
            return;
        };
        render_app.init_resource::<PlainSurface>().add_systems(
            Render,
            acquire
                .in_set(RenderSystems::PrepareViews)
                .before(prepare_windows),
        );
    }
}

fn acquire(
    mut plain: ResMut<PlainSurface>,
    mut windows: ResMut<ExtractedWindows>,
    instance: Res<RenderInstance>,
    device: Res<RenderDevice>,
) {
    let Some(window) = windows.windows.values_mut().next() else {
        return;
    };
    // Bevy's own surface comes first: it is the one that the adapter was chosen for.
    if window.swap_chain_texture_format.is_none() || window.swap_chain_texture.is_some() {
        return;
    }
    let (width, height) = (window.physical_width, window.physical_height);
    if plain.0.is_none() {
        let canvas = web_sys::window()
            .and_then(|w| w.document())
            .and_then(|d| d.get_element_by_id("canvas"))
            .and_then(|c| c.dyn_into::<web_sys::HtmlCanvasElement>().ok());
        let Some(canvas) = canvas else { return };
        let Ok(surface) = instance.create_surface(wgpu::SurfaceTarget::Canvas(canvas)) else {
            return;
        };
        plain.0 = Some(WgpuWrapper::new((surface, 0, 0)));
    }
    let Some(held) = plain.0.as_mut() else { return };
    let (surface, configured_width, configured_height) = &mut **held;
    if (*configured_width, *configured_height) != (width, height) {
        device.configure_surface(
            surface,
            &wgpu::SurfaceConfiguration {
                usage: TextureUsages::RENDER_ATTACHMENT,
                format: FORMAT,
                width,
                height,
                present_mode: wgpu::PresentMode::Fifo,
                desired_maximum_frame_latency: 2,
                alpha_mode: wgpu::CompositeAlphaMode::Opaque,
                view_formats: vec![],
            },
        );
        (*configured_width, *configured_height) = (width, height);
    }
    let (wgpu::CurrentSurfaceTexture::Success(frame)
    | wgpu::CurrentSurfaceTexture::Suboptimal(frame)) = surface.get_current_texture()
    else {
        return;
    };
    let view = frame.texture.create_view(&TextureViewDescriptor::default());
    window.swap_chain_texture_view = Some(TextureView::from(view));
    window.swap_chain_texture = Some(SurfaceTexture::from(frame));
    window.swap_chain_texture_format = Some(FORMAT);
    window.swap_chain_texture_view_format = Some(FORMAT);
}
