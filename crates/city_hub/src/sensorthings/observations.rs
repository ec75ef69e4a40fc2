//! Choosing observations without looking at more of the store than the request needs.
//!
//! The time limits of a filter decide which hours are read; conditions on the datastream alone decide which
//! datastreams are; an order by phenomenon time is the store's own, and stops when the page is full.

use super::{
    World,
    collection::ordered,
    error::QueryError,
    evaluate::holds,
    expression::{Expression, Operator},
    model::Entity,
    query::Options,
};
use crate::store::hour_of;
use city_sensors::{Columns, Observation};

/// Observations of one answer.
pub(super) struct Found {
    pub(super) rows: Vec<Observation>,
    pub(super) count: Option<u64>,
    pub(super) more: bool,
}

/// Most observations that are put into an order other than the store's own.
const MAX_SORTED: usize = 1_000_000;

/// The page of observations of some datastreams that the options ask for.
pub(super) fn select(
    world: &World<'_>,
    datastreams: &[u32],
    options: &Options,
) -> Result<Found, QueryError> {
    let plan = Plan::new(world, datastreams, options)?;
    // Where times alone decide, the store counts faster than looking at each would.
    let counted = if options.count && plan.conditions.is_empty() {
        let datastreams = plan.datastreams.iter().copied().collect();
        Some(world.store.count(&datastreams, plan.from_ns, plan.to_ns)?)
    } else {
        None
    };
    let mut page = Collector {
        skip: options.skip,
        top: options.page(),
        counting: options.count && counted.is_none(),
        seen: 0,
        rows: Vec::new(),
        more: false,
    };
    match plan.order {
        StoreOrder::Own => plan.by_datastream(&mut page)?,
        StoreOrder::Time { descending } => plan.by_hour(&mut page, descending)?,
        StoreOrder::Other => plan.sorted(&mut page, options)?,
    }
    Ok(Found {
        rows: page.rows,
        count: counted.or(options.count.then_some(page.seen)),
        more: page.more,
    })
}

/// Which of the store's orders fits.
enum StoreOrder {
    /// Datastream by datastream, each by time; what comes where no order is asked for.
    Own,
    /// By phenomenon time.
    Time { descending: bool },
    /// Everything has to be gathered and sorted.
    Other,
}

struct Plan<'w, 'a, 'o> {
    world: &'w World<'a>,
    datastreams: Vec<u32>,
    /// Conditions to be asked of every observation in the time limits.
    conditions: Vec<&'o Expression>,
    from_ns: i64,
    to_ns: i64,
    first_hour: u32,
    last_hour: u32,
    order: StoreOrder,
}

impl<'w, 'a, 'o> Plan<'w, 'a, 'o> {
    fn new(
        world: &'w World<'a>,
        datastreams: &[u32],
        options: &'o Options,
    ) -> Result<Self, QueryError> {
        let (mut from_ns, mut to_ns) = (i64::MIN, i64::MAX);
        let mut conditions = Vec::new();
        let mut on_datastream = Vec::new();
        for condition in options.filter.iter().flat_map(Expression::conjuncts) {
            if let Some((low, high)) = time_limits(condition) {
                from_ns = from_ns.max(low);
                to_ns = to_ns.min(high);
            } else if only_about_datastream(condition) {
                on_datastream.push(condition);
            } else {
                conditions.push(condition);
            }
        }
        let mut datastreams = datastreams.to_vec();
        datastreams.retain(|datastream| {
            // Any observation of the datastream will do to ask about the datastream alone.
            let stand_in = Entity::Observation(Observation::new(*datastream, 0, 0, 0.0));
            let mut asked = on_datastream.iter();
            asked.all(|c| holds(world, &stand_in, c))
        });
        let (oldest, newest) = world.store.hours()?.unwrap_or((1, 0));
        let order = match options.orderby.as_slice() {
            [] => StoreOrder::Own,
            [key] if is_time(&key.by) => StoreOrder::Time {
                descending: key.descending,
            },
            _ => StoreOrder::Other,
        };
        Ok(Self {
            world,
            datastreams,
            conditions,
            from_ns,
            to_ns,
            first_hour: hour_of(from_ns).max(oldest),
            last_hour: hour_of(to_ns).min(newest),
            order,
        })
    }

    /// The observations of one hour of a datastream that fit; `all` of them where nothing has to be asked.
    fn hour(&self, datastream: u32, hour: u32) -> Result<Hour, QueryError> {
        let columns = self.world.store.one_hour(datastream, hour)?;
        let from = columns.lower_bound(self.from_ns);
        let to = columns.at_or_before(self.to_ns).map_or(0, |row| row + 1);
        Ok(Hour {
            datastream,
            columns,
            from,
            to: to.max(from),
        })
    }

    fn fits(&self, observation: &Observation) -> bool {
        let entity = Entity::Observation(*observation);
        let mut conditions = self.conditions.iter();
        conditions.all(|condition| holds(self.world, &entity, condition))
    }

