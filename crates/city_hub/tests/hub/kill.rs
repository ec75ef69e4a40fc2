//! A process that stores readings is killed again and again; what it had acknowledged must be there.

use city_hub::store::{HOUR_NS, Store, StoreOptions};
use city_sensors::{NS_PER_S, Observation};
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

const DIR: &str = "BELVEDERE_TEST_KILL_DIR";
const FIRST: &str = "BELVEDERE_TEST_KILL_FIRST";
const START_NS: i64 = 490_000 * HOUR_NS;
const DATASTREAMS: u64 = 7;

fn open(dir: &Path) -> Store {
    let options = StoreOptions {
        reserve_bytes: 0,
        retention_h: 1_000_000,
        ..StoreOptions::default()
    };
    Store::open(dir, options).unwrap()
}

/// The reading with a number: half a minute after the one before, so that hours pass quickly.
fn reading(number: u64) -> Observation {
    let time_ns = START_NS + (number / DATASTREAMS) as i64 * 30 * NS_PER_S;
    let value = (number as f64 * 0.37).sin();
    Observation::new((number % DATASTREAMS) as u32 + 1, time_ns, time_ns, value)
}

/// Not a test of its own: the process that the test below starts and kills.
#[test]
fn child_that_stores_until_it_is_killed() {
    let (Ok(dir), Ok(first)) = (std::env::var(DIR), std::env::var(FIRST)) else {
        return;
    };
    let store = open(Path::new(&dir));
    let mut next: u64 = first.parse().unwrap();
    let mut out = std::io::stdout();
    loop {
        let batch: Vec<Observation> = (next..next + 50).map(reading).collect();
        store.append(&batch).unwrap();
        next += 50;
        writeln!(out, "stored {next}").unwrap();
        out.flush().unwrap();
        if next.is_multiple_of(1000) {
            let newest = reading(next).phenomenon_time_ns;
            store.seal(newest).unwrap();
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for round in 0..6 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "kill::child_that_stores_until_it_is_killed",
                "--nocapture",
            ])
            .env(DIR, dir.path())
            .env(FIRST, acknowledged.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let before = acknowledged;
        // Another moment each time: in the middle of appending, of sealing, of flushing.
        while acknowledged < before + 700 + round * 433 {
            let line = lines.next().expect("the child ended by itself").unwrap();
            if let Some(number) = line.strip_prefix("stored ") {
                acknowledged = number.parse().unwrap();
            }
        }
        std::thread::sleep(Duration::from_millis(3 * round));
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        // What it said in its last moments counts as well.
        for line in lines.map_while(Result::ok) {
            if let Some(number) = line.strip_prefix("stored ") {
                acknowledged = number.parse().unwrap();
            }
        }
        let store = open(dir.path());
        for number in 0..acknowledged {
            let wanted = reading(number);
            let found = store.find(wanted.datastream, wanted.key()).unwrap();
            assert_eq!(
                found,
                Some(wanted),
                "round {round}: reading {number} of {acknowledged}"
            );
        }
        // And nothing is there twice, though the child began where its last batch may have been stored already.
        let all: usize = (1..=DATASTREAMS as u32)
            .map(|d| store.range(d, 0, i64::MAX).unwrap().len())
            .sum();
        assert!(all as u64 >= acknowledged && all as u64 <= acknowledged + 50);
    }
    assert!(
        acknowledged > 8000,
        "the hours of {acknowledged} readings were sealed on the way"
    );
    assert!(open(dir.path()).size().unwrap().hot_readings < acknowledged);
}
