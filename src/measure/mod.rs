//! Measuring on the drawn city: distance, height, area, angle, and whether one point sees another.

pub mod geometry;

use std::sync::Arc;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use glam::DVec3;

use crate::frame::SceneFrame;
use crate::picking::{
    Drawn as DrawnMesh, PickRequest, PickingPaused, drawn, pane_ray, pick_feature,
};
use crate::render::{CityView, LineSegment, LineSet, Panes};
use crate::schedule::FrameSet;
use crate::surroundings::Surroundings;
use crate::ui::model::{MeasureTool, Measured};

/// Measures.
pub struct MeasurePlugin;

impl Plugin for MeasurePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Measure>()
            .add_systems(
                Update,
                pause.after(FrameSet::Overlays).before(FrameSet::Picking),
            )
            .add_systems(Update, (click, draw).chain().in_set(FrameSet::Picking));
    }
}

/// The tool in hand and what was clicked with it.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct Measure {
    /// The tool; none leaves clicks to selection.
    pub tool: MeasureTool,
    /// The points, local frame.
    pub points: Vec<DVec3>,
    /// Nothing is added any more; the next click begins anew.
    pub is_done: bool,
    /// Between the two points of a line of sight: the part of it that is clear, 0..1.
    clear: Option<f64>,
}

/// Points of a line or outline, at most.
const MOST_POINTS: usize = 500;

impl Measure {
    /// Takes a tool, or puts it away, with what it drew.
    pub fn take(&mut self, tool: MeasureTool) {
        *self = Self {
            tool,
            ..Self::default()
        };
    }

    /// Takes the last point back.
    pub fn step_back(&mut self) {
        self.points.pop();
        self.is_done = false;
        self.clear = None;
    }

    /// Nothing is added any more.
    pub fn finish(&mut self) {
        self.is_done = true;
    }

    fn add(&mut self, point: DVec3) {
        if self.is_done {
            self.points.clear();
            self.is_done = false;
        }
        // A double click is one point and the end.
        if self
            .points
            .last()
            .is_some_and(|last| last.distance(point) < 1e-6)
        {
            self.is_done = true;
            return;
        }
        self.clear = None;
        self.points.push(point);
        let enough = match self.tool {
            MeasureTool::None => 0,
            MeasureTool::Height | MeasureTool::Sight => 2,
            MeasureTool::Angle => 3,
            MeasureTool::Distance | MeasureTool::Area => MOST_POINTS,
        };
        self.is_done = self.points.len() >= enough;
    }

    /// What the points say, as far as they are there.
    #[must_use]
    pub fn results(&self) -> Vec<Measured> {
        let points = &self.points[..];
        match (self.tool, points) {
            (MeasureTool::Distance, [_, .., _]) => {
                let mut results = vec![
                    Measured::Distance(geometry::length_m(points)),
                    Measured::OnMap(geometry::length_on_map_m(points)),
                ];
                if let [a, b] = points {
                    results.extend(geometry::bearing_rad(*a, *b).map(Measured::Bearing));
                }
                results
            }
            (MeasureTool::Height, [a, b]) => {
                let rise_m = b.z - a.z;
                let run_m = geometry::length_on_map_m(points);
                let mut results = vec![Measured::Rise(rise_m), Measured::OnMap(run_m)];
                if run_m > 0.01 {
                    results.push(Measured::Slope(rise_m / run_m));
                }
                results
            }
            (MeasureTool::Area, [_, _, _, ..]) if geometry::crosses_itself(points) => {
                vec![Measured::Crossed]
            }
            (MeasureTool::Area, [first, _, _, ..]) => {
                let around: Vec<DVec3> = points.iter().chain([first]).copied().collect();
                vec![
                    Measured::Area(geometry::area_on_map_m2(points)),
                    Measured::AreaInSpace(geometry::area_in_space_m2(points)),
                    Measured::Perimeter(geometry::length_m(&around)),
                ]
            }
            (MeasureTool::Angle, [a, corner, b]) => geometry::angle_rad(*a, *corner, *b)
                .map(Measured::Angle)
                .into_iter()
                .collect(),
            (MeasureTool::Sight, [a, b]) => match self.clear {
                None => Vec::new(),
                Some(clear) if clear >= 1.0 => {
                    vec![Measured::Sees, Measured::Distance(a.distance(*b))]
                }
                Some(clear) => vec![
                    Measured::Blocked(a.distance(*b) * clear),
                    Measured::Distance(a.distance(*b)),
                ],
            },
            _ => Vec::new(),
        }
    }

