//! Names in English, traditional and simplified Chinese. All are invented.

use serde::Serialize;

/// One name in the three languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Name {
    /// English.
    pub en: String,
    /// Traditional Chinese.
    #[serde(rename = "zh-Hant")]
    pub hant: String,
    /// Simplified Chinese.
    #[serde(rename = "zh-Hans")]
    pub hans: String,
}

impl Name {
    /// A name from its three parts.
    #[must_use]
    pub fn new(en: &str, hant: &str, hans: &str) -> Self {
        Self {
            en: en.to_owned(),
            hant: hant.to_owned(),
            hans: hans.to_owned(),
        }
    }

    /// This name followed by a kind of place: "Lantern" and "Street".
    #[must_use]
    pub fn with(&self, (en, hant, hans): (&str, &str, &str)) -> Self {
        Self {
            en: format!("{} {en}", self.en),
            hant: format!("{}{hant}", self.hant),
            hans: format!("{}{hans}", self.hans),
        }
    }

    /// This name with a number: "12 Lantern Street".
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        Self {
            en: format!("{number} {}", self.en),
            hant: format!("{}{number}號", self.hant),
            hans: format!("{}{number}号", self.hans),
        }
    }

    /// This name with a block number: "Camphor Court Block 3".
    #[must_use]
    pub fn block(&self, number: u32) -> Self {
        Self {
            en: format!("{} Block {number}", self.en),
            hant: format!("{}{number}座", self.hant),
            hans: format!("{}{number}座", self.hans),
        }
    }
}

/// Roots of names. The two scripts differ only where they are written apart.
const ROOTS: &[(&str, &str, &str)] = &[
    ("Lantern", "燈籠", "灯笼"),
    ("Camphor", "樟樹", "樟树"),
    ("Heron", "白鷺", "白鹭"),
    ("Tidewater", "潮水", "潮水"),
    ("Ropewalk", "纜繩", "缆绳"),
    ("Kestrel", "紅隼", "红隼"),
    ("Magnolia", "玉蘭", "玉兰"),
    ("Anchor", "錨", "锚"),
    ("Ferryman", "渡夫", "渡夫"),
    ("Granite", "花崗", "花岗"),
    ("Bamboo", "竹林", "竹林"),
    ("Silver", "銀", "银"),
    ("Harvest", "豐收", "丰收"),
    ("Jade", "玉", "玉"),
    ("Weaver", "織", "织"),
    ("Orchid", "蘭花", "兰花"),
    ("Morning", "晨光", "晨光"),
    ("Pearl", "珍珠", "珍珠"),
    ("Compass", "羅盤", "罗盘"),
    ("Willow", "柳", "柳"),
    ("Banyan", "榕樹", "榕树"),
    ("Harbour", "海港", "海港"),
    ("Signal", "信號", "信号"),
    ("Lotus", "蓮花", "莲花"),
    ("Spice", "香料", "香料"),
    ("Tea", "茶", "茶"),
    ("Salt", "鹽", "盐"),
    ("Sugar", "糖", "糖"),
    ("Copper", "銅", "铜"),
    ("Pine", "松", "松"),
    ("Crane", "鶴", "鹤"),
    ("Swallow", "燕", "燕"),
    ("Carp", "鯉", "鲤"),
    ("Mason", "石匠", "石匠"),
    ("Printer", "印書", "印书"),
    ("Scholar", "書院", "书院"),
    ("Temple", "廟", "庙"),
    ("Market", "市集", "市集"),
    ("Bridge", "橋", "桥"),
    ("Well", "井", "井"),
    ("Spring", "泉", "泉"),
    ("Cloud", "雲", "云"),
    ("Star", "星", "星"),
    ("Moon", "月", "月"),
    ("Sunrise", "日出", "日出"),
    ("Maple", "楓", "枫"),
    ("Cedar", "雪松", "雪松"),
    ("Plum", "梅", "梅"),
    ("Peony", "牡丹", "牡丹"),
    ("Cotton", "棉", "棉"),
    ("Silk", "絲", "丝"),
    ("Ivory", "象牙", "象牙"),
    ("Amber", "琥珀", "琥珀"),
    ("Coral", "珊瑚", "珊瑚"),
    ("Shell", "貝殼", "贝壳"),
    ("Oyster", "蠔", "蚝"),
    ("Sail", "帆", "帆"),
    ("Mast", "桅", "桅"),
    ("Rudder", "舵", "舵"),
    ("Pilot", "領航", "领航"),
    ("Dock", "船塢", "船坞"),
    ("Wharf", "碼頭", "码头"),
    ("Tram", "電車", "电车"),
    ("Ladder", "天梯", "天梯"),
    ("Terrace", "層台", "层台"),
    ("Garden", "花園", "花园"),
    ("Fountain", "噴泉", "喷泉"),
    ("Monsoon", "季風", "季风"),
    ("Thunder", "雷", "雷"),
    ("Rain", "雨", "雨"),
    ("Mist", "霧", "雾"),
    ("Dew", "露", "露"),
    ("Gate", "門", "门"),
    ("Tower", "塔", "塔"),
    ("Drum", "鼓", "鼓"),
    ("Bell", "鐘", "钟"),
    ("Flute", "笛", "笛"),
    ("Ink", "墨", "墨"),
    ("Paper", "紙", "纸"),
    ("Lacquer", "漆", "漆"),
    ("Kiln", "窯", "窑"),
    ("Porcelain", "瓷", "瓷"),
    ("Phoenix", "鳳凰", "凤凰"),
    ("Dragonfly", "蜻蜓", "蜻蜓"),
    ("Firefly", "螢火", "萤火"),
    ("Cricket", "蟋蟀", "蟋蟀"),
    ("Otter", "水獺", "水獭"),
    ("Dolphin", "海豚", "海豚"),
    ("Egret", "鷺", "鹭"),
    ("Kite", "風箏", "风筝"),
    ("Fort", "炮台", "炮台"),
    ("Beacon", "燈塔", "灯塔"),
    ("Reservoir", "水塘", "水塘"),
    ("Ridge", "嶺", "岭"),
    ("Valley", "谷", "谷"),
    ("Cape", "岬", "岬"),
];

