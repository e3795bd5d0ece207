"""Which song does a score become when it is played?

Repeats are written out, ties become one note, half bars around repeat signs are put together, a short first
bar is a pickup. A bar that is longer or shorter than its metre gets a metre of its own. Each staff is a
track; two voices that share a staff most of the time, as in a hymn book, are two.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from engine.api.errors import BadFileError
from engine.formats.midi.text import clean_text
from engine.formats.score.order import MOST_BARS, played_bars
from engine.formats.score.timing import Plan, markers_of, plan_of, song_ticks, time_map_of
from engine.formats.score.written import ScoreImport, WrittenNote, WrittenPart, WrittenScore
from engine.music import Chord, ChordSpan, Note, Origin, Role, Song, Track
from engine.music.note import note_order

_SHARED_STAFF = 0.6
MOST_NOTES = 400_000


def song_of(score: WrittenScore, name: str, file_format: str) -> ScoreImport:
    """The song. Raises BadFileError when the score holds neither notes nor chords."""
    order = played_bars(score.frames)
    warnings = list(score.warnings)
    if len(order) == MOST_BARS:
        warnings.append(f"Only the first {MOST_BARS:,} bars were read.")
    plan = plan_of(score, order)
    tracks, next_id = _tracks(score, plan, warnings)
    chords = _chords(score, plan, next_id)
    if not tracks and not chords:
        raise BadFileError(f"“{name}” holds no notes.")
    song = Song(
        title=clean_text(score.title),
        time_map=time_map_of(score, plan),
        chords=chords,
        tracks=tracks,
        markers=markers_of(score, plan),
        next_id=next_id + len(chords) + 1,
    )
    symbols = tuple(clean_text(chord.text) for bar in score.chords for chord in bar)
    return ScoreImport(song, tuple(warnings), file_format, symbols)


def _tracks(score: WrittenScore, plan: Plan, warnings: list[str]) -> tuple[tuple[Track, ...], int]:
    """Tracks with ids counted on from 1: each track's id, then its notes'."""
    tracks: list[Track] = []
    next_id, left = 1, MOST_NOTES
    for part in score.parts:
        for name, voices in _lines(part):
            sounding = _sounding(part, plan, voices)
            if len(sounding) > left:
                sounding = sounding[:left]
                warnings.append(f"Only the first {MOST_NOTES:,} notes were read.")
            left -= len(sounding)
            if sounding:
                notes = _notes(sounding, next_id + 1)
                role = Role.DRUMS if part.is_drums else Role.OTHER
                tracks.append(Track(next_id, clean_text(name) or "Part", role, part.program, notes))
                next_id += 1 + len(notes)
    return tuple(tracks), next_id


def _lines(part: WrittenPart) -> Iterator[tuple[str, frozenset[tuple[int, str]]]]:
    """Name and voices of each track of a part: a staff each, or a voice each where two share a staff."""
    bars_of = Counter(voice for bar in part.bars for voice in {note.voice for note in bar})
    staves = sorted({staff for staff, _ in bars_of})
    for place, staff in enumerate(staves):
        voices = sorted((voice for voice in bars_of if voice[0] == staff), key=lambda voice: voice[1])
        name = part.name if len(staves) == 1 else f"{part.name}, {_staff_name(place, len(staves))}"
        if _share_a_staff(part, voices, bars_of):
            for voice, which in zip(voices, ("upper voice", "lower voice"), strict=True):
                yield f"{name}, {which}", frozenset({voice})
        else:
            yield name, frozenset(voices)


def _staff_name(place: int, staves: int) -> str:
    return ("upper staff", "lower staff")[place] if staves == 2 else f"staff {place + 1}"


def _share_a_staff(
    part: WrittenPart, voices: Sequence[tuple[int, str]], bars_of: Counter[tuple[int, str]]
) -> bool:
    """Two single lines, both there most of the time."""
    if len(voices) != 2 or part.is_drums:
        return False
    busy = sum(1 for bar in part.bars if bar)
    if min(bars_of[voice] for voice in voices) < _SHARED_STAFF * busy:
        return False
    starts = Counter((index, note.voice, note.start) for index, bar in enumerate(part.bars) for note in bar)
    return max(starts.values(), default=1) == 1


def _sounding(
    part: WrittenPart, plan: Plan, voices: frozenset[tuple[int, str]]
) -> list[tuple[int, int, int, int]]:
    """(start, end, pitch, velocity) in song ticks, ties merged, in order."""
    found: list[tuple[int, int, int, int]] = []
    latest: dict[int, int] = {}
    for bar, at in plan.placed:
        for note in sorted(part.bars[bar]) if bar < len(part.bars) else ():
            if note.voice in voices:
                _add(found, latest, note, at)
        if len(found) > MOST_NOTES:
            break
    return sorted(found)


def _add(found: list[tuple[int, int, int, int]], latest: dict[int, int], note: WrittenNote, at: int) -> None:
    start = at + song_ticks(note.start)
    end = at + max(song_ticks(note.start + note.duration), song_ticks(note.start) + 1)
    before = latest.get(note.pitch)
    if before is not None and found[before][1] >= start:
        earlier, reach, pitch, velocity = found[before]
        if note.tied and reach == start:
            found[before] = (earlier, end, pitch, velocity)
            return
        if earlier == start:  # two voices on one note
            found[before] = (earlier, max(end, reach), pitch, velocity)
            return
        found[before] = (earlier, min(reach, max(start, earlier + 1)), pitch, velocity)
    latest[note.pitch] = len(found)
    found.append((start, end, note.pitch, note.velocity))


def _notes(sounding: Sequence[tuple[int, int, int, int]], first_id: int) -> tuple[Note, ...]:
    made = (
        Note(first_id + index, start, end - start, pitch, velocity, Origin.IMPORTED)
        for index, (start, end, pitch, velocity) in enumerate(sounding)
    )
    return tuple(sorted(made, key=note_order))


def _chords(score: WrittenScore, plan: Plan, first_id: int) -> tuple[ChordSpan, ...]:
    """Each chord holds until the next; of two at one place the first counts, the other is an alternative."""
    found: dict[int, Chord] = {}
    for bar, start in plan.placed:
        for chord in score.chords[bar] if bar < len(score.chords) else ():
            tick = start + max(0, song_ticks(chord.start))
            if chord.chord is not None and tick < plan.end:
                found.setdefault(tick, chord.chord)
    ticks = [*sorted(found), plan.end]
    spans = []
    for number, (tick, following) in enumerate(pairwise(ticks)):
        spans.append(ChordSpan(first_id + number, tick, following - tick, found[tick], Origin.IMPORTED))
    return tuple(spans)
