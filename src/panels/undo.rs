//! Undo and redo of what the user did to layers.

use bevy::ecs::resource::Resource;

/// One change of a layer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    Visible { layer: String, now: bool },
    Opacity { layer: String, was: f32, now: f32 },
}

/// What was done and what was undone, the newest last.
#[derive(Resource, Default)]
pub(super) struct History {
    done: Vec<(Change, f64)>,
    undone: Vec<Change>,
}

/// More than so many steps nobody goes back.
const KEPT: usize = 200;
/// Moves of one slider within this are one change, milliseconds.
const ONE_MOVE_MS: f64 = 1_000.0;

impl History {
    /// Notes a change made at a time (`platform::monotonic_ms`). What was undone before cannot be redone any more.
    pub fn note(&mut self, change: Change, now_ms: f64) {
        self.undone.clear();
        if let (
            Some((Change::Opacity { layer, now, .. }, at_ms)),
            Change::Opacity {
                layer: same,
                now: next,
                ..
            },
        ) = (self.done.last_mut(), &change)
            && layer == same
            && now_ms - *at_ms < ONE_MOVE_MS
        {
            (*now, *at_ms) = (*next, now_ms);
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
}

impl Change {
    fn reversed(&self) -> Self {
        match self.clone() {
            Self::Visible { layer, now } => Self::Visible { layer, now: !now },
            Self::Opacity { layer, was, now } => Self::Opacity {
                layer,
                was: now,
                now: was,
            },
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
}
