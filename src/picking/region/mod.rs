//! Selecting everything that is seen in a box or a lasso on the screen.
//!
//! What is seen is worked out on the CPU ([`raster`]), some milliseconds a frame: the same on every adapter, and by the
//! same rules as a click.

mod job;
mod raster;
mod shape;

pub use shape::Shape;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use bevy::input::keyboard::KeyCode;
use bevy::window::Window;
use glam::DVec2;

use self::job::{Job, Selectable};
use super::{AlsoSelected, How, PickRequest, PickingPaused, SelectById, Selection, change};
use crate::notices::Notices;
use crate::pointer::{Claimant, Event, Hands, PointerClaimed, Tool};
use crate::render::{CityView, Lens as PaneLens, Pane, Panes};
use crate::schedule::FrameSet;
use crate::ui::model::ShapeTool;

/// The tool that selects by a shape, and what it has drawn.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct RegionTool {
    /// The tool in hand.
    pub kind: ShapeTool,
    /// What is being drawn.
    pub shape: Option<Shape>,
    /// A shape is being looked through.
    pub is_busy: bool,
}

/// Everything that is seen in a shape is to be selected.
#[derive(Message, Clone, Debug, PartialEq)]
pub struct RegionRequest {
    /// The shape; `None` for the whole picture.
    pub shape: Option<Shape>,
    /// The size of the picture, physical pixels.
    pub viewport_px: [f64; 2],
    /// Instead of what is selected, too, or out of it.
    pub how: How,
}

/// What the last shape came to, for who wants to know what it costs.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq)]
pub struct RegionStats {
    /// Things found.
    pub found: usize,
    /// Frames that it took.
    pub frames: u32,
    /// The longest that a frame was kept busy, milliseconds.
    pub longest_ms: f64,
}

/// The shape that is being looked through.
#[derive(Resource, Default)]
struct Work(Option<(Job, How)>);

/// Looks through shapes.
pub(super) fn build(app: &mut App) {
    app.init_resource::<RegionTool>()
        .init_resource::<RegionStats>()
        .init_resource::<Work>()
        .add_message::<RegionRequest>()
        .add_systems(
            Update,
            (begin, work)
                .chain()
                .in_set(FrameSet::Picking)
                .after(super::pick)
                .before(super::follow::follow),
        );
}

/// Draws shapes with the pointer.
pub struct RegionToolPlugin;

impl Plugin for RegionToolPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<PointerClaimed>()
            .add_systems(Update, draw.after(FrameSet::Clock).before(FrameSet::Camera));
    }
}

/// A frame may be kept busy so long, milliseconds.
const BUDGET_MS: f64 = 5.0;
/// A press that moves less than this is a click, logical pixels.
const CLICK_PX: f64 = 4.0;

fn draw(
    mut tool: ResMut<RegionTool>,
    mut hands: Hands,
    mut claimed: ResMut<PointerClaimed>,
    mut regions: MessageWriter<RegionRequest>,
    mut clicks: MessageWriter<PickRequest>,
    paused: Res<PickingPaused>,
    mut held: Local<Option<(Tool, DVec2)>>,
) {
    let events = hands.events();
    let window = hands.windows.iter().next();
    let (Some(window), false) = (window, tool.kind == ShapeTool::None || paused.0) else {
        *held = None;
        claimed.set(Claimant::Shape, false);
        if tool.shape.is_some() {
            tool.shape = None;
        }
        return;
    };
    let scale = f64::from(window.scale_factor());
    let viewport_px = viewport_of(window);
    let how = how(&hands);
    // What begins in this frame is claimed in it, even where it ends in it too.
    let mut claims = held.is_some();
    for event in events {
        match event {
            Event::Down(by, at) if held.is_none() && !claimed.by_others(Claimant::Shape) => {
                *held = Some((by, at));
                claims = true;
                tool.shape = Some(match tool.kind {
                    ShapeTool::Lasso => Shape::Lasso(vec![at * scale]),
                    _ => Shape::Box([at * scale; 2]),
                });
            }
            Event::Move(by, at) if held.is_some_and(|(held, _)| held == by) => {
                if let Some(shape) = &tool.shape {
                    let mut pulled = shape.clone();
                    pulled.pull(at * scale);
                    if pulled != *shape {
                        tool.shape = Some(pulled);
                    }
                }
            }
            Event::Up(by) if held.is_some_and(|(held, _)| held == by) => {
                let from = held.take().map(|(_, at)| at * scale);
                // `Esc` meanwhile has taken it away.
                let Some(shape) = tool.shape.take() else {
                    continue;
                };
                let [low, high] = shape.bounds();
                match from.filter(|_| (high - low).max_element() < CLICK_PX * scale) {
                    Some(at) => {
                        clicks.write(PickRequest {
                            at_px: at.to_array(),
                            viewport_px,
                            add: how != How::Replace,
                        });
                    }
                    None => {
                        regions.write(RegionRequest {
                            shape: Some(shape),
                            viewport_px,
                            how,
                        });
                    }
                }
            }
            _ => {}
        }
    }
    claimed.set(Claimant::Shape, claims || held.is_some());
}

