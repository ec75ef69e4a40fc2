//! Changing a scenario, with undo and redo.

mod buildings;
mod ids;
mod models;

use super::check::vertices;
use super::limits::{MAX_OPERATIONS, MAX_SCENARIO_BYTES, MAX_SCENARIO_VERTICES};
use super::read::free_id;
use super::schema::{Horizon, Operation, OperationKind, Scenario};
use ids::{digest, lone};

pub use ids::{numbered_slug, slug};
pub use models::moved_place;

/// Most changes that can be undone.
const MAX_STEPS: usize = 1000;

/// A scenario that is being edited. The list of operations is the history: adding is a new operation at its end,
/// and undoing takes it away again, also those of a file that was opened. Operations in the middle can be changed or
/// removed too, which is undone likewise.
#[derive(Debug, Clone)]
pub struct Editor {
    scenario: Scenario,
    done: Vec<Step>,
    undone: Vec<Step>,
    /// The text that was saved last, or opened.
    saved: Option<String>,
    dirty: bool,
    /// Length of the text that would be saved.
    text_bytes: usize,
    /// Who is editing; goes into new operations.
    pub author: String,
    /// When new operations are meant to happen.
    pub horizon: Horizon,
}

/// One change of the list.
#[derive(Debug, Clone)]
enum Step {
    Insert {
        at: usize,
        operation: Operation,
    },
    Remove {
        at: usize,
        operation: Operation,
    },
    Replace {
        at: usize,
        before: Box<Operation>,
        after: Box<Operation>,
    },
}

impl Step {
    fn operations_mut(&mut self) -> Vec<&mut Operation> {
        match self {
            Self::Insert { operation, .. } | Self::Remove { operation, .. } => vec![operation],
            Self::Replace { before, after, .. } => vec![&mut **before, &mut **after],
        }
    }

    fn inverse(self) -> Self {
        match self {
            Self::Insert { at, operation } => Self::Remove { at, operation },
            Self::Remove { at, operation } => Self::Insert { at, operation },
            Self::Replace { at, before, after } => Self::Replace {
                at,
                before: after,
                after: before,
            },
        }
    }
}

impl Editor {
    /// Edits a scenario that was read from a file or server: not changed yet.
    pub fn open(scenario: Scenario) -> Self {
        let text = scenario.to_toml();
        Self {
            scenario,
            text_bytes: text.len(),
            done: Vec::new(),
            undone: Vec::new(),
            saved: Some(text),
            dirty: false,
            author: String::new(),
            horizon: Horizon::default(),
        }
    }

    /// Edits a scenario that is nowhere yet.
    pub fn create(scenario: Scenario) -> Self {
        Self {
            saved: None,
            dirty: true,
            ..Self::open(scenario)
        }
    }

    /// The scenario as it is now.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Whether it differs from what was saved or opened.
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Told when the present state has been saved.
    pub fn mark_saved(&mut self) {
        self.saved = Some(self.scenario.to_toml());
        self.dirty = false;
    }

