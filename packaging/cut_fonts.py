"""Cut the fonts the window ships from the full ones of the distribution.

    python packaging/cut_fonts.py INTER_FOLDER JETBRAINS_FOLDER DEJAVU_FOLDER assets/fonts

Inter and JetBrains Mono keep Latin text, punctuation, arrows and keys; the signs no text font has (flats,
sharps, notes, key caps) come from DejaVu Sans under a family name of their own. Needs fonttools.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

LATIN = "U+0020-024F,U+02C6-02DD,U+0300-0304,U+0370-03FF,U+0400-045F,U+1E00-1EFF,U+2010-2044,U+2070-208E,"
LATIN += "U+20AC,U+2122,U+2190-2199,U+21E7,U+2212,U+2260-2265,U+2318,U+2325,U+25A0-25FF,U+2713,U+2715"
SIGNS = (
    "U+0020,U+00B0,U+00D8,U+00F8,U+21E7,U+2190-2193,U+21B5,U+21E4,U+2326,U+232B,U+2328,U+23CE,U+25A0-25CF,"
)
SIGNS += "U+2605,U+2606,U+2669-266F,U+2713,U+2715,U+2070-208E,U+27F2,U+27F3,U+2807,U+283F"
CUTS = (
    (0, "Inter-Regular.otf", LATIN, "Inter"),
    (0, "Inter-Medium.otf", LATIN, "Inter"),
    (0, "Inter-SemiBold.otf", LATIN, "Inter"),
    (1, "JetBrainsMono-Regular.ttf", LATIN, "JetBrains Mono"),
    (1, "JetBrainsMono-Medium.ttf", LATIN, "JetBrains Mono"),
    (2, "DejaVuSans.ttf", SIGNS, "Understudy Signs"),
    (2, "DejaVuSans-Bold.ttf", SIGNS, "Understudy Signs"),
)


def cut(source: Path, ranges: str, family: str, target: Path) -> None:
    """Write the subset of one font; all weights go by one `family`, so that Qt finds them by weight."""
    font = subset.load_font(str(source), subset.Options())
    options = subset.Options(layout_features=["kern", "mark", "ccmp", "tnum", "calt"], name_IDs=["*"])
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=subset.parse_unicodes(ranges))
    cutter.subset(font)
    rename(font, family)
    font.save(str(target))
    print(target.name, target.stat().st_size)


def rename(font: TTFont, family: str) -> None:
    names = font["name"]
    style = names.getDebugName(17) or names.getDebugName(2) or "Regular"
    names.names = [record for record in names.names if record.nameID not in (16, 17)]
    for record in names.names:
        if record.nameID == 1:
            record.string = family
        elif record.nameID == 2:
            record.string = style
        elif record.nameID == 4:
            record.string = f"{family} {style}"


def main(folders: list[str]) -> None:
    *sources, target = map(Path, folders)
    target.mkdir(parents=True, exist_ok=True)
    for index, name, ranges, family in CUTS:
        out = name.replace("DejaVuSans", "UnderstudySigns")
        cut(sources[index] / name, ranges, family, target / out)


if __name__ == "__main__":
    main(sys.argv[1:])
