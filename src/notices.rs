//! Messages to the user: what happened, why, what to do. Shown at the corner and kept in the health panel.

use bevy::ecs::resource::Resource;

use crate::platform::{monotonic_ms, wall_clock_ns};
use crate::ui::model::Severity;

/// One message.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Unique while the program runs.
    pub id: u64,
    /// How bad.
    pub severity: Severity,
    /// What happened and why.
    pub text: String,
    /// What to do, or what the program did about it.
    pub advice: String,
    /// When it was first raised, `platform::monotonic_ms`.
    pub raised_ms: f64,
    /// The same on the wall clock, nanoseconds since the Unix epoch.
    pub raised_ns: i64,
    /// The user closed it at the corner; the health panel still has it.
    pub closed: bool,
    /// How often.
    pub count: u32,
}

/// The newest messages; the oldest go when there are too many.
#[derive(Resource, Default)]
pub struct Notices {
    list: Vec<Notice>,
    next: u64,
}

const KEPT: usize = 200;

impl Notices {
    /// Good to know.
    pub fn info(&mut self, text: impl Into<String>, advice: impl Into<String>) {
        self.add(Severity::Info, text.into(), advice.into());
    }

    /// Something is missing or late.
    pub fn warn(&mut self, text: impl Into<String>, advice: impl Into<String>) {
        self.add(Severity::Warning, text.into(), advice.into());
    }

    /// Something failed.
    pub fn error(&mut self, text: impl Into<String>, advice: impl Into<String>) {
        self.add(Severity::Error, text.into(), advice.into());
    }

    fn add(&mut self, severity: Severity, text: String, advice: String) {
        match severity {
            Severity::Info => tracing::info!("{text}"),
            Severity::Warning => tracing::warn!("{text}"),
            Severity::Error => tracing::error!("{text}"),
        }
        if let Some(same) = self.list.iter_mut().find(|notice| notice.text == text) {
            same.count += 1;
            return;
        }
        self.next += 1;
        let notice = Notice {
            id: self.next,
            severity,
            text,
            advice,
            raised_ms: monotonic_ms(),
            raised_ns: wall_clock_ns(),
            closed: false,
            count: 1,
        };
        self.list.push(notice);
        if self.list.len() > KEPT {
            self.list.remove(0);
        }
    }

    /// The messages, oldest first.
    #[must_use]
    pub fn list(&self) -> &[Notice] {
        &self.list
    }

    /// Takes a message from the corner; it stays in the list.
    pub fn close(&mut self, id: u64) {
        if let Some(notice) = self.list.iter_mut().find(|notice| notice.id == id) {
            notice.closed = true;
        }
    }

    /// Forgets a message.
    pub fn forget(&mut self, id: u64) {
        self.list.retain(|notice| notice.id != id);
    }

    /// Forgets all messages.
    pub fn forget_all(&mut self) {
        self.list.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_closed_at_the_corner_stays_in_the_list_until_it_is_forgotten() {
        let mut notices = Notices::default();
        notices.warn("a tile failed", "its parent is shown");
        notices.warn("a tile failed", "its parent is shown");
        notices.info("the link is copied", "");
        let (first, second) = (notices.list()[0].id, notices.list()[1].id);
        assert_eq!(notices.list()[0].count, 2);
        notices.close(first);
        assert!(notices.list()[0].closed && !notices.list()[1].closed);
        notices.forget(second);
        assert_eq!(notices.list().len(), 1);
        notices.forget_all();
        assert!(notices.list().is_empty());
    }
}
