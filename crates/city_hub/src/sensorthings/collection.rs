//! A set of entities: filtered, counted, ordered, paged (clauses 9.2.2 and 9.3.3).

use super::{
    World, entity,
    error::QueryError,
    evaluate::{Operand, holds, order, value},
    model::{Entity, Kind, Related},
    observations,
    query::{Options, Order},
};
use serde_json::{Map, Value, json};
use std::cmp::Ordering;

/// One page of a set.
pub(super) struct Page {
    pub(super) entities: Vec<Value>,
    /// Number of entities in the whole set, where it was asked for.
    pub(super) count: Option<u64>,
    /// Does another page follow?
    pub(super) more: bool,
}

/// The document for a set at an address.
pub(super) fn answer(
    world: &World<'_>,
    kind: Kind,
    related: Related,
    options: &Options,
    address: &str,
) -> Result<Value, QueryError> {
    let page = page(world, kind, related, options)?;
    let mut document = Map::new();
    if let Some(count) = page.count {
        document.insert("@iot.count".to_owned(), json!(count));
    }
    if page.more {
        let next = format!("{address}?{}", options.next_query(options.page()));
        document.insert("@iot.nextLink".to_owned(), json!(next));
    }
    document.insert("value".to_owned(), Value::Array(page.entities));
    Ok(Value::Object(document))
}

/// One page of a set.
pub(super) fn page(
    world: &World<'_>,
    kind: Kind,
    related: Related,
    options: &Options,
) -> Result<Page, QueryError> {
    debug_assert!(!matches!(related, Related::One(_)) || kind != Kind::Observation);
    let (entities, count, more) = match related {
        Related::Observations(datastreams) => {
            let found = observations::select(world, &datastreams, options)?;
            let entities = found.rows.into_iter().map(Entity::Observation).collect();
            (entities, found.count, found.more)
        }
        Related::Many(entities) => select(world, entities, options),
        Related::One(entity) => select(world, entity.into_iter().collect(), options),
    };
    let entities = entities
        .iter()
        .map(|entity| entity::to_json(world, entity, options))
        .collect::<Result<Vec<Value>, QueryError>>()?;
    Ok(Page {
        entities,
        count,
        // A page of none is asked for to count, and would be followed by itself.
        more: more && options.page() > 0,
    })
}

fn select(
    world: &World<'_>,
    mut entities: Vec<Entity>,
    options: &Options,
) -> (Vec<Entity>, Option<u64>, bool) {
    if let Some(filter) = &options.filter {
        entities.retain(|entity| holds(world, entity, filter));
    }
    let count = options.count.then_some(entities.len() as u64);
    let entities = ordered(world, entities, &options.orderby);
    let more = entities.len() > options.skip.saturating_add(options.page());
    let page = entities
        .into_iter()
        .skip(options.skip)
        .take(options.page())
        .collect();
    (page, count, more)
}

/// In the order asked for; equal ones stay as they were.
pub(super) fn ordered(world: &World<'_>, entities: Vec<Entity>, orderby: &[Order]) -> Vec<Entity> {
    if orderby.is_empty() {
        return entities;
    }
    let mut keyed: Vec<(Vec<Operand>, Entity)> = entities
        .into_iter()
        .map(|entity| {
            let keys = orderby.iter().map(|key| value(world, &entity, &key.by));
            (keys.collect(), entity)
        })
        .collect();
    keyed.sort_by(|(a, _), (b, _)| {
        let each = a.iter().zip(b).zip(orderby).map(|((a, b), key)| {
            let ordering = order(a, b);
            if key.descending {
                ordering.reverse()
            } else {
                ordering
            }
        });
        each.fold(Ordering::Equal, Ordering::then)
    });
    keyed.into_iter().map(|(_, entity)| entity).collect()
}
