//! Numbers, ages, sizes and times as text. Unit after every value, zone after every time.

use super::i18n::Messages;
use super::model::{NS_PER_S, TimeNs, Zone};

/// A civil date and time in some zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// Year of the common era.
    pub year: i64,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 59.
    pub second: u32,
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar (H. Hinnant's algorithm).
pub fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let mp = (i64::from(month) + 9) % 12;
    let doy = (153 * mp + 2) / 5 + i64::from(day) - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    era * 146_097 + doe - 719_468
}

/// The date that is so many days after 1970-01-01.
pub fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
    let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
    (yoe + era * 400 + i64::from(month <= 2), month, day)
}

/// An instant in a zone.
pub fn civil(zone: &Zone, time_ns: TimeNs) -> Civil {
    let local_s = time_ns.div_euclid(NS_PER_S) + i64::from(zone.at(time_ns).0);
    let (year, month, day) = civil_from_days(local_s.div_euclid(86_400));
    let s = local_s.rem_euclid(86_400) as u32;
    Civil {
        year,
        month,
        day,
        hour: s / 3600,
        minute: s / 60 % 60,
        second: s % 60,
    }
}

/// `09:41:07`
pub fn time_of_day(zone: &Zone, time_ns: TimeNs) -> String {
    let c = civil(zone, time_ns);
    format!("{:02}:{:02}:{:02}", c.hour, c.minute, c.second)
}

/// `2026-03-14`
pub fn date(zone: &Zone, time_ns: TimeNs) -> String {
    let c = civil(zone, time_ns);
    format!("{:04}-{:02}-{:02}", c.year, c.month, c.day)
}

/// `2026-03-14 09:41:07 HKT`
pub fn date_time(zone: &Zone, time_ns: TimeNs) -> String {
    format!(
        "{} {} {}",
        date(zone, time_ns),
        time_of_day(zone, time_ns),
        zone.at(time_ns).1
    )
}

/// `3 min ago`, in the language; `in 2 h` for negative ages.
pub fn age(t: &Messages, age_s: f64) -> String {
    if !age_s.is_finite() {
        return t.get("age-unknown").to_owned();
    }
    if age_s.abs() < 2.0 {
        return t.get("age-now").to_owned();
    }
    let key = if age_s < 0.0 { "age-ahead" } else { "age-ago" };
    t.fmt(key, &[("span", &span(t, age_s.abs()))])
}

/// `45 s`, `3 min`, `2 h`, `5 d`, in the language: the largest unit that gives at least one.
pub fn span(t: &Messages, span_s: f64) -> String {
    let (key, n) = match span_s {
        s if !s.is_finite() => return t.get("age-unknown").to_owned(),
        s if s < 90.0 => ("span-seconds", s),
        s if s < 90.0 * 60.0 => ("span-minutes", s / 60.0),
        s if s < 36.0 * 3600.0 => ("span-hours", s / 3600.0),
        s if s < 730.0 * 86_400.0 => ("span-days", s / 86_400.0),
        s => ("span-years", s / 31_556_952.0),
    };
    t.fmt(key, &[("n", &(n.round() as i64))])
}

