//! Measures the hub: the first fill, windows, SensorThings, appends, bytes on disk.
//!
//! `cargo run --release -p city_hub --example measure`

use city_hub::{Config, Progress, SimulatedFeed, spawn, store::Store};
use city_sensors::{NS_PER_S, Observation, simulate};
use std::{
    error::Error,
    io::Read,
    path::Path,
    time::{Duration, Instant},
};

fn main() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let mut config = Config::new(dir.path().join("hub"));
    let sites = simulate::spread(1, 114.17, 22.29, 0.0);
    config.simulated = Some(SimulatedFeed::new(1, 8 * 3600, sites));
    let start = Instant::now();
    let hub = spawn(config.clone(), |progress| {
        if let Progress::Listening { .. } = progress {
            println!("{progress}");
        }
    })?;
    println!("listening after {:?}", start.elapsed());
    if !hub.wait_ready() {
        return Err("the hub stopped".into());
    }
    println!("24 h filled in after {:?}", start.elapsed());
    println!("on disk: {:.1} MB", disk_bytes(dir.path())? as f64 / 1e6);
    let now_ns = (config.clock)();
    let count = get(&hub.url(), "/v1.1/Observations?$count=true&$top=0")?.0;
    println!("counted {}", String::from_utf8_lossy(&count));
    for (layer, minutes) in [
        ("traffic_speed", 10),
        ("traffic_speed", 60),
        ("lamp_power", 60),
        ("air_pm25", 1440),
    ] {
        let path = format!(
            "/api/window?layer={layer}&from={}&to={now_ns}",
            now_ns - minutes * 60 * NS_PER_S
        );
        measure(
            &hub.url(),
            &format!("window of {layer}, {minutes} min"),
            &path,
        )?;
    }
    measure(&hub.url(), "catalogue", "/api/catalog")?;
    let series = format!(
        "/api/series?datastream=1&from={}&to={now_ns}",
        now_ns - 86_400 * NS_PER_S
    );
    measure(&hub.url(), "series of 24 h", &series)?;
    for (what, path) in [
        ("count of all", "/v1.1/Observations?$count=true&$top=1"),
        (
            "latest of 1000 datastreams",
            "/v1.1/Datastreams?$top=1000&$expand=Observations($orderby=phenomenonTime%20desc;$top=1)",
        ),
        (
            "latest over all",
            "/v1.1/Observations?$orderby=phenomenonTime%20desc&$top=100",
        ),
        (
            "filter on result",
            "/v1.1/Observations?$filter=result%20gt%20100000&$top=1",
        ),
    ] {
        measure(&hub.url(), what, path)?;
    }
    std::thread::sleep(Duration::from_secs(10));
    println!(
        "live for ten seconds: {}",
        String::from_utf8_lossy(&get(&hub.url(), "/api/health")?.0)
    );
    hub.shutdown();
    let start = Instant::now();
    let hub = spawn(config, |_| {})?;
    let ready = hub.wait_ready();
    println!("second start ({ready}): {:?}", start.elapsed());
    hub.shutdown();
    append(&dir.path().join("append"))
}

/// Appends as the ingest does: groups, each synchronised to disk.
fn append(dir: &Path) -> Result<(), Box<dyn Error>> {
    let store = Store::open(dir, city_hub::store::StoreOptions::default())?;
    for group in [1usize, 30, 1000, 10_000] {
        let (mut stored, mut time_ns) = (0, 490_000 * city_hub::store::HOUR_NS);
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(3) {
            let readings: Vec<Observation> = (0..group)
                .map(|i| {
                    time_ns += NS_PER_S / 1000;
                    Observation::new(i as u32 % 5000, time_ns, time_ns, 1.5)
                })
                .collect();
            stored += store.append(&readings)?.new;
        }
        let per_s = stored as f64 / start.elapsed().as_secs_f64();
        println!("appended in groups of {group}: {per_s:.0} readings/s, each group on disk");
    }
    Ok(())
}

fn measure(url: &str, what: &str, path: &str) -> Result<(), Box<dyn Error>> {
    let mut times = Vec::new();
    let mut bytes = 0;
    for _ in 0..5 {
        let (body, time) = get(url, path)?;
        bytes = body.len();
        times.push(time);
    }
    times.sort();
    println!(
        "{what}: {:?} (first to last {:?} to {:?}), {bytes} bytes",
        times[2], times[0], times[4]
    );
    Ok(())
}

fn get(url: &str, path: &str) -> Result<(Vec<u8>, Duration), Box<dyn Error>> {
    let start = Instant::now();
    let mut response = ureq::get(format!("{url}{path}")).call()?;
    let mut body = Vec::new();
    response
        .body_mut()
        .as_reader()
        .take(256 << 20)
        .read_to_end(&mut body)?;
    Ok((body, start.elapsed()))
}

fn disk_bytes(dir: &Path) -> std::io::Result<u64> {
    use std::os::unix::fs::MetadataExt;
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let found = entry.metadata()?;
        bytes += if found.is_dir() {
            disk_bytes(&entry.path())?
        } else {
            // Blocks that are there: the journal reserves more than it uses.
            found.blocks() * 512
        };
    }
    Ok(bytes)
}
