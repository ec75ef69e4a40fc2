//! `layer.json` of a quantized-mesh tileset: addresses and availability.
//!
//! The format is a TileJSON 2.1 with additions of its own; what is here is what the servers write (Cesium ion,
//! cesium-terrain-builder, MapTiler, the Swiss and Hong Kong portals) and CesiumJS reads.

use serde_json::Value;

use super::TerrainError;
use super::template::{Fill, fill};
use super::tiling::{Cell, MAX_ZOOM, Rect, Scheme};
use crate::uri;

/// Most ranges of available tiles kept, of all levels.
const MAX_RANGES: usize = 200_000;
/// Most bytes of a `layer.json`.
const MAX_BYTES: usize = 16 << 20;

/// Columns and rows that are there: `[x0, y0, x1, y1]`, rows as the file counts them, ends included.
type Ranges = Vec<[u32; 4]>;

/// A `layer.json`.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerJson {
    url: String,
    template: String,
    version: String,
    from_south: bool,
    /// The tiling of its tiles.
    pub scheme: Scheme,
    /// Last level.
    pub max_zoom: u32,
    /// Where there is any; nothing where it does not say.
    pub bounds: Option<Rect>,
    /// Whose it is.
    pub attribution: String,
    /// The layer that has the tiles that this one has not.
    parent_url: Option<String>,
    available: Option<Vec<Ranges>>,
    /// Every how many levels a tile says which tiles below it there are (`metadataAvailability`).
    metadata_levels: Option<u32>,
    /// Tiles whose metadata has been read, and the ranges of the levels below each.
    learned: std::collections::HashMap<Cell, Vec<Ranges>>,
    ranges: usize,
    query: Option<String>,
}

