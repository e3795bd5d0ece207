"""How often are the derived chords those a person heard?

The judges are the numeral analyses of songs whose scores are in the corpus, found by composer and title. A
reading is scored by time: the share in which its root, its root and triad, its root and seventh agree with
the analysis. The weights of `chordreading` and `keyreading` were set on the half `is_for_setting` names; what
counts is the other half.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from engine.analysis.chords import read_chords as heard_chords
from engine.analysis.chordtemplates import sounding_chords
from engine.analysis.keys import read_keys as read_keys_of_notes
from engine.analysis.pitchgrid import pitch_grid
from engine.generation.chords.vocabulary import seventh_class, triad_class
from engine.generation.language.grid import SONG_TICKS
from engine.music import KeyChange, Metre, MetreChange, Note, Role, Song, TimeMap, Track
from engine.training.chords.allow import AllowList
from engine.training.chords.leadsheets import members, rows
from engine.training.chords.romantext import romantext_measures
from engine.training.corpus.chordreading import Bar, ChordReading, read_chords
from engine.training.corpus.keyreading import read_keys
from engine.training.corpus.textures import heard_texture
from engine.training.readers.parts import FullScore
from engine.training.readers.scorexml import parse_full_score

_ANALYSES, _SCORES = "when-in-rome-new", "openscore-lieder"
_MOST_BARS_APART, _MOST_OTHER_METRES = 3, 0.2


@dataclass(frozen=True)
class Judged:
    """A song as it sounds (n, 3), its bars and signatures, and the chords of its analysis; the tonic named
    at each tick, -1 where none is.
    """

    name: str
    notes: np.ndarray
    bars: Sequence[Bar]
    fifths: Sequence[int | None]
    chords: Sequence[ChordReading]
    tonics: np.ndarray


class Score(NamedTuple):
    """Ticks compared, and those of them in which root, root and triad, root and seventh, tonic agree."""

    ticks: int
    root: int
    triad: int
    seventh: int
    tonic: int

    def shares(self) -> tuple[float, float, float, float]:
        whole = max(1, self.ticks)
        return self.root / whole, self.triad / whole, self.seventh / whole, self.tonic / whole


def is_for_setting(name: str) -> bool:
    """Whether weights may be set on the analysis; a fixed half."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2 == 0


def check(judged: Sequence[Judged]) -> tuple[Score, Score]:
    """The scores of this room's reading and of `engine.analysis` on the same songs."""
    own = heard = Score(0, 0, 0, 0, 0)
    for song in judged:
        keys = read_keys(song.notes, song.bars, song.fifths)
        own = _added(own, compared(song, read_chords(song.notes, song.bars, keys), [key[0] for key in keys]))
        heard = _added(heard, compared(song, *_heard_by_analysis(song)))
    return own, heard


def compared(song: Judged, readings: Sequence[ChordReading], tonics: Sequence[int]) -> Score:
    """One song's reading, with the tonic it gives each bar, against its analysis."""
    expected, found = _classes(song, song.chords), _classes(song, readings)
    is_judged = expected[0] >= 0
    root = is_judged & (expected[0] == found[0])
    heard = np.full(len(is_judged), -2)
    for bar, tonic in zip(song.bars, tonics, strict=True):
        heard[bar.start : bar.start + bar.length] = tonic
    counts = (
        is_judged,
        root,
        root & (expected[1] == found[1]),
        root & (expected[2] == found[2]),
        is_judged & (heard == song.tonics),
    )
    return Score(*(int(count.sum()) for count in counts))


def _classes(song: Judged, readings: Sequence[ChordReading]) -> np.ndarray:
    """(3, ticks): root, triad class, seventh class; -1 where no chord stands."""
    table = np.full((3, song.bars[-1].start + song.bars[-1].length), -1)
    for start, duration, root, quality, _ in readings:
        value = (root, triad_class(quality), seventh_class(quality))
        table[:, start : start + duration] = np.array(value)[:, None]
    return table


def _added(one: Score, other: Score) -> Score:
    return Score(*(a + b for a, b in zip(one, other, strict=True)))


