"""Few hand-written bars for the tests of ranking: `bars("C D E F | G2 E2", "C | G:7")`.

Letters are quarters in the octave of middle C (lower case: the octave above), `-` a rest, `~` a note tied
over the barline, digits multiply. Chords share a bar evenly.
"""

from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.music import Chord, Mode

_PITCH = {"C": 60, "D": 62, "E": 64, "F": 65, "G": 67, "A": 69, "B": 71}
_QUARTER = 24


def sheet(
    melody: str = "", chords: str = "", metre: tuple[int, int] = (4, 4), mode: Mode = Mode.MAJOR
) -> Sheet:
    """Bars of the melody and the chords, apart by `|`."""
    length = 96 * metre[0] // metre[1]
    tunes = melody.split("|") if melody else []
    labels = chords.split("|") if chords else []
    bars = []
    for number in range(max(len(tunes), len(labels))):
        cells = {}
        if melody:
            cells[Stream.MELODY] = notes(tunes[number])
        if chords:
            cells[Stream.CHORDS] = harmonies(labels[number], length)
        bars.append(SheetBar(metre, length, cells))
    return Sheet(tuple(bars), mode)


def notes(text: str) -> tuple[NoteEvent, ...]:
    found, at = [], 0
    for word in text.split():
        tied, word = word.startswith("~"), word.lstrip("~")
        name, sharp, times = word[0], "#" in word, float(word[1:].replace("#", "") or 1)
        duration = round(_QUARTER * times)
        if name != "-":
            pitch = _PITCH[name.upper()] + 12 * name.islower() + sharp
            found.append(NoteEvent(at, duration, pitch, tied))
        at += duration
    return tuple(found)


def harmonies(text: str, length: int) -> tuple[ChordEvent, ...]:
    labels = text.split()
    each = length // max(1, len(labels))
    chords = [Chord.parse(label) for label in labels]
    return tuple(
        ChordEvent(
            number * each,
            each,
            -1 if chord.is_no_chord else chord.root,
            chord.quality,
            -1 if chord.bass is None else chord.bass,
        )
        for number, chord in enumerate(chords)
    )
