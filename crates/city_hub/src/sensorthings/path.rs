//! Resource paths (clause 9.2): `/Things(1)/Datastreams(3)/Observations('..')/result/$value`.

use super::{
    World,
    error::QueryError,
    model::{self, Entity, Kind, Related},
};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// What a path leads to.
#[derive(Debug)]
pub(super) enum Target {
    /// A set of entities (9.2.2, 9.2.5).
    Set { kind: Kind, related: Related },
    /// The links of a set (9.2.7).
    References { kind: Kind, related: Related },
    /// One entity (9.2.3).
    Entity(Entity),
    /// The link of one entity.
    Reference(Entity),
    /// A property of an entity (9.2.4), or its raw value.
    Property {
        entity: Entity,
        path: Vec<String>,
        raw: bool,
    },
}

impl Target {
    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::Set { kind, .. } | Self::References { kind, .. } => *kind,
            Self::Entity(entity) | Self::Reference(entity) | Self::Property { entity, .. } => {
                entity.kind()
            }
        }
    }
}

const MAX_PATH_BYTES: usize = 2048;
/// What must not stand in a path as it is; parentheses and quotes may.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'%');

/// Removes percent encoding.
pub(super) fn decode(path: &str) -> Result<String, QueryError> {
    if path.len() > MAX_PATH_BYTES {
        let detail = format!("the path has more than {MAX_PATH_BYTES} bytes");
        return Err(QueryError::bad(detail));
    }
    percent_decode_str(path)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| QueryError::bad("the path is not UTF-8"))
}

/// Adds percent encoding again.
pub(super) fn encode(path: &str) -> String {
    utf8_percent_encode(path, ESCAPED).to_string()
}

/// Follows a path without slashes at its ends.
pub(super) fn resolve(world: &World<'_>, path: &str) -> Result<Target, QueryError> {
    let mut segments = split(path).into_iter().peekable();
    let first = segments.next().unwrap_or_default();
    let (name, id) = parse_segment(&first)?;
    let kind = Kind::from_set(name)
        .ok_or_else(|| QueryError::not_found(format!("there is no entity set {name}")))?;
    let mut target = enter(world, kind, model::all(world, kind), id)?;
    while let Some(segment) = segments.next() {
        target = match target {
            Target::Set { kind, related } if segment == "$ref" => {
                Target::References { kind, related }
            }
            Target::Entity(entity) if segment == "$ref" => Target::Reference(entity),
            Target::Entity(entity) => follow(world, entity, &segment)?,
            Target::Property { entity, path, raw } if !raw && segment == "$value" => {
                Target::Property {
                    entity,
                    path,
                    raw: true,
                }
            }
            Target::Property {
                entity,
                mut path,
                raw: false,
            } => {
                path.push(segment);
                Target::Property {
                    entity,
                    path,
                    raw: false,
                }
            }
            _ => {
                let detail = format!("nothing can follow before /{segment} in /{path}");
                return Err(QueryError::not_found(detail));
            }
        };
        if matches!(target, Target::References { .. } | Target::Reference(_))
            && segments.peek().is_some()
        {
            return Err(QueryError::not_found("nothing can follow $ref"));
        }
    }
    Ok(target)
}

fn follow(world: &World<'_>, entity: Entity, segment: &str) -> Result<Target, QueryError> {
    let (name, id) = parse_segment(segment)?;
    let kind = entity.kind();
    if let Some(navigation) = kind.navigation(name) {
        return match world.related(&entity, name) {
            Related::One(Some(target)) if id.is_none() => Ok(Target::Entity(target)),
            related if navigation.many => enter(world, navigation.kind, related, id),
            _ => Err(QueryError::not_found(format!("there is no {segment} here"))),
        };
    }
    if id.is_none() && (kind.properties().contains(&name) || name == "@iot.id" || name == "id") {
        let name = if name == "id" { "@iot.id" } else { name };
        return Ok(Target::Property {
            entity,
            path: vec![name.to_owned()],
            raw: false,
        });
    }
    let detail = format!("{} has no {name}", kind.set());
    Err(QueryError::not_found(detail))
}

/// A set, or the entity of it with an identifier.
fn enter(
    world: &World<'_>,
    kind: Kind,
    related: Related,
    id: Option<&str>,
) -> Result<Target, QueryError> {
    let Some(id) = id else {
        return Ok(Target::Set { kind, related });
    };
    let entity = model::find(world, kind, id)?;
    let belongs = |entity: &Entity| match (&related, entity) {
        (Related::Many(all), Entity::Numbered(_, id)) => all
            .iter()
            .any(|other| matches!(other, Entity::Numbered(_, other) if other == id)),
        (Related::Observations(datastreams), Entity::Observation(observation)) => {
            datastreams.contains(&observation.datastream)
        }
        _ => false,
    };
    entity
        .filter(belongs)
        .map(Target::Entity)
        .ok_or_else(|| QueryError::not_found(format!("there is no {}({id}) here", kind.set())))
}

/// Splits at slashes that are not within quotes.
fn split(path: &str) -> Vec<String> {
    let mut segments = vec![String::new()];
    let mut quoted = false;
    for c in path.chars() {
        quoted ^= c == '\'';
        if c == '/' && !quoted {
            segments.push(String::new());
        } else if let Some(segment) = segments.last_mut() {
            segment.push(c);
        }
    }
    segments
}

/// Name and identifier of a segment.
fn parse_segment(segment: &str) -> Result<(&str, Option<&str>), QueryError> {
    let Some((name, rest)) = segment.split_once('(') else {
        return Ok((segment, None));
    };
    let id = rest
        .strip_suffix(')')
        .ok_or_else(|| QueryError::bad(format!("{segment} has no closing parenthesis")))?;
    let id = id
        .strip_prefix('\'')
        .and_then(|id| id.strip_suffix('\''))
        .unwrap_or(id);
    if id.is_empty() {
        return Err(QueryError::bad(format!("{segment} has no identifier")));
    }
    Ok((name, Some(id)))
}
