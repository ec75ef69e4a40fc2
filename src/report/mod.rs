//! A scenario as one page that opens without a network and prints well.
//!
//! Pure: pictures, differences and figures in, HTML out. `belvedere report` draws the pictures.

mod sources;

use std::fmt::Write as _;

use base64::Engine as _;
use city_models::indicators::Indicator;
use city_scene::scenario::{Difference, Horizon, Operation, Problem, Scenario};

use crate::scenario::Sunlight;

/// Pictures of one place, before and after.
pub struct View {
    /// What is seen.
    pub title: String,
    /// As it stands, JPEG.
    pub before: Vec<u8>,
    /// With the scenario, JPEG.
    pub after: Vec<u8>,
}

/// Everything that the page says.
pub struct Report<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The scene that it builds on, by name.
    pub scene: String,
    /// When the page was made, as people write it, with the time zone.
    pub made: String,
    /// The clock's time in the pictures.
    pub time: String,
    /// Before and after.
    pub views: Vec<View>,
    /// Object by object.
    pub differences: Vec<Difference>,
    /// Figures against the base.
    pub indicators: &'a [Indicator],
    /// Hours of sun, where a place was named.
    pub sun: Option<&'a Sunlight>,
    /// What could not be applied.
    pub problems: &'a [Problem],
    /// What the pictures are without, and why.
    pub missing: &'a [String],
    /// Credits of what the pictures show.
    pub credits: Vec<String>,
}

/// The page.
#[must_use]
pub fn html(report: &Report) -> String {
    let scenario = report.scenario;
    let mut page = String::with_capacity(1 << 20);
    page += "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n";
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    let _ = writeln!(page, "<title>{}</title>", escaped(&scenario.name));
    let _ = writeln!(page, "<style>{}</style>", include_str!("report.css"));
    let _ = writeln!(
        page,
        "<header><p class=\"kind\">Scenario for {}</p><h1>{}</h1>",
        escaped(&report.scene),
        escaped(&scenario.name)
    );
    if !scenario.description.is_empty() {
        let _ = writeln!(page, "<p>{}</p>", escaped(&scenario.description));
    }
    let _ = writeln!(
        page,
        "<p class=\"quiet\">Made {} · pictures show {} · {} operations, {} differences</p></header>",
        escaped(&report.made),
        escaped(&report.time),
        scenario.operations.len(),
        report.differences.len()
    );
    problems(&mut page, report.problems, report.missing);
    views(&mut page, &report.views);
    indicators(&mut page, report.indicators, report.sun);
    differences(&mut page, &report.differences, scenario);
    operations(&mut page, scenario, &report.differences);
    sources::section(&mut page, report);
    page += "</html>\n";
    page
}

fn problems(page: &mut String, problems: &[Problem], missing: &[String]) {
    if problems.is_empty() && missing.is_empty() {
        return;
    }
    *page += "<section class=\"problems\"><h2>Not applied</h2><ul>\n";
    let problems = problems.iter().map(ToString::to_string);
    for problem in problems.chain(missing.iter().cloned()) {
        let _ = writeln!(page, "<li>{}</li>", escaped(&problem));
    }
    *page += "</ul></section>\n";
}

fn views(page: &mut String, views: &[View]) {
    let image = |bytes: &[u8]| {
        let data = base64::engine::general_purpose::STANDARD.encode(bytes);
        format!("data:image/jpeg;base64,{data}")
    };
    for view in views {
        let title = escaped(&view.title);
        let _ = writeln!(
            page,
            "<section class=\"view\"><h2>{title}</h2><div class=\"pair\">\
             <figure><img alt=\"{title}, as it stands\" src=\"{}\"><figcaption>As it stands</figcaption></figure>\
             <figure><img alt=\"{title}, with the scenario\" src=\"{}\"><figcaption>With the scenario</figcaption></figure>\
             </div></section>",
            image(&view.before),
            image(&view.after)
        );
    }
}

