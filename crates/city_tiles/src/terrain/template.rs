//! Addresses of tiles from templates: XYZ, TMS and WMTS (key-value and REST).

/// What a template is filled with.
#[derive(Clone, Copy, Debug)]
pub struct Fill<'a> {
    /// `{z}`.
    pub z: u32,
    /// `{x}`, `{TileCol}`.
    pub x: u32,
    /// Row from the north: `{TileRow}`, and `{y}` unless rows count from the south.
    pub y: u32,
    /// Rows of the level.
    pub rows: u32,
    /// `{y}` counts from the south (TMS).
    pub from_south: bool,
    /// `{TileMatrix}`.
    pub matrix: &'a str,
    /// `{s}`, chosen by the tile so that a tile keeps its server (and its place in caches).
    pub servers: &'a [String],
    /// `{version}` of a layer.json.
    pub version: &'a str,
}

/// The template with its names replaced; names that are not known stay. Braces may be percent-encoded, as they are
/// after a relative address was resolved.
#[must_use]
pub fn fill(template: &str, with: &Fill<'_>) -> String {
    let template = template
        .replace("%7B", "{")
        .replace("%7b", "{")
        .replace("%7D", "}")
        .replace("%7d", "}");
    let mut out = String::with_capacity(template.len() + 16);
    let mut rest = template.as_str();
    while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let Some(end) = from.find('}') else {
            rest = from;
            break;
        };
        let (name, after) = (&from[1..end], &from[end + 1..]);
        let turned = with.rows.saturating_sub(1).saturating_sub(with.y);
        match name {
            "z" => out.push_str(&with.z.to_string()),
            "x" | "TileCol" => out.push_str(&with.x.to_string()),
            "y" if with.from_south => out.push_str(&turned.to_string()),
            "y" | "TileRow" => out.push_str(&with.y.to_string()),
            "-y" | "reverseY" => out.push_str(&turned.to_string()),
            "TileMatrix" => out.push_str(with.matrix),
            "version" => out.push_str(with.version),
            "s" => {
                let count = with.servers.len().max(1);
                let nth = (with.x as usize).wrapping_add(with.y as usize) % count;
                out.push_str(with.servers.get(nth).map_or("a", String::as_str));
            }
            _ => out.push_str(&from[..=end]),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, from_south: bool) -> String {
        let servers = ["a".to_owned(), "b".to_owned()];
        let with = Fill {
            z: 3,
            x: 5,
            y: 2,
            rows: 8,
            from_south,
            matrix: "EPSG:3857:3",
            servers: &servers,
            version: "1.2.0",
        };
        fill(template, &with)
    }

    #[test]
    fn every_kind_of_template() {
        assert_eq!(
            filled("https://{s}.t.org/{z}/{x}/{y}.png", false),
            "https://b.t.org/3/5/2.png"
        );
        assert_eq!(filled("{z}/{x}/{y}.png", true), "3/5/5.png");
        assert_eq!(filled("{z}/{x}/{-y}|{reverseY}", false), "3/5/5|5");
        // WMTS rows always count from the north.
        assert_eq!(
            filled(
                "https://h/w?TILEMATRIX={TileMatrix}&TILEROW={TileRow}&TILECOL={TileCol}",
                true
            ),
            "https://h/w?TILEMATRIX=EPSG:3857:3&TILEROW=2&TILECOL=5"
        );
        assert_eq!(
            filled("/t/%7Bz%7D/{x}?v={version}", false),
            "/t/3/5?v=1.2.0"
        );
        assert_eq!(filled("{unknown}/{x", false), "{unknown}/{x");
    }
}
