//! How the figures of a report were computed, and where everything in them is from.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use city_models::indicators::{Indicator, Source, SourceOf};

use super::{Report, escaped, sentence};

/// What an indicator rests on, in a word.
pub(super) fn short(indicator: &Indicator) -> &'static str {
    let mut factors = indicator.sources.iter().filter(|s| s.of.is_factor());
    if factors.clone().any(|s| s.from.starts_with("assumption")) {
        "assumed factors"
    } else if factors.next().is_some() {
        "factors"
    } else {
        "counted"
    }
}

/// Methods, factors and credits.
pub(super) fn section(page: &mut String, report: &Report) {
    *page += "<section class=\"sources\"><h2>Methods and sources</h2>\n";
    methods(page, report);
    let mut sources: BTreeMap<SourceOf, &Source> = BTreeMap::new();
    for source in report.indicators.iter().flat_map(|i| &i.sources) {
        sources.entry(source.of).or_insert(source);
    }
    if !sources.is_empty() {
        *page += "<h3>Data and factors</h3><table><thead><tr><th>What<th>Value<th>Where it is from</tr></thead><tbody>\n";
        for source in sources.values() {
            let _ = writeln!(
                page,
                "<tr><td>{}<td>{}<td>{}</tr>",
                escaped(source.of.name()),
                escaped(&source.text(str::to_owned)),
                escaped(&sentence(&source.from))
            );
        }
        *page += "</tbody></table>\n";
    }
    if !report.credits.is_empty() {
        let credits = escaped(&report.credits.join(" · "));
        let _ = writeln!(page, "<p class=\"quiet\">Pictures: {credits}</p>");
    }
    *page += "</section>\n";
}

fn methods(page: &mut String, report: &Report) {
    if report.indicators.is_empty() && report.sun.is_none() {
        return;
    }
    *page += "<h3>Methods</h3><table><thead><tr><th>Indicator<th>How it is computed<th>From</tr></thead><tbody>\n";
    let mut by: Vec<String> = Vec::new();
    for indicator in report.indicators {
        let from = indicator.sources.iter().map(|s| s.of.name());
        let from = from.collect::<Vec<_>>().join("; ");
        row(page, &sentence(indicator.id), &indicator.method, &from);
        by.push(indicator.by.to_string());
    }
    if let Some(sun) = report.sun {
        row(
            page,
            "Hours of sun",
            &sun.method(),
            "The scene as it is drawn",
        );
        by.push(sun.by.to_string());
    }
    *page += "</tbody></table>\n";
    by.dedup();
    for by in by {
        let _ = writeln!(page, "<p class=\"quiet\">Computed by {}.</p>", escaped(&by));
    }
}

fn row(page: &mut String, name: &str, method: &str, from: &str) {
    let _ = writeln!(
        page,
        "<tr><td>{}<td>{}<td>{}</tr>",
        escaped(name),
        escaped(method),
        escaped(from)
    );
}
