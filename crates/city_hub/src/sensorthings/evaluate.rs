//! What an expression says about an entity.
//!
//! What cannot be compared is null, and null is not true: a filter never fails on an entity, it leaves it out.

use super::{
    World, entity,
    expression::{Expression, Function, Operator},
    model::{Entity, Kind, Related},
    time,
};
use city_sensors::NS_PER_S;
use serde_json::Value;
use std::cmp::Ordering;

/// A value while an expression is evaluated.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Null,
    Boolean(bool),
    Number(f64),
    Text(String),
    /// An instant, or both ends of an interval.
    Time(i64, i64),
    /// Through a navigation property to many: true when it is true for any.
    Many(Vec<Self>),
}

/// Does the expression hold for the entity?
pub(super) fn holds(world: &World<'_>, entity: &Entity, filter: &Expression) -> bool {
    value(world, entity, filter) == Operand::Boolean(true)
}

/// The value of an expression for an entity.
pub(super) fn value(world: &World<'_>, entity: &Entity, expression: &Expression) -> Operand {
    match expression {
        Expression::Null => Operand::Null,
        Expression::Boolean(value) => Operand::Boolean(*value),
        Expression::Number(value) => Operand::Number(*value),
        Expression::Text(text) => Operand::Text(text.clone()),
        Expression::Time(time_ns) => Operand::Time(*time_ns, *time_ns),
        Expression::Path(path) => property(world, entity, path),
        Expression::Not(of) => match value(world, entity, of) {
            Operand::Boolean(value) => Operand::Boolean(!value),
            _ => Operand::Null,
        },
        Expression::Negate(of) => match value(world, entity, of) {
            Operand::Number(number) => Operand::Number(-number),
            _ => Operand::Null,
        },
        Expression::Binary(operator, a, b) => binary(
            *operator,
            &value(world, entity, a),
            // Not before it is needed: the left side alone often decides.
            || value(world, entity, b),
        ),
        Expression::Call(function, arguments) => {
            let arguments: Vec<Operand> = arguments
                .iter()
                .map(|argument| value(world, entity, argument))
                .collect();
            call(*function, &arguments)
        }
    }
}

/// A property of an entity, or of those that a navigation property leads to.
pub(super) fn property(world: &World<'_>, entity: &Entity, path: &[String]) -> Operand {
    let Some((first, rest)) = path.split_first() else {
        return Operand::Null;
    };
    if entity.kind().navigation(first).is_some() {
        return match world.related(entity, first) {
            Related::One(Some(target)) => property(world, &target, rest),
            Related::Many(targets) => {
                let all = targets.iter().map(|target| property(world, target, rest));
                Operand::Many(all.collect())
            }
            _ => Operand::Null,
        };
    }
    if let Entity::Observation(observation) = entity {
        match first.as_str() {
            "phenomenonTime" => {
                let time_ns = observation.phenomenon_time_ns;
                return Operand::Time(time_ns, time_ns);
            }
            "resultTime" => {
                let time_ns = observation.result_time_ns;
                return Operand::Time(time_ns, time_ns);
            }
            "result" if observation.value.is_finite() => {
                return Operand::Number(observation.value);
            }
            _ => {}
        }
    }
    if let (Entity::Numbered(_, id), "id" | "@iot.id") = (entity, first.as_str()) {
        return Operand::Number(f64::from(*id));
    }
    let Ok(document) = entity::plain(world, entity) else {
        return Operand::Null;
    };
    let first = if first == "id" { "@iot.id" } else { first };
    let found = rest
        .iter()
        .try_fold(document.get(first), |value, name| {
            value.map(|value| value.get(name))
        })
        .flatten();
    let is_time = rest.is_empty() && first.to_ascii_lowercase().ends_with("time");
    from_json(found, is_time && entity.kind() != Kind::Thing)
}

fn from_json(found: Option<&Value>, is_time: bool) -> Operand {
    match found {
        Some(Value::Bool(value)) => Operand::Boolean(*value),
        Some(Value::Number(number)) => number.as_f64().map_or(Operand::Null, Operand::Number),
        Some(Value::String(text)) if is_time => match time::parse(text) {
            Some((from, to)) => Operand::Time(from, to),
            None => Operand::Null,
        },
        Some(Value::String(text)) => Operand::Text(text.clone()),
        _ => Operand::Null,
    }
}