/// A number with so many decimals, thousands apart by commas, a real minus sign.
pub fn number(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{:.*}", decimals.min(9), value.abs());
    let (whole, fraction) = text
        .split_once('.')
        .map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
    let mut out = String::with_capacity(text.len() + 4);
    if value < 0.0 && text.chars().any(|c| c.is_ascii_digit() && c != '0') {
        out.push('−');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A count: `12,345`.
pub fn count(value: usize) -> String {
    number(value as f64, 0)
}

/// A number with as many decimals as its size deserves: three significant figures, at most `decimals`.
pub fn short(value: f64) -> String {
    let magnitude = value.abs();
    let decimals = match magnitude {
        m if m >= 100.0 || m == 0.0 => 0,
        m if m >= 10.0 => 1,
        m if m >= 1.0 => 2,
        _ => 3,
    };
    let text = number(value, decimals);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// Bytes as KiB, MiB or GiB; what is not nothing is one KiB at least.
pub fn bytes(value: u64) -> String {
    let mib = value as f64 / (1024.0 * 1024.0);
    if (1..1024 * 1024).contains(&value) {
        format!("{} KiB", value.div_ceil(1024))
    } else if mib >= 1024.0 {
        format!("{} GiB", number(mib / 1024.0, 2))
    } else {
        format!("{} MiB", number(mib, 0))
    }
}

/// A length for a scale bar: `500 m`, `2 km`.
pub fn length(metres: f64) -> String {
    if metres >= 1000.0 {
        format!("{} km", short(metres / 1000.0))
    } else {
        format!("{} m", short(metres))
    }
}

/// A length that was measured, to the centimetre: `12.34 m`, `12.345 km`.
pub fn measured(metres: f64) -> String {
    if metres.abs() < 10_000.0 {
        format!("{} m", number(metres, 2))
    } else {
        format!("{} km", number(metres / 1000.0, 3))
    }
}

/// An area: `1,234.5 m²`, `2.35 ha`, `12.3 km²`.
pub fn area(square_metres: f64) -> String {
    match square_metres {
        m2 if m2 < 1e4 => format!("{} m²", number(m2, 1)),
        m2 if m2 < 1e7 => format!("{} ha", number(m2 / 1e4, 2)),
        m2 => format!("{} km²", number(m2 / 1e6, 2)),
    }
}

/// Longitude and latitude in degrees with hemispheres: `22.2855° N, 114.1577° E`.
pub fn lon_lat(lon_deg: f64, lat_deg: f64) -> String {
    let (ns, ew) = (
        if lat_deg < 0.0 { 'S' } else { 'N' },
        if lon_deg < 0.0 { 'W' } else { 'E' },
    );
    format!("{:.5}° {ns}, {:.5}° {ew}", lat_deg.abs(), lon_deg.abs())
}

/// What a building without a name is called in lists ("62 m, Office", and "… → 62 m, Office"), with its use in the
/// language. Anything else stays as it is.
pub fn building_label(t: &Messages, label: &str) -> String {
    let (before, own) = match label.rsplit_once(" → ") {
        Some((before, own)) => (format!("{before} → "), own),
        None => (String::new(), label),
    };
    match own.split_once(" m, ") {
        Some((height, usage)) if height.parse::<f64>().is_ok() => {
            let usage = t.named("use", &usage.to_lowercase(), usage);
            let label = t.fmt("building-unnamed", &[("height", &height), ("use", &usage)]);
            format!("{before}{label}")
        }
        _ => label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_building_without_a_name_is_called_by_its_height_and_use_in_the_language() {
        use crate::ui::i18n::Language;
        let called = |language, label| building_label(&Messages::new(language), label);
        assert_eq!(called(Language::En, "62 m, Office"), "62 m, office");
        assert_eq!(called(Language::ZhHans, "62 m, Office"), "62 m，办公");
        assert_eq!(
            called(Language::En, "Pier 4 → 9 m, Retail"),
            "Pier 4 → 9 m, retail"
        );
        for other in ["Tower m, north", "400 m²", "6 m, Sauna"] {
            assert_eq!(called(Language::En, other), other);
        }
    }
    use crate::ui::i18n::Language;
    use crate::ui::model::ZoneSpan;

    #[test]
    fn dates_go_there_and_back() {
        for days in (-800_000..800_000).step_by(97) {
            let (y, m, d) = civil_from_days(days);
            assert_eq!(days_from_civil(y, m, d), days);
        }
        assert_eq!(civil_from_days(0), (1970, 1, 1));
        assert_eq!(days_from_civil(2000, 2, 29), 11_016);
    }

    #[test]
    fn times_carry_their_zone_and_summer_time_is_right() {
        let hk = Zone::fixed("Asia/Hong_Kong", 8 * 3600, "HKT");
        assert_eq!(
            date_time(&hk, 1_773_452_467 * NS_PER_S),
            "2026-03-14 09:41:07 HKT"
        );
        let start = 1_774_746_000 * NS_PER_S; // 2026-03-29 01:00 UTC
        let spans = vec![
            ZoneSpan {
                from_ns: i64::MIN,
                offset_s: 3600,
                label: "CET".into(),
            },
            ZoneSpan {
                from_ns: start,
                offset_s: 7200,
                label: "CEST".into(),
            },
        ];
        let paris = Zone {
            name: "Europe/Paris".into(),
            spans,
        };
        assert_eq!(
            date_time(&paris, start - NS_PER_S),
            "2026-03-29 01:59:59 CET"
        );
        assert_eq!(date_time(&paris, start), "2026-03-29 03:00:00 CEST");
        assert_eq!(
            date_time(
                &Zone {
                    name: String::new(),
                    spans: vec![]
                },
                -NS_PER_S
            ),
            "1969-12-31 23:59:59 UTC"
        );
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(number(1_234_567.891, 1), "1,234,567.9");
        assert_eq!(number(-0.04, 1), "0.0");
        assert_eq!(number(-12.0, 0), "−12");
        assert_eq!(number(f64::NAN, 1), "–");
        assert_eq!(short(0.25), "0.25");
        assert_eq!(short(148.3), "148");
        assert_eq!(short(2.0), "2");
        assert_eq!(bytes(512 << 20), "512 MiB");
        assert_eq!(bytes(3 << 29), "1.50 GiB");
        assert_eq!(length(2500.0), "2.5 km");
        assert_eq!(lon_lat(114.1577, -22.2855), "22.28550° S, 114.15770° E");
    }

    #[test]
    fn ages_are_in_words() {
        let t = Messages::new(Language::En);
        assert_eq!(age(&t, 0.4), "now");
        assert_eq!(age(&t, 45.0), "45 s ago");
        assert_eq!(age(&t, 200.0), "3 min ago");
        assert_eq!(age(&t, -7200.0), "in 2 h");
        assert_eq!(age(&t, f64::NAN), "unknown");
        assert_eq!(span(&t, 86_400.0 * 3.0), "3 d");
    }
}
