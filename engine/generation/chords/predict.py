"""Which chords may follow these, and how likely is each?

The probability of a change comes from the mixer over corpus and song memory; where the learnt chord model is
there and the song tells the rhythm, its opinion is added (a linear mixture: more of it where the song has not
been here before).
Progressions written bar by bar repeat chords: where the given ones do, staying is weighed by how long this
song stays.
"""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.api.errors import ModelError
from engine.api.suggestion import NextChord
from engine.generation.chords.features import Candidates
from engine.generation.chords.jobs import job
from engine.generation.chords.listener import Listener
from engine.generation.chords.store import load_model
from engine.music import Chord, Key, Mode, Song
from engine.music.roman import roman

LEARNT_NEW, LEARNT_KNOWN = 0.3, 0.1
"""Share of the learnt model where the song has not been here before, and where it has; chosen on the valid
part."""
_KNOWN_CONTEXT = 2
_MOST_KEYS, _LEAST_KEY = 3, 0.12
_FOREIGN_OPENING = 0.05


class Weighed(NamedTuple):
    """Candidates with their probabilities, likeliest first."""

    chords: list[Chord]
    probabilities: NDArray[np.float64]


def next_chords(
    chords: Sequence[Chord], key: Key | None = None, top: int = 8, song: Song | None = None
) -> list[NextChord]:
    """The `top` likeliest chords after `chords`, likeliest first, in the vocabulary the song uses.

    `chords` are those before the one asked for, oldest first. `key` None: found from them. With a `song`
    its chords
    outside the given progression are remembered too. Raises ModelError when there is no model.
    """
    before = [span.chord for span in song.chords] if song is not None else []
    everything = [*before, *chords] if not _ends_with(before, chords) else before
    sounding = [chord for chord in everything if not chord.is_no_chord]
    listener = Listener.of(
        load_model().chords, key, extra_qualities=tuple({chord.quality for chord in sounding})
    )
    for chord in sounding:
        listener.hear(chord)
    found = weigh(listener, _learnt(listener, key, chords, song))
    if not sounding and key is not None:
        found = _opening(found, key)
    stay = staying(sounding)
    shown_key = key or heard_key(listener)
    last = sounding[-1] if sounding else None
    ranked = [
        (_with_bass(chord, sounding), float(p) * (1.0 - stay))
        for chord, p in zip(found.chords[: top + 1], found.probabilities, strict=False)
    ]
    if stay > 0.0 and last is not None:
        ranked.append((last, stay))
    ranked.sort(key=lambda pair: -pair[1])
    return [
        NextChord(chord.harte(shown_key), p, job(chord, shown_key, last), roman(chord, shown_key))
        for chord, p in ranked[:top]
    ]


def weigh(listener: Listener, learnt: NDArray[np.float64] | None = None) -> Weighed:
    """Every candidate after what the listener has heard, likeliest first; probabilities sum to 1.

    `learnt`: what another model expects, 12 roots x the language's qualities.
    """
    found = listener.candidates()
    scores = scores_of(listener, found)
    chance = np.exp(scores - scores.max())
    chance /= chance.sum()
    names = listener.qualities.names
    if learnt is not None:
        from engine.generation.search.chord_next import shared

        weight = LEARNT_NEW if listener.exact.longest < _KNOWN_CONTEXT else LEARNT_KNOWN
        chance = (1.0 - weight) * chance + weight * shared(found, names, chance, learnt)
    order = np.argsort(-chance, kind="stable")
    chords = [Chord(int(found.roots[i]), names[int(found.places[i])]) for i in order]
    return Weighed(chords, chance[order])


def _learnt(
    listener: Listener, key: Key | None, chords: Sequence[Chord], song: Song | None
) -> NDArray[np.float64] | None:
    """What the learnt chord model expects; None without it, or where the rhythm of the chords is not known
    (it is no help then)."""
    # late: the model's language is made of this package's vocabulary
    from engine.generation.search.chord_next import heard_in, load_next_chord

    end = None if song is None else _end_in(song, chords)
    model = None if end is None else load_next_chord()
    if song is None or end is None or model is None:
        return None
    return model.expected_in(heard_in(song, end), likely_keys(listener) if key is None else [(key, 1.0)])


