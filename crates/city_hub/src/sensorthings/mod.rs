//! OGC SensorThings API 1.1, Part 1: Sensing, for reading, under `/v1.1`.
//!
//! Clause numbers in this folder are those of OGC 18-088. Entities are made from the hub's catalogue and store:
//! a **Thing** is what carries sensors, a **Sensor** a make of sensor (what one feed says about one layer), an
//! **ObservedProperty** a layer, and the **FeatureOfInterest** the place of the thing.

mod collection;
mod entity;
mod error;
mod evaluate;
mod expression;
mod lexer;
mod model;
mod observations;
mod path;
mod query;
mod root;
mod time;

pub use error::QueryError;

use crate::{registry, store::Store};
use model::{Entity, Related};
use path::Target;
use query::Options;
use serde_json::{Map, Value, json};
use std::{cell::Cell, sync::Arc};

/// Entities that one answer may hold in all its nested collections.
const MAX_ENTITIES: usize = 100_000;

/// What an answer is made from.
pub struct World<'a> {
    /// The catalogue as it stood when the request came.
    pub catalog: Arc<registry::Inner>,
    /// Readings.
    pub store: &'a Store,
    /// Address of the service's root, for example `http://localhost:8080/v1.1`.
    pub root: String,
    /// Entities that may still be added to the answer.
    left: Cell<usize>,
}

/// An answer.
#[derive(Debug)]
pub enum Answer {
    /// A JSON document.
    Json(Value),
    /// A raw value, for `$value`.
    Text(String),
    /// There is a place for it, but nothing in it.
    NoContent,
}

impl<'a> World<'a> {
    /// For one request.
    #[must_use]
    pub fn new(catalog: Arc<registry::Inner>, store: &'a Store, root: String) -> Self {
        Self {
            catalog,
            store,
            root,
            left: Cell::new(MAX_ENTITIES),
        }
    }

    /// Answers a request for a resource path (after `/v1.1`, still percent-encoded) and a query (ditto).
    ///
    /// # Errors
    /// What is wrong with the request, or with the store.
    pub fn answer(&self, path: &str, query: &str) -> Result<Answer, QueryError> {
        let path = path::decode(path)?;
        if path.trim_matches('/').is_empty() {
            return Ok(Answer::Json(root::document(&self.root)));
        }
        let target = path::resolve(self, path.trim_matches('/'))?;
        let kind = target.kind();
        let options = Options::parse(query, kind)?;
        let address = format!("{}/{}", self.root, path::encode(path.trim_matches('/')));
        match target {
            Target::Set { kind, related } => {
                collection::answer(self, kind, related, &options, &address).map(Answer::Json)
            }
            Target::References { kind, related } => {
                let document = collection::answer(self, kind, related, &options, &address)?;
                Ok(Answer::Json(references(document)))
            }
            Target::Entity(entity) => {
                options.only_for_one()?;
                entity::to_json(self, &entity, &options).map(Answer::Json)
            }
            Target::Reference(entity) => Ok(Answer::Json(
                json!({"@iot.selfLink": entity.self_link(&self.root)}),
            )),
            Target::Property { entity, path, raw } => self.property(&entity, &path, raw),
        }
    }

    fn property(&self, entity: &Entity, path: &[String], raw: bool) -> Result<Answer, QueryError> {
        let document = entity::plain(self, entity)?;
        let mut value = &document;
        for name in path {
            value = value
                .get(name)
                .ok_or_else(|| QueryError::not_found(format!("there is no {}", path.join("/"))))?;
        }
        if value.is_null() {
            return Ok(Answer::NoContent);
        }
        let name = path.last().cloned().unwrap_or_default();
        Ok(match (raw, value) {
            (false, value) => Answer::Json(Value::Object(Map::from_iter([(name, value.clone())]))),
            (true, Value::String(text)) => Answer::Text(text.clone()),
            (true, value) => Answer::Text(value.to_string()),
        })
    }

    /// Counts entities that are added to the answer.
    fn spend(&self, entities: usize) -> Result<(), QueryError> {
        match self.left.get().checked_sub(entities) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(QueryError::bad(format!(
                "the answer would hold more than {MAX_ENTITIES} entities; \
                 ask for fewer with $top, also within $expand"
            ))),
        }
    }

    fn related(&self, entity: &Entity, name: &str) -> Related {
        model::related(self, entity, name)
    }
}

/// Only the links of a collection (clause 9.2.7).
fn references(mut document: Value) -> Value {
    if let Some(Value::Array(entities)) = document.get_mut("value") {
        for entity in entities {
            let link = entity.get("@iot.selfLink").cloned();
            *entity = json!({"@iot.selfLink": link});
        }
    }
    document
}

#[cfg(test)]
mod tests;
