"""Short songs of our own, for tests of what is asked about pieces."""

from engine.generation.language.grid import ChordEvent, NoteEvent, Sheet, SheetBar, Stream
from engine.training.corpus.piece import CorpusPiece

CHORDS = ((0, "maj"), (9, "min"), (5, "maj"), (7, "7"))


def bar(number: int, section: str = "") -> SheetBar:
    """A bar of four quarters: the same rhythm every second bar, a falling line."""
    root, quality = CHORDS[number % 4]
    longs = (48, 48) if number % 2 else (24, 24, 48)
    starts = [sum(longs[:place]) for place in range(len(longs))]
    tune = tuple(
        NoteEvent(start, length, 72 - (number + 2 * place) % 8)
        for place, (start, length) in enumerate(zip(starts, longs, strict=True))
    )
    bass = (NoteEvent(0, 96, 36 + root),)
    chords = (ChordEvent(0, 96, root, quality),)
    return SheetBar((4, 4), 96, {Stream.CHORDS: chords, Stream.MELODY: tune, Stream.BASS: bass}, section)


def piece(name: str = "one", bars: int = 32, **changes: object) -> CorpusPiece:
    sheet = Sheet(tuple(bar(number, "verse") for number in range(bars)), style="song", bpm=100.0)
    fields = {
        "id": f"own/{name}",
        "source": "own",
        "style": "song",
        "title": name,
        "maker": "",
        "licence": "CC0-1.0",
    }
    return CorpusPiece(**(fields | {"sheet": sheet} | changes))  # type: ignore[arg-type]
