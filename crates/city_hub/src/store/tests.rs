use super::*;
use city_sensors::{Flags, NS_PER_S, Quality};
use std::collections::BTreeSet;

const START_NS: i64 = 490_000 * HOUR_NS;

fn options() -> StoreOptions {
    StoreOptions {
        reserve_bytes: 0,
        ..StoreOptions::default()
    }
}

fn open(dir: &tempfile::TempDir) -> Store {
    Store::open(dir.path(), options()).unwrap()
}

/// A reading of a datastream some seconds after the start.
fn reading(datastream: u32, after_s: i64, value: f64) -> Observation {
    let time_ns = START_NS + after_s * NS_PER_S;
    let mut reading = Observation::new(datastream, time_ns, time_ns + NS_PER_S, value);
    reading.flags = Flags::new(Quality::Good);
    reading
}

/// Three hours of readings of three datastreams, a minute apart.
fn three_hours() -> Vec<Observation> {
    (0..180)
        .flat_map(|minute| {
            (1..=3).map(move |d| reading(d, minute * 60, minute as f64 + f64::from(d)))
        })
        .collect()
}

fn everything(store: &Store) -> Vec<Observation> {
    (1..=3)
        .flat_map(|d| {
            let columns = store.range(d, 0, i64::MAX).unwrap();
            columns.iter(d).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn storing_twice_is_storing_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let readings = three_hours();
    assert_eq!(store.append(&readings).unwrap().new, readings.len());
    let again = store.append(&readings).unwrap();
    assert_eq!((again.new, again.same), (0, readings.len()));
    let corrected = Observation {
        value: -1.0,
        ..readings[0]
    };
    assert_eq!(store.append(&[corrected]).unwrap().changed, 1);
    assert_eq!(everything(&store).len(), readings.len());
}

#[test]
fn of_two_versions_in_one_batch_the_last_stays_also_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let first = reading(1, 60, 5.0);
    let second = Observation {
        flags: Flags::new(Quality::Suspect),
        ..first
    };
    {
        let store = open(&dir);
        store.append(&[first, reading(1, 90, 6.0), second]).unwrap();
        assert_eq!(store.find(1, first.key()).unwrap(), Some(second));
    }
    assert_eq!(open(&dir).find(1, first.key()).unwrap(), Some(second));
}

#[test]
fn sealing_changes_nothing_that_is_read_and_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let before = {
        let store = open(&dir);
        store.append(&three_hours()).unwrap();
        let before = everything(&store);
        assert!(
            store
                .seal(START_NS + 3 * HOUR_NS + 11 * 60 * NS_PER_S)
                .unwrap()
                >= 9
        );
        assert_eq!(store.size().unwrap().hot_readings, 0);
        assert_eq!(everything(&store), before);
        before
    };
    let store = open(&dir);
    assert_eq!(everything(&store), before);
    // A late reading for an hour that is sealed, and one that was there.
    let late = reading(2, 61, 99.0);
    assert_eq!(
        store.append(&[late, before[0]]).unwrap(),
        Appended {
            new: 1,
            same: 1,
            changed: 0
        }
    );
    assert_eq!(everything(&store).len(), before.len() + 1);
    store.seal(START_NS + 5 * HOUR_NS).unwrap();
    assert_eq!(store.find(2, late.key()).unwrap(), Some(late));
    assert_eq!(everything(&store).len(), before.len() + 1);
}

#[test]
fn an_open_hour_is_not_sealed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    store.append(&three_hours()).unwrap();
    store.seal(START_NS + HOUR_NS + 5 * 60 * NS_PER_S).unwrap();
    assert_eq!(
        store.size().unwrap().hot_readings,
        3 * 180,
        "late readings are waited for"
    );
    store.seal(START_NS + HOUR_NS + 10 * 60 * NS_PER_S).unwrap();
    assert_eq!(store.size().unwrap().hot_readings, 3 * 120);
}

