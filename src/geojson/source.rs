//! Where a layer comes from and how it is to look.

use crate::names::stem;
use city_scene::{ColorMap, GeoJsonSource};
use city_tiles::vector::{ColorBy, VectorStyle, parse_color};

/// A GeoJSON file to open.
#[derive(Clone, Debug, Default)]
pub struct VectorSource {
    /// Identifier in links and commands; made from the address where it is empty.
    pub id: String,
    /// Name in the layer list; the file's own where it is empty.
    pub name: String,
    /// Path or URL.
    pub url: String,
    /// Credit shown while it is visible, besides what the file carries.
    pub attribution: String,
    /// Property that names a feature.
    pub label_by: Option<String>,
    /// How it looks.
    pub style: VectorStyle,
    /// 0..1.
    pub opacity: f32,
    /// Drawn from the start.
    pub visible: bool,
}

impl VectorSource {
    /// A file that someone opens.
    #[must_use]
    pub fn of(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            opacity: 1.0,
            visible: true,
            ..Self::default()
        }
    }

    /// A layer of a scene; `url` is its address made absolute.
    #[must_use]
    pub fn of_scene(scene: &GeoJsonSource, url: String) -> Self {
        let style = VectorStyle {
            color: parse_color(&scene.color).unwrap_or(VectorStyle::default().color),
            fill_opacity: scene.fill_opacity as f32,
            line_width_px: scene.line_width_px as f32,
            point_size_px: scene.point_size_px as f32,
            color_by: scene.color_by.as_ref().map(|property| ColorBy {
                property: property.clone(),
                map: scene.color_map.name().to_owned(),
                range: scene.range,
                categories: scene.color_map == ColorMap::OkabeIto,
            }),
            extrude_by: scene.extrude_by.clone(),
            base_by: scene.base_by.clone(),
            extrude_scale: scene.extrude_scale,
        };
        Self {
            id: scene.id.clone(),
            name: scene.name.clone(),
            url,
            attribution: scene.attribution.clone(),
            label_by: scene.label_by.clone(),
            style,
            opacity: scene.opacity as f32,
            visible: scene.visible,
        }
    }

    /// What the address calls the file, without folders and extension.
    #[must_use]
    pub fn stem(&self) -> String {
        stem(&self.url, "GeoJSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stem_names_the_file() {
        for (url, stem) in [
            ("/data/car parks.geojson", "car parks"),
            ("https://x.org/a/car%20parks.geojson?v=1#x", "car parks"),
            ("C:\\data\\b.json", "b"),
            ("c", "c"),
            ("https://x.org/", "GeoJSON"),
        ] {
            assert_eq!(VectorSource::of(url).stem(), stem, "{url}");
        }
    }
}