fn binary(operator: Operator, left: &Operand, right: impl Fn() -> Operand) -> Operand {
    match operator {
        Operator::And => match (left, &right) {
            (Operand::Boolean(false), _) => Operand::Boolean(false),
            (Operand::Boolean(true), right) => boolean(right()),
            (_, right) if right() == Operand::Boolean(false) => Operand::Boolean(false),
            _ => Operand::Null,
        },
        Operator::Or => match (left, &right) {
            (Operand::Boolean(true), _) => Operand::Boolean(true),
            (Operand::Boolean(false), right) => boolean(right()),
            (_, right) if right() == Operand::Boolean(true) => Operand::Boolean(true),
            _ => Operand::Null,
        },
        Operator::Eq | Operator::Ne | Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le => {
            compare(operator, left, &right())
        }
        _ => match (left, right()) {
            (Operand::Number(a), Operand::Number(b)) => {
                let result = match operator {
                    Operator::Add => a + b,
                    Operator::Sub => a - b,
                    Operator::Mul => a * b,
                    Operator::Div => a / b,
                    _ => a % b,
                };
                if result.is_finite() {
                    Operand::Number(result)
                } else {
                    Operand::Null
                }
            }
            _ => Operand::Null,
        },
    }
}

fn boolean(operand: Operand) -> Operand {
    match operand {
        Operand::Boolean(_) => operand,
        _ => Operand::Null,
    }
}

fn compare(operator: Operator, left: &Operand, right: &Operand) -> Operand {
    if let Operand::Many(all) = left {
        let any = all
            .iter()
            .any(|one| compare(operator, one, right) == Operand::Boolean(true));
        return Operand::Boolean(any);
    }
    if let Operand::Many(all) = right {
        let any = all
            .iter()
            .any(|one| compare(operator, left, one) == Operand::Boolean(true));
        return Operand::Boolean(any);
    }
    let ordered = |ordering: Ordering| {
        Operand::Boolean(match operator {
            Operator::Eq => ordering.is_eq(),
            Operator::Ne => ordering.is_ne(),
            Operator::Gt => ordering.is_gt(),
            Operator::Ge => ordering.is_ge(),
            Operator::Lt => ordering.is_lt(),
            _ => ordering.is_le(),
        })
    };
    match (left, right) {
        (Operand::Null, Operand::Null) => ordered(Ordering::Equal),
        // Null equals null alone, and is neither more nor less than anything.
        (Operand::Null, _) | (_, Operand::Null) => match operator {
            Operator::Eq => Operand::Boolean(false),
            Operator::Ne => Operand::Boolean(true),
            _ => Operand::Null,
        },
        (Operand::Number(a), Operand::Number(b)) => a.partial_cmp(b).map_or(Operand::Null, ordered),
        (Operand::Text(a), Operand::Text(b)) => ordered(a.cmp(b)),
        (Operand::Boolean(a), Operand::Boolean(b)) => ordered(a.cmp(b)),
        (Operand::Time(from, to), Operand::Time(other_from, other_to)) => {
            // An interval is before what it ends before, and after what it begins after (table 25).
            Operand::Boolean(match operator {
                Operator::Eq => from == other_from && to == other_to,
                Operator::Ne => from != other_from || to != other_to,
                Operator::Gt => from > other_to,
                Operator::Ge => from >= other_to,
                Operator::Lt => to < other_from,
                _ => to <= other_from,
            })
        }
        (Operand::Time(..), Operand::Text(text)) => match time::parse(text) {
            Some((from, to)) => compare(operator, left, &Operand::Time(from, to)),
            None => Operand::Null,
        },
        (Operand::Text(text), Operand::Time(..)) => match time::parse(text) {
            Some((from, to)) => compare(operator, &Operand::Time(from, to), right),
            None => Operand::Null,
        },
        _ => Operand::Null,
    }
}