    fn by_datastream(&self, page: &mut Collector) -> Result<(), QueryError> {
        for datastream in &self.datastreams {
            for hour in self.first_hour..=self.last_hour {
                let hour = self.hour(*datastream, hour)?;
                if self.take(&hour, false, page) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn by_hour(&self, page: &mut Collector, descending: bool) -> Result<(), QueryError> {
        let hours = self.first_hour..=self.last_hour;
        let hours: Vec<u32> = if descending {
            hours.rev().collect()
        } else {
            hours.collect()
        };
        for hour in hours {
            if let [datastream] = self.datastreams.as_slice() {
                let hour = self.hour(*datastream, hour)?;
                if self.take(&hour, descending, page) {
                    return Ok(());
                }
                continue;
            }
            let mut rows = Vec::new();
            for datastream in &self.datastreams {
                let hour = self.hour(*datastream, hour)?;
                rows.extend(hour.rows().filter(|row| self.fits(row)));
                limit_sorted(rows.len())?;
            }
            rows.sort_by_key(|row| (row.phenomenon_time_ns, row.datastream, row.seq));
            if descending {
                rows.reverse();
            }
            if rows.iter().any(|row| page.add(row)) {
                return Ok(());
            }
        }
        Ok(())
    }

    fn sorted(&self, page: &mut Collector, options: &Options) -> Result<(), QueryError> {
        let mut rows = Vec::new();
        for datastream in &self.datastreams {
            for hour in self.first_hour..=self.last_hour {
                let hour = self.hour(*datastream, hour)?;
                let fitting = hour.rows().filter(|row| self.fits(row));
                rows.extend(fitting.map(Entity::Observation));
                limit_sorted(rows.len())?;
            }
        }
        for entity in ordered(self.world, rows, &options.orderby) {
            if let Entity::Observation(row) = entity
                && page.add(&row)
            {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Adds an hour's observations; `true` when the page needs no more.
    fn take(&self, hour: &Hour, descending: bool, page: &mut Collector) -> bool {
        if self.conditions.is_empty() && page.skip_all(hour.to - hour.from) {
            return false;
        }
        if descending {
            let mut rows = hour.rows().rev().filter(|row| self.fits(row));
            rows.any(|row| page.add(&row))
        } else {
            let mut rows = hour.rows().filter(|row| self.fits(row));
            rows.any(|row| page.add(&row))
        }
    }
}

struct Hour {
    datastream: u32,
    columns: Columns,
    from: usize,
    to: usize,
}

impl Hour {
    fn rows(&self) -> impl DoubleEndedIterator<Item = Observation> + '_ {
        (self.from..self.to).filter_map(|row| self.columns.get(self.datastream, row))
    }
}

/// Takes observations in their final order and keeps those of the page.
struct Collector {
    skip: usize,
    top: usize,
    counting: bool,
    seen: u64,
    rows: Vec<Observation>,
    more: bool,
}

impl Collector {
    /// Takes one; `true` when no more are needed.
    fn add(&mut self, row: &Observation) -> bool {
        self.seen += 1;
        if self.seen <= self.skip as u64 {
            return false;
        }
        if self.rows.len() < self.top {
            self.rows.push(*row);
            return false;
        }
        self.more = true;
        !self.counting
    }

    /// Takes many that lie wholly before or after the page, without looking at them; `false` where they do not.
    fn skip_all(&mut self, count: usize) -> bool {
        let before = self.seen + count as u64 <= self.skip as u64;
        let after = self.rows.len() >= self.top && self.seen >= self.skip as u64;
        if before || (after && (self.more || count == 0)) {
            self.seen += count as u64;
            return true;
        }
        false
    }
}

fn limit_sorted(rows: usize) -> Result<(), QueryError> {
    if rows > MAX_SORTED {
        return Err(QueryError::bad(format!(
            "more than {MAX_SORTED} observations would have to be sorted; \
             choose a datastream or a shorter phenomenonTime in $filter"
        )));
    }
    Ok(())
}

fn is_time(expression: &Expression) -> bool {
    matches!(expression, Expression::Path(path) if path.len() == 1 && path[0] == "phenomenonTime")
}

/// First and last instant that a comparison of the phenomenon time with an instant allows.
fn time_limits(condition: &Expression) -> Option<(i64, i64)> {
    let Expression::Binary(operator, a, b) = condition else {
        return None;
    };
    let (operator, time_ns) = match (a.as_ref(), b.as_ref()) {
        (path, Expression::Time(time_ns)) if is_time(path) => (*operator, *time_ns),
        (Expression::Time(time_ns), path) if is_time(path) => {
            let turned = match operator {
                Operator::Gt => Operator::Lt,
                Operator::Ge => Operator::Le,
                Operator::Lt => Operator::Gt,
                Operator::Le => Operator::Ge,
                other => *other,
            };
            (turned, *time_ns)
        }
        _ => return None,
    };
    Some(match operator {
        Operator::Eq => (time_ns, time_ns),
        Operator::Gt => (time_ns.checked_add(1)?, i64::MAX),
        Operator::Ge => (time_ns, i64::MAX),
        Operator::Lt => (i64::MIN, time_ns.checked_sub(1)?),
        Operator::Le => (i64::MIN, time_ns),
        _ => return None,
    })
}

/// Does a condition ask about the datastream (or what hangs on it) alone?
fn only_about_datastream(condition: &Expression) -> bool {
    let (mut any, mut all) = (false, true);
    condition.paths(&mut |path| {
        any = true;
        let first = path.first().map(String::as_str);
        all &= matches!(first, Some("Datastream" | "FeatureOfInterest")) && path.len() > 1;
    });
    any && all
}
