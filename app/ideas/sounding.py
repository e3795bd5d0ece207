"""How is a song heard whose chords are only written, and what do the parts play when its chords change?

`ChordLaneVoice` adds a quiet piano that plays the chord lane wherever no part plays chords: ideas about
chords must be heard. `follow_chords` moves comping, pads and bass onto new chords: each tone to the nearest
tone of the new chord (bass note to bass note), so that an accepted reharmonisation is played by the band
too. Hearing an idea and accepting it use the same rule.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from app.playback.guide import GUIDE_LEVEL, GUIDE_PROGRAM, close_voicing
from engine.music import Chord, ChordSpan, Note, Origin, Role, Song, Track
from engine.music.edits.common import numbered, with_notes, with_track
from engine.music.progression import chord_at

CHORD_LANE_TRACK = -1
_FOLLOWERS = frozenset({Role.CHORDS, Role.PAD, Role.BASS})
_SOFT = 62


def follow_chords(before: Song, after: Song, start_ticks: int, end_ticks: int, source: str = "") -> Song:
    """`after` with its comping, pads and bass moved onto its chords, where these are new.

    Locked notes stay. Moved notes carry Origin.RULE and the source of the idea.
    """
    for track in after.tracks:
        if track.role in _FOLLOWERS and track.notes_in(start_ticks, end_ticks):
            after = _following(before, after, track, (start_ticks, end_ticks), source)
    return after


def _following(before: Song, after: Song, track: Track, stretch: tuple[int, int], source: str) -> Song:
    kept: list[Note] = []
    new: list[Note] = []
    taken: dict[int, set[int]] = {}
    for note in track.notes:
        if note.locked or not stretch[0] <= note.start_ticks < stretch[1]:
            kept.append(note)
            continue
        pieces = [_moved(piece, before, after, track.role, taken) for piece in _pieces(note, after)]
        if len(pieces) == 1 and pieces[0].pitch == note.pitch:
            kept.append(note)
        else:
            new += [replace(piece, origin=Origin.RULE, source=source) for piece in pieces]
    if not new:
        return after
    song, fresh = numbered(after, new)
    return with_track(song, with_notes(track, [*kept, *fresh]))


def _pieces(note: Note, song: Song) -> list[Note]:
    """The note, cut where a chord begins that it does not fit."""
    cuts = [
        span.start_ticks
        for span in song.chords
        if note.start_ticks < span.start_ticks < note.end_ticks
        and not span.chord.is_no_chord
        and note.pitch_class not in span.chord.pitch_classes
    ]
    edges = [note.start_ticks, *cuts, note.end_ticks]
    return [replace(note, start_ticks=start, duration_ticks=end - start) for start, end in pairwise(edges)]


def _moved(note: Note, before: Song, after: Song, role: Role, taken: dict[int, set[int]]) -> Note:
    old, new = chord_at(before.chords, note.start_ticks), chord_at(after.chords, note.start_ticks)
    used = taken.setdefault(note.start_ticks, set())
    pitch = note.pitch
    if new is not None and not new.chord.is_no_chord and (old is None or old.chord != new.chord):
        pitch = _pitch_on(note.pitch, old.chord if old else None, new.chord, role is Role.BASS, used)
    used.add(pitch)
    return replace(note, pitch=pitch)


def _pitch_on(pitch: int, old: Chord | None, new: Chord, is_bass: bool, used: set[int]) -> int:
    pitch_class = pitch % 12
    if is_bass and old is not None and pitch_class == old.bass_pitch_class:
        return nearest_pitch(pitch, frozenset({new.bass_pitch_class}))
    if is_bass and old is not None and pitch_class not in old.pitch_classes:
        return pitch  # a passing note stays
    if pitch_class in new.pitch_classes and pitch not in used:
        return pitch
    return nearest_pitch(pitch, new.pitch_classes, frozenset(used))


def nearest_pitch(pitch: int, pitch_classes: frozenset[int], avoid: frozenset[int] = frozenset()) -> int:
    """The closest pitch of these classes, the lower of two equally close; `avoid` only if need be."""
    around = [pitch + step for step in range(-11, 12) if (pitch + step) % 12 in pitch_classes]
    free = [candidate for candidate in around if candidate not in avoid] or around
    return min(free, key=lambda candidate: (abs(candidate - pitch), candidate))


class ChordLaneVoice:
    """Makes the chord lane audible; remembers its last work, so that an edit elsewhere costs nothing."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._track: Track | None = None

    def heard(self, song: Song) -> Song:
        """The song, with a quiet piano on the chords that no part plays."""
        playing = tuple(track for track in song.tracks if track.role in (Role.CHORDS, Role.PAD))
        key = (song.chords, *(track.notes for track in playing))
        if len(key) != len(self._key) or any(new is not old for new, old in zip(key, self._key, strict=True)):
            self._key, self._track = key, _lane_track(song.chords, playing)
        return song if self._track is None else replace(song, tracks=(*song.tracks, self._track))


def _lane_track(chords: Iterable[ChordSpan], playing: Iterable[Track]) -> Track | None:
    busy = sorted((note.start_ticks, note.end_ticks) for track in playing for note in track.notes)
    notes: list[Note] = []
    voices: tuple[int, ...] = ()
    for span in _unplayed(chords, busy):
        pitches = close_voicing(span.chord, voices)
        voices = pitches[1:] or voices
        for pitch in pitches:
            notes.append(
                Note(0, span.start_ticks, max(1, span.duration_ticks - 20), pitch, _SOFT, Origin.RULE)
            )
    if not notes:
        return None
    return Track(CHORD_LANE_TRACK, "Chords", Role.CHORDS, GUIDE_PROGRAM, tuple(notes), level=GUIDE_LEVEL)


def _unplayed(chords: Iterable[ChordSpan], busy: list[tuple[int, int]]) -> Iterable[ChordSpan]:
    """Spans during which no comping note starts or sounds."""
    first, latest_end = 0, 0
    for span in chords:
        if span.chord.is_no_chord:
            continue
        while first < len(busy) and busy[first][0] < span.end_ticks:
            latest_end = max(latest_end, busy[first][1])
            first += 1
        if latest_end <= span.start_ticks:
            yield span
