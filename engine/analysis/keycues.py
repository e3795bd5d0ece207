"""What speaks for each of the 24 keys?

Each cue is a number per key: how well the pitch classes agree with the key's profile (Temperley, What's Key
for Key?, 1999), how at home the chords are in it (a table of degrees and qualities counted on songs, charts
and loops in major and minor), where the music begins, rests and ends, what resolves to what. A loop's end is
not a rest: its cues are told apart. `keys.py` weighs the cues.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from itertools import pairwise

import numpy as np

from engine.analysis.keydegrees import chord_class, tables
from engine.analysis.pitchgrid import PitchGrid
from engine.music import Chord, Role, Song

KEYS = 24  # the twelve major keys, then the twelve minor ones
_LONGEST_LOOP = 16
_SAME_LOOP = 0.85


class Cue(IntEnum):
    """The columns of the table of cues."""

    PROFILE = 0
    NATURAL_PROFILE = 1
    DEGREES = 2
    DISTINCT_DEGREES = 3
    WORST_DEGREE = 4
    LAST_BASS = 5
    LAST_BASS_OF_LOOP = 6
    FIRST_BASS = 7
    LAST_MELODY = 8
    LAST_THIRD = 9
    FIFTH_FALLS = 10
    BASS_TIME = 11
    DOMINANT_RESOLVES = 12
    SUBDOMINANT_RESOLVES = 13
    SUBTONIC_RESOLVES = 14
    ENDS_ON_DOMINANT = 15
    FIRST_CHORD = 16
    FIRST_CHORD_OF_LOOP = 17
    LAST_CHORD = 18
    TONIC_TIME = 19
    NO_TONIC = 20
    IS_MINOR = 21
    CHANGES = 22


@dataclass(frozen=True)
class Sounding:
    """A chord from one slot of the grid to another."""

    first: int
    end: int
    chord: Chord


def key_cues(song: Song, grid: PitchGrid, chords: Sequence[Sounding]) -> np.ndarray:
    """(24, cues), to be weighed; profiles and rests are there without chords too."""
    cues = np.zeros((KEYS, len(Cue)))
    cues[12:, Cue.IS_MINOR] = 1.0
    _profile_cues(cues, grid)
    _rest_cues(cues, song, grid)
    sounding = [chord for chord in chords if not chord.chord.is_no_chord]
    loops = is_loop(grid, sounding)
    cues[:, Cue.LAST_BASS_OF_LOOP] = cues[:, Cue.LAST_BASS] * loops
    cues[:, Cue.LAST_BASS] *= 1 - loops
    if sounding:
        _degree_cues(cues, sounding, grid)
        around = [*sounding, sounding[0]] if loops else sounding
        _change_cues(cues, around)
        cues[:, Cue.CHANGES] = _common_changes([chord.chord for chord in around])
        _place_cues(cues, sounding, loops)
    return cues


# what sounds ----------------------------------------------------------------------------------------------

MAJOR_PROFILE = np.array([0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400])
MINOR_PROFILE = np.array([0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330])
# Songs without a leading note: the minor profile with its two sevenths exchanged, a sixth that may be either,
# and a major one with the seventh of the blues.
_NATURAL_MINOR = np.array(
    [0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.304, 0.200, 0.330, 0.100]
)
_BLUE_MAJOR = np.array([0.748, 0.060, 0.488, 0.150, 0.600, 0.460, 0.096, 0.715, 0.104, 0.366, 0.300, 0.150])


def _profile_cues(cues: np.ndarray, grid: PitchGrid) -> None:
    chroma = np.minimum(grid.chroma, 1.0).sum(axis=0)
    if chroma.sum() <= 0:
        return
    share = chroma / chroma.sum()
    for cue, major, minor in (
        (Cue.PROFILE, MAJOR_PROFILE, MINOR_PROFILE),
        (Cue.NATURAL_PROFILE, _BLUE_MAJOR, _NATURAL_MINOR),
    ):
        cues[:, cue] = np.concatenate([profile_scores(profile, share) for profile in (major, minor)])


def profile_scores(profile: np.ndarray, share: np.ndarray) -> np.ndarray:
    """(12,) mean log probability of the sounding pitch classes for each tonic."""
    rotated = np.array([np.log(np.roll(profile / profile.sum(), tonic)) for tonic in range(12)])
    return np.asarray(rotated @ share)


def _rest_cues(cues: np.ndarray, song: Song, grid: PitchGrid) -> None:
    sounding = np.flatnonzero(grid.bass.sum(axis=1) > 0)
    if len(sounding):
        for cue, slot in ((Cue.LAST_BASS, sounding[-1]), (Cue.FIRST_BASS, sounding[0])):
            tonic = int(grid.bass[slot].argmax())
            cues[[tonic, tonic + 12], cue] = grid.trust[slot]
        _third_cue(cues, grid.chroma[sounding[-1]], int(grid.bass[sounding[-1]].argmax()))
        cues[:, Cue.FIFTH_FALLS] = _fifth_falls(grid)
        standing = grid.bass[grid.trust > 0.5].sum(axis=0)
        cues[:, Cue.BASS_TIME] = np.tile(standing / max(1e-9, float(standing.sum())), 2)
    last = last_melody_pitch_class(song)
    if last is not None:
        cues[[last, last + 12], Cue.LAST_MELODY] = 1.0


def _third_cue(cues: np.ndarray, chroma: np.ndarray, root: int) -> None:
    """The last chord's third tells major from minor."""
    major, minor = chroma[(root + 4) % 12], chroma[(root + 3) % 12]
    if major != minor:
        cues[root if major > minor else root + 12, Cue.LAST_THIRD] = 1.0


