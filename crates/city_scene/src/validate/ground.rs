//! Terrain and imagery.

use super::{Checked, count, found, identifier, number, text};
use crate::error::nearest;
use crate::ground::{ImageryAddressing, ImagerySource, TerrainKind, TerrainSettings};
use crate::locate::Step::{self, Index, Key};
use crate::read::shorten;
use crate::schema::Scene;

/// Deepest level.
const MAX_ZOOM: u32 = 24;
/// Names that a template may have.
const NAMES: [&str; 9] = [
    "z",
    "x",
    "y",
    "-y",
    "reverseY",
    "s",
    "TileMatrix",
    "TileRow",
    "TileCol",
];
const XYZ: &str = "https://host/{z}/{x}/{y}.png";
const WMTS: &str = "https://host/{TileMatrix}/{TileRow}/{TileCol}.png";

pub(super) fn check(scene: &Scene) -> Checked<'_> {
    if let Some(terrain) = &scene.terrain {
        check_terrain(terrain)?;
    }
    count("imagery", scene.imagery.len())?;
    for (i, layer) in scene.imagery.iter().enumerate() {
        let taken = scene.imagery[..i].iter().any(|other| other.id == layer.id);
        check_imagery(i, layer, taken)?;
    }
    Ok(())
}

fn check_terrain(terrain: &TerrainSettings) -> Checked<'_> {
    let at = |key| [Key("terrain"), Key(key)];
    text(&at("attribution"), &terrain.attribution, false)?;
    match terrain.kind {
        TerrainKind::Ellipsoid => {
            if !terrain.url.is_empty() {
                let cause = "the bare ellipsoid has no url";
                let advice = "Remove it, or choose the kind of the heights that are there";
                return Err(found(&at("url"), cause, advice));
            }
        }
        TerrainKind::QuantizedMesh => {
            text(&at("url"), &terrain.url, true)?;
            let path = terrain.url.split(['?', '#']).next().unwrap_or_default();
            if !path.ends_with(".json") {
                let cause = format!("\"{}\" is not a layer.json", shorten(&terrain.url));
                let advice = "Write the address of the tileset's layer.json, as https://host/terrain/layer.json";
                return Err(found(&at("url"), cause, advice));
            }
        }
        TerrainKind::Terrarium | TerrainKind::MapboxRgb => {
            text(&at("url"), &terrain.url, true)?;
            template(&at("url"), &terrain.url, ImageryAddressing::Xyz)?;
        }
    }
    zooms(
        &at("min_zoom"),
        &at("max_zoom"),
        terrain.min_zoom,
        terrain.max_zoom,
    )?;
    number(
        &at("height_offset_m"),
        terrain.height_offset_m,
        -12_000.0,
        12_000.0,
    )?;
    if let Some([low, high]) = terrain.heights_m {
        number(&at("heights_m"), low, -12_000.0, 12_000.0)?;
        number(&at("heights_m"), high, -12_000.0, 12_000.0)?;
        if low >= high {
            let cause = format!("the heights run from {low} to {high}");
            return Err(found(&at("heights_m"), cause, "Write the lower one first"));
        }
    }
    bounds(&at("bounds"), terrain.bounds)
}

fn check_imagery(i: usize, layer: &ImagerySource, taken: bool) -> Checked<'_> {
    let at = |key| [Key("imagery"), Index(i), Key(key)];
    identifier(&at("id"), &layer.id, taken)?;
    text(&at("name"), &layer.name, true)?;
    text(&at("attribution"), &layer.attribution, false)?;
    text(&at("url"), &layer.url, true)?;
    template(&at("url"), &layer.url, layer.kind)?;
    zooms(
        &at("min_zoom"),
        &at("max_zoom"),
        layer.min_zoom,
        layer.max_zoom,
    )?;
    number(&at("tile_px"), f64::from(layer.tile_px), 1.0, 4096.0)?;
    number(&at("opacity"), layer.opacity, 0.0, 1.0)?;
    bounds(&at("bounds"), layer.bounds)?;
    count("imagery.servers", layer.servers.len())?;
    for server in &layer.servers {
        text(&at("servers"), server, true)?;
    }
    if layer.url.contains("{s}") && layer.servers.is_empty() {
        let advice = "Write servers = [\"a\", \"b\"], or leave it out";
        return Err(found(&at("servers"), "{s} stands for no server", advice));
    }
    if !layer.matrix.is_empty() && layer.kind != ImageryAddressing::Wmts {
        let advice = "Write kind = \"wmts\", or remove [[imagery.matrix]]";
        let cause = "only WMTS has tile matrices";
        return Err(found(&at("matrix"), cause, advice));
    }
    if layer.matrix.len() > MAX_ZOOM as usize + 1 {
        let cause = format!("there are {} of [[imagery.matrix]]", layer.matrix.len());
        return Err(found(&at("matrix"), cause, "At most 25 are taken"));
    }
    for (j, matrix) in layer.matrix.iter().enumerate() {
        let at = |key| [Key("imagery"), Index(i), Key("matrix"), Index(j), Key(key)];
        text(&at("id"), &matrix.id, true)?;
        number(
            &at("scale_denominator"),
            matrix.scale_denominator,
            1e-3,
            1e10,
        )?;
        for corner in matrix.top_left {
            number(&at("top_left"), corner, -1e9, 1e9)?;
        }
        for px in matrix.tile_px {
            number(&at("tile_px"), f64::from(px), 1.0, 4096.0)?;
        }
        for tiles in matrix.size {
            number(&at("size"), f64::from(tiles), 1.0, f64::from(u32::MAX))?;
        }
    }
    Ok(())
}

