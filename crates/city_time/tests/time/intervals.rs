//! Intervals.

use city_time::*;
use proptest::prelude::*;

fn interval(a: i64, b: i64) -> Interval {
    Interval::new(SimInstant(a), SimInstant(b))
}

#[test]
fn ends() {
    let i = interval(20, 10);
    assert_eq!((i.start, i.end), (SimInstant(10), SimInstant(20)));
    assert!(i.contains(SimInstant(10)) && !i.contains(SimInstant(20)));
    assert_eq!(i.clamp(SimInstant(99)), SimInstant(20));
    assert_eq!(i.intersection(&interval(20, 30)), None);
    assert_eq!(i.intersection(&interval(15, 30)), Some(interval(15, 20)));
    assert!(
        i.covers(&interval(12, 12)) && i.covers(&interval(12, 20)) && !i.covers(&interval(12, 21))
    );
    assert_eq!(Interval::before(SimInstant(100), 30), interval(70, 100));
}

#[test]
fn fractions_over_the_whole_range() {
    let all = Interval {
        start: SimInstant::MIN,
        end: SimInstant::MAX,
    };
    assert!((all.fraction_of(SimInstant(0)) - 0.5).abs() < 1e-15);
    assert_eq!(all.at_fraction(2.0), SimInstant::MAX);
    assert_eq!(interval(3, 3).fraction_of(SimInstant(99)), 0.0);
}

proptest! {
    #![proptest_config(crate::cases(1000))]

    #[test]
    fn gaps_and_cover_make_the_whole(parts in prop::collection::vec((0..100i64, 0..30i64), 0..8)) {
        let whole = interval(10, 90);
        let covered: Vec<Interval> = parts.iter().map(|(start, length)| interval(*start, start + length)).collect();
        let gaps = whole.gaps(&covered);
        for t in 0..100 {
            let t = SimInstant(t);
            let in_gap = gaps.iter().filter(|g| g.contains(t)).count();
            let expected = whole.contains(t) && !covered.iter().any(|c| c.contains(t));
            prop_assert_eq!(in_gap, usize::from(expected));
        }
        prop_assert!(gaps.windows(2).all(|w| w[0].end < w[1].start));
    }
}