def _fifth_falls(grid: PitchGrid) -> np.ndarray:
    """How often the bass falls a fifth onto each tonic under its leading note, as a share of such falls."""
    roots = grid.bass.argmax(axis=1)
    arrives = (grid.trust[1:] > 0.5) & (grid.onbar[1:] >= 1) & (grid.bass.sum(axis=1)[1:] > 0)
    arrives &= (roots[:-1] - roots[1:]) % 12 == 7
    leading = grid.chroma[np.arange(len(arrives)), (roots[1:] + 11) % 12] > 0.1
    falls = np.bincount(roots[1:][arrives & leading], minlength=12).astype(float)
    return np.tile(falls / max(3.0, falls.sum()), 2)


def last_melody_pitch_class(song: Song) -> int | None:
    tracks = [track for track in song.tracks if track.notes and track.role is not Role.DRUMS]
    melody = next((track for track in tracks if track.role is Role.MELODY), tracks[0] if tracks else None)
    if melody is None:
        return None
    last = max(melody.notes, key=lambda note: (note.start_ticks, note.pitch))
    return last.pitch % 12


# chords ---------------------------------------------------------------------------------------------------


def is_loop(grid: PitchGrid, chords: Sequence[Sounding]) -> float:
    """1 when the progression goes round and round, 0 when it runs through."""
    return float(loop_bars(grid, chords) > 0)


