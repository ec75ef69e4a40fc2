//! Every sample tileset with glTF or b3dm content, drawn small: what is expected loads, what cannot be drawn is told,
//! and something is to be seen. tests/picture_samples.tsv says what is expected of each.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use belvedere::app::QualityChoice;
use belvedere::clock::SimClock;
use belvedere::headless::Headless;
use belvedere::notices::Notices;
use belvedere::render::Silhouette;
use belvedere::tiles::{OpenTileset, TileLayer, TileTotals, TilesetSource};
use city_time::SimInstant;

const SIZE: [u32; 2] = [320, 180];

/// What a tileset came to.
struct Drawn {
    loaded: u64,
    failed: usize,
    /// Share of the picture that its surfaces cover, 0..1.
    covered: f64,
    /// Mean brightness of what is covered, 0..255.
    brightness: f64,
    told: Vec<String>,
}

fn draw(headless: &mut Headless, url: &str) -> Drawn {
    let ready = |headless: &Headless| headless.app.world().resource::<TileTotals>().contents_ready;
    let before = ready(headless);
    let newest = |headless: &Headless| {
        let notices = headless.app.world().resource::<Notices>();
        notices.list().last().map_or(0, |notice| notice.id)
    };
    let told_before = newest(headless);
    let source = TilesetSource {
        name: "sample".into(),
        url: url.into(),
        ..TilesetSource::default()
    };
    headless.app.world_mut().write_message(OpenTileset {
        source,
        frame_it: true,
        replace: true,
    });
    // Until the camera stands before it, no tile is asked for that the picture shows.
    for _ in 0..1000 {
        headless.frame().unwrap();
        let world = headless.app.world_mut();
        let mut layers = world.query::<&TileLayer>();
        let layers: Vec<_> = layers.iter(world).collect();
        if matches!(layers[..], [layer] if layer.source.url == url && (!layer.frame_it || !layer.streamer.problems().is_empty()))
        {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    headless.settle(Duration::from_secs(60)).unwrap();
    let picture = headless.picture().unwrap();
    headless.app.world_mut().insert_resource(Silhouette(true));
    headless.frame().unwrap();
    let mask = headless.picture().unwrap();
    headless.app.world_mut().insert_resource(Silhouette(false));
    let covered: Vec<f64> = picture
        .pixels()
        .zip(mask.pixels())
        .filter(|(_, mask)| mask.0[0] > 24)
        .map(|(p, _)| p.0[..3].iter().map(|c| f64::from(*c)).sum::<f64>() / 3.0)
        .collect();
    let notices = headless.app.world().resource::<Notices>();
    Drawn {
        loaded: ready(headless) - before,
        failed: headless.app.world().resource::<TileTotals>().failed,
        covered: covered.len() as f64 / f64::from(SIZE[0] * SIZE[1]),
        brightness: covered.iter().sum::<f64>() / covered.len().max(1) as f64,
        told: notices
            .list()
            .iter()
            .filter(|n| n.id > told_before)
            .map(|n| n.text.clone())
            .collect(),
    }
}

/// Whether a row's expectations hold; what does not, in words.
fn differences(drawn: &Drawn, loaded: &str, failed: &str, told: &str) -> String {
    let mut wrong = String::new();
    if drawn.loaded.to_string() != loaded {
        write!(wrong, " {} contents loaded, not {loaded};", drawn.loaded).unwrap();
    }
    if drawn.failed.to_string() != failed {
        write!(wrong, " {} failed, not {failed};", drawn.failed).unwrap();
    }
    for words in told.split(" | ").filter(|words| *words != "-") {
        if !drawn.told.iter().any(|text| text.contains(words)) {
            write!(wrong, " nothing says \"{words}\";").unwrap();
        }
    }
    if told == "-" && !drawn.told.is_empty() {
        wrong.push_str(" it complains;");
    }
    let nothing = loaded == "0";
    if !nothing && !(0.0005..0.98).contains(&drawn.covered) {
        write!(wrong, " {:.4} of the picture covered;", drawn.covered).unwrap();
    }
    if !nothing && drawn.brightness < 25.0 {
        write!(wrong, " nearly black ({:.0});", drawn.brightness).unwrap();
    }
    wrong
}

#[test]
fn every_sample_is_drawn_or_says_why_not() {
    let Some(samples) = support::samples() else {
        return;
    };
    let mut headless = Headless::new(SIZE, QualityChoice::Lean).unwrap();
    headless
        .app
        .world_mut()
        .resource_mut::<belvedere::tiles::Ground>()
        .disabled = true;
    // Noon where most samples are: what is dark must not depend on the hour at which the test runs.
    let noon = SimInstant::parse_rfc3339("2026-06-21T17:00:00Z").unwrap();
    headless.app.insert_resource(SimClock::standing_at(noon));
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in include_str!("picture_samples.tsv").lines().skip(1) {
        let [path, loaded, failed, told] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("four columns: {line}");
        };
        let url = samples.join(path);
        assert!(Path::new(&url).exists(), "{path} is not among the samples");
        let drawn = draw(&mut headless, url.to_str().unwrap());
        let differs = differences(&drawn, loaded, failed, told);
        println!(
            "{path}\t{}\t{}\t{:.3}\t{:.0}\t{:?}",
            drawn.loaded, drawn.failed, drawn.covered, drawn.brightness, drawn.told
        );
        if !differs.is_empty() {
            wrong.push(format!("{path}:{differs} {:?}", drawn.told));
        }
        count += 1;
    }
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(count > 45);
}
