"""Cut the static TrueType faces of the papers. Run again only when a typeface changes:

    .venv/bin/python scripts/fonts.py

Reads the variable web fonts from npm packages (fetched into a temporary folder), pins weight and
optical size, joins the subsets of each face, drops the layout tables that the press does not read,
and writes `partners/static/fonts/print/*.ttf` with the licences. Needs npm, fonttools and brotli.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

PACKAGES = {
    "@fontsource-variable/literata": "5.3.0",
    "@fontsource-variable/schibsted-grotesk": "5.3.0",
    "dejavu-fonts-ttf": "2.37.3",
}
SHELF = Path(__file__).parent.parent / "partners/static/fonts/print"
LITERATA = ("latin", "latin-ext", "vietnamese", "greek", "cyrillic")
SCHIBSTED = ("latin", "latin-ext")
CUTS = {
    "Literata-Regular": ("literata", LITERATA, "opsz-normal", {"wght": 400, "opsz": 11}),
    "Literata-Italic": ("literata", LITERATA, "opsz-italic", {"wght": 400, "opsz": 11}),
    "Literata-SemiBold": ("literata", LITERATA, "opsz-normal", {"wght": 650, "opsz": 11}),
    "SchibstedGrotesk-Regular": ("schibsted-grotesk", SCHIBSTED, "wght-normal", {"wght": 400}),
    "SchibstedGrotesk-SemiBold": ("schibsted-grotesk", SCHIBSTED, "wght-normal", {"wght": 650}),
}
DEJAVU = {"DejaVuSans": "DejaVuSans", "DejaVuSans-Bold": "DejaVuSans-Bold"}
OTHER_SCRIPTS = (  # what the two families above lack: a name from anywhere in Europe and around it
    range(0x20, 0x590), range(0x5D0, 0x5F5), range(0x600, 0x700), range(0x10D0, 0x1100),
    range(0x1E00, 0x2000), range(0x2010, 0x2070), range(0x20A0, 0x20C0), range(0x2100, 0x2200),
    range(0x2212, 0x2213), range(0x25A0, 0x2600), range(0xFB50, 0xFE00), range(0xFE70, 0xFF00),
    range(0xFFFD, 0xFFFE),
)  # fmt: skip


def trimmed(font: TTFont, wanted: set[int]) -> TTFont:
    """Keep what the press reads: outlines, widths, names. It neither kerns nor substitutes."""
    options = Options(layout_features=[], hinting=False, notdef_outline=True, glyph_names=False)
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "STAT", "DSIG", "FFTM", "kern", "meta"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    cutter = Subsetter(options)
    cutter.populate(unicodes=wanted & set(font.getBestCmap()))
    cutter.subset(font)
    return font


def cut(modules: Path, family: str, scripts: tuple[str, ...], kind: str, pins: dict[str, float],
        name: str, temporary: Path) -> TTFont:  # fmt: skip
    files = []
    for script in scripts:
        source = modules / f"@fontsource-variable/{family}/files/{family}-{script}-{kind}.woff2"
        font = instancer.instantiateVariableFont(TTFont(source), pins)
        font.flavor = None
        files.append(str(temporary / f"{name}-{script}.ttf"))
        trimmed(font, set(font.getBestCmap())).save(files[-1])
    joined = Merger().merge(files)
    for record in joined["name"].names:
        if record.nameID in (4, 6):
            record.string = name
    return joined


def main() -> int:
    os.environ["SOURCE_DATE_EPOCH"] = "1767225600"  # so that the same sources give the same files
    with TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "package.json").write_text(json.dumps({"private": True, "dependencies": PACKAGES}))
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(command, cwd=place, check=True)
        modules = place / "node_modules"
        SHELF.mkdir(parents=True, exist_ok=True)
        for name, (family, scripts, kind, pins) in CUTS.items():
            cut(modules, family, scripts, kind, pins, name, place).save(SHELF / f"{name}.ttf")
            licence = modules / f"@fontsource-variable/{family}/LICENSE"
            shutil.copy(licence, SHELF / f"LICENSE-{family}.txt")
        wanted = {code for part in OTHER_SCRIPTS for code in part}
        for name, source in DEJAVU.items():
            font = TTFont(modules / f"dejavu-fonts-ttf/ttf/{source}.ttf")
            trimmed(font, wanted).save(SHELF / f"{name}.ttf")
        shutil.copy(modules / "dejavu-fonts-ttf/LICENSE", SHELF / "LICENSE-dejavu.txt")
    return 0


if __name__ == "__main__":
    sys.exit(main())