fn call(function: Function, arguments: &[Operand]) -> Operand {
    // Through a navigation property to many, the function is asked about each.
    if let Some(Operand::Many(all)) = arguments.iter().find(|a| matches!(a, Operand::Many(_))) {
        let each = all.iter().map(|one| {
            let arguments: Vec<Operand> = arguments
                .iter()
                .map(|a| match a {
                    Operand::Many(_) => one.clone(),
                    other => other.clone(),
                })
                .collect();
            call(function, &arguments)
        });
        let each: Vec<Operand> = each.collect();
        return if each.contains(&Operand::Boolean(true)) {
            Operand::Boolean(true)
        } else {
            Operand::Many(each)
        };
    }
    match arguments {
        [Operand::Text(a), Operand::Text(b)] => match function {
            Function::SubstringOf => Operand::Boolean(b.contains(a.as_str())),
            Function::Contains => Operand::Boolean(a.contains(b.as_str())),
            Function::StartsWith => Operand::Boolean(a.starts_with(b.as_str())),
            Function::EndsWith => Operand::Boolean(a.ends_with(b.as_str())),
            Function::Concat => Operand::Text(format!("{a}{b}")),
            Function::IndexOf => Operand::Number(
                a.find(b.as_str())
                    .map_or(-1.0, |at| a[..at].chars().count() as f64),
            ),
            _ => Operand::Null,
        },
        [Operand::Text(text)] => match function {
            Function::Length => Operand::Number(text.chars().count() as f64),
            Function::ToLower => Operand::Text(text.to_lowercase()),
            Function::ToUpper => Operand::Text(text.to_uppercase()),
            Function::Trim => Operand::Text(text.trim().to_owned()),
            _ => Operand::Null,
        },
        [Operand::Text(text), Operand::Number(from), rest @ ..]
            if function == Function::Substring =>
        {
            let most = match rest {
                [Operand::Number(most)] => *most as usize,
                _ => usize::MAX,
            };
            Operand::Text(text.chars().skip(*from as usize).take(most).collect())
        }
        [Operand::Number(number)] => match function {
            Function::Round => Operand::Number(number.round()),
            Function::Floor => Operand::Number(number.floor()),
            Function::Ceiling => Operand::Number(number.ceil()),
            _ => Operand::Null,
        },
        [Operand::Time(from, _)] => part_of(function, *from),
        _ => Operand::Null,
    }
}

/// A part of an instant, in UTC.
fn part_of(function: Function, time_ns: i64) -> Operand {
    let text = time::text(time_ns);
    let digits = |range: std::ops::Range<usize>| {
        let digits = text.get(range).and_then(|part| part.parse::<f64>().ok());
        digits.map_or(Operand::Null, Operand::Number)
    };
    match function {
        Function::Year => digits(0..4),
        Function::Month => digits(5..7),
        Function::Day => digits(8..10),
        Function::Hour => digits(11..13),
        Function::Minute => digits(14..16),
        Function::Second => digits(17..19),
        Function::FractionalSeconds => {
            Operand::Number(time_ns.rem_euclid(NS_PER_S) as f64 / NS_PER_S as f64)
        }
        _ => Operand::Null,
    }
}

/// Order of two values for `$orderby`: null first, then by value.
pub(super) fn order(a: &Operand, b: &Operand) -> Ordering {
    let rank = |operand: &Operand| match operand {
        Operand::Null => 0,
        Operand::Boolean(_) => 1,
        Operand::Number(_) => 2,
        Operand::Time(..) => 3,
        Operand::Text(_) => 4,
        Operand::Many(_) => 5,
    };
    match (a, b) {
        (Operand::Number(a), Operand::Number(b)) => a.total_cmp(b),
        (Operand::Text(a), Operand::Text(b)) => a.cmp(b),
        (Operand::Boolean(a), Operand::Boolean(b)) => a.cmp(b),
        (Operand::Time(a, c), Operand::Time(b, d)) => (a, c).cmp(&(b, d)),
        (Operand::Many(a), Operand::Many(b)) => match (a.first(), b.first()) {
            (Some(a), Some(b)) => order(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        },
        _ => rank(a).cmp(&rank(b)),
    }
}