fn zooms<'a>(first: &[Step<'a>], last: &[Step<'a>], min: u32, max: u32) -> Checked<'a> {
    number(last, f64::from(max), 0.0, f64::from(MAX_ZOOM))?;
    if min > max {
        let cause = format!("the levels run from {min} to {max}");
        return Err(found(first, cause, "min_zoom must not be above max_zoom"));
    }
    Ok(())
}

fn bounds<'a>(path: &[Step<'a>], bounds: Option<[f64; 4]>) -> Checked<'a> {
    let Some([west, south, east, north]) = bounds else {
        return Ok(());
    };
    for lon in [west, east] {
        number(path, lon, -180.0, 180.0)?;
    }
    for lat in [south, north] {
        number(path, lat, -90.0, 90.0)?;
    }
    if west >= east || south >= north {
        let cause = format!("the bounds [{west}, {south}, {east}, {north}] enclose nothing");
        return Err(found(
            path,
            cause,
            "Write [west, south, east, north] in degrees",
        ));
    }
    Ok(())
}

/// Whether a template has all names that it needs, and no others. `${NAME}` is the environment's.
fn template<'a>(path: &[Step<'a>], url: &str, kind: ImageryAddressing) -> Checked<'a> {
    let mut names: Vec<&str> = Vec::new();
    let mut rest = url;
    while let Some(start) = rest.find('{') {
        let inside = rest.get(start + 1..).unwrap_or_default();
        let Some(end) = inside.find('}') else { break };
        let name = inside.get(..end).unwrap_or_default();
        let is_environment = rest
            .get(..start)
            .is_some_and(|before| before.ends_with('$'));
        if !is_environment {
            names.push(name);
        }
        rest = inside.get(end + 1..).unwrap_or_default();
    }
    if let Some(wrong) = names.iter().find(|name| !NAMES.contains(name)) {
        // Compared without regard to case, which is the likeliest slip.
        let lower = NAMES.map(str::to_lowercase);
        let near = nearest(wrong, lower.iter().map(String::as_str));
        let near = NAMES
            .iter()
            .zip(&lower)
            .find(|(_, lower)| near == Some(lower.as_str()));
        let advice = match near {
            Some((name, _)) => format!("Did you mean {{{name}}}?"),
            None => format!(
                "Known here: {}",
                NAMES.map(|name| format!("{{{name}}}")).join(", ")
            ),
        };
        let cause = format!("{{{}}} stands for nothing", shorten(wrong));
        return Err(found(path, cause, advice));
    }
    let needed: [&[&str]; 3] = if kind == ImageryAddressing::Wmts {
        [&["TileMatrix"], &["TileRow"], &["TileCol"]]
    } else {
        [&["z"], &["x"], &["y", "-y", "reverseY"]]
    };
    for any in needed {
        if !any.iter().any(|name| names.contains(name)) {
            let cause = format!(
                "\"{}\" has no {{{}}}, so that all tiles would be the same",
                shorten(url),
                any.first().copied().unwrap_or_default()
            );
            let example = if kind == ImageryAddressing::Wmts {
                WMTS
            } else {
                XYZ
            };
            return Err(found(path, cause, format!("Write it as {example}")));
        }
    }
    Ok(())
}
