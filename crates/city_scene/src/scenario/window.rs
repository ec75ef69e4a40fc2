//! Time windows as people write them into fields: days or minutes of a zone's clocks.

use city_time::{NS_PER_S, SimInstant, Zone};

use super::schema::Window;

/// What is wrong with the ends of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WindowFault {
    /// The first end is no date or time of day.
    #[error("its begin is no date: write 2027-05-01, or 2027-05-01 18:30")]
    From,
    /// The second end is none.
    #[error("its end is no date: write 2027-05-01, or 2027-05-01 18:30")]
    To,
    /// It ends before it begins.
    #[error("it ends before it begins")]
    Backwards,
}

impl Window {
    /// Reads both ends: `2027-05-01`, `2027-05-01 18:30` or with seconds, by the clocks of a zone; nothing for an open
    /// end. A day that is named as the end is still in the window. `None` where both ends are open.
    ///
    /// # Errors
    /// For what is no date or time, and for a window that ends before it begins.
    pub fn read(from: &str, to: &str, zone: &Zone) -> Result<Option<Self>, WindowFault> {
        let end = |text: &str, fault| match text.trim() {
            "" => Ok(None),
            text => instant(text, zone).map(Some).ok_or(fault),
        };
        let from = end(from, WindowFault::From)?.map(|(at, _)| at);
        let to = end(to, WindowFault::To)?.map(|(at, is_day)| match is_day {
            true => day_after(at, zone),
            false => at,
        });
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            return Err(WindowFault::Backwards);
        }
        Ok((from.is_some() || to.is_some()).then_some(Self { from, to }))
    }

    /// Both ends as [`Self::read`] reads them; empty where they are open.
    pub fn written(&self, zone: &Zone) -> [String; 2] {
        let from = self.from.map(|from| written(from, zone));
        let to = self.to.map(|to| match zone.start_of_day(to) == to {
            // The day that ends there.
            true => zone.civil(SimInstant(to.0.saturating_sub(1))).date(),
            false => written(to, zone),
        });
        [from, to].map(Option::unwrap_or_default)
    }
}

/// An instant, and whether it was written as a day, whose first instant it is then.
fn instant(text: &str, zone: &Zone) -> Option<(SimInstant, bool)> {
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => (date, Some(time.trim())),
        None => (text, None),
    };
    let [year, month, day] = numbers(date, '-')?[..] else {
        return None;
    };
    let date = (year, month.try_into().ok()?, day.try_into().ok()?);
    let time = match time {
        None => (0, 0, 0),
        Some(time) => match numbers(time, ':')?[..] {
            [hour, minute] => (hour.try_into().ok()?, minute.try_into().ok()?, 0),
            [hour, minute, second] => (
                hour.try_into().ok()?,
                minute.try_into().ok()?,
                second.try_into().ok()?,
            ),
            _ => return None,
        },
    };
    let is_day = !text.contains([' ', 'T']);
    let at = zone.instant(date, time).ok()?;
    Some((at, is_day))
}

/// Digits between separators, no more than four each.
fn numbers(text: &str, separator: char) -> Option<Vec<i16>> {
    let number = |part: &str| {
        let good = (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        good.then(|| part.parse().ok())?
    };
    text.split(separator).map(number).collect()
}

fn day_after(start: SimInstant, zone: &Zone) -> SimInstant {
    // Days have 23 to 25 hours: so many later is the middle of the next one.
    const DAY_AND_HALF_NS: i64 = 36 * 3600 * NS_PER_S;
    zone.start_of_day(SimInstant(start.0.saturating_add(DAY_AND_HALF_NS)))
}

fn written(at: SimInstant, zone: &Zone) -> String {
    let civil = zone.civil(at);
    match (zone.start_of_day(at) == at, civil.second) {
        (true, _) => civil.date(),
        (false, 0) => format!("{} {}", civil.date(), civil.hh_mm()),
        (false, _) => format!("{} {}", civil.date(), civil.hh_mm_ss()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::parse(name).unwrap()
    }

    fn instant(text: &str) -> SimInstant {
        SimInstant::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn days_are_those_of_the_zone_and_the_last_one_is_in() {
        let hong_kong = zone("Asia/Hong_Kong");
        let window = Window::read("2027-05-01", " 2027-05-31 ", &hong_kong);
        let window = window.unwrap().unwrap();
        assert_eq!(window.from, Some(instant("2027-05-01T00:00:00+08:00")));
        assert_eq!(window.to, Some(instant("2027-06-01T00:00:00+08:00")));
        assert_eq!(window.written(&hong_kong), ["2027-05-01", "2027-05-31"]);
        let one_day = Window::read("2027-05-01", "2027-05-01", &hong_kong);
        assert!(
            one_day
                .unwrap()
                .unwrap()
                .contains(instant("2027-05-01T12:00:00+08:00"))
        );
    }

    #[test]
    fn summer_time_shortens_a_day_and_not_the_window() {
        let berlin = zone("Europe/Berlin");
        let window = Window::read("", "2027-03-28", &berlin).unwrap().unwrap();
        assert_eq!(window.to, Some(instant("2027-03-29T00:00:00+02:00")));
        assert_eq!(window.written(&berlin), ["", "2027-03-28"]);
    }

    #[test]
    fn times_of_day_are_exact_and_come_back_as_they_were() {
        let zone = zone("Asia/Hong_Kong");
        for ends in [
            ["2027-05-01 18:30", ""],
            ["", "2040-01-01 08:00"],
            ["2027-05-01 00:00:01", "2027-05-01 00:00:02"],
        ] {
            let window = Window::read(ends[0], ends[1], &zone).unwrap().unwrap();
            assert_eq!(window.written(&zone), ends);
        }
        let with_t = Window::read("2027-05-01T18:30", "", &zone);
        assert_eq!(with_t, Window::read("2027-05-01 18:30", "", &zone));
        assert_eq!(Window::read(" ", "", &zone), Ok(None));
    }

    #[test]
    fn what_is_no_date_or_runs_backwards_is_told() {
        let zone = Zone::utc();
        for wrong in [
            "soon",
            "2027",
            "2027-13-01",
            "2027-02-30",
            "01.05.2027",
            "2027-05-01 25:00",
            "2027-05-01 18",
            "2027-05-01 18:30:00:00",
            "20270-05-01",
            "+202-05-01",
            "９-05-01",
        ] {
            assert_eq!(
                Window::read(wrong, "", &zone),
                Err(WindowFault::From),
                "{wrong}"
            );
            assert_eq!(
                Window::read("", wrong, &zone),
                Err(WindowFault::To),
                "{wrong}"
            );
        }
        let backwards = Window::read("2027-05-02", "2027-05-01", &zone);
        assert_eq!(backwards, Err(WindowFault::Backwards));
        let nothing = Window::read("2027-05-01 08:00", "2027-05-01 08:00", &zone);
        assert_eq!(nothing, Err(WindowFault::Backwards));
    }
}
