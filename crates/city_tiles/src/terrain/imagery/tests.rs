use super::*;

fn layer(url: &str) -> ImageryLayer {
    ImageryLayer {
        url: url.to_owned(),
        ..ImageryLayer::default()
    }
}

fn urls(layer: &ImageryLayer, scheme: Scheme, cell: Cell) -> Vec<String> {
    let images = layer.images(&scheme.rect(cell), MAX_IMAGES);
    images
        .map(|l| l.images.into_iter().map(|i| i.url).collect())
        .unwrap_or_default()
}

#[test]
fn mercator_below_mercator_is_four_images_of_the_next_level() {
    let layer = layer("{z}/{x}/{y}");
    let cell = Cell::new(12, 3346, 1787);
    assert_eq!(
        urls(&layer, Scheme::WebMercator, cell),
        [
            "13/6692/3574",
            "13/6693/3574",
            "13/6692/3575",
            "13/6693/3575"
        ]
    );
    let images = layer.images(&Scheme::WebMercator.rect(cell), 12).unwrap();
    let instead = images.images[3].instead.as_ref().unwrap();
    assert_eq!(instead.url, "12/3346/1787");
    assert_eq!(instead.window, Scheme::WebMercator.window(cell));
    // Deeper than the layer goes: the one image that holds the tile.
    assert_eq!(
        urls(&layer, Scheme::WebMercator, Cell::new(20, 0, 0)),
        ["18/0/0"]
    );
    assert!(layer.has_finer_than(
        Scheme::WebMercator,
        &Scheme::WebMercator.window(Cell::new(16, 0, 0))
    ));
    assert!(!layer.has_finer_than(
        Scheme::WebMercator,
        &Scheme::WebMercator.window(Cell::new(17, 0, 0))
    ));
}

#[test]
fn every_tile_has_few_images_that_cover_it() {
    for scheme in [Scheme::WebMercator, Scheme::Geographic] {
        for tiling in [Scheme::WebMercator, Scheme::Geographic] {
            let layer = ImageryLayer {
                scheme,
                ..layer("{z}/{x}/{y}")
            };
            for cell in [
                Cell::new(0, 0, 0),
                Cell::new(5, 20, 3),
                Cell::new(9, 500, 400),
                Cell::new(14, 13_000, 7_000),
            ] {
                let rect = tiling.rect(cell);
                let images = layer.images(&rect, MAX_IMAGES).unwrap().images;
                assert!(!images.is_empty() && images.len() <= MAX_IMAGES);
                let w = scheme.window_of(&rect);
                let covered = |u: f64, v: f64| {
                    images.iter().any(|i| {
                        (i.window.u0..=i.window.u1).contains(&u)
                            && (i.window.v0..=i.window.v1).contains(&v)
                    })
                };
                for (a, b) in [(0.001, 0.001), (0.5, 0.5), (0.999, 0.999), (0.001, 0.999)] {
                    let (u, v) = (w.u0 + (w.u1 - w.u0) * a, w.v0 + (w.v1 - w.v0) * b);
                    assert!(covered(u, v), "{scheme:?} below {tiling:?} {cell:?}");
                }
            }
        }
    }
}

#[test]
fn tms_counts_rows_from_the_south_and_bounds_are_kept() {
    let layer = ImageryLayer {
        kind: ImageryKind::Tms,
        bounds: Rect::from_degrees([113.8, 22.1, 114.5, 22.6]),
        max_zoom: 1,
        ..layer("{z}/{x}/{y}")
    };
    assert_eq!(
        urls(&layer, Scheme::WebMercator, Cell::new(0, 0, 0)),
        ["1/1/1"]
    );
    assert!(urls(&layer, Scheme::WebMercator, Cell::new(1, 0, 0)).is_empty());
}

#[test]
fn a_matrix_set_by_scales_is_the_well_known_one() {
    // GoogleMapsCompatible and WorldCRS84Quad, level 2, as OGC 17-083r2 annex D lists them.
    let mercator = ImageryLayer {
        kind: ImageryKind::Wmts,
        matrices: vec![TileMatrix {
            id: "two".to_owned(),
            scale_denominator: 559_082_264.028_717_8 / 4.0,
            top_left: [-20_037_508.342_789_2, 20_037_508.342_789_2],
            tile_px: [256, 256],
            size: [4, 4],
        }],
        ..layer("{TileMatrix}/{TileRow}/{TileCol}")
    };
    let image = &mercator
        .images(&Scheme::WebMercator.rect(Cell::new(2, 3, 1)), 12)
        .unwrap()
        .images;
    assert_eq!((image.len(), image[0].url.as_str()), (1, "two/1/3"));
    let (found, right) = (
        image[0].window,
        Scheme::WebMercator.window(Cell::new(2, 3, 1)),
    );
    assert!((found.u0 - right.u0).abs() < 1e-9 && (found.v1 - right.v1).abs() < 1e-9);
    let geographic = ImageryLayer {
        scheme: Scheme::Geographic,
        matrices: vec![TileMatrix {
            id: "EPSG:4326:2".to_owned(),
            scale_denominator: 279_541_132.014_358_76 / 4.0,
            top_left: [-180.0, 90.0],
            tile_px: [256, 256],
            size: [8, 4],
        }],
        ..mercator
    };
    let cell = Cell::new(2, 6, 1);
    let image = &geographic
        .images(&Scheme::Geographic.rect(cell), 12)
        .unwrap()
        .images;
    assert_eq!(image[0].url, "EPSG:4326:2/1/6");
    let right = Scheme::Geographic.window(cell);
    assert!((image[0].window.v0 - right.v0).abs() < 1e-9);
}