def _end_in(song: Song, chords: Sequence[Chord]) -> int | None:
    """Where the chords end that the song begins (or ends) with; None where it does not."""
    spans, count = song.chords, len(chords)
    for told in (spans[:count], spans[len(spans) - count :]):
        if count and [span.chord for span in told] == list(chords):
            return told[-1].end_ticks
    return None


def likely_keys(listener: Listener) -> list[tuple[Key, float]]:
    """The keys the song may be in, the likeliest first."""
    tonics = listener.belief.sum(axis=1)
    order = np.argsort(-tonics, kind="stable")[:_MOST_KEYS]
    likely = [int(tonic) for tonic in order if tonics[tonic] > _LEAST_KEY * tonics[order[0]]]
    return [(Key(tonic, _mode_on(listener, tonic)), float(tonics[tonic])) for tonic in likely]


def _opening(found: Weighed, key: Key) -> Weighed:
    """The first chord of a song is nearly always of its key, and only the key says yet which mode it has."""
    scale = set(key.scale_pitch_classes) | ({(key.tonic + 11) % 12} if key.mode.is_minor else set())
    foreign = np.array([not chord.pitch_classes <= scale for chord in found.chords])
    chance = np.where(foreign, _FOREIGN_OPENING, 1.0) * found.probabilities
    order = np.argsort(-chance, kind="stable")
    return Weighed([found.chords[i] for i in order], chance[order] / chance.sum())


def scores_of(listener: Listener, found: Candidates) -> NDArray[np.float64]:
    """The mixer's scores (log probabilities up to a constant)."""
    if listener.model.mixer is None:
        raise ModelError("The chord model has no mixer; run `understudy train chords`.")
    return listener.model.mixer.scores(found.features)


def heard_key(listener: Listener) -> Key:
    """The likeliest tonic, minor if the song's chords on it are minor."""
    return Key(listener.tonic, _mode_on(listener, listener.tonic))


def _mode_on(listener: Listener, tonic: int) -> Mode:
    on_tonic = listener.qualities.triads[listener.places[listener.roots == tonic]]
    if len(on_tonic):
        return Mode.MINOR if float(np.mean(on_tonic == 1)) > 0.5 else Mode.MAJOR
    minor_thirds = np.count_nonzero(listener.roots == (tonic + 3) % 12)
    major_thirds = np.count_nonzero(listener.roots == (tonic + 4) % 12)
    return Mode.MINOR if minor_thirds > major_thirds else Mode.MAJOR


def staying(chords: Sequence[Chord]) -> float:
    """The chance that the sounding chord is written once more: 0 where no chord was ever repeated."""
    runs: list[tuple[Chord, int]] = []
    for chord in chords:
        if runs and runs[-1][0] == chord:
            runs[-1] = (chord, runs[-1][1] + 1)
        else:
            runs.append((chord, 1))
    if not runs or max(length for _, length in runs) == 1:
        return 0.0
    current, length = runs[-1]
    longer = same = 0.0
    for index, (chord, past) in enumerate(runs[:-1]):
        weight = 1.0 + 3.0 * (chord == current)
        if index and len(runs) > 1 and chord == current and runs[index - 1][0] == runs[-2][0]:
            weight += 8.0
        longer += weight * (past > length)
        same += weight * (past == length)
    return (longer + 0.3) / (longer + same + 1.0)


def _with_bass(chord: Chord, heard: Sequence[Chord]) -> Chord:
    """The bass the song gave this chord when it came from here before, else mostly."""
    from_here: Counter[int | None] = Counter()
    last = heard[-1] if heard else None
    for before, after in itertools.pairwise(heard):
        if (after.root, after.quality) == (chord.root, chord.quality):
            came_alike = last is not None and (before.root, before.quality) == (last.root, last.quality)
            from_here[after.bass] += 5 if came_alike else 1
    return replace(chord, bass=from_here.most_common(1)[0][0]) if from_here else chord


def _ends_with(song: Sequence[Chord], chords: Sequence[Chord]) -> bool:
    return len(chords) <= len(song) and list(song[len(song) - len(chords) :]) == list(chords)
