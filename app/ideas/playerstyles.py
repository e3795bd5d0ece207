"""Which styles can a player be asked for, as people call them?

Read from `assets/patterns/styles.txt`, the catalogue that the engine's players read too; only what the window
shows of it. A file that is not there gives no styles: the question then goes without one.

>>> next(style.label for style in choosable_styles() if style.name == "pop")
'Pop'
"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

STYLES_FILE = Path(__file__).resolve().parents[2] / "assets" / "patterns" / "styles.txt"


@dataclass(frozen=True, slots=True)
class ChoosableStyle:
    """`name` goes into the question, `label` and `feel` are for people; `words` mean it as well."""

    name: str
    label: str
    words: tuple[str, ...] = ()
    feel: str = ""


@cache
def choosable_styles(path: Path = STYLES_FILE) -> tuple[ChoosableStyle, ...]:
    """Every style of the catalogue, in its order."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError:
        return ()
    found: list[ChoosableStyle] = []
    for line in lines:
        if line[:1].isalpha() and ":" in line:
            name, _, label = line.partition(":")
            found.append(ChoosableStyle(name.strip(), label.strip()))
        elif found and line[:1].isspace():
            found[-1] = _with_fact(found[-1], line.strip())
    return tuple(found)


def _with_fact(style: ChoosableStyle, line: str) -> ChoosableStyle:
    fact, _, value = line.partition(" ")
    if fact == "feel":
        return replace(style, feel=value.strip())
    if fact == "words":
        return replace(style, words=tuple(word.strip() for word in value.split(",")))
    return style


def style_meant(words: str) -> ChoosableStyle | None:
    """The style that typed words mean; None for words of no style, which go to the engine as they are."""
    wanted = words.strip().lower()
    if not wanted:
        return None
    styles = choosable_styles()
    exact = [style for style in styles if wanted in (style.name, style.label.lower(), *style.words)]
    within = [style for style in styles if style.name in wanted or style.label.lower() in wanted]
    return next(iter([*exact, *within]), None)