const WIDE: &[(&str, &str, &str)] = &[
    ("Road", "道", "道"),
    ("Avenue", "大道", "大道"),
    ("Boulevard", "林蔭大道", "林荫大道"),
];
const NARROW: &[(&str, &str, &str)] = &[
    ("Street", "街", "街"),
    ("Lane", "里", "里"),
    ("Row", "坊", "坊"),
    ("Path", "徑", "径"),
];
const ENDS: &[(&str, &str, &str)] = &[
    ("", "", ""),
    (" East", "東", "东"),
    (" West", "西", "西"),
    (" North", "北", "北"),
    (" South", "南", "南"),
];

/// A root by number, wrapping round.
#[must_use]
pub fn root(number: usize) -> Name {
    let (en, hant, hans) = ROOTS[number % ROOTS.len()];
    Name::new(en, hant, hans)
}

/// The name of the street with this number; wide ones are roads and avenues. The
/// first 1,900 of each sort differ.
#[must_use]
pub fn street(number: u32, wide: bool) -> Name {
    let kinds = if wide { WIDE } else { NARROW };
    let number = number as usize;
    // 37 and the count of roots have no common factor, so neighbours differ.
    let name = root(number * 37);
    let round = number / ROOTS.len();
    let kind = kinds[(number + round) % kinds.len()];
    let end = ENDS[(round / kinds.len() * 2 + round) % ENDS.len()];
    let named = name.with(kind);
    Name {
        en: format!("{}{}", named.en, end.0),
        hant: format!("{}{}", named.hant, end.1),
        hans: format!("{}{}", named.hans, end.2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_streets_have_different_names() {
        let names: std::collections::BTreeSet<String> =
            (0..320).map(|i| street(i, i % 5 == 0).en).collect();
        assert!(names.len() > 300, "{}", names.len());
        assert_eq!(
            root(0).with(("Street", "街", "街")).numbered(12).en,
            "12 Lantern Street"
        );
    }
}