fn indicators(page: &mut String, indicators: &[Indicator], sun: Option<&Sunlight>) {
    if indicators.is_empty() && sun.is_none() {
        return;
    }
    *page += "<section><h2>Indicators</h2><table class=\"numbers\"><thead><tr><th>Indicator<th>As it stands<th>With the \
              scenario<th>Change<th>Unit<th>From</tr></thead><tbody>\n";
    for indicator in indicators {
        let change = indicator.difference();
        let share = share_of(indicator);
        let _ = writeln!(
            page,
            "<tr><td>{}<td>{}<td>{}<td>{}{share}<td>{}<td>{}</tr>",
            escaped(&sentence(indicator.id)),
            grouped(indicator.base_value),
            grouped(indicator.value),
            signed(change),
            escaped(indicator.unit),
            sources::short(indicator),
        );
    }
    if let Some(sun) = sun {
        let _ = writeln!(
            page,
            "<tr><td>Hours of sun<td>{:.1}<td>{:.1}<td>{}<td>h<td>ray test</tr>",
            sun.other_h,
            sun.open_h,
            signed(sun.open_h - sun.other_h)
        );
    }
    *page += "</tbody></table>\n<p class=\"quiet\">";
    if let Some(sun) = sun {
        let _ = write!(
            page,
            "Hours of sun at {:.5}, {:.5} on {}. ",
            sun.place.lat_deg(),
            sun.place.lon_deg(),
            escaped(&sun.date)
        );
    }
    *page += "How each is computed, and where every factor is from, is said under \u{201c}Methods and \
              sources\u{201d}.</p></section>\n";
}

fn differences(page: &mut String, differences: &[Difference], scenario: &Scenario) {
    *page += "<section><h2>What changes</h2>\n";
    if differences.is_empty() {
        *page += "<p>Nothing: the scenario leaves the city as it stands.</p></section>\n";
        return;
    }
    *page += "<table><thead><tr><th>Change<th>What<th>Details<th>Why</tr></thead><tbody>\n";
    for difference in differences {
        let reason = scenario
            .operations
            .iter()
            .find(|operation| operation.id == difference.origin)
            .map_or("", |operation| operation.reason.as_str());
        let details: Vec<String> = difference.changes.iter().map(ToString::to_string).collect();
        let _ = writeln!(
            page,
            "<tr><td>{}<td>{}<td>{}<td>{}</tr>",
            escaped(&sentence(&words(&format!("{:?}", difference.kind)))),
            escaped(&difference.name),
            escaped(&details.join("; ")),
            escaped(reason)
        );
    }
    *page += "</tbody></table></section>\n";
}

fn operations(page: &mut String, scenario: &Scenario, differences: &[Difference]) {
    *page += "<section><h2>Operations</h2><ol>\n";
    for operation in &scenario.operations {
        let Operation {
            id,
            kind,
            author,
            reason,
            horizon,
            window,
            ..
        } = operation;
        let term = match horizon {
            Horizon::Short => "short term",
            Horizon::Medium => "medium term",
            Horizon::Long => "long term",
        };
        let mut line = sentence(&kind.id().replace('-', " "));
        match &subjects(differences, id)[..] {
            "" => {}
            subjects => line += &format!(": {subjects}"),
        }
        line += &format!(" · {term}");
        if !author.is_empty() {
            line += &format!(" · {author}");
        }
        if let Some(window) = window {
            let end = |at: Option<city_time::SimInstant>| {
                at.map_or("open".to_owned(), city_time::SimInstant::to_rfc3339)
            };
            line += &format!(" · {} to {}", end(window.from), end(window.to));
        }
        let _ = write!(page, "<li>{}", escaped(&line));
        if !reason.is_empty() {
            let _ = write!(page, "<br><span class=\"quiet\">{}</span>", escaped(reason));
        }
        *page += "</li>\n";
    }
    *page += "</ol></section>\n";
}

/// What an operation was done to, by name; empty where it makes no difference.
fn subjects(differences: &[Difference], operation: &str) -> String {
    const MOST: usize = 3;
    let of_it = differences.iter().filter(|d| d.origin == operation);
    let names: Vec<&str> = of_it.map(|d| d.name.as_str()).collect();
    let mut text = names
        .iter()
        .take(MOST)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > MOST {
        text += &format!(" and {} more", names.len() - MOST);
    }
    text
}

/// How much more it is, relative to what it was; empty where it is the same or was nothing.
fn share_of(indicator: &Indicator) -> String {
    let Some(percent) = indicator.relative().map(|share| share * 100.0) else {
        return String::new();
    };
    if percent == 0.0 {
        return String::new();
    }
    // A change is never shown as none.
    let decimals = match percent.abs() {
        p if p >= 0.1 => 1,
        p if p >= 0.01 => 2,
        _ => 4,
    };
    format!(" ({percent:+.decimals$} %)").replace('-', "\u{2212}")
}

