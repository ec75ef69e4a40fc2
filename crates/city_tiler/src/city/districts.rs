//! Districts: where they are, what they are called and what stands in them.

use glam::DVec2;

use super::names::Name;

/// What a block of streets becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Zone {
    /// Office towers on podiums.
    Office,
    /// Hotels, malls and the towers above them.
    Retail,
    /// Old shop-houses in rows, with a thin tower now and then.
    Tenement,
    /// Newer flats of ten to twenty-five storeys on small lots.
    Flats,
    /// Estates of tall towers or slabs among greens.
    Estate,
    /// Tall slim towers on hillsides.
    Luxury,
    /// Flatted factories.
    Industrial,
    /// Containers, sheds and cranes.
    Port,
    /// Low houses and gardens.
    Garden,
    /// A park.
    Park,
    /// A school with its pitch.
    School,
    /// A hospital.
    Hospital,
    /// Town hall, courts, museum, market.
    Civic,
    /// The stadium.
    Stadium,
    /// Left to the woods: no street leads here.
    Wild,
}

/// How many zones a mix has a weight for.
const MIXED: usize = 13;
/// The zones of a mix's weights, in order.
pub const MIX: [Zone; MIXED] = [
    Zone::Office,
    Zone::Retail,
    Zone::Tenement,
    Zone::Flats,
    Zone::Estate,
    Zone::Luxury,
    Zone::Industrial,
    Zone::Port,
    Zone::Garden,
    Zone::Park,
    Zone::School,
    Zone::Hospital,
    Zone::Civic,
];

type Mix = [f64; MIXED];

//                 off  ret  ten  fla  est  lux  ind  por  gar  par  sch  hos  civ
const CENTRE: Mix = [
    60., 16., 4.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 9.0, 1.0, 0.5, 7.0,
];
const SHOPS: Mix = [
    14., 26., 42., 10., 0.0, 0.0, 0.0, 0.0, 0.0, 6.0, 2.0, 0.5, 2.0,
];
const OLD: Mix = [
    3.0, 4.0, 68., 13., 2.0, 0.0, 1.0, 0.0, 0.0, 6.0, 4.0, 0.8, 1.5,
];
const MIXED_OLD: Mix = [
    9.0, 8.0, 54., 16., 4.0, 1.0, 2.0, 0.0, 0.0, 6.0, 4.0, 0.8, 1.5,
];
const HILLSIDE: Mix = [
    0.0, 1.0, 18., 24., 4.0, 38., 0.0, 0.0, 3.0, 9.0, 4.0, 1.0, 0.5,
];
const ESTATES: Mix = [
    1.0, 4.0, 17., 10., 45., 0.0, 2.0, 0.0, 0.0, 9.0, 8.0, 1.2, 1.5,
];
const WORKS: Mix = [
    14., 3.0, 18., 8.0, 8.0, 0.0, 42., 0.0, 0.0, 4.0, 2.0, 0.3, 1.0,
];
const DOCKS: Mix = [
    1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 14., 84., 0.0, 1.0, 0.0, 0.0, 0.0,
];
const LEAFY: Mix = [
    1.0, 3.0, 14., 22., 3.0, 6.0, 0.0, 0.0, 40., 8.0, 7.0, 1.2, 1.5,
];
const NEW: Mix = [
    24., 14., 0.0, 8.0, 22., 12., 0.0, 0.0, 0.0, 12., 3.0, 1.0, 5.0,
];
const HAVEN: Mix = [
    1.0, 5.0, 34., 20., 14., 4.0, 4.0, 0.0, 10., 6.0, 4.0, 1.0, 1.5,
];

