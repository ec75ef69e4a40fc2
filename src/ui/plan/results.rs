//! What a scenario amounts to: indicators beside those of the other side, and hours of sun.

use egui::{Align2, Color32, Sense, Ui, pos2, vec2};

use super::super::Cx;
use super::super::format;
use super::super::model::{IndicatorModel, OpenPlan};
use super::super::theme;
use super::super::widgets;
use super::{origin, other_name, section};

/// Where the columns end, shares of the width: other side, scenario, change.
const COLUMNS: [f32; 3] = [0.27, 0.54, 1.0];

pub(super) fn indicators(ui: &mut Ui, cx: &mut Cx, open: &OpenPlan) {
    if open.indicators.is_empty() || !section(ui, cx, "plan-indicators", "") {
        return;
    }
    let heads = [
        other_name(cx),
        cx.t.get("plan-column-scenario"),
        cx.t.get("plan-column-change"),
    ];
    let color = cx.theme.quiet;
    line(ui, cx, heads, [color; 3], &heads.join(", "));
    for indicator in &open.indicators {
        one(ui, cx, indicator);
    }
}

/// A number as it is shown; a dash where there is none. What is too long for its column is shown in millions, without
/// the digits that the column of changes has.
fn number(value: Option<f64>) -> String {
    const MILLION: f64 = 1e6;
    match value {
        None => "–".to_owned(),
        Some(value) if value.abs() < 10.0 * MILLION => format::short(value),
        Some(value) => {
            let decimals = if value.abs() < 1000.0 * MILLION { 3 } else { 1 };
            format!("{} M", format::number(value / MILLION, decimals))
        }
    }
}

/// How much more it is, with its sign, and in percent of what it was.
fn change(base: Option<f64>, value: Option<f64>, unit: &str) -> String {
    let Some((base, value)) = base.zip(value).filter(|(b, v)| (v - b).is_finite()) else {
        return "–".to_owned();
    };
    let more = value - base;
    let signed = |more: f64, text: String| match more > 0.0 {
        true if text.chars().any(|c| ('1'..='9').contains(&c)) => format!("+{text}"),
        _ => text,
    };
    let mut text = signed(more, format::short(more));
    if !unit.is_empty() {
        text = format!("{text} {unit}");
    }
    if base.abs() < f64::EPSILON || more == 0.0 {
        return text;
    }
    let percent = more / base.abs() * 100.0;
    // A change is never shown as none.
    let decimals = match percent.abs() {
        p if p >= 10.0 => 0,
        p if p >= 0.1 => 1,
        p if p >= 0.01 => 2,
        _ => 3,
    };
    let percent = signed(percent, format::number(percent, decimals));
    format!("{text} ({percent} %)")
}

fn one(ui: &mut Ui, cx: &mut Cx, indicator: &IndicatorModel) {
    let t = cx.t;
    let name = t.named("plan-indicator", &indicator.id, &indicator.name);
    let title = match indicator.unit.as_str() {
        "" => name.to_owned(),
        unit => format!("{name}, {unit}"),
    };
    let (base, value) = (number(indicator.base), number(indicator.value));
    let change = change(indicator.base, indicator.value, "");
    let basis = t.get(origin::basis(indicator));
    let shown = origin::heading(ui, cx, &indicator.id, &title, basis);
    let color = cx.theme.text;
    let label = format!("{title}: {base} → {value}, {change}");
    line(ui, cx, [&base, &value, &change], [color; 3], &label);
    if shown {
        origin::of_indicator(ui, cx, indicator);
    }
}

/// A row of the table, its columns aligned on the right; too long a text ends in an ellipsis.
fn line(ui: &mut Ui, cx: &Cx, texts: [&str; 3], colors: [Color32; 3], label: &str) {
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 20.0), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Label, true, label));
    if !ui.is_rect_visible(rect) {
        return;
    }
    let mut left = 0.0;
    for ((text, color), end) in texts.into_iter().zip(colors).zip(COLUMNS) {
        let room = (end - left) * width - 8.0;
        left = end;
        let font = theme::font(if color == cx.theme.quiet { 12.0 } else { 14.0 });
        let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
        job.wrap = egui::text::TextWrapping::truncate_at_width(room.max(16.0));
        let galley = ui.painter().layout_job(job);
        let at = pos2(rect.left() + end * width, rect.center().y);
        let at = Align2::RIGHT_CENTER.anchor_size(at, galley.size()).min;
        ui.painter().galley(at, galley, color);
    }
}

pub(super) fn sun(ui: &mut Ui, cx: &mut Cx, open: &OpenPlan) {
    let Some(sun) = &open.sun else { return };
    if !section(ui, cx, "plan-sun", "") {
        return;
    }
    let (t, theme) = (cx.t, cx.theme);
    let change = change(Some(sun.base_h), Some(sun.value_h), "h");
    let hours = |h: f64| format::number(h, 1);
    for (name, value, unit) in [
        (t.get("plan-sun-place"), sun.place.clone(), ""),
        (t.get("plan-sun-date"), sun.date.clone(), ""),
        (other_name(cx), hours(sun.base_h), "h"),
        (t.get("plan-column-scenario"), hours(sun.value_h), "h"),
        (t.get("plan-column-change"), change, ""),
    ] {
        widgets::value_row(ui, &theme, name, &value, unit, "");
    }
    origin::of_sun(ui, cx, sun);
}

#[cfg(test)]
mod tests {
    use super::{change, number};

    #[test]
    fn large_numbers_fit_their_columns() {
        for (value, want) in [
            (9_999_999.0, "9,999,999"),
            (127_988_345.0, "127.988 M"),
            (7_619_012_345.0, "7,619.0 M"),
            (-12_500_000.0, "−12.500 M"),
        ] {
            assert_eq!(number(Some(value)), want);
            assert!(want.chars().count() <= 10);
        }
        assert_eq!(number(None), "–");
    }

    #[test]
    fn changes_carry_their_sign_and_share() {
        for (base, value, want) in [
            (Some(1200.0), Some(1352.0), "+152 (+13 %)"),
            (Some(1200.0), Some(1176.0), "−24 (−2.0 %)"),
            (Some(0.0), Some(3.0), "+3"),
            (Some(4.0), Some(4.0), "0"),
            (None, Some(4.0), "–"),
            (Some(f64::NAN), Some(4.0), "–"),
            (Some(-2.0), Some(-1.0), "+1 (+50 %)"),
            (Some(24_803.0), Some(24_804.0), "+1 (+0.004 %)"),
            (Some(1000.0), Some(999.5), "−0.5 (−0.05 %)"),
        ] {
            assert_eq!(change(base, value, ""), want);
        }
        assert_eq!(change(Some(8.0), Some(6.0), "h"), "−2 h (−25 %)");
    }
}
