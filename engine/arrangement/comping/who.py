"""Who plays the chords: which instrument, on which sound, with which hands?

The artist's words come first, then the track that stands, then the style. Programs are General MIDI from 0.
"""

from collections.abc import Sequence

from engine.arrangement.brief import Brief
from engine.arrangement.comping.figures import Figure
from engine.arrangement.styles import Colour
from engine.arrangement.styles import Instrument as Sound
from engine.arrangement.voicing import Instrument, Manner, Player, player_for
from engine.music import Role

NAMES = {
    "piano": "Piano",
    "epiano": "Electric piano",
    "organ": "Organ",
    "nylon": "Nylon guitar",
    "steel": "Steel guitar",
    "clean": "Clean guitar",
    "overdriven": "Overdriven guitar",
    "vibes": "Vibraphone",
    "saw": "Saw synth",
    "square": "Square synth",
    "fantasia": "Bell pad",
    "pizzicato": "Pizzicato strings",
    "strings": "Strings",
    "choir": "Choir",
    "warm": "Warm pad",
    "synth": "Synth pad",
    "brass": "Brass",
}
_TRIMS = {
    "square": -16,
    "saw": -8,
    "clean": -8,
    "epiano": -9,
    "nylon": -4,
    "fantasia": -4,
    "strings": -6,
    "brass": -9,
    "synth": -9,
}
_ASKED = (
    ("epiano", 4, ("electric piano", "epiano", "e-piano", "rhodes", "wurli", "wurlitzer", "clav")),
    ("piano", 0, ("piano", "keys", "grand")),
    ("organ", 16, ("organ", "hammond", "b3")),
    ("overdriven", 29, ("overdriven", "distort", "power chord", "overdrive", "heavy guitar", "rock guitar")),
    ("nylon", 24, ("nylon", "classical guitar", "spanish")),
    ("clean", 27, ("electric guitar", "clean", "jazz guitar", "strat")),
    ("steel", 25, ("steel", "acoustic", "guitar", "folk guitar", "twelve")),
    ("vibes", 11, ("vibe", "vibraphone", "mallet")),
    ("saw", 81, ("saw", "synth lead", "stab")),
    ("square", 80, ("square", "chiptune", "arp")),
    ("fantasia", 88, ("fantasia", "bell")),
    ("pizzicato", 45, ("pizz", "pluck")),
)
_ASKED_PADS = (
    ("strings", 48, ("string", "orchestra", "violin", "cello")),
    ("choir", 52, ("choir", "voices", "vocal", "aah", "ooh")),
    ("organ", 16, ("organ", "hammond")),
    ("brass", 61, ("brass", "horn", "trumpet")),
    ("synth", 90, ("synth", "polysynth", "saw")),
    ("warm", 89, ("warm", "pad", "soft")),
)
_FAMILIES = (
    (range(4), "piano"),
    (range(4, 8), "epiano"),
    (range(11, 13), "vibes"),
    (range(16, 24), "organ"),
    (range(24, 25), "nylon"),
    (range(25, 26), "steel"),
    (range(26, 29), "clean"),
    (range(29, 32), "overdriven"),
    (range(45, 46), "pizzicato"),
    (range(48, 52), "strings"),
    (range(52, 55), "choir"),
    (range(56, 64), "brass"),
    (range(80, 81), "square"),
    (range(81, 88), "saw"),
    (range(88, 89), "fantasia"),
    (range(89, 90), "warm"),
    (range(90, 96), "synth"),
)
_HANDS = {
    "piano": Instrument.PIANO,
    "epiano": Instrument.EPIANO,
    "organ": Instrument.ORGAN,
    "nylon": Instrument.NYLON,
    "steel": Instrument.STEEL,
    "clean": Instrument.CLEAN,
    "overdriven": Instrument.CLEAN,
}


def trimmed(velocity: int, word: str) -> int:
    """A velocity for sounds that are louder than a piano, so that a melody stays in front of them."""
    return max(1, velocity + _TRIMS.get(word, 0))


def word_of(program: int) -> str:
    """The pattern files' word for a sound; empty for one that plays no chords.

    >>> word_of(27), word_of(73)
    ('clean', '')
    """
    return next((word for programs, word in _FAMILIES if program in programs), "")