    /// Lengths of the single parts, each with the middle that it belongs to, local frame.
    pub fn parts(&self) -> impl Iterator<Item = (DVec3, f64)> + '_ {
        let is_line = matches!(self.tool, MeasureTool::Distance | MeasureTool::Area);
        let pairs = self.points.windows(2).filter(move |_| is_line);
        pairs.map(|pair| ((pair[0] + pair[1]) * 0.5, pair[0].distance(pair[1])))
    }
}

/// With a tool in hand a click measures instead of selecting.
fn pause(measure: Res<Measure>, mut picking: ResMut<PickingPaused>) {
    if measure.tool != MeasureTool::None {
        picking.0 = true;
    }
}

/// A line of sight starts so high above what was clicked: eyes, not feet.
const EYES_M: f64 = 1.6;
/// The other end lies a little before the surface, or the surface itself would stand in the way.
const BEFORE_M: f64 = 0.3;

fn click(
    mut requests: MessageReader<PickRequest>,
    mut measure: ResMut<Measure>,
    views: Query<(&CityView, Option<&Panes>)>,
    frame: Res<SceneFrame>,
    world: Surroundings,
    meshes: Query<DrawnMesh>,
) {
    if measure.tool == MeasureTool::None {
        requests.clear();
        return;
    }
    let (Some(request), Some((view, panes))) = (requests.read().last(), views.iter().next()) else {
        return;
    };
    let (direction, variant) = pane_ray(view, panes, request);
    let seen = || drawn(meshes.iter(), variant);
    let met = |from, direction| pick_feature(from, direction, world.clip(), seen());
    let hit = met(view.position, direction);
    let ground = || world.flat_ground_at(view.position, direction);
    let Some(point) = hit.map(|hit| hit.at).or_else(ground) else {
        return;
    };
    let raised = match (measure.tool, measure.points.len()) {
        (MeasureTool::Sight, 0 | 2) => point + frame.up_at(point) * EYES_M,
        (MeasureTool::Sight, _) => point - direction * BEFORE_M,
        _ => point,
    };
    measure.add(raised);
    if let (MeasureTool::Sight, [from, to]) = (measure.tool, &measure.points[..]) {
        let way_m = from.distance(*to);
        let clear = (*to - *from).try_normalize().map_or(1.0, |direction| {
            met(*from, direction).map_or(1.0, |hit| (hit.distance_m / way_m).min(1.0))
        });
        measure.clear = Some(clear);
    }
}

/// What the tool has drawn.
#[derive(Component)]
struct Drawn;

/// The accent, and clear and blocked lines of sight; linear.
const LINE: [u8; 4] = [20, 94, 255, 255];
const CLOSING: [u8; 4] = [20, 94, 255, 110];
const CLEAR: [u8; 4] = [30, 170, 60, 255];
const BLOCKED: [u8; 4] = [230, 40, 20, 255];

