//! Undo and redo of what the user did to layers, cut away, hid and coloured.

use std::sync::Arc;

use bevy::ecs::prelude::*;

use crate::clipping::{Clipping, Cut};
use crate::marking::MarkChange;
use crate::platform::monotonic_ms;

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    Visible { layer: String, now: bool },
    Opacity { layer: String, was: f32, now: f32 },
    Cut { was: Box<Cut>, now: Box<Cut> },
    Marks(Arc<[MarkChange]>),
}

/// What was done and what was undone, the newest last.
#[derive(Resource, Default)]
pub(super) struct History {
    done: Vec<(Change, f64)>,
    undone: Vec<Change>,
    /// What is cut away, as far as it is noted.
    cut: Option<Cut>,
}

/// More than so many steps nobody goes back.
const KEPT: usize = 200;
/// Moves of one slider within this are one change, milliseconds.
const ONE_MOVE_MS: f64 = 1_000.0;

impl History {
    /// Notes a change made at a time (`platform::monotonic_ms`). What was undone before cannot be redone any more.
    pub fn note(&mut self, change: Change, now_ms: f64) {
        self.undone.clear();
        if let Some((last, at_ms)) = self.done.last_mut()
            && now_ms - *at_ms < ONE_MOVE_MS
            && last.goes_on_with(&change)
        {
            *at_ms = now_ms;
            return;
        }
        self.done.push((change, now_ms));
        if self.done.len() > KEPT {
            self.done.remove(0);
        }
    }

    /// The change that takes the last one back.
    pub fn undo(&mut self) -> Option<Change> {
        let (change, _) = self.done.pop()?;
        let back = change.reversed();
        self.undone.push(change);
        Some(back)
    }

    /// The change that was undone last.
    pub fn redo(&mut self) -> Option<Change> {
        let change = self.undone.pop()?;
        self.done.push((change.clone(), f64::NEG_INFINITY));
        Some(change)
    }

    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Another scene has other layers.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Notes what was cut, by whatever means: a command, a click on the map, the handle of a plane.
    fn note_cut(&mut self, clipping: &Clipping, now_ms: f64) {
        match self.cut.take() {
            Some(was) if !clipping.is_cut(&was) => {
                let now = clipping.cut();
                self.cut = Some(now.clone());
                let (was, now) = (Box::new(was), Box::new(now));
                self.note(Change::Cut { was, now }, now_ms);
            }
            Some(was) => self.cut = Some(was),
            None => self.cut = Some(clipping.cut()),
        }
    }

    /// Cuts what a step says; that is no step of its own.
    pub fn restore_cut(&mut self, clipping: &mut Clipping, cut: Cut) {
        self.cut = Some(cut.clone());
        clipping.restore(cut);
    }
}

/// Notes what was cut.
pub(super) fn cuts(mut history: ResMut<History>, clipping: Res<Clipping>) {
    if clipping.is_changed() || history.cut.is_none() {
        history.note_cut(&clipping, monotonic_ms());
    }
}

impl Change {
    /// Takes in a change that carries on the same move of a hand: a slider's, a plane's.
    fn goes_on_with(&mut self, next: &Self) -> bool {
        match (self, next) {
            (
                Self::Opacity { layer, now, .. },
                Self::Opacity {
                    layer: same,
                    now: next,
                    ..
                },
            ) if layer == same => {
                *now = *next;
                true
            }
            (Self::Cut { was, now }, Self::Cut { now: next, .. })
                if was.moved_plane(now).is_some()
                    && was.moved_plane(now) == now.moved_plane(next) =>
            {
                now.clone_from(next);
                true
            }
            _ => false,
        }
    }