#[test]
fn a_window_has_what_holds_at_its_beginning_and_what_a_line_may_run_to() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    store.append(&three_hours()).unwrap();
    store.append(&[reading(4, -30 * 3600, 7.0)]).unwrap();
    for sealed in [false, true] {
        if sealed {
            store.seal(START_NS + 4 * HOUR_NS).unwrap();
        }
        let (from, to) = (START_NS + 90 * NS_PER_S, START_NS + 7_250 * NS_PER_S);
        let series = store
            .window(&BTreeSet::from([1, 3, 4, 9]), from, to)
            .unwrap();
        let numbers: Vec<u32> = series.iter().map(|s| s.datastream).collect();
        assert_eq!(numbers, [1, 3, 4], "sealed: {sealed}");
        let times: Vec<i64> = series[0]
            .readings
            .times_ns()
            .iter()
            .map(|t| (t - START_NS) / NS_PER_S)
            .collect();
        assert_eq!((times[0], times[times.len() - 1]), (60, 7_260));
        assert_eq!(times.len(), 121);
        // Silent for thirty hours, but its last reading still holds.
        assert_eq!(series[2].readings.values(), [7.0]);
    }
}

#[test]
fn counting_agrees_with_reading() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    store.append(&three_hours()).unwrap();
    store.seal(START_NS + 2 * HOUR_NS).unwrap();
    store.append(&[reading(2, 61, 99.0)]).unwrap();
    for (from, to) in [(0, 20_000), (30, 5_000), (3_600, 7_199), (7_200, 7_200)] {
        let (from_ns, to_ns) = (START_NS + from * NS_PER_S, START_NS + to * NS_PER_S);
        let read: usize = [1, 2]
            .iter()
            .map(|d| store.range(*d, from_ns, to_ns).unwrap().len())
            .sum();
        let counted = store
            .count(&BTreeSet::from([1, 2]), from_ns, to_ns)
            .unwrap();
        assert_eq!(counted, read as u64, "{from} to {to}");
    }
}

#[test]
fn old_hours_are_deleted_and_a_small_limit_deletes_more() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(
        dir.path(),
        StoreOptions {
            retention_h: 2,
            ..options()
        },
    )
    .unwrap();
    store.append(&three_hours()).unwrap();
    let now_ns = START_NS + 3 * HOUR_NS;
    store.seal(now_ns + HOUR_NS).unwrap();
    assert!(store.expire(now_ns).unwrap() > 0);
    let left = everything(&store);
    assert_eq!(left.len(), 3 * 120);
    assert!(
        left.iter()
            .all(|o| o.phenomenon_time_ns >= START_NS + HOUR_NS)
    );
    drop(store);
    let store = Store::open(
        dir.path(),
        StoreOptions {
            max_bytes: 1,
            ..options()
        },
    )
    .unwrap();
    store.expire(now_ns).unwrap();
    assert!(everything(&store).len() < left.len());
}

#[test]
fn a_full_disk_acknowledges_nothing_and_says_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(
        dir.path(),
        StoreOptions {
            reserve_bytes: u64::MAX,
            ..options()
        },
    )
    .unwrap();
    let error = store.append(&three_hours()).unwrap_err();
    assert!(error.to_string().contains("is full"), "{error}");
    assert!(error.to_string().contains(dir.path().to_str().unwrap()));
    assert!(everything(&store).is_empty());
}

/// A small disk of its own, where the system lets us mount one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(size: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let options = format!("size={size}");
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "belvedere-test"])
            .arg(dir.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            println!("skipped: a small disk can be mounted by root only");
        }
        mounted.then_some(Self(dir))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount")
            .arg("-l")
            .arg(self.0.path())
            .status();
    }
}