impl LayerJson {
    /// Reads a `layer.json` that came from `url`.
    ///
    /// # Errors
    /// No JSON, another format, or no addresses of tiles.
    pub fn parse(bytes: &[u8], url: &str) -> Result<Self, TerrainError> {
        let fault = |what: String| TerrainError::LayerJson {
            url: uri::short(url),
            what,
        };
        if bytes.len() > MAX_BYTES {
            return Err(fault(format!("it has more than {MAX_BYTES} bytes")));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let json: Value = serde_json::from_slice(bytes).map_err(|e| fault(e.to_string()))?;
        let text = |key: &str| json.get(key).and_then(Value::as_str);
        if let Some(format) = text("format").filter(|f| !f.starts_with("quantized-mesh-1.")) {
            return Err(fault(format!(
                "format '{}' is not read; quantized-mesh-1.0 is",
                format.chars().take(64).collect::<String>()
            )));
        }
        let scheme = match text("projection") {
            None | Some("EPSG:4326") => Scheme::Geographic,
            Some("EPSG:3857") => Scheme::WebMercator,
            Some(other) => {
                return Err(fault(format!(
                    "projection '{}' is not read; EPSG:4326 and EPSG:3857 are",
                    other.chars().take(64).collect::<String>()
                )));
            }
        };
        let template = json
            .get("tiles")
            .and_then(Value::as_array)
            .and_then(|tiles| tiles.first()?.as_str())
            .ok_or_else(|| fault("tiles has no address".to_owned()))?;
        let number = |key: &str| json.get(key).and_then(Value::as_u64);
        let mut ranges = 0;
        let available = json
            .get("available")
            .and_then(Value::as_array)
            .map(|levels| read_levels(levels, &mut ranges));
        let listed = available.as_ref().map_or(0, |levels| levels.len() as u64);
        let metadata_levels = number("metadataAvailability")
            .and_then(|n| u32::try_from(n).ok())
            .filter(|n| (1..=MAX_ZOOM).contains(n));
        let deepest = match (number("maxzoom"), metadata_levels) {
            (Some(zoom), _) => zoom,
            // The tiles say themselves where they end.
            (None, Some(_)) => u64::from(MAX_ZOOM),
            (None, None) if listed > 0 => listed - 1,
            (None, None) => 18,
        };
        let bounds = json.get("bounds").and_then(Value::as_array).and_then(|b| {
            let mut numbers = [0.0; 4];
            for (number, value) in numbers.iter_mut().zip(b) {
                *number = value.as_f64()?;
            }
            Rect::from_degrees(numbers)
        });
        let extensions: Vec<&str> = json
            .get("extensions")
            .and_then(Value::as_array)
            .map(|list| list.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        // The names in the order in which CesiumJS asks, so that caches of servers are met.
        let wanted: Vec<&str> = ["octvertexnormals", "watermask", "metadata"]
            .into_iter()
            .filter(|name| extensions.contains(name))
            .collect();
        Ok(Self {
            url: url.to_owned(),
            template: template.to_owned(),
            version: text("version").unwrap_or("1.0.0").to_owned(),
            from_south: text("scheme") != Some("slippyMap"),
            scheme,
            max_zoom: deepest.min(u64::from(MAX_ZOOM)) as u32,
            bounds,
            attribution: text("attribution")
                .unwrap_or_default()
                .chars()
                .take(1024)
                .collect(),
            parent_url: text("parentUrl").map(str::to_owned),
            available,
            metadata_levels,
            learned: std::collections::HashMap::new(),
            ranges,
            query: (!wanted.is_empty()).then(|| format!("extensions={}", wanted.join("-"))),
        })
    }

    /// Where the `layer.json` is whose tiles fill this one's gaps; to be read too and handed to
    /// [`super::HeightSource::QuantizedMesh`] behind this one.
    #[must_use]
    pub fn parent(&self) -> Option<String> {
        let parent = self.parent_url.as_deref()?;
        let folder = if parent.ends_with('/') {
            parent.to_owned()
        } else {
            format!("{parent}/")
        };
        uri::resolve(&self.url, &format!("{folder}layer.json")).ok()
    }

    /// The address of a tile.
    pub(super) fn tile_url(&self, cell: Cell) -> Option<String> {
        let number = cell.z.to_string();
        let with = Fill {
            z: cell.z,
            x: cell.x,
            y: cell.y,
            rows: self.scheme.rows(cell.z),
            from_south: self.from_south,
            matrix: &number,
            servers: &[],
            version: &self.version,
        };
        let mut relative = fill(&self.template, &with);
        if let Some(query) = self
            .query
            .as_ref()
            .filter(|_| !relative.contains("extensions="))
        {
            relative.push(if relative.contains('?') { '&' } else { '?' });
            relative.push_str(query);
        }
        uri::resolve(&self.url, &relative).ok()
    }

    /// Whether there is such a tile, as far as is known. True where nothing is known: a missing tile costs a request.
    pub(super) fn has(&self, cell: Cell) -> bool {
        if cell.z > self.max_zoom || !self.scheme.has(cell) {
            return false;
        }
        let row = if self.from_south {
            self.scheme.rows(cell.z) - 1 - cell.y
        } else {
            cell.y
        };
        let within = |ranges: &Ranges| {
            ranges
                .iter()
                .any(|[x0, y0, x1, y1]| (*x0..=*x1).contains(&cell.x) && (*y0..=*y1).contains(&row))
        };
        if let Some(every) = self.metadata_levels
            && cell.z > 0
        {
            let top = (cell.z - 1) / every * every;
            if let Some(levels) = self.learned.get(&cell.at_level(top)) {
                return levels.get((cell.z - 1 - top) as usize).is_some_and(within);
            }
        }
        match &self.available {
            None => true,
            Some(levels) => match levels.get(cell.z as usize) {
                Some(ranges) => within(ranges),
                None => self.metadata_levels.is_some(),
            },
        }
    }

    /// Whether the file lists the tiles that there are; otherwise its bounds are all that is known.
    pub(super) fn lists_tiles(&self) -> bool {
        self.available.is_some() || self.metadata_levels.is_some()
    }

    /// Whether a tile's metadata says which tiles are below it.
    pub(super) fn asks(&self, cell: Cell) -> bool {
        self.metadata_levels
            .is_some_and(|every| cell.z.is_multiple_of(every))
            && !self.learned.contains_key(&cell)
    }

    /// Takes in a tile's metadata (extension 4), the availability of the levels below it.
    pub(super) fn learn(&mut self, cell: Cell, metadata: &Value) {
        let Some(levels) = metadata.get("available").and_then(Value::as_array) else {
            return;
        };
        if self.ranges < MAX_RANGES {
            let levels = read_levels(levels, &mut self.ranges);
            self.learned.insert(cell, levels);
        }
    }
}

fn read_levels(levels: &[Value], count: &mut usize) -> Vec<Ranges> {
    let range = |value: &Value| {
        let at = |key: &str| u32::try_from(value.get(key)?.as_u64()?).ok();
        Some([at("startX")?, at("startY")?, at("endX")?, at("endY")?])
    };
    let mut left = MAX_RANGES.saturating_sub(*count);
    let levels = levels
        .iter()
        .take(MAX_ZOOM as usize + 1)
        .map(|level| {
            let listed = level.as_array().map(Vec::as_slice).unwrap_or_default();
            let ranges: Ranges = listed.iter().take(left).filter_map(range).collect();
            left -= ranges.len();
            ranges
        })
        .collect();
    *count = MAX_RANGES - left;
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORLD: &str = r#"{"tilejson":"2.1.0","format":"quantized-mesh-1.0","version":"1.31376.0","scheme":"tms",
        "extensions":["watermask","metadata","octvertexnormals"],"tiles":["{z}/{x}/{y}.terrain?v={version}"],
        "bounds":[-180,-90,180,90],"projection":"EPSG:4326","metadataAvailability":10,"attribution":"© Somebody",
        "available":[[{"startX":0,"startY":0,"endX":1,"endY":0}],[{"startX":0,"startY":0,"endX":3,"endY":0}]],
        "parentUrl":"../other"}"#;

    #[test]
    fn addresses_are_tms_with_version_extensions_and_token() {
        let layer = LayerJson::parse(WORLD.as_bytes(), "https://h/w/layer.json?token=7").unwrap();
        assert_eq!(
            layer.tile_url(Cell::new(1, 2, 0)).unwrap(),
            "https://h/w/1/2/1.terrain?v=1.31376.0&extensions=octvertexnormals-watermask-metadata&token=7"
        );
        assert_eq!(
            layer.parent().unwrap(),
            "https://h/other/layer.json?token=7"
        );
        assert_eq!(layer.attribution, "© Somebody");
    }

    #[test]
    fn what_is_there_is_known_from_the_file_and_then_from_tiles() {
        let mut layer = LayerJson::parse(WORLD.as_bytes(), "https://h/w/layer.json").unwrap();
        assert!(layer.has(Cell::new(0, 1, 0)));
        // Row 0 from the south is row 1 from the north.
        assert!(layer.has(Cell::new(1, 3, 1)) && !layer.has(Cell::new(1, 3, 0)));
        let deep = Cell::new(12, 3000, 1000);
        assert!(layer.has(deep), "not yet known");
        let top = deep.at_level(10);
        assert!(layer.asks(top) && !layer.asks(deep));
        let south = |c: Cell| (1u32 << c.z) - 1 - c.y;
        let metadata = serde_json::json!({"available": [
            [{"startX": 0, "startY": 0, "endX": 9000, "endY": 9000}],
            [{"startX": deep.x, "startY": south(deep), "endX": deep.x, "endY": south(deep)}],
        ]});
        layer.learn(top, &metadata);
        assert!(layer.has(deep) && !layer.asks(top));
        assert!(!layer.has(Cell::new(12, 3001, 1000)));
        assert!(layer.has(deep.at_level(11)) && !layer.has(Cell::new(13, 6000, 2000)));
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let told = |text: &str| {
            LayerJson::parse(text.as_bytes(), "https://h/layer.json?key=1")
                .unwrap_err()
                .to_string()
        };
        assert!(told("{").starts_with("https://h/layer.json: "));
        assert!(told(r#"{"format":"heightmap-1.0","tiles":["a"]}"#).contains("heightmap-1.0"));
        assert!(told(r#"{"projection":"EPSG:2056","tiles":["a"]}"#).contains("EPSG:2056"));
        assert!(told(r#"{"tiles":[]}"#).contains("no address"));
    }
}
