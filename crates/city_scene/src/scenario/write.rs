//! Writing a scenario file: always the same keys in the same order, so that equal scenarios give equal bytes and
//! version control shows what changed.

use std::fmt::Write as _;

use geo_types::{LineString, Polygon};

use super::schema::{Building, Operation, OperationKind, Scenario, Value, Window};

impl Scenario {
    /// The file's text. Read again it gives an equal scenario; comments of a file that people wrote are not kept.
    pub fn to_toml(&self) -> String {
        let mut out = Lines::default();
        out.line("schema", self.schema.to_string());
        out.line("id", quoted(&self.id));
        out.line("name", quoted(&self.name));
        out.some_text("description", &self.description);
        out.line("base", quoted(&self.base));
        if let Some(parent) = &self.parent {
            out.line("parent", quoted(parent));
        }
        for operation in &self.operations {
            out.0.push_str("\n[[operation]]\n");
            write_operation(&mut out, operation);
        }
        out.0
    }
}

/// Lines of `key = value`.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn line(&mut self, key: &str, value: impl AsRef<str>) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "{key} = {}", value.as_ref());
    }

    fn some_text(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.line(key, quoted(value));
        }
    }

    fn some_number(&mut self, key: &str, value: Option<f64>) {
        if let Some(value) = value {
            self.line(key, float(value));
        }
    }

    fn some_color(&mut self, key: &str, rgb: Option<[u8; 3]>) {
        if let Some([r, g, b]) = rgb {
            self.line(key, format!("\"#{r:02x}{g:02x}{b:02x}\""));
        }
    }
}

fn write_operation(out: &mut Lines, operation: &Operation) {
    out.line("id", quoted(&operation.id));
    out.line("kind", quoted(operation.kind.id()));
    out.line("horizon", quoted(operation.horizon.id()));
    out.some_text("author", &operation.author);
    out.some_text("reason", &operation.reason);
    if let Some(Window { from, to }) = operation.window {
        let end = |key: &str, t: Option<city_time::SimInstant>| {
            t.map(|t| format!("{key} = {}", quoted(&t.to_rfc3339())))
        };
        let ends: Vec<String> = [end("from", from), end("to", to)]
            .into_iter()
            .flatten()
            .collect();
        out.line("window", format!("{{ {} }}", ends.join(", ")));
    }
    match &operation.kind {
        OperationKind::HideFeatures { ids } => {
            let ids: Vec<String> = ids.iter().map(|id| quoted(id)).collect();
            out.line("ids", format!("[{}]", ids.join(", ")));
        }
        OperationKind::HidePolygon { polygon } => write_polygon(out, "polygon", polygon),
        OperationKind::ReplaceBuilding { feature, building } => {
            out.line("feature", quoted(feature));
            write_building(out, building);
        }
        OperationKind::AddBuilding { building } => write_building(out, building),
        OperationKind::PlaceModel {
            url,
            position,
            heading_deg,
            scale,
        } => {
            out.line("url", quoted(url));
            out.line(
                "position",
                format!(
                    "{{ lon = {}, lat = {}, height = {} }}",
                    float(position.lon),
                    float(position.lat),
                    float(position.height)
                ),
            );
            out.line("heading_deg", float(*heading_deg));
            out.line("scale", float(*scale));
        }
        OperationKind::CloseStreet { street } => out.line("street", quoted(street)),
        OperationKind::ChangeStreet { street, attributes } => {
            out.line("street", quoted(street));
            let pairs: Vec<String> = attributes
                .iter()
                .map(|(key, value)| format!("{} = {}", quoted(key), shown(value)))
                .collect();
            out.line("attributes", format!("{{ {} }}", pairs.join(", ")));
        }
        OperationKind::OverrideAttribute {
            feature,
            attribute,
            value,
        } => {
            out.line("feature", quoted(feature));
            out.line("attribute", quoted(attribute));
            out.line("value", shown(value));
        }
        OperationKind::SetInput {
            model,
            input,
            value,
            unit,
        } => {
            out.line("model", quoted(model));
            out.line("input", quoted(input));
            out.line("value", float(*value));
            out.some_text("unit", unit);
        }
    }
}

/// Last in its operation: the lines belong to a table of their own.
fn write_building(out: &mut Lines, building: &Building) {
    out.0.push_str("[operation.building]\n");
    out.some_text("name", &building.name);
    write_polygon(out, "footprint", &building.footprint);
    out.some_number("base_height_m", building.base_height_m);
    out.line("height_m", float(building.height_m));
    out.line("storeys", building.storeys.to_string());
    out.some_text("use", &building.usage);
    out.some_number("floor_area_m2", building.floor_area_m2);
    if let Some(class) = building.energy_class {
        out.line("energy_class", quoted(class.letter()));
    }
    out.some_color("wall_color", building.wall_rgb);
    out.some_color("roof_color", building.roof_rgb);
}

fn write_polygon(out: &mut Lines, key: &str, polygon: &Polygon<f64>) {
    out.line(key, ring(polygon.exterior()));
    if !polygon.interiors().is_empty() {
        let holes: Vec<String> = polygon.interiors().iter().map(ring).collect();
        out.line("holes", format!("[{}]", holes.join(", ")));
    }
}

/// The corners without the last, which repeats the first.
fn ring(ring: &LineString<f64>) -> String {
    let corners = &ring.0[..ring.0.len().saturating_sub(1)];
    let corners: Vec<String> = corners
        .iter()
        .map(|p| format!("[{}, {}]", float(p.x), float(p.y)))
        .collect();
    format!("[{}]", corners.join(", "))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => float(*number),
        Value::Text(text) => quoted(text),
    }
}

/// The shortest digits that read back to the same number, always with a point or an exponent.
fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    format!("{value:?}")
}

/// A basic string: one line, with escapes, whatever is in it.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() && (c as u32) < 0x80 => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
