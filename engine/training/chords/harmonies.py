"""Do the harmonies sound like people's? Not more alike is better, but near the human values on the same
melodies.

For held-out lead sheets: the first harmonise take over the first sixteen full bars, against the chords
people wrote:
agreement of roots beat by beat, share of melody time that is a chord tone, changes a bar, distinct chords,
V-I a bar, share of
dominant sevenths.
"""

from collections.abc import Sequence
from itertools import pairwise

from engine.api.errors import EngineError
from engine.api.suggestion import Kind, SuggestionRequest, Take
from engine.generation.registry import generator_for
from engine.music import (
    TICKS_PER_QUARTER,
    Chord,
    ChordSpan,
    Key,
    KeyChange,
    Metre,
    MetreChange,
    Mode,
    Note,
    Region,
    Role,
    Song,
    TimeMap,
    Track,
)
from engine.training.chords.piece import Piece

_BARS = 16
_LEAST_NOTES = 12
Values = dict[str, float]


def as_song(piece: Piece) -> Song | None:
    """The first full bars of a lead sheet as a song with melody and chords; None if there is too little of
    either."""
    metre = Metre(*piece.metre)
    full = [bar for bar in piece.bars if bar.length_ticks == metre.bar_ticks]
    if not full:
        return None
    origin = full[0].start_ticks
    end = origin + metre.bar_ticks * min(_BARS, len(full))
    notes = [n for n in piece.melody if n.start_ticks >= origin and n.end_ticks <= end]
    chords = [
        c for c in piece.chords if c.end_ticks > origin and c.start_ticks < end and not c.chord.is_no_chord
    ]
    if len(notes) < _LEAST_NOTES or len({c.chord for c in chords}) < 2 or chords[0].tonic is None:
        return None
    tonic = chords[0].tonic
    thirds = [c.chord.has_minor_third for c in piece.chords if c.chord.root == tonic]
    mode = Mode.MINOR if thirds and sum(thirds) > len(thirds) / 2 else Mode.MAJOR
    melody = tuple(
        Note(number, n.start_ticks - origin, n.duration_ticks, n.pitch) for number, n in enumerate(notes, 1)
    )
    spans = []
    for number, c in enumerate(chords, len(notes) + 1):
        start = max(0, c.start_ticks - origin)
        spans.append(ChordSpan(number, start, min(c.end_ticks, end) - origin - start, c.chord))
    time_map = TimeMap(metres=(MetreChange(0, metre),), keys=(KeyChange(0, Key(tonic, mode)),))
    number = len(notes) + len(chords) + 1
    track = Track(number, "Melody", Role.MELODY, notes=melody)
    return Song(piece.title, time_map, chords=tuple(spans), tracks=(track,), next_id=number + 1)


def values(song: Song, spans: Sequence[ChordSpan], against: Sequence[ChordSpan]) -> Values:
    """The measures of one harmonisation."""
    bars = song.bars
    beats = range(0, song.time_map.bar_start(bars), TICKS_PER_QUARTER)
    own = [_at(spans, tick) for tick in beats]
    human = [_at(against, tick) for tick in beats]
    both = [(a, b) for a, b in zip(own, human, strict=True) if a is not None and b is not None]
    sung = inside = 0
    for span in spans:
        for note in song.tracks[0].notes:
            length = min(note.end_ticks, span.end_ticks) - max(note.start_ticks, span.start_ticks)
            if length > 0:
                sung += length
                inside += length * (note.pitch_class in span.chord.pitch_classes)
    changes = [a for a, b in pairwise([*spans, None]) if b is None or a is None or a.chord != b.chord]
    chords = [span.chord for span in changes if span is not None]
    closes = sum(
        a.root == (song.key.tonic + 7) % 12 and b.root == song.key.tonic for a, b in pairwise(chords)
    )
    sevenths = sum(s.duration_ticks for s in spans if s.chord.is_dominant) / sum(
        s.duration_ticks for s in spans
    )
    return {
        "root_agreement": sum(a.root == b.root for a, b in both) / max(1, len(both)),
        "chord_tones": inside / max(1, sung),
        "changes_a_bar": len(chords) / bars,
        "distinct": len({(c.root, c.quality) for c in chords}),
        "closes_a_bar": closes / bars,
        "dominant_sevenths": sevenths,
    }


def harmonise_scores(pieces: Sequence[Piece]) -> Values:
    """Means over the lead sheets: of the first take (`take ...`) and of the people (`human ...`)."""
    rows: list[Values] = []
    for piece in pieces:
        song = as_song(piece) if piece.melody else None
        if song is None:
            continue
        bare = Song(song.title, song.time_map, tracks=song.tracks, next_id=song.next_id)
        request = SuggestionRequest(
            Kind.HARMONISE, bare, Region(0, song.bars, chords=True), Role.CHORDS, takes=1
        )
        try:
            answers = generator_for(Kind.HARMONISE, Role.CHORDS).suggest(request, lambda: None)
            take = next(answer for answer in answers if isinstance(answer, Take))
        except (EngineError, StopIteration):
            continue
        own, human = values(song, take.chords, song.chords), values(song, song.chords, song.chords)
        rows.append(
            {f"take {name}": v for name, v in own.items()} | {f"human {name}": v for name, v in human.items()}
        )
    means = {name: round(sum(row[name] for row in rows) / len(rows), 3) for name in rows[0]} if rows else {}
    return {f"harmonise | {name}": value for name, value in means.items()} | {"harmonise | songs": len(rows)}


def _at(spans: Sequence[ChordSpan], tick: int) -> Chord | None:
    return next((span.chord for span in spans if span.start_ticks <= tick < span.end_ticks), None)