def _heard_by_analysis(song: Judged) -> tuple[list[ChordReading], list[int]]:
    """The same notes through `engine.analysis`, in the keys it finds."""
    piece = played(song)
    grid = pitch_grid(piece)
    keys = read_keys_of_notes(piece, grid, sounding_chords(grid))
    changes = tuple(KeyChange(each.tick, each.key) for each in keys)
    piece = replace(piece, time_map=replace(piece.time_map, keys=changes))
    spans = [reading.span for reading in heard_chords(piece, grid, keys[0].key)]
    readings = [
        ChordReading(
            span.start_ticks // SONG_TICKS,
            span.duration_ticks // SONG_TICKS,
            span.chord.root,
            span.chord.quality,
        )
        for span in spans
    ]
    return readings, [piece.key_at(bar.start * SONG_TICKS).tonic for bar in song.bars]


def played(song: Judged) -> Song:
    """The notes on one piano track, without a key."""
    notes = tuple(
        Note(index + 2, start * SONG_TICKS, (end - start) * SONG_TICKS, pitch)
        for index, (start, end, pitch) in enumerate(song.notes.tolist())
    )
    first = song.bars[0]
    changes = [
        MetreChange(bar.start * SONG_TICKS, Metre(*bar.metre))
        for before, bar in pairwise([None, *song.bars])
        if bar is not None and (before is None or before.metre != bar.metre)
    ]
    full = 96 * first.metre[0] // first.metre[1]
    pickup = first.length * SONG_TICKS if first.length < full else 0
    time_map = TimeMap(metres=tuple(changes), pickup_ticks=pickup)
    return Song("", time_map, tracks=(Track(1, "Piano", Role.CHORDS, notes=notes),))


def judged_songs(allow: AllowList) -> Iterator[Judged]:
    """The songs with an analysis whose bars agree with the score's."""
    scores = members(allow.read(_SCORES, "scores.tar.gz"))
    listed: dict[str, list[dict[str, str]]] = {}
    for row in rows(allow.read(_SCORES, "index.csv")):
        listed.setdefault(_plain(row["composer"].split(",")[0]), []).append(row)
    for name, text in sorted(members(allow.read(_ANALYSES, "analyses.tar.gz")).items()):
        found = _score_of(name, listed)
        if found is not None:
            score = parse_full_score(scores[found["file"]])
            song = judged_song(name, text.decode("utf-8", "replace"), score)
            if song is not None:
                yield song


def _score_of(name: str, listed: dict[str, list[dict[str, str]]]) -> dict[str, str] | None:
    """The score of an analysis filed under .../Composer__Name/Set/Title/analysis.txt."""
    words = name.split("/")
    if len(words) < 4:
        return None
    composer, group, title = words[-4], words[-3], _plain(words[-2].replace("_", " "))
    same = [row for row in listed.get(_plain(composer.split("__")[0]), []) if _plain(row["title"]) == title]
    exact = [row for row in same if _plain(row["set"]) == _plain(group.replace("_", " "))]
    return (exact or same or [None])[0]  # type: ignore[list-item]


def _plain(text: str) -> str:
    """Letters only, without a number in front."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z]+", "", re.sub(r"^(no\.?)?\s*\d+\s*[.:]?", "", ascii_text))


def judged_song(name: str, text: str, score: FullScore) -> Judged | None:
    """The song with its analysis; None when they do not count the same bars."""
    notes, bars, fifths = heard_texture(score)
    measures = romantext_measures(text)
    if not measures or not bars:
        return None
    first = bars[0]
    missing = max(0, 96 * first.metre[0] // first.metre[1] - first.length)
    number = 0 if missing else 1
    if abs(len(bars) - 1 + number - max(measures)) > _MOST_BARS_APART:
        return None
    starts: list[tuple[int, ChordReading, int]] = []
    others = 0
    for index, bar in enumerate(bars):
        metre, entries = measures.get(index + number, (bar.metre, []))
        others += metre != bar.metre
        for beat, chord, tonic in entries:
            offset = round(beat * Bar(0, 0, metre).beat) - (missing if index == 0 else 0)
            if 0 <= offset < bar.length and not chord.is_no_chord:
                starts.append((bar.start + offset, ChordReading(0, 0, chord.root, chord.quality), tonic))
    if others > _MOST_OTHER_METRES * len(bars):
        return None
    end = bars[-1].start + bars[-1].length
    tonics = np.full(end, -1)
    chords = []
    for (start, named, tonic), stop in zip(starts, [s[0] for s in starts[1:]] + [end], strict=True):
        chords.append(named._replace(start=start, duration=stop - start))
        tonics[start:stop] = tonic
    return Judged(name, notes, bars, fifths, chords, tonics)