def compers(brief: Brief) -> tuple[Sound, ...]:
    """Who may play, the surest first: as asked, as the track stands, else as the style has it."""
    words = brief.request.controls.instrument.lower()
    asked = [Sound(word, program) for word, program, names in _ASKED if any(n in words for n in names)]
    if words and asked:
        return (asked[0],)
    standing = _standing(brief, Role.CHORDS)
    if standing and word_of(standing[0]) in (*_HANDS, "vibes", "saw", "square", "fantasia", "pizzicato"):
        return (Sound(word_of(standing[0]), standing[0]),)
    return brief.style.comping


def padders(brief: Brief) -> tuple[Sound, ...]:
    """Who may hold the pad: as asked, as the track stands, the style's own and its near relations."""
    words = brief.request.controls.instrument.lower()
    asked = [Sound(word, program) for word, program, names in _ASKED_PADS if any(n in words for n in names)]
    if words and asked:
        return (asked[0],)
    standing = _standing(brief, Role.PAD)
    if standing and word_of(standing[0]):
        return (Sound(word_of(standing[0]), standing[0]),)
    own = brief.style.pad_program
    relations = {48: (49, 52), 49: (48, 89), 89: (48, 52), 90: (89, 48), 16: (48, 52), 61: (48, 16)}
    return tuple(Sound(word_of(program), program) for program in (own, *relations.get(own, (48,))))


def _standing(brief: Brief, role: Role) -> list[int]:
    """The sound of the track the part is written for, where it plays something."""
    named = brief.request.track_id
    return [
        track.program
        for track in brief.song.tracks
        if track.role is role and track.notes and (track.id == named or not named)
    ]


def bars_with_bass(brief: Brief) -> frozenset[int]:
    """Numbers of the bars in which somebody else plays the bass."""
    notes = brief.notes_of(Role.BASS)
    time_map = brief.song.time_map
    return frozenset(
        bar
        for note in notes
        for bar in range(time_map.bar_of(note.start_ticks + 60), time_map.bar_of(note.end_ticks - 60) + 1)
    )


def comping_player(brief: Brief, word: str, figures: Sequence[Figure], with_bass: bool) -> Player:
    """The hands for the figures of a take, where somebody plays the bass and where nobody does."""
    colour = Colour.TRIADS if brief.style.colour is Colour.POWER else brief.style.colour
    instrument = _HANDS.get(word)
    if instrument is None:
        section = Instrument.STRINGS if word == "pizzicato" else Instrument.EPIANO
        return player_for(section, Manner.FULL, colour, with_bass, _register(brief))
    manner = _manner(brief, word, figures, with_bass)
    return player_for(instrument, manner, colour, with_bass, _register(brief))


def _manner(brief: Brief, word: str, figures: Sequence[Figure], with_bass: bool) -> Manner:
    extended = brief.style.colour is Colour.EXTENDED
    if word == "overdriven":
        return Manner.POWER
    whole = any(figure.strums or figure.picks for figure in figures)
    thumb = any("L" in figure.symbols for figure in figures)
    if word in ("nylon", "steel"):
        return Manner.FINGERS if thumb and not whole else Manner.OPEN
    if word == "clean":
        if whole or thumb or not with_bass:
            return Manner.OPEN
        return Manner.DROP2 if extended else Manner.UPPER
    picks = any(figure.picks for figure in figures)
    return Manner.ROOTLESS if extended and with_bass and not thumb and not picks else Manner.FULL


def _register(brief: Brief) -> float | None:
    """As asked; else a little under a low melody, where it is."""
    asked = brief.request.controls.register
    if asked is not None or not brief.melody:
        return asked
    return 0.3 if brief.feel.middle < 64 else None


def pad_player(brief: Brief, word: str, voices: int) -> Player:
    """The voices that hold the pad: three or four, five where they are a string section without a bass."""
    colour = Colour.TRIADS if brief.style.colour is Colour.POWER else brief.style.colour
    instrument = Instrument.STRINGS if word in ("strings", "choir", "brass") else Instrument.PAD
    return player_for(instrument, Manner.FULL, colour, True, _register(brief), voices)