fn draw(
    mut commands: Commands,
    measure: Res<Measure>,
    drawn: Query<Entity, With<Drawn>>,
    frame: Res<SceneFrame>,
    mut generation: Local<u32>,
) {
    if !measure.is_changed() && *generation == frame.generation {
        return;
    }
    *generation = frame.generation;
    for entity in &drawn {
        commands.entity(entity).despawn();
    }
    let Some(origin) = measure.points.first().copied() else {
        return;
    };
    let at = |point: DVec3| (point - origin).as_vec3().to_array();
    let line = |a, b, color, width_px| LineSegment {
        a: at(a),
        width_px,
        b: at(b),
        color,
    };
    let points = &measure.points;
    // A segment of no length is a point.
    let mut segments: Vec<LineSegment> = points
        .iter()
        .map(|point| line(*point, *point, LINE, 9.0))
        .collect();
    match (measure.tool, &points[..], measure.clear) {
        (MeasureTool::Sight, [from, to], Some(clear)) => {
            let met = from.lerp(*to, clear);
            segments.push(line(*from, met, CLEAR, 3.0));
            segments.push(line(met, *to, BLOCKED, 3.0));
        }
        (MeasureTool::Height, [a, b], _) => {
            let corner = DVec3::new(b.x, b.y, a.z);
            segments.push(line(*a, corner, CLOSING, 2.0));
            segments.push(line(corner, *b, LINE, 3.0));
        }
        _ => segments.extend(
            points
                .windows(2)
                .map(|pair| line(pair[0], pair[1], LINE, 3.0)),
        ),
    }
    if let (MeasureTool::Area, [.., last], true) = (measure.tool, &points[..], points.len() > 2) {
        segments.push(line(*last, origin, CLOSING, 3.0));
    }
    commands.spawn((
        Drawn,
        LineSet {
            origin,
            segments: Arc::new(segments),
            opacity: 1.0,
            pull: 0.002,
            through: true,
        },
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(tool: MeasureTool, points: &[[f64; 3]]) -> Measure {
        let mut measure = Measure::default();
        measure.take(tool);
        for point in points {
            measure.add(DVec3::from_array(*point));
        }
        measure
    }

    #[test]
    fn each_tool_says_what_it_can_and_ends_when_it_has_enough() {
        let line = measure(MeasureTool::Distance, &[[0.0; 3], [3.0, 4.0, 12.0]]);
        assert!(!line.is_done);
        let results = line.results();
        assert_eq!(results[0], Measured::Distance(13.0));
        assert_eq!(results[1], Measured::OnMap(5.0));
        assert_eq!(
            line.parts().collect::<Vec<_>>(),
            [(DVec3::new(1.5, 2.0, 6.0), 13.0)]
        );

        let height = measure(MeasureTool::Height, &[[0.0; 3], [0.0, 10.0, 5.0]]);
        assert!(height.is_done);
        assert_eq!(
            height.results(),
            [
                Measured::Rise(5.0),
                Measured::OnMap(10.0),
                Measured::Slope(0.5)
            ]
        );
        let area = measure(
            MeasureTool::Area,
            &[[0.0; 3], [10.0, 0.0, 0.0], [10.0, 10.0, 0.0]],
        );
        assert_eq!(area.results()[0], Measured::Area(50.0));
        let crossed = [
            [0.0; 3],
            [10.0, 10.0, 0.0],
            [10.0, 0.0, 0.0],
            [0.0, 10.0, 0.0],
        ];
        assert_eq!(
            measure(MeasureTool::Area, &crossed).results(),
            [Measured::Crossed]
        );
        let angle = measure(
            MeasureTool::Angle,
            &[[1.0, 0.0, 0.0], [0.0; 3], [0.0, 1.0, 0.0]],
        );
        assert!(
            matches!(angle.results()[..], [Measured::Angle(rad)] if (rad - std::f64::consts::FRAC_PI_2).abs() < 1e-9)
        );
    }

    #[test]
    fn a_double_click_ends_and_the_next_click_begins_anew() {
        let mut line = measure(
            MeasureTool::Distance,
            &[[0.0; 3], [5.0, 0.0, 0.0], [5.0, 0.0, 0.0]],
        );
        assert!(line.is_done);
        assert_eq!(line.points.len(), 2);
        line.step_back();
        assert_eq!((line.points.len(), line.is_done), (1, false));
        line.finish();
        line.add(DVec3::X);
        assert_eq!(line.points, [DVec3::X]);
    }
}