/// Text that stands in a page or an attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            _ => out.push(letter),
        }
    }
    out
}

/// `floor_area` as `Floor area`.
fn sentence(id: &str) -> String {
    let text = id.replace('_', " ");
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// `StreetClosed` as `street closed`.
fn words(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// Digits in groups of three.
fn grouped(value: f64) -> String {
    let rounded = if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{:.1}", value + 0.0)
            .trim_end_matches(".0")
            .to_owned()
    };
    let (whole, rest) = rounded.split_once('.').unwrap_or((&rounded, ""));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |d| ("−", d));
    let mut out = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    if !rest.is_empty() {
        out += &format!(".{rest}");
    }
    out
}

fn signed(value: f64) -> String {
    let text = grouped(value);
    if value > 0.0 && text != "0" {
        format!("+{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use city_models::indicators::{Factors, Totals, indicators};
    use city_scene::scenario::{CURRENT_SCENARIO_SCHEMA, DifferenceKind, OperationKind};

    use super::*;

    fn scenario() -> Scenario {
        Scenario {
            schema: CURRENT_SCENARIO_SCHEMA,
            id: "quay".into(),
            name: "Quay <tall>".into(),
            description: "Towers & a park".into(),
            base: "scenes/harbour.toml".into(),
            parent: None,
            operations: vec![Operation {
                id: "op-1".into(),
                kind: OperationKind::HideFeatures {
                    ids: vec!["B1".into()],
                },
                window: None,
                author: "Ada".into(),
                reason: "Room for the \"park\"".into(),
                horizon: Horizon::Medium,
            }],
        }
    }

    #[test]
    fn the_page_is_whole_and_nothing_in_it_is_markup_that_people_wrote() {
        let scenario = scenario();
        let depot = Difference {
            kind: DifferenceKind::Hidden,
            id: "B1".into(),
            name: "Old depot".into(),
            place: None,
            changes: Vec::new(),
            origin: "op-1".into(),
        };
        let base = Totals {
            buildings: 25_000.0,
            dwellings: 70.0,
            ..Totals::default()
        };
        let after = Totals {
            buildings: 24_999.0,
            ..base
        };
        let figures = indicators(&base, &after, None, &Factors::default(), "a <list>");
        let report = Report {
            scenario: &scenario,
            scene: "Harbour".into(),
            made: "2026-11-25 21:00 UTC".into(),
            time: "2026-06-21 12:00 HKT".into(),
            views: vec![View {
                title: "All".into(),
                before: vec![1, 2, 3],
                after: vec![4, 5, 6],
            }],
            differences: vec![depot],
            indicators: &figures,
            sun: None,
            problems: &[],
            missing: &["the model <a.glb> is not shown: its file is not there".to_owned()],
            credits: vec!["Synthetic city".into()],
        };
        let page = html(&report);
        assert!(page.contains("<h1>Quay &lt;tall&gt;</h1>"));
        assert!(page.contains("Towers &amp; a park"));
        assert!(page.contains("data:image/jpeg;base64,AQID"));
        assert!(page.contains("Hide features: Old depot · medium term · Ada"));
        assert!(page.contains("&quot;park&quot;"));
        assert!(page.contains("<li>the model &lt;a.glb&gt; is not shown"));
        // Every figure with its source, every factor with its own.
        assert!(page.contains("<td>−1 (−0.0040 %)<td><td>counted"), "{page}");
        assert!(page.contains("<tr><td>Dwellings<td>70<td>70<td>0<td><td>assumed factors"));
        assert!(page.contains("<tr><td>Buildings<td><td>A &lt;list&gt;</tr>"));
        assert!(page.contains("<td>70 m²/dwelling<td>Assumption: a round figure"));
        assert!(page.contains("<td>0.4 kg CO2e/kWh<td>Assumption: "));
        assert!(
            !page.contains("http://") && !page.contains("https://"),
            "opens offline"
        );
    }

    #[test]
    fn numbers_are_read_at_a_glance() {
        assert_eq!(grouped(1_234_567.4), "1\u{202f}234\u{202f}567");
        assert_eq!(grouped(-1234.0), "−1\u{202f}234");
        assert_eq!(grouped(7.25), "7.2");
        assert_eq!(grouped(0.0), "0");
        assert_eq!(signed(12.0), "+12");
        assert_eq!(signed(-3.5), "−3.5");
        assert_eq!(sentence(&words("StreetClosed")), "Street closed");
    }
}
