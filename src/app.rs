//! The app: Bevy's plugins and ours, on a window, a canvas or a picture.

use std::time::Duration;

use bevy::app::{App, PluginGroup, Startup};
use bevy::camera::{Camera, CameraOutputMode, ClearColorConfig, Projection, RenderTarget};
use bevy::color::Color;
use bevy::ecs::prelude::*;
use bevy::prelude::DefaultPlugins;
use bevy::render::RenderPlugin;
use bevy::render::camera::CameraRenderGraph;
use bevy::render::renderer::{RenderAdapterInfo, RenderDevice};
use bevy::render::view::Msaa;
use bevy::utils::default;
use bevy::window::{Window, WindowPlugin, WindowResolution};
use bevy::winit::{UpdateMode, WinitSettings};

use crate::notices::Notices;
use crate::registry;
use crate::render::{CityPass, CityView, DrawnImages, RenderQuality, ShadowQuality};
use crate::schedule;

/// Where the app draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A window of the desktop, or the page's canvas.
    Window,
    /// Nowhere: the caller gives a picture to draw into.
    Headless,
}

/// Which path draws; `Auto` goes by the adapter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QualityChoice {
    /// Lean where the CPU draws, full on a GPU.
    #[default]
    Auto,
    /// Lean.
    Lean,
    /// Full.
    Full,
}

impl std::str::FromStr for QualityChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "lean" => Ok(Self::Lean),
            "full" => Ok(Self::Full),
            other => Err(format!(
                "`{other}` is not a quality: use auto, lean or full"
            )),
        }
    }
}

/// The user's choice of path.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct QualityRequest(pub QualityChoice);

/// What draws: the adapter in words. Empty until the renderer runs.
#[derive(Resource, Clone, Debug, Default)]
pub struct AdapterName(pub String);

/// Makes the app without a scene. Scenes and tilesets are opened by messages.
pub fn build(stage: Stage, quality: QualityChoice) -> App {
    let mut app = App::new();
    let window = (stage == Stage::Window).then(|| Window {
        title: "Belvedere".into(),
        name: Some("belvedere".into()),
        resolution: WindowResolution::new(1600, 900),
        canvas: Some("#belvedere".into()),
        fit_canvas_to_parent: true,
        // On the page `web::text` turns it on later, and says why.
        prevent_default_event_handling: false,
        ..default()
    });
    let plugins = DefaultPlugins
        .set(WindowPlugin {
            primary_window: window,
            exit_condition: match stage {
                Stage::Window => bevy::window::ExitCondition::OnPrimaryClosed,
                Stage::Headless => bevy::window::ExitCondition::DontExit,
            },
            ..default()
        })
        .set(RenderPlugin {
            // A picture must not miss a pipeline that is still compiling.
            synchronous_pipeline_compilation: stage == Stage::Headless,
            ..default()
        })
        .set(bevy::log::LogPlugin {
            filter: "warn,belvedere=info,egui=error,wgpu_core=error,wgpu_hal=off,naga=error".into(),
            ..default()
        });
    match stage {
        Stage::Window => app.add_plugins(plugins),
        Stage::Headless => {
            let plugins = plugins.disable::<bevy::winit::WinitPlugin>();
            #[cfg(not(target_arch = "wasm32"))]
            let plugins = plugins
                .disable::<bevy::render::pipelined_rendering::PipelinedRenderingPlugin>()
                .disable::<bevy::app::TerminalCtrlCHandlerPlugin>();
            app.add_plugins(plugins)
        }
    };
    app.insert_resource(QualityRequest(quality))
        .init_resource::<AdapterName>()
        .init_resource::<Notices>()
        .init_resource::<crate::frame::SceneFrame>()
        .add_systems(bevy::app::First, (choose_quality, choose_images).chain());
    schedule::configure(&mut app);
    registry::add_plugins(&mut app, stage);
    if stage == Stage::Window {
        app.add_systems(Startup, |mut commands: Commands| {
            commands.spawn(city_camera(RenderTarget::default()));
        });
    }
    app
}