    fn reversed(&self) -> Self {
        match self.clone() {
            Self::Visible { layer, now } => Self::Visible { layer, now: !now },
            Self::Opacity { layer, was, now } => Self::Opacity {
                layer,
                was: now,
                now: was,
            },
            Self::Cut { was, now } => Self::Cut { was: now, now: was },
            Self::Marks(changes) => {
                let back = |change: &MarkChange| MarkChange {
                    was: change.now,
                    now: change.was,
                    ..change.clone()
                };
                Self::Marks(changes.iter().map(back).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visible(now: bool) -> Change {
        Change::Visible {
            layer: "noise".into(),
            now,
        }
    }

    fn opacity(was: f32, now: f32) -> Change {
        Change::Opacity {
            layer: "noise".into(),
            was,
            now,
        }
    }

    #[test]
    fn a_drag_of_a_slider_is_one_step() {
        let mut history = History::default();
        history.note(visible(true), 0.0);
        history.note(opacity(1.0, 0.9), 100.0);
        history.note(opacity(0.9, 0.6), 200.0);
        history.note(opacity(0.6, 0.5), 900.0);
        assert_eq!(history.undo(), Some(opacity(0.5, 1.0)));
        assert_eq!(history.undo(), Some(visible(false)));
        assert_eq!(history.undo(), None);
        assert_eq!(history.redo(), Some(visible(true)));
        assert_eq!(history.redo(), Some(opacity(1.0, 0.5)));
        assert!(!history.can_redo() && history.can_undo());
    }

    #[test]
    fn a_new_change_ends_what_could_be_redone() {
        let mut history = History::default();
        history.note(visible(true), 0.0);
        assert!(history.undo().is_some());
        history.note(opacity(1.0, 0.4), 5.0);
        assert_eq!(history.redo(), None);
        history.note(opacity(0.4, 0.2), 5_000.0);
        assert_eq!(
            history.undo(),
            Some(opacity(0.2, 0.4)),
            "a later drag is its own step"
        );
    }

    #[test]
    fn a_cut_is_undone_step_by_step_and_a_drag_of_a_plane_is_one() {
        use crate::clipping::CutPlane;
        use city_geo::Geodetic;
        let plane = |offset_m| CutPlane {
            at: Geodetic::from_degrees(114.17, 22.29, 20.0),
            heading_deg: 90.0,
            tilt_deg: 0.0,
            offset_m,
            flipped: false,
        };
        let mut clipping = Clipping::default();
        let mut history = History::default();
        history.note_cut(&clipping, 0.0);
        assert!(!history.can_undo());
        clipping.planes.push(plane(0.0));
        history.note_cut(&clipping, 10.0);
        for step in 1..=20 {
            clipping.planes[0].offset_m = f64::from(step);
            history.note_cut(&clipping, 20.0 + f64::from(step));
        }
        clipping.outlines.push(vec![plane(0.0).at; 3]);
        history.note_cut(&clipping, 50.0);
        clipping.planes[0].offset_m = 25.0;
        history.note_cut(&clipping, 60.0);
        let seen = |clipping: &Clipping| {
            let offsets: Vec<f64> = clipping.planes.iter().map(|p| p.offset_m).collect();
            (offsets, clipping.outlines.len())
        };
        let mut back = |history: &mut History, change: Option<Change>| {
            let Some(Change::Cut { now, .. }) = change else {
                panic!("{change:?}");
            };
            history.restore_cut(&mut clipping, *now);
            // What was restored is no step.
            history.note_cut(&clipping, 100.0);
            seen(&clipping)
        };
        let steps = [
            (vec![20.0], 1),
            (vec![20.0], 0),
            (vec![0.0], 0),
            (vec![], 0),
        ];
        for step in steps {
            let change = history.undo();
            assert_eq!(back(&mut history, change), step);
        }
        assert!(!history.can_undo());
        let change = history.redo();
        assert_eq!(back(&mut history, change), (vec![0.0], 0));
        let change = history.redo();
        assert_eq!(back(&mut history, change), (vec![20.0], 0));
    }

    #[test]
    fn what_was_hidden_by_hand_comes_back() {
        use crate::marking::{Mark, Marks};
        let mut world = World::new();
        let layer = world.spawn_empty().id();
        let mut marks = Marks::default();
        let mut history = History::default();
        let all = ["a", "b"].map(|id| (layer, id.to_owned()));
        let hidden = marks.change(all, |mark| mark.hidden = true);
        history.note(Change::Marks(hidden.into()), 0.0);
        let color = Some([1, 2, 3]);
        let colored = marks.change([(layer, "a".to_owned())], |mark| {
            *mark = Mark { color, ..*mark }
        });
        history.note(Change::Marks(colored.into()), 1.0);
        let mut repeat = |change: Option<Change>| {
            let Some(Change::Marks(changes)) = change else {
                panic!("{change:?}");
            };
            marks.repeat(&changes, |open| open == layer);
            marks.counts()
        };
        assert_eq!(repeat(history.undo()), [2, 0]);
        assert_eq!(repeat(history.undo()), [0, 0]);
        assert_eq!(repeat(history.redo()), [2, 0]);
        assert_eq!(repeat(history.redo()), [2, 1]);
    }
}