/// A district.
#[derive(Debug, Clone, Copy)]
pub struct District {
    /// The name in files.
    pub id: &'static str,
    name: (&'static str, &'static str, &'static str),
    /// Where its middle is, metres.
    pub centre: (f64, f64),
    mix: Mix,
    /// How tall and dense: 1 is the densest.
    pub density: f64,
}

const fn district(
    id: &'static str,
    name: (&'static str, &'static str, &'static str),
    centre: (f64, f64),
    mix: Mix,
    density: f64,
) -> District {
    District {
        id,
        name,
        centre,
        mix,
        density,
    }
}

/// All districts: first the island's, then the mainland's.
pub const DISTRICTS: [District; 31] = [
    district(
        "westquay",
        ("West Quay", "西碼頭", "西码头"),
        (-5350.0, -1150.0),
        OLD,
        0.6,
    ),
    district(
        "lantern-hill",
        ("Lantern Hill", "燈籠山", "灯笼山"),
        (-4050.0, -1050.0),
        MIXED_OLD,
        0.7,
    ),
    district(
        "old-harbour",
        ("Old Harbour", "舊港", "旧港"),
        (-2750.0, -750.0),
        SHOPS,
        0.8,
    ),
    district(
        "beacon",
        ("Beacon", "燈塔", "灯塔"),
        (-1250.0, -620.0),
        CENTRE,
        1.0,
    ),
    district(
        "signal-point",
        ("Signal Point", "信號角", "信号角"),
        (50.0, -620.0),
        CENTRE,
        0.95,
    ),
    district(
        "typhoon-bay",
        ("Typhoon Bay", "避風灣", "避风湾"),
        (1250.0, -860.0),
        SHOPS,
        0.85,
    ),
    district(
        "willow-valley",
        ("Willow Valley", "柳谷", "柳谷"),
        (900.0, -1500.0),
        HILLSIDE,
        0.6,
    ),
    district(
        "ropewalk",
        ("Ropewalk", "纜廠", "缆厂"),
        (2450.0, -800.0),
        OLD,
        0.7,
    ),
    district(
        "sugar-quay",
        ("Sugar Quay", "糖廠碼頭", "糖厂码头"),
        (3700.0, -700.0),
        NEW,
        0.8,
    ),
    district(
        "eastgate",
        ("Eastgate", "東門", "东门"),
        (4950.0, -950.0),
        ESTATES,
        0.7,
    ),
    district(
        "cloud-terrace",
        ("Cloud Terrace", "雲台", "云台"),
        (-1900.0, -1250.0),
        HILLSIDE,
        0.8,
    ),
    district(
        "orchid-terrace",
        ("Orchid Terrace", "蘭花台", "兰花台"),
        (2900.0, -1350.0),
        HILLSIDE,
        0.6,
    ),
    district(
        "belvedere-peak",
        ("Belvedere Peak", "望峰", "望峰"),
        (-2950.0, -2100.0),
        LEAFY,
        0.2,
    ),
    district(
        "fishers-haven",
        ("Fisher's Haven", "漁人灣", "渔人湾"),
        (50.0, -3400.0),
        HAVEN,
        0.6,
    ),
    district(
        "pebble-bay",
        ("Pebble Bay", "卵石灣", "卵石湾"),
        (2600.0, -3500.0),
        LEAFY,
        0.2,
    ),
    district(
        "stone-cape",
        ("Stone Cape", "石岬", "石岬"),
        (4800.0, -3200.0),
        LEAFY,
        0.3,
    ),
    district(
        "cliffside",
        ("Cliffside", "崖邊", "崖边"),
        (-4100.0, -3300.0),
        LEAFY,
        0.2,
    ),
    district(
        "clock-point",
        ("Clock Point", "鐘角", "钟角"),
        (0.0, 600.0),
        SHOPS,
        0.9,
    ),
    district(
        "jade-market",
        ("Jade Market", "玉市", "玉市"),
        (-850.0, 1500.0),
        OLD,
        0.85,
    ),
    district(
        "new-reach",
        ("New Reach", "新涯", "新涯"),
        (-1900.0, 950.0),
        NEW,
        1.0,
    ),
    district(
        "weavers-row",
        ("Weaver's Row", "織坊", "织坊"),
        (-1150.0, 2500.0),
        OLD,
        0.7,
    ),
    district(
        "camphor",
        ("Camphor", "樟林", "樟林"),
        (450.0, 2250.0),
        LEAFY,
        0.4,
    ),
    district(
        "nine-wells",
        ("Nine Wells", "九井", "九井"),
        (1450.0, 1550.0),
        MIXED_OLD,
        0.7,
    ),
    district(
        "lion-foot",
        ("Lion Foot", "獅麓", "狮麓"),
        (1000.0, 3200.0),
        ESTATES,
        0.7,
    ),
    district(
        "saltpans",
        ("Saltpans", "鹽田", "盐田"),
        (-1900.0, 3200.0),
        ESTATES,
        0.7,
    ),
    district(
        "westport",
        ("Westport", "西港", "西港"),
        (-4950.0, 1900.0),
        DOCKS,
        0.5,
    ),
    district(
        "millfield",
        ("Millfield", "磨坊", "磨坊"),
        (-3500.0, 2900.0),
        WORKS,
        0.7,
    ),
    district(
        "tide-town",
        ("Tide Town", "潮鎮", "潮镇"),
        (-5500.0, 3000.0),
        ESTATES,
        0.8,
    ),
    district(
        "old-airfield",
        ("Old Airfield", "舊機場", "旧机场"),
        (3000.0, 1100.0),
        NEW,
        0.7,
    ),
    district(
        "granite-works",
        ("Granite Works", "石廠", "石厂"),
        (3500.0, 1950.0),
        WORKS,
        0.8,
    ),
    district(
        "tea-ridge",
        ("Tea Ridge", "茶嶺", "茶岭"),
        (4500.0, 1800.0),
        ESTATES,
        0.8,
    ),
];

impl District {
    /// Its name in the three languages.
    #[must_use]
    pub fn name(&self) -> Name {
        Name::new(self.name.0, self.name.1, self.name.2)
    }

    /// The weights of its zones, in the order of [`MIX`].
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.mix
    }
}

/// The district that a point belongs to: the nearest on its own shore.
#[must_use]
pub fn at(p: DVec2) -> usize {
    let island = p.y < -120.0;
    let distance = |d: &District| (p - DVec2::new(d.centre.0, d.centre.1)).length_squared();
    DISTRICTS
        .iter()
        .enumerate()
        .filter(|(_, d)| (d.centre.1 < -120.0) == island)
        .min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)))
        .map_or(0, |(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn districts_are_told_apart() {
        let ids: std::collections::BTreeSet<&str> = DISTRICTS.iter().map(|d| d.id).collect();
        assert_eq!(ids.len(), DISTRICTS.len());
        assert_eq!(DISTRICTS[at(DVec2::new(-1200.0, -600.0))].id, "beacon");
        assert_eq!(DISTRICTS[at(DVec2::new(0.0, 500.0))].id, "clock-point");
        assert!(
            DISTRICTS
                .iter()
                .all(|d| d.weights().iter().sum::<f64>() > 50.0)
        );
    }
}
