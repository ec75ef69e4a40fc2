use super::*;
use crate::{NS_PER_S, Quality};
use proptest::prelude::*;

fn any_flags() -> impl Strategy<Value = Flags> {
    (prop::sample::select(vec![1u16, 2, 3, 4, 9]), 0..0x80u16)
        .prop_map(|(quality, marks)| Flags::from_bits(quality | marks << 4).unwrap())
}

prop_compose! {
    fn any_reading()(
        time in prop_oneof![any::<i32>().prop_map(i64::from).boxed(), (0..200i64).prop_map(|s| s * NS_PER_S).boxed()],
        value in prop_oneof![any::<f64>().boxed(), (-5000..5000i32).prop_map(|i| f64::from(i) / 100.0).boxed()],
        flags in any_flags(),
        latency in -5_000_000_000i64..600_000_000_000,
        seq in 0..3u32,
    ) -> Observation {
        let mut reading = Observation::new(7, time, time + latency, value);
        reading.flags = flags;
        reading.seq = seq;
        reading
    }
}

fn bits(columns: &Columns) -> Vec<(i64, u64, u16, i64, u32)> {
    columns
        .iter(7)
        .map(|o| {
            let value = if o.value.is_nan() {
                0
            } else {
                o.value.to_bits()
            };
            (
                o.phenomenon_time_ns,
                value,
                o.flags.bits(),
                o.result_time_ns,
                o.seq,
            )
        })
        .collect()
}

fn columns_of(readings: &[Observation]) -> Columns {
    let mut columns = Columns::default();
    for reading in readings {
        columns.insert(reading);
    }
    columns
}

proptest! {
    #[test]
    fn every_bit_comes_back(readings in proptest::collection::vec(any_reading(), 0..80)) {
        let columns = columns_of(&readings);
        let mut bytes = Vec::new();
        columns.encode(&mut bytes);
        let back = Columns::decode(&bytes, MAX_ROWS).unwrap();
        prop_assert_eq!(bits(&back), bits(&columns));
    }

    #[test]
    fn adding_twice_in_any_order_is_adding_once(
        readings in proptest::collection::vec(any_reading(), 0..40),
    ) {
        let once = columns_of(&readings);
        let mut twice = once.clone();
        // The last of several readings with one key is the one that stays.
        for reading in readings.iter().rev() {
            let row = once.find(reading.key()).unwrap();
            twice.insert(&once.get(7, row).unwrap());
        }
        prop_assert_eq!(bits(&twice), bits(&once));
        prop_assert!(once.times_ns().is_sorted());
    }

    #[test]
    fn bytes_from_anywhere_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(columns) = Columns::decode(&bytes, 1000) {
            prop_assert!(columns.len() <= 1000);
            prop_assert!(columns.iter(0).all(|o| o.value.is_finite() == (o.quality() != Quality::Missing)));
        }
    }

    #[test]
    fn damage_is_refused_or_gives_as_many_rows(
        readings in proptest::collection::vec(any_reading(), 1..30),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = Vec::new();
        columns_of(&readings).encode(&mut bytes);
        let cut = cut.index(bytes.len());
        prop_assert!(Columns::decode(&bytes[..cut], MAX_ROWS).is_err());
        bytes.push(0);
        prop_assert!(Columns::decode(&bytes, MAX_ROWS).is_err(), "a byte too many");
    }
}

#[test]
fn a_lie_about_the_count_asks_for_no_memory() {
    let mut bytes = vec![1];
    crate::varint::put_varint(&mut bytes, u64::MAX);
    assert!(Columns::decode(&bytes, MAX_ROWS).is_err());
}

#[test]
fn a_regular_sensor_takes_some_two_bytes_per_reading() {
    let mut columns = Columns::default();
    for i in 0..1000i64 {
        let time_ns = (1_700_000_000 + i * 30) * NS_PER_S;
        let value = ((i % 17) as f64 * 1.3 * 10.0).round() / 10.0;
        columns.insert(&Observation::new(7, time_ns, time_ns + 400_000_000, value));
    }
    let mut bytes = Vec::new();
    columns.encode(&mut bytes);
    assert!(bytes.len() < 2600, "{} bytes", bytes.len());
}

#[test]
fn a_replaced_reading_says_so() {
    let mut columns = Columns::default();
    let reading = Observation::new(7, 5, 6, 1.5);
    assert_eq!(columns.insert(&reading), Inserted::New);
    assert_eq!(columns.insert(&reading), Inserted::Same);
    assert_eq!(
        columns.insert(&Observation {
            value: 2.5,
            ..reading
        }),
        Inserted::Changed
    );
    assert!(columns.set_flags(5, 0, Flags::new(Quality::Fail)));
    assert!(!columns.set_flags(5, 1, Flags::new(Quality::Fail)));
    assert_eq!(columns.len(), 1);
}
