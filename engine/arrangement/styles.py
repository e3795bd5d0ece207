"""How do players of a style play: how fast, in which metres, with what swing, on which instruments?

Read from `assets/patterns/styles.txt`, one block a style; the file says what its lines mean.

>>> player_style("deep house", Song()).name, player_style("boom bap", Song()).swung.value
('house', 'sixteenths')
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from statistics import fmean

from engine.analysis.feel import swing_ratio
from engine.api.errors import BadFileError
from engine.formats.patterns import PATTERNS
from engine.music import Metre, MusicError, Role, Song
from engine.music.styles import style_named

STYLES_FILE = PATTERNS / "styles.txt"


class Kit(StrEnum):
    STANDARD = "standard"
    ELECTRONIC = "electronic"
    BRUSHES = "brushes"


class Colour(StrEnum):
    """How rich the chords of a style are."""

    TRIADS = "triads"
    SEVENTHS = "sevenths"
    EXTENDED = "extended"
    POWER = "power"


class Swung(StrEnum):
    """Which pairs of notes swing."""

    EIGHTHS = "eighths"
    SIXTEENTHS = "sixteenths"


@dataclass(frozen=True, slots=True)
class Instrument:
    """A sound by its word in the pattern files (`epiano`) and its General MIDI program."""

    word: str
    program: int


@dataclass(frozen=True, slots=True)
class PlayerStyle:
    """`tempo_bpm`: slowest and fastest quarters a minute. `metres`: home first. `swing`: 0.5-0.75."""

    name: str
    label: str
    words: tuple[str, ...]
    tempo_bpm: tuple[int, int]
    metres: tuple[Metre, ...]
    swing: float
    swung: Swung
    feel: str
    bass_program: int
    comping: tuple[Instrument, ...]
    pad_program: int
    counter: tuple[Instrument, ...]
    kit: Kit
    colour: Colour
    harmony: str


@lru_cache(maxsize=1)
def player_styles() -> tuple[PlayerStyle, ...]:
    """Every style of the catalogue, in its order. Raises BadFileError."""
    try:
        text = STYLES_FILE.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFileError("The catalogue of players' styles cannot be read.") from error
    return tuple(_style(*block) for block in _blocks(text))


def player_style(words: str, song: Song) -> PlayerStyle:
    """The style the words mean; for no or unknown words the one the song sounds like."""
    return _named(words, song) or guessed_style(song)


def known_style(words: str, song: Song) -> PlayerStyle | None:
    """The style the words mean; None for no or unknown words."""
    return _named(words, song)


def guessed_style(song: Song) -> PlayerStyle:
    """The style whose tempo, metre, swing, colours and instruments are nearest to the song's."""
    facts = _Facts.of(song)
    return max(player_styles(), key=lambda style: _likeness(style, facts))


def _named(words: str, song: Song) -> PlayerStyle | None:
    text = " ".join(words.lower().replace("_", " ").split())
    if not text:
        return None
    styles = player_styles()
    plain = text.replace(" ", "-")
    exact = (s for s in styles if plain == s.name or text == s.label.lower() or text in s.words)
    found = next(exact, None) or _longest_word(text, styles)
    return _in_three(found or _of_family(text, song), text, song)


def _longest_word(text: str, styles: tuple[PlayerStyle, ...]) -> PlayerStyle | None:
    """The style of the longest word that stands in the text: `deep house` before `house`."""
    hits = [
        (len(word), -place, style)
        for place, style in enumerate(styles)
        for word in (style.name, style.name.replace("-", " "), *style.words)
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)
    ]
    return max(hits, key=lambda hit: hit[:2])[2] if hits else None


# The wider families of engine.music.styles, by the nearest player's style; of several the tempo decides.
_FAMILIES = {
    "electronic": ("house", "techno", "drum-and-bass", "synthwave"),
    "jazz": ("jazz-swing", "jazz-ballad"),
    "latin": ("latin", "bossa-nova"),
    "reggae": ("reggae", "ska"),
    "hip-hop": ("hip-hop", "lo-fi"),
    "cinematic": ("cinematic", "ambient"),
    "song": ("musical-theatre",),
    "hymn": ("gospel",),
    "classical": ("cinematic",),
}


def _of_family(text: str, song: Song) -> PlayerStyle | None:
    family = style_named(text)
    if family is None:
        return None
    names = _FAMILIES.get(family.name, (family.name,))
    inside = [style for style in player_styles() if style.name in names]
    bpm = song.time_map.tempos[0].bpm
    return min(inside, key=lambda style: _tempo_miss(style, bpm), default=None)