/// A camera that draws the city into a target.
pub fn city_camera(target: RenderTarget) -> impl Bundle {
    (
        Camera {
            clear_color: ClearColorConfig::Custom(Color::BLACK),
            ..default()
        },
        Projection::default(),
        CameraRenderGraph::new(CityPass),
        CityView::default(),
        Msaa::Off,
        target,
    )
}

/// Adapters that are a CPU in disguise, by their names.
const SOFTWARE: [&str; 6] = [
    "software",
    "llvmpipe",
    "swiftshader",
    "lavapipe",
    "softpipe",
    "microsoft basic render",
];

/// How often the app updates. On a GPU the screen sets the pace. The lean path draws only what changed, and nothing else
/// would hold it back; a page's frames come from the browser.
fn pace_of(full: bool) -> UpdateMode {
    if full || crate::platform::IS_WEB {
        UpdateMode::Continuous
    } else {
        UpdateMode::reactive(Duration::from_secs(1) / 60)
    }
}

/// Images may stay compressed where a GPU reads them; Bevy asks for all that the adapter has. A CPU takes apart every
/// block that it looks at, so on the lean path there is none; nor are there maps that only light per pixel shows.
fn choose_images(
    device: Option<Res<RenderDevice>>,
    quality: Res<RenderQuality>,
    mut images: ResMut<DrawnImages>,
) {
    if let Some(device) = device
        && (device.is_changed() || quality.is_changed())
    {
        images.set_if_neq(match quality.full {
            true => DrawnImages::of(device.features()),
            false => DrawnImages::default(),
        });
    }
}

fn choose_quality(
    adapter: Option<Res<RenderAdapterInfo>>,
    request: Res<QualityRequest>,
    mut quality: ResMut<RenderQuality>,
    mut name: ResMut<AdapterName>,
    mut cameras: Query<(&mut Msaa, &mut Camera), With<CityView>>,
    mut pace: Option<ResMut<WinitSettings>>,
    mut decided: Local<Option<QualityChoice>>,
) {
    let Some(adapter) = adapter else {
        return;
    };
    if *decided != Some(request.0) {
        *decided = Some(request.0);
        // Browsers tell wgpu next to nothing on WebGPU; the page has asked for more.
        let hint = crate::platform::adapter_hint();
        let described = format!(
            "{} {} {} {hint}",
            adapter.name, adapter.driver, adapter.driver_info
        )
        .to_lowercase();
        let software = adapter.device_type == wgpu_types::DeviceType::Cpu
            || SOFTWARE.iter().any(|known| described.contains(known));
        let full = match request.0 {
            QualityChoice::Auto => !software,
            QualityChoice::Lean => false,
            QualityChoice::Full => true,
        };
        let webgl = adapter.backend == wgpu_types::Backend::Gl && crate::platform::IS_WEB;
        *quality = RenderQuality {
            full,
            shadows: match (full, webgl) {
                (false, _) => ShadowQuality::Off,
                (true, true) => ShadowQuality::Single,
                (true, false) => ShadowQuality::Cascades,
            },
            samples: if full { 4 } else { 1 },
            direct: webgl && !full,
        };
        if let Some(pace) = &mut pace {
            pace.focused_mode = pace_of(full);
        }
        let device = [adapter.name.as_str(), hint.as_str()]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or("unnamed adapter");
        name.0 = format!("{device} ({:?})", adapter.backend);
        tracing::info!(
            "drawing on {} by the {} path",
            name.0,
            if full { "full" } else { "lean" }
        );
    }
    let wanted = if quality.samples == 4 {
        Msaa::Sample4
    } else {
        Msaa::Off
    };
    for (mut msaa, mut camera) in &mut cameras {
        if *msaa != wanted {
            *msaa = wanted;
        }
        // Nothing is left to copy, and Bevy's own buffer of the window is not asked for.
        if quality.direct != matches!(camera.output_mode, CameraOutputMode::Skip) {
            camera.output_mode = match quality.direct {
                true => CameraOutputMode::Skip,
                false => CameraOutputMode::default(),
            };
        }
    }
}
