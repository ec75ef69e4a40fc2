#!/usr/bin/env python3
"""Makes the font files of this folder again, from Debian's packages.

    apt-get install fonts-inter fonts-noto-cjk
    pip install fonttools
    python3 assets/fonts/subset.py

A Chinese file holds exactly the characters of its message file, of the scene files, of the demo city's names,
of extra.txt (words of place and building names) and of the names of the languages. Run it after changing any
of these; a test of the panels fails when a character is missing. Inter's figures are replaced by its tabular ones, so that
numbers stand still while they change.
"""

import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

HERE = pathlib.Path(__file__).resolve().parent
INTER = pathlib.Path("/usr/share/fonts/opentype/inter")
CJK = pathlib.Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")

LATIN = (
    [chr(c) for c in range(0x20, 0x7F)]
    + [chr(c) for c in range(0xA0, 0x180)]
    + list("ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρςστυφχψω")
    + list("–—‘’“”„†‡•…‰‹›€™Ω−√∞∫≈≠≤≥±×÷·°′″‾⁄µ")
    + list("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻₀₁₂₃₄₅₆₇₈₉₊₋")
    + list("←↑→↓↔↕⌘⇧⌥⏎")
)
LANGUAGE_NAMES = "English繁體中文简体中文"
# Full-width forms and CJK punctuation that Chinese text uses, whether or not a message does today.
PUNCTUATION = "，。、；：？！（）「」『』《》〈〉【】—…·％～　"


def options():
    o = subset.Options()
    o.layout_features = ["kern", "mark", "mkmk"]
    o.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    o.notdef_outline = True
    o.hinting = False
    o.desubroutinize = False
    o.drop_tables += ["DSIG", "vhea", "vmtx", "VORG"]
    return o


def save(font, name, characters):
    characters = sorted({c for c in characters if not c.isspace() or c == " "} | {" "})
    subsetter = subset.Subsetter(options())
    have = set(font.getBestCmap())
    missing = [c for c in characters if ord(c) not in have]
    subsetter.populate(unicodes=[ord(c) for c in characters if ord(c) in have])
    subsetter.subset(font)
    font.recalcTimestamp = False  # the same files from the same packages
    path = HERE / name
    font.save(path)
    print(f"{name}: {len(characters) - len(missing)} characters, {path.stat().st_size} bytes", end="")
    print(f", not in the font: {''.join(missing)}" if missing else "")


def tabular(font):
    """Makes the tabular figures the default ones."""
    swap = {}
    for record in font["GSUB"].table.FeatureList.FeatureRecord:
        if record.FeatureTag != "tnum":
            continue
        for index in record.Feature.LookupListIndex:
            for table in font["GSUB"].table.LookupList.Lookup[index].SubTable:
                table = getattr(table, "ExtSubTable", table)
                swap.update(getattr(table, "mapping", {}))
    if not swap:
        sys.exit("Inter has no tabular figures: another version?")
    for table in font["cmap"].tables:
        table.cmap = {c: swap.get(g, g) for c, g in table.cmap.items()}
    # One of this release's tabular figures is three units narrower than the others.
    figures = [font.getBestCmap()[ord(c)] for c in "0123456789"]
    width = max(font["hmtx"][g][0] for g in figures)
    for glyph in figures:
        font["hmtx"][glyph] = (width, font["hmtx"][glyph][1])


def latin(weight, name):
    font = TTFont(INTER / f"Inter-{weight}.otf")
    tabular(font)
    save(font, name, LATIN)


def chinese(face, language, name, characters):
    fonts = TTCollection(CJK).fonts
    font = next(f for f in fonts if f["name"].getDebugName(4).startswith(f"Noto Sans CJK {face}"))
    save(font, name, characters)


def messages(language):
    lines = (HERE.parent / "i18n" / f"{language}.ftl").read_text(encoding="utf-8").splitlines()
    return "".join(line for line in lines if not line.startswith("#"))


def data():
    root = HERE.parent.parent
    files = [*(root / "scenes").glob("*.toml"), *(root / "crates/city_tiler/src").rglob("*.rs")]
    return "".join(file.read_text(encoding="utf-8") for file in files)


def cjk_only(text):
    return {c for c in text if ord(c) >= 0x2E80}


def main():
    latin("Regular", "latin-regular.otf")
    latin("SemiBold", "latin-semibold.otf")
    chinese("TC", "zh-Hant", "names.otf", cjk_only(LANGUAGE_NAMES))
    extra = (HERE / "extra.txt").read_text(encoding="utf-8")
    for face, language, name in [("TC", "zh-Hant", "zh-hant.otf"), ("SC", "zh-Hans", "zh-hans.otf")]:
        chinese(face, language, name, cjk_only(messages(language) + data() + extra + PUNCTUATION + LANGUAGE_NAMES))


if __name__ == "__main__":
    main()