def _in_three(style: PlayerStyle | None, text: str, song: Song) -> PlayerStyle | None:
    """Jazz in three is a jazz waltz, and so for other names with a waltz beside them."""
    if style is None or style.name not in ("jazz-swing",) or "waltz" in text:
        return style
    metre = song.time_map.metres[0].metre
    waltz = next(other for other in player_styles() if other.name == "jazz-waltz")
    return waltz if metre.name in ("3/4", "6/4") else style


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a song tells about its style without words."""

    bpm: float
    metre: Metre
    swing: float | None  # None: too few notes to tell
    sevenths: float
    extensions: float
    programs: frozenset[int]
    has_drums: bool

    @staticmethod
    def of(song: Song) -> "_Facts":
        chords = [span.chord for span in song.chords if not span.chord.is_no_chord]
        pitched = [track for track in song.tracks if track.role is not Role.DRUMS and track.notes]
        return _Facts(
            song.time_map.tempos[0].bpm,
            song.time_map.metres[0].metre,
            swing_ratio(song) if sum(len(track.notes) for track in pitched) >= _ENOUGH_NOTES else None,
            fmean(any(step in (10, 11) for step in c.intervals) for c in chords) if chords else 0.0,
            fmean(max(c.intervals, default=0) > 12 for c in chords) if chords else 0.0,
            frozenset(track.program for track in pitched),
            any(track.role is Role.DRUMS and track.notes for track in song.tracks),
        )


_ENOUGH_NOTES = 24
_RICHNESS = {Colour.POWER: 0.0, Colour.TRIADS: 0.05, Colour.SEVENTHS: 0.6, Colour.EXTENDED: 0.9}
_EVERYDAY = {"pop": 0.6, "rock": 0.3, "folk": 0.3, "soul": 0.2, "jazz-swing": 0.2}


def _likeness(style: PlayerStyle, facts: _Facts) -> float:
    places = [metre.name for metre in style.metres]
    metre = facts.metre.name
    score = 1.5 - 0.5 * places.index(metre) if metre in places else -1.5
    score -= 3.0 * _tempo_miss(style, facts.bpm)
    if facts.swing is not None:
        score -= 8.0 * abs(facts.swing - (style.swing if style.swung is Swung.EIGHTHS else 0.5))
    if not facts.has_drums and style.kit is Kit.ELECTRONIC:
        score -= 0.4  # nothing says that it is a machine's music
    score -= 2.0 * abs(_RICHNESS[style.colour] - max(facts.sevenths, facts.extensions))
    own = {style.bass_program, *(instrument.program for instrument in style.comping)}
    score += 0.5 * len(own & facts.programs - {0})
    return score + _EVERYDAY.get(style.name, 0.0)


def _tempo_miss(style: PlayerStyle, bpm: float) -> float:
    """How far the tempo lies outside the style's own, as a share of it."""
    low, high = style.tempo_bpm
    return max(0.0, low / bpm - 1, bpm / high - 1)


def _blocks(text: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Name, label and the facts by their first word."""
    name, label, facts = "", "", dict[str, str]()
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] != " ":
            if name:
                yield name, label, facts
            name, _, label = (part.strip() for part in line.partition(":"))
            facts = {}
        else:
            word, _, rest = line.strip().partition(" ")
            facts[word] = rest.strip()
    if name:
        yield name, label, facts


def _style(name: str, label: str, facts: dict[str, str]) -> PlayerStyle:
    try:
        low, high = facts["tempo"].split("-")
        swing, swung = facts["swing"].split()
        return PlayerStyle(
            name,
            label,
            tuple(word.strip() for word in facts["words"].split(",")),
            (int(low), int(high)),
            tuple(Metre(*map(int, metre.split("/"))) for metre in facts["metres"].split()),
            float(swing),
            Swung(swung),
            facts["feel"],
            int(facts["bass"]),
            tuple(_instrument(text) for text in facts["comping"].split(",")),
            int(facts["pad"]),
            tuple(_instrument(text) for text in facts["counter"].split(",")),
            Kit(facts["kit"]),
            Colour(facts["colour"]),
            facts["harmony"],
        )
    except (KeyError, ValueError, MusicError) as error:
        raise BadFileError(f"{STYLES_FILE.name}: the style “{name}” is incomplete or misspelled.") from error


def _instrument(text: str) -> Instrument:
    word, program = text.split()
    return Instrument(word, int(program))