/// The size of a window's picture, physical pixels.
#[must_use]
pub fn viewport_of(window: &Window) -> [f64; 2] {
    [window.physical_width(), window.physical_height()].map(f64::from)
}

/// Shift adds, Ctrl takes out.
fn how(hands: &Hands) -> How {
    let pressed = |keys: [KeyCode; 2]| hands.keys.any_pressed(keys);
    if pressed([KeyCode::ControlLeft, KeyCode::ControlRight]) {
        How::Remove
    } else if pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]) {
        How::Add
    } else {
        How::Replace
    }
}

/// The pane in which a shape begins: where its view lies, physical pixels, and the variant that it shows.
fn pane_of(panes: Option<&Panes>, at: DVec2, viewport_px: [f64; 2]) -> ([f64; 4], [f64; 4], u8) {
    let whole = [0.0, 0.0, viewport_px[0], viewport_px[1]];
    let holds = |pane: &&Pane| {
        let [left, top, width, height] = pane.rect_px.map(f64::from);
        (left..left + width).contains(&at.x) && (top..top + height).contains(&at.y)
    };
    match panes.and_then(|panes| panes.0.iter().find(holds)) {
        Some(pane) => {
            let rect = pane.rect_px.map(f64::from);
            let view = if pane.lens == PaneLens::Centred {
                rect
            } else {
                whole
            };
            (view, rect, pane.variant)
        }
        None => (whole, whole, 0),
    }
}

fn begin(
    mut requests: MessageReader<RegionRequest>,
    mut work: ResMut<Work>,
    mut tool: ResMut<RegionTool>,
    views: Query<(&CityView, Option<&Panes>)>,
    world: Selectable,
) {
    let Some(request) = requests.read().last() else {
        return;
    };
    let Some((view, panes)) = views.iter().next() else {
        return;
    };
    let [width, height] = request.viewport_px;
    let shape = request
        .shape
        .clone()
        .unwrap_or(Shape::Box([DVec2::ZERO, DVec2::new(width, height)]));
    let [low, high] = shape.bounds();
    let from = match &shape {
        Shape::Box([from, _]) => *from,
        Shape::Lasso(points) => points.first().copied().unwrap_or(low),
    };
    // A whole picture with two sides is that of its first pane.
    let (view_px, seen_px, variant) = pane_of(panes, from, request.viewport_px);
    let [left, top, across, down] = seen_px;
    let low = low.max(DVec2::new(left, top));
    let high = high.min(DVec2::new(left + across, top + down));
    let job = Job::new(shape, [low, high], view, view_px, variant, &world);
    work.0 = job.map(|job| (job, request.how));
    tool.is_busy = work.0.is_some();
}

fn work(
    mut work: ResMut<Work>,
    mut tool: ResMut<RegionTool>,
    mut stats: ResMut<RegionStats>,
    mut selection: ResMut<Selection>,
    mut also: ResMut<AlsoSelected>,
    mut by_id: ResMut<SelectById>,
    mut notices: ResMut<Notices>,
    world: Selectable,
) {
    let Some((job, _)) = &mut work.0 else {
        return;
    };
    if !job.work(&world, BUDGET_MS) {
        return;
    }
    let Some((job, how)) = work.0.take() else {
        return;
    };
    tool.is_busy = false;
    let (frames, longest_ms) = (job.frames, job.longest_ms);
    let found = job.finish(&world);
    *stats = RegionStats {
        found: found.len(),
        frames,
        longest_ms,
    };
    by_id.0 = None;
    let picked: Vec<Selection> = found.into_iter().map(|found| found.what).collect();
    let left_out = change(&mut selection, &mut also, picked, how);
    if left_out > 0 {
        notices.warn(
            format!(
                "{left_out} things more are seen there than can be selected at once ({})",
                super::MAX_SELECTED
            ),
            "those that cover most of the picture are selected; come nearer, or draw a smaller shape",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_belongs_to_the_pane_in_which_it_begins() {
        let pane = |x, lens, variant| Pane {
            rect_px: [x, 0, 400, 300],
            lens,
            variant,
        };
        let size = [800.0, 300.0];
        let sides = Panes(vec![
            pane(0, PaneLens::Centred, 0),
            pane(400, PaneLens::Centred, 1),
        ]);
        let right = [400.0, 0.0, 400.0, 300.0];
        let at = DVec2::new(500.0, 10.0);
        assert_eq!(pane_of(Some(&sides), at, size), (right, right, 1));
        let swipe = Panes(vec![
            pane(0, PaneLens::Window, 0),
            pane(400, PaneLens::Window, 1),
        ]);
        let whole = [0.0, 0.0, 800.0, 300.0];
        assert_eq!(pane_of(Some(&swipe), at, size), (whole, right, 1));
        assert_eq!(pane_of(None, at, size), (whole, whole, 0));
    }
}