    /// Whether there is something to undo.
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty() || !self.scenario.operations.is_empty()
    }

    /// Whether there is something to redo.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Appends an operation with the editor's author and horizon; its id. `None` where the list is full.
    pub fn apply(&mut self, kind: OperationKind) -> Option<String> {
        let operation = Operation {
            id: String::new(),
            kind,
            window: None,
            author: self.author.clone(),
            reason: String::new(),
            horizon: self.horizon,
        };
        self.append(operation)
    }

    /// Appends an operation; where its id is empty or taken it gets another. `None` where the list is full: what is
    /// saved must be read again.
    pub fn append(&mut self, mut operation: Operation) -> Option<String> {
        if !self.has_room(&operation, None) {
            return None;
        }
        if operation.id.is_empty() || self.operation(&operation.id).is_some() {
            operation.id = self.free_id(&operation);
        }
        let id = operation.id.clone();
        self.change(Step::Insert {
            at: self.scenario.operations.len(),
            operation,
        });
        Some(id)
    }

    /// An operation and its place in the list.
    pub fn operation(&self, id: &str) -> Option<(usize, &Operation)> {
        let mut all = self.scenario.operations.iter().enumerate();
        all.find(|(_, operation)| operation.id == id)
    }

    /// Changes an operation where it stands (its window, reason, building ...); its id stays. `false` where there is
    /// none of that id, or no room for it.
    pub fn edit(&mut self, id: &str, change: impl FnOnce(&mut Operation)) -> bool {
        let Some((at, before)) = self.operation(id) else {
            return false;
        };
        let before = before.clone();
        let mut after = before.clone();
        change(&mut after);
        after.id.clone_from(&before.id);
        if after != before && !self.has_room(&after, Some(&before)) {
            return false;
        }
        if after != before {
            self.change(Step::Replace {
                at,
                before: Box::new(before),
                after: Box::new(after),
            });
        }
        true
    }

    /// Removes an operation; `false` where there is none of that id.
    pub fn remove(&mut self, id: &str) -> bool {
        let Some((at, operation)) = self.operation(id) else {
            return false;
        };
        let operation = operation.clone();
        self.change(Step::Remove { at, operation });
        true
    }

    /// Takes the last change back; without any, the last operation. `false` where there is nothing.
    pub fn undo(&mut self) -> bool {
        let step = match (self.done.pop(), self.scenario.operations.last()) {
            (Some(step), _) => step,
            (None, Some(operation)) => Step::Insert {
                at: self.scenario.operations.len() - 1,
                operation: operation.clone(),
            },
            (None, None) => return false,
        };
        self.undone.push(step.clone());
        self.carry_out(step.inverse());
        true
    }

    /// Does again what was undone last. `false` where there is nothing.
    pub fn redo(&mut self) -> bool {
        let Some(step) = self.undone.pop() else {
            return false;
        };
        self.done.push(step.clone());
        self.carry_out(step);
        true
    }

    /// Gives the scenario another name and description. Not part of the list, so not undone.
    pub fn rename(&mut self, name: &str, description: &str) {
        name.clone_into(&mut self.scenario.name);
        description.clone_into(&mut self.scenario.description);
        self.note_dirty();
    }

    /// A copy under another id and name, which says what it was copied from. Not saved yet.
    pub fn duplicate(&self, id: &str, name: &str) -> Self {
        let scenario = Scenario {
            id: id.to_owned(),
            name: name.to_owned(),
            parent: Some(self.scenario.id.clone()),
            ..self.scenario.clone()
        };
        let mut copy = Self::create(scenario);
        copy.author.clone_from(&self.author);
        copy.horizon = self.horizon;
        copy
    }

    /// Whether the scenario can still be read from a file with this operation, in the place of another or as well.
    fn has_room(&self, operation: &Operation, instead_of: Option<&Operation>) -> bool {
        let length = |operation: &Operation| lone(operation).to_toml().len();
        let less =
            |value: usize, of: fn(&Operation) -> usize| value - instead_of.map_or(0, of).min(value);
        let operations = &self.scenario.operations;
        let corners: usize = operations.iter().map(vertices).sum();
        let bytes = self.text_bytes - instead_of.map_or(0, length).min(self.text_bytes);
        less(operations.len(), |_| 1) < MAX_OPERATIONS
            && less(corners, vertices) + vertices(operation) <= MAX_SCENARIO_VERTICES
            // Some more for an id that it is given.
            && bytes + length(operation) + 100 <= MAX_SCENARIO_BYTES
    }

    /// A number and, so that two people who add different things to copies of one scenario do not give them the
    /// same id, a digest of the operation.
    fn free_id(&self, operation: &Operation) -> String {
        let numbers = self.scenario.operations.iter().filter_map(|operation| {
            let number = operation.id.strip_prefix("op-")?.split('-').next()?;
            number.parse::<u32>().ok()
        });
        let number = numbers.max().unwrap_or(0).saturating_add(1);
        let id = format!("op-{number}-{:04x}", digest(operation));
        let taken = |id: &str| self.operation(id).is_some();
        if taken(&id) { free_id(&id, taken) } else { id }
    }

    fn change(&mut self, step: Step) {
        self.undone.clear();
        if self.done.len() >= MAX_STEPS {
            self.done.remove(0);
        }
        self.done.push(step.clone());
        self.carry_out(step);
    }

    fn carry_out(&mut self, step: Step) {
        let operations = &mut self.scenario.operations;
        match step {
            Step::Insert { at, operation } => {
                operations.insert(at.min(operations.len()), operation)
            }
            Step::Remove { at, .. } => {
                if at < operations.len() {
                    operations.remove(at);
                }
            }
            Step::Replace { at, after, .. } => {
                if let Some(there) = operations.get_mut(at) {
                    *there = *after;
                }
            }
        }
        self.note_dirty();
    }

    fn note_dirty(&mut self) {
        let text = self.scenario.to_toml();
        self.dirty = self.saved.as_deref() != Some(text.as_str());
        self.text_bytes = text.len();
    }
}
