//! Messages to the user: what happened, why, what to do. Shown at the corner and kept in the health panel.

use bevy::ecs::resource::Resource;

use crate::platform::monotonic_ms;
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

    /// Closes a message.
    pub fn dismiss(&mut self, id: u64) {
        self.list.retain(|notice| notice.id != id);
    }
}
