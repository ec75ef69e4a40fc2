//! A lost GPU comes back: drivers are reset, laptops change adapters, memory runs out.
//!
//! Bevy makes a new device and runs [`RenderStartup`](bevy::render::RenderStartup) again. What we had on the old one is
//! made anew from the main world, which keeps the geometry for picking anyway.

use bevy::app::AppExit;
use bevy::ecs::prelude::*;
use bevy::render::error_handler::{ErrorType, RenderError, RenderErrorHandler, RenderErrorPolicy};
use bevy::render::render_resource::PollType;
use bevy::render::renderer::RenderDevice;
use bevy::render::settings::RenderCreation;

use super::extract::ExtractedCity;
use super::pipelines::PipelineIds;
use crate::notices::Notices;

/// How often the GPU was lost since the start.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LostDevices(pub u32);

/// More than so many, and the adapter is broken: the picture stops, and the message says so.
const MOST: u32 = 8;

pub(super) fn handler() -> RenderErrorHandler {
    RenderErrorHandler(handle)
}

/// Frames in which a driver's complaint stood and the device did not turn out to be lost.
#[derive(Resource, Default)]
struct Refused(u32);

/// What is used of a lost device is refused as invalid, at times before the loss is told: wait so many frames for that.
const WAIT_FRAMES: u32 = 30;

fn handle(error: &RenderError, main: &mut World, render: &mut World) -> RenderErrorPolicy {
    if !matches!(error.ty, ErrorType::DeviceLost | ErrorType::OutOfMemory) {
        let mut refused = main.get_resource_or_insert_with(Refused::default);
        refused.0 += 1;
        if refused.0 <= WAIT_FRAMES {
            if let Some(device) = render.get_resource::<RenderDevice>() {
                // Lets the driver tell; what it says comes here in the next frame.
                let _ = device.poll(PollType::Poll);
            }
        } else if refused.0 == WAIT_FRAMES + 1 {
            // A mistake of ours: pictures that may be wrong are worse than none.
            tracing::error!(
                "the graphics driver refused a command: {}",
                error.description
            );
            main.write_message(AppExit::error());
        }
        return RenderErrorPolicy::StopRendering;
    }
    main.insert_resource(Refused(0));
    let mut lost = main.get_resource_or_insert_with(LostDevices::default);
    lost.0 += 1;
    let times = lost.0;
    if let Some(mut notices) = main.get_resource_mut::<Notices>() {
        let what = format!("the graphics device was lost: {}", error.description);
        if times > MOST {
            notices.error(
                what,
                "update the graphics driver, then start the program again",
            );
        } else {
            notices.warn(
                what,
                "it is being started again; the view comes back by itself",
            );
        }
    }
    if times > MOST {
        return RenderErrorPolicy::StopRendering;
    }
    RenderErrorPolicy::Recover(RenderCreation::default())
}

/// A driver tells of a loss only when it is asked.
pub(super) fn watch(device: Res<RenderDevice>) {
    // Of a device that is gone the answer comes by the callback.
    let _ = device.poll(PollType::Poll);
}

/// Everything is extracted again in the next frame.
pub(super) fn forget(mut city: ResMut<ExtractedCity>, mut ids: ResMut<PipelineIds>) {
    *ids = PipelineIds::default();
    city.anew = true;
}
