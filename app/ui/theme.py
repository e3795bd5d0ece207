"""How does the window look? Colours, fonts and the style sheet of DESIGN section 8.

Sizes are logical pixels; Qt scales them. One accent: amber means "an idea, not yet yours".

>>> from app.ui import theme
>>> from engine.music import Role
>>> theme.ROLE_COLOURS[Role.MELODY].name()
'#6cc3f5'
"""

from functools import cache
from pathlib import Path

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

ASSETS = Path(__file__).resolve().parents[2] / "assets"

BACKGROUND = QColor("#14151a")
PANEL = QColor("#1a1c22")
CARD = QColor("#22252d")
CONTROL = QColor("#2c303a")
LINE = QColor("#31353f")
LINE_SOFT = QColor("#262a32")
TEXT = QColor("#e8e9ed")
TEXT_DIM = QColor("#a5a9b4")
TEXT_FAINT = QColor("#6d727e")
ACCENT = QColor("#f2b04a")
ON_ACCENT = QColor("#1d1609")
GOOD = QColor("#5ed1a0")
BAD = QColor("#f08a7a")
OWN_NOTE = QColor("#6cc3f5")

# by the value of a Role, which is a text; the first paint does without the music package
ROLE_COLOURS: dict[str, QColor] = {
    "melody": QColor("#6cc3f5"),
    "chords": QColor("#a78bfa"),
    "bass": QColor("#5ed1a0"),
    "drums": QColor("#f08a7a"),
    "pad": QColor("#a78bfa"),
    "counter": QColor("#6cc3f5"),
    "other": QColor("#a5a9b4"),
}

TONIC = QColor("#4f86c6")
SUBDOMINANT = QColor("#6a9c6f")
DOMINANT = QColor("#c9855a")
OTHER_FUNCTION = QColor("#8a77b8")

SECTION_COLOURS: dict[str, QColor] = {
    "intro": QColor("#2c303a"),
    "verse": QColor("#2a3a4c"),
    "pre-chorus": QColor("#2d3f3a"),
    "chorus": QColor("#4a3a1c"),
    "bridge": QColor("#3a2d45"),
    "solo": QColor("#2d3f3a"),
    "breakdown": QColor("#2c303a"),
    "outro": QColor("#2c303a"),
    "other": QColor("#2c303a"),
}

UI_FAMILIES = ("Inter", "Understudy Signs", "DejaVu Sans", "sans-serif")
MONO_FAMILIES = ("JetBrains Mono", "Understudy Signs", "DejaVu Sans Mono", "monospace")


def with_alpha(colour: QColor, alpha: float) -> QColor:
    """The colour at an opacity of 0-1."""
    faded = QColor(colour)
    faded.setAlphaF(alpha)
    return faded


def blend(over: QColor, under: QColor, share: float) -> QColor:
    """`share` (0-1) of one colour laid over another."""
    keep = 1 - share
    return QColor(
        round(over.red() * share + under.red() * keep),
        round(over.green() * share + under.green() * keep),
        round(over.blue() * share + under.blue() * keep),
    )


def ui_font(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Inter with the musical signs, `pixels` high (logical)."""
    return _font(UI_FAMILIES, pixels, weight)


def mono_font(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The monospace with tabular figures, for positions and measured values."""
    return _font(MONO_FAMILIES, pixels, weight)


@cache
def _font(families: tuple[str, ...], pixels: int, weight: QFont.Weight) -> QFont:
    font = QFont(list(families))
    font.setPixelSize(pixels)
    font.setWeight(weight)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


@cache
def load_fonts() -> tuple[str, ...]:
    """Register the shipped fonts once; returns the family names found. Needs a QGuiApplication."""
    families: list[str] = []
    for path in sorted((ASSETS / "fonts").glob("*.?tf")):
        number = QFontDatabase.addApplicationFont(str(path))
        families += QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    return tuple(dict.fromkeys(families))


def apply(app: QApplication) -> None:
    """Give the application its fonts, palette and style sheet (on top of Qt's Fusion style)."""
    apply_basics(app)
    app.setStyleSheet(stylesheet())


def apply_basics(app: QApplication) -> None:
    """Fonts and palette; a window built before the style sheet is set is styled once, not part by part."""
    load_fonts()
    app.setPalette(palette())
    app.setFont(ui_font(13))


def palette() -> QPalette:
    """Qt's roles in our colours, for whatever the style sheet does not reach."""
    roles = QPalette.ColorRole
    table = {
        roles.Window: PANEL,
        roles.WindowText: TEXT,
        roles.Base: BACKGROUND,
        roles.AlternateBase: PANEL,
        roles.Text: TEXT,
        roles.Button: CONTROL,
        roles.ButtonText: TEXT,
        roles.ToolTipBase: CONTROL,
        roles.ToolTipText: TEXT,
        roles.PlaceholderText: TEXT_FAINT,
        roles.Highlight: ACCENT,
        roles.HighlightedText: ON_ACCENT,
        roles.Link: ACCENT,
        roles.Light: LINE,
        roles.Dark: BACKGROUND,
        roles.Mid: LINE_SOFT,
    }
    result = QPalette()
    for role, colour in table.items():
        result.setColor(role, colour)
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, TEXT_FAINT)
    return result


@cache
def stylesheet() -> str:
    """The style sheet, its colour names filled in from this module."""
    text = (Path(__file__).with_name("theme.qss")).read_text("utf-8")
    names = {name: value for name, value in globals().items() if isinstance(value, QColor)}
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(f"@{name}@", names[name].name())
    return text