/// The reserve is there so that this does not happen; another program may still eat it up.
#[test]
fn what_was_acknowledged_survives_a_disk_that_fills_up_under_the_database() {
    let Some(disk) = SmallDisk::mount("160m") else {
        return;
    };
    let store = Store::open(&disk.0.path().join("store"), options()).unwrap();
    let mut acknowledged = Vec::new();
    let batch = |minute: i64| -> Vec<Observation> {
        (1..=3).map(|d| reading(d, minute * 60, 1.0)).collect()
    };
    for minute in 0..50 {
        store.append(&batch(minute)).unwrap();
        acknowledged.extend(batch(minute));
    }
    // Something else takes all the room.
    let filler = disk.0.path().join("filler");
    let mut file = std::fs::File::create(&filler).unwrap();
    while std::io::Write::write_all(&mut file, &[7; 4096]).is_ok() {}
    let mut refused = None;
    for minute in 50..5000 {
        match store.append(&batch(minute)) {
            Ok(_) => acknowledged.extend(batch(minute)),
            Err(error) => {
                refused = Some((minute, error));
                break;
            }
        }
    }
    std::fs::remove_file(&filler).unwrap();
    if let Some((minute, error)) = refused {
        println!("refused at minute {minute}: {error}");
        store.reopen().unwrap();
        store.append(&batch(minute)).unwrap();
        acknowledged.extend(batch(minute));
    } else {
        println!("the journal had room for all");
    }
    for wanted in &acknowledged {
        assert_eq!(
            store.find(wanted.datastream, wanted.key()).unwrap(),
            Some(*wanted)
        );
    }
    drop(store);
    let store = Store::open(&disk.0.path().join("store"), options()).unwrap();
    for wanted in &acknowledged {
        assert_eq!(
            store.find(wanted.datastream, wanted.key()).unwrap(),
            Some(*wanted)
        );
    }
}

#[test]
fn the_database_can_be_opened_again_under_its_readers() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    store.append(&three_hours()).unwrap();
    let before = everything(&store);
    store.reopen().unwrap();
    assert_eq!(everything(&store), before);
    store.append(&[reading(1, 90, 5.0)]).unwrap();
    assert_eq!(everything(&store).len(), before.len() + 1);
}

#[test]
fn a_directory_in_use_or_unusable_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let _first = open(&dir);
    let second = Store::open(dir.path(), options()).err().unwrap();
    assert!(
        second.to_string().contains("in use by another hub"),
        "{second}"
    );
    let file = dir.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let error = Store::open(&file.join("below"), options()).err().unwrap();
    assert!(error.to_string().contains("cannot be used"), "{error}");
}

#[test]
fn a_store_of_another_version_is_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    open(&dir)
        .put_meta(&[("format".to_owned(), b"belvedere store 99".to_vec())])
        .unwrap();
    let error = Store::open(dir.path(), options()).err().unwrap();
    assert!(error.to_string().contains("belvedere store 99"), "{error}");
}

#[test]
fn readings_are_counted_by_ten_minutes_hot_and_sealed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let mut readings = three_hours();
    // Minute 75 of datastream 2 is suspect.
    let odd = readings
        .iter_mut()
        .find(|r| r.datastream == 2 && r.phenomenon_time_ns == START_NS + 75 * 60 * NS_PER_S)
        .unwrap();
    odd.flags = Flags::new(Quality::Suspect);
    store.append(&readings).unwrap();
    let all = BTreeSet::from([1, 2, 3]);
    let hour = hour_of(START_NS);
    let count = |hour| store.tally(&all, hour).unwrap();
    let hot = count(hour + 1);
    assert_eq!(hot.map(|tally| tally.readings), [30; BINS]);
    assert_eq!(hot.map(|tally| tally.bad), [0, 1, 0, 0, 0, 0]);
    store.seal(START_NS + 30 * HOUR_NS).unwrap();
    assert_eq!(count(hour + 1), hot, "sealing changes no count");
    assert_eq!(count(hour + 9), [Tally::default(); BINS]);
    assert_eq!(
        store.tally(&BTreeSet::from([2]), hour).unwrap()[0].readings,
        10
    );
}