def loop_bars(grid: PitchGrid, chords: Sequence[Sounding]) -> int:
    """Bars of the shortest progression that goes round at least twice through all the chords; 0 if none."""
    names = _bar_chords(grid, chords)
    for period in range(1, min(_LONGEST_LOOP, len(names) // 2) + 1):
        pairs = list(zip(names, names[period:], strict=False))
        if sum(a == b for a, b in pairs) >= _SAME_LOOP * len(pairs) and len(set(names)) > 1:
            return period
    return 0


def _bar_chords(grid: PitchGrid, chords: Sequence[Sounding]) -> list[tuple[tuple[int, int], ...]]:
    """Root and kind of the chords that begin or go on in each bar."""
    starts = np.flatnonzero(grid.onbar == 2)
    bars: list[list[tuple[int, int]]] = [[] for _ in starts]
    for chord in chords:
        first = max(0, int(np.searchsorted(starts, chord.first, side="right")) - 1)
        for bar in range(first, int(np.searchsorted(starts, chord.end, side="left"))):
            bars[bar].append((chord.chord.root, chord_class(chord.chord)))
    return [tuple(bar) for bar in bars]


def _degree_cues(cues: np.ndarray, chords: Sequence[Sounding], grid: PitchGrid) -> None:
    table = degree_rows([chord.chord for chord in chords])
    slots_a_bar = max(1.0, grid.slots / max(1, int((grid.onbar == 2).sum())))
    length = np.array([min(chord.end - chord.first, 2 * slots_a_bar) for chord in chords])
    cues[:, Cue.DEGREES] = table @ (length / length.sum())
    seen = {(chord.chord.root, chord_class(chord.chord)): index for index, chord in enumerate(chords)}
    distinct = table[:, sorted(seen.values())]
    cues[:, Cue.DISTINCT_DEGREES] = distinct.mean(axis=1)
    cues[:, Cue.WORST_DEGREE] = distinct.min(axis=1)


def degree_rows(chords: Sequence[Chord]) -> np.ndarray:
    """(24, chords): how common each chord is in each key, as a log ratio."""
    roots = np.array([chord.root for chord in chords])
    kinds = np.array([chord_class(chord) for chord in chords])
    tonics = np.arange(12)[:, None]
    degree = (roots[None, :] - tonics) % 12
    return np.concatenate([tables().degrees[mode][degree, kinds[None, :]] for mode in (0, 1)])


def _change_cues(cues: np.ndarray, chords: Sequence[Sounding]) -> None:
    """Shares of all changes that lead to each key's own tonic chord from its V, IV and ♭VII."""
    changes = max(3, len(chords) - 1)
    for before, after in pairwise(chords):
        tonic = after.chord.root
        minor = keys_of(after.chord)
        step = (before.chord.root - tonic) % 12
        if step == 7 and not before.chord.has_minor_third:
            cues[minor, Cue.DOMINANT_RESOLVES] += 1 / changes
        elif step == 5:
            cues[minor, Cue.SUBDOMINANT_RESOLVES] += 1 / changes
        elif step == 10:
            cues[minor, Cue.SUBTONIC_RESOLVES] += 1 / changes


def _common_changes(chords: Sequence[Chord]) -> np.ndarray:
    """(24,) how common the changes are in each key, as a mean log ratio; a chord without a third counts
    half as major, half as minor."""
    moves = np.zeros((24, 24))
    for one, other in pairwise(_states(chord) for chord in chords):
        for before, part in one if one != other else ():
            for after, share in other:
                moves[before, after] += part * share
    return np.asarray(_changes_by_key() @ moves.ravel()) / max(1.0, float(moves.sum()))


@cache
def _changes_by_key() -> np.ndarray:
    """(24 keys, 24 * 24) the table of changes, turned to every tonic."""
    changes = tables().changes
    turned = [
        np.roll(changes[mode], (2 * tonic, 2 * tonic), (0, 1)) for mode in (0, 1) for tonic in range(12)
    ]
    return np.array(turned).reshape(KEYS, -1)


def _states(chord: Chord) -> tuple[tuple[int, float], ...]:
    """Rows of the table of changes: two a semitone, for a major and a minor third."""
    if chord.has_major_third:
        return ((2 * chord.root, 1.0),)
    if chord.has_minor_third:
        return ((2 * chord.root + 1, 1.0),)
    return ((2 * chord.root, 0.5), (2 * chord.root + 1, 0.5))


def keys_of(chord: Chord) -> list[int]:
    """The keys whose tonic chord this may be: by its third, both without one; none for dominants."""
    if chord.has_minor_third:
        return [] if chord_class(chord) == 3 else [chord.root + 12]
    return [chord.root] if chord.has_major_third else [chord.root, chord.root + 12]


def _place_cues(cues: np.ndarray, chords: Sequence[Sounding], loops: float) -> None:
    cues[keys_of(chords[0].chord), Cue.FIRST_CHORD_OF_LOOP if loops else Cue.FIRST_CHORD] = 1.0
    last = chords[-1].chord
    cues[keys_of(last), Cue.LAST_CHORD] = 1.0 - loops
    if not last.has_minor_third:
        tonic = (last.root + 5) % 12
        cues[[tonic, tonic + 12], Cue.ENDS_ON_DOMINANT] = 1.0
    total = sum(chord.end - chord.first for chord in chords)
    for chord in chords:
        cues[keys_of(chord.chord), Cue.TONIC_TIME] += (chord.end - chord.first) / total
    cues[cues[:, Cue.TONIC_TIME] <= 0, Cue.NO_TONIC] = 1.0
