//! `belvedere wall`: the leader and the nodes of a video wall.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Context as _;
use belvedere::app::{QualityChoice, Stage, build};
use belvedere::camera_control::CameraLed;
use belvedere::headless::Headless;
use belvedere::platform::monotonic_ms;
use belvedere::startup::Startup;
use belvedere::tiles::{TileLayer, TileTotals};
use belvedere::wall::{Screens, WallNode};
use bevy::ecs::prelude::*;
use bevy::window::{MonitorSelection, Window, WindowMode, WindowResolution};
use city_wall::net::NodeLink;
use city_wall::{WallConfig, ui_scale};
use clap::{Args, Subcommand};

/// A video wall of many machines.
#[derive(Args, Debug)]
pub struct WallArgs {
    /// The wall: its pixels, leaders, nodes and screens (docs/wall.md).
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    #[command(subcommand)]
    part: Part,
}

#[derive(Subcommand, Debug)]
enum Part {
    /// Lead the wall, or stand by for the one that does; serves the operator's page.
    Leader {
        /// Which leader of the configuration; the first without.
        #[arg(long)]
        id: Option<String>,
    },
    /// Show a part of the wall.
    Node(NodeArgs),
}

#[derive(Args, Debug)]
struct NodeArgs {
    /// The node's name in the configuration.
    id: String,
    /// A window in place of the whole display.
    #[arg(long)]
    windowed: bool,
    /// Draw without a window or display.
    #[arg(long)]
    headless: bool,
    /// Without a window: while the wall is frozen, write what is shown to FOLDER/NODE-REVISION.png.
    #[arg(long, value_name = "FOLDER", requires = "headless")]
    save: Option<PathBuf>,
    /// Without a window: write time, epoch and number of every frame shown, one line each.
    #[arg(long, value_name = "FILE", requires = "headless")]
    trace: Option<PathBuf>,
    /// auto, lean or full.
    #[arg(long, default_value = "auto")]
    quality: QualityChoice,
}

/// `belvedere wall`.
pub fn run(args: &WallArgs) -> anyhow::Result<()> {
    let file = args.config.display().to_string();
    let text = std::fs::read_to_string(&args.config)
        .with_context(|| format!("the wall's configuration {file} cannot be read"))?;
    let config = WallConfig::parse(&text, &file)?;
    match &args.part {
        Part::Leader { id } => lead(&config, id.as_deref()),
        Part::Node(node) => show(&config, node),
    }
}

fn lead(config: &WallConfig, id: Option<&str>) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| "warn,city_wall=info".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    // Runs until the process is ended; nothing is lost then, and a standby takes over.
    city_wall::net::run_leader(config, id, &AtomicBool::new(false))?;
    Ok(())
}

fn show(config: &WallConfig, args: &NodeArgs) -> anyhow::Result<()> {
    let link = NodeLink::start(config, &args.id)?;
    let screens = Screens::of(config, &args.id)
        .with_context(|| format!("the wall has no node `{}`", args.id))?;
    let location = config.scene_location(&|name| std::env::var(name).ok())?;
    let scene = (config.scene.clone(), location);
    let startup = Startup {
        wall: true,
        ui_scale: ui_scale(config).map(|scale| scale as f32),
        quality: args.quality,
        ..Startup::default()
    };
    if args.headless {
        return draw_unseen(
            args,
            &startup,
            WallNode::new(&args.id, link, screens.clone(), scene),
            &screens,
        );
    }
    let [width, height] = screens.size_px();
    let display = screens.only_display();
    let windowed = args.windowed;
    let mut app = build(Stage::Window, args.quality);
    app.insert_resource(CameraLed)
        .insert_resource(WallNode::new(&args.id, link, screens, scene));
    startup.apply(&mut app);
    app.add_systems(
        bevy::app::Startup,
        move |mut windows: Query<&mut Window>| {
            for mut window in &mut windows {
                // A wall's pixels are the display's, whatever the desktop scales by.
                window.resolution =
                    WindowResolution::new(width, height).with_scale_factor_override(1.0);
                window.decorations = windowed;
                if !windowed && let Some(display) = display {
                    let monitor = MonitorSelection::Index(display as usize);
                    window.mode = WindowMode::BorderlessFullscreen(monitor);
                }
            }
        },
    );
    app.run();
    Ok(())
}

/// A wall has 60 frames a second, milliseconds.
const FRAME_MS: f64 = 1000.0 / 60.0;

fn draw_unseen(
    args: &NodeArgs,
    startup: &Startup,
    node: WallNode,
    screens: &Screens,
) -> anyhow::Result<()> {
    let mut headless = Headless::new(screens.size_px(), args.quality)?;
    headless
        .app
        .insert_resource(CameraLed)
        .insert_resource(node);
    startup.apply(&mut headless.app);
    let mut trace = args.trace.as_deref().map(Trace::create).transpose()?;
    let mut saved = 0;
    let mut steady = 0;
    loop {
        let began_ms = monotonic_ms();
        headless.frame()?;
        let world = headless.app.world_mut();
        let open = world.query::<&TileLayer>().iter(world).next().is_some();
        let complete = open && world.resource::<TileTotals>().complete;
        let node = world.resource::<WallNode>();
        if let (Some(trace), Some(shown)) = (&mut trace, &node.shown) {
            trace.write(shown.epoch, shown.frame)?;
        }
        let frozen = node.shown.is_some_and(|shown| shown.flags.freeze);
        steady = if frozen && complete { steady + 1 } else { 0 };
        let revision = node.state().map_or(0, |state| state.revision);
        // A few frames later everything that was decided has been drawn.
        if steady > 8 && revision > saved {
            saved = revision;
            if let Some(folder) = &args.save {
                headless.save(&folder.join(format!("{}-{revision}.png", args.id)))?;
            }
        }
        let rest_ms = (FRAME_MS - (monotonic_ms() - began_ms)).max(0.0);
        std::thread::sleep(Duration::from_secs_f64(rest_ms * 1e-3));
    }
}

/// Lines of "time in nanoseconds since 1970, epoch, frame".
struct Trace(BufWriter<File>);

impl Trace {
    fn create(path: &Path) -> anyhow::Result<Self> {
        let file = File::create(path)
            .with_context(|| format!("the trace {} cannot be written", path.display()))?;
        Ok(Self(BufWriter::new(file)))
    }

    fn write(&mut self, epoch: u32, frame: u64) -> anyhow::Result<()> {
        let now_ns = belvedere::platform::wall_clock_ns();
        writeln!(self.0, "{now_ns} {epoch} {frame}")?;
        // Whoever reads it may kill this process.
        self.0.flush()?;
        Ok(())
    }
}
