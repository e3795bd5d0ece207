"""How well are beats, bars, metre, chords and key of recordings heard?

Takes a folder of recordings with their truth (packaging/render_bands.py) through what the product does with a
recording: notes, beats, then chords and key on the heard beats. Beats and first beats: F-measure within
70 ms. Tempo: the share within 4 %. Chords: mir_eval's root, majmin and sevenths, weighted by time; key:
mir_eval's MIREX score. mir_eval is imported late; it is among the test requirements.
"""

import json
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.analysis.audio.beatgrid import BeatGrid, hear_beats
from engine.analysis.audio.chordreading import nearest_word, read_audio_chords, word_of
from engine.analysis.audio.chroma import hear_chroma
from engine.analysis.audio.keyreading import hear_keys
from engine.analysis.audio.listen import listen
from engine.api.audio import ListeningMode
from engine.formats.audio import Sound, read_audio
from engine.music import Chord, Key, Mode
from engine.training.hearing.evaluate import f_measure

_SAME_TEMPO = 0.04
_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")

Score = tuple[str, float]
Span = tuple[float, float, str]


def evaluate_recordings(folder: Path, report: Callable[[str], None] = lambda _: None) -> dict[str, float]:
    """Mean scores, `"<band>: beats"`, `"metre 3/4"`, `"chords majmin"` and so on."""
    found: dict[str, list[float]] = defaultdict(list)
    for path in sorted(folder.glob("*.wav")):
        truth = json.loads(path.with_suffix(".json").read_text("utf-8"))
        scores = list(_scores(read_audio(path), truth))
        for name, value in scores:
            found[name].append(value)
        report(f"{path.stem} " + " ".join(f"{name} {value:.2f}" for name, value in scores))
    return {name: round(float(np.nanmean(values)), 3) for name, values in sorted(found.items())}


def _scores(sound: Sound, truth: dict[str, Any]) -> Iterator[Score]:
    is_voice = truth["band"] == "voice"
    heard = listen(sound, ListeningMode.VOICE if is_voice else ListeningMode.KEYS)
    grid = hear_beats(sound.samples, sound.rate_hz, heard.notes)
    yield from _beat_scores(grid, truth)
    if grid is None or is_voice:
        return
    grid = _ringing_out(grid, sound.duration_s)
    ends = np.append(grid.times_s, grid.times_s[-1] + np.median(np.diff(grid.times_s)))
    ranks = _ranks(grid)
    chroma = hear_chroma(sound.samples, ends, heard.tuning)
    first = read_audio_chords(chroma, heard.notes, ranks)
    key = hear_keys(chroma, first, heard.notes, ranks)[0].key
    chords = read_audio_chords(chroma, heard.notes, ranks, key)
    spans = [(each.start_s, each.end_s, each.chord.harte()) for each in chords]
    yield from chord_scores(spans, truth)
    if truth["key"]:
        yield "key", _key_score(Key(truth["key"]["tonic"], Mode(truth["key"]["mode"])), key)


def _beat_scores(grid: BeatGrid | None, truth: dict[str, Any]) -> Iterator[Score]:
    band, beats = truth["band"], np.array(truth["beats_s"])
    true_bpm = 60 / np.median(np.diff(beats))
    yield f"{band}: beats", f_measure(beats, grid.times_s) if grid is not None else 0.0
    yield (
        f"{band}: tempo",
        float(abs(grid.bpm / true_bpm - 1) < _SAME_TEMPO) if grid is not None else 0.0,
    )
    downbeats = np.array(truth["downbeats_s"])
    has_bars = grid is not None and len(grid.downbeats_s) > 0
    yield f"{band}: first beats", f_measure(downbeats, grid.downbeats_s) if grid and has_bars else 0.0
    is_right = float(grid is not None and grid.metre.name == truth["metre"])
    yield "metre", is_right
    yield f"metre {truth['metre']}", is_right


def _ringing_out(grid: BeatGrid, end_s: float) -> BeatGrid:
    """The grid with its beats continued while the last chord may ring."""
    period = float(np.median(np.diff(grid.times_s)))
    more = np.arange(grid.times_s[-1] + period, max(end_s - period, grid.times_s[-1]), period)
    later = (grid.places[-1] + 1 + np.arange(len(more))) % (int(grid.places.max()) + 1)
    return replace(
        grid, times_s=np.append(grid.times_s, more), places=np.append(grid.places, later).astype(int)
    )


def _ranks(grid: BeatGrid) -> np.ndarray:
    """2 on first beats, 1 on the third of four, else 0."""
    is_third = (grid.metre.numerator == 4) & (grid.places == 2)
    return np.where(grid.places == 0, 2, np.where(is_third, 1, 0))


def chord_scores(heard: Sequence[Span], truth: dict[str, Any]) -> Iterator[Score]:
    """mir_eval's root, majmin, sevenths and majmin_inv of what was heard."""
    import mir_eval

    ask = mir_eval.chord
    spans = np.array([[start, end] for start, end, _ in truth["chords"]])
    labels = [_plain(label) for *_, label in truth["chords"]]
    heard = [span for span in heard if span[1] > span[0]]
    found = np.array([[start, end] for start, end, _ in heard])
    names = [_plain(label) for *_, label in heard]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found, names = mir_eval.util.adjust_intervals(
            found, names, spans.min(), spans.max(), ask.NO_CHORD, ask.NO_CHORD
        )
        pieces, expected, said = mir_eval.util.merge_labeled_intervals(spans, labels, found, names)
        lengths = mir_eval.util.intervals_to_durations(pieces)
        for name in ("root", "majmin", "sevenths", "majmin_inv"):
            score = ask.weighted_accuracy(getattr(ask, name)(expected, said), lengths)
            yield f"chords {name}", float(score)


def _plain(label: str) -> str:
    """The label as mir_eval knows it: a quality outside its grammar becomes the nearest word."""
    import mir_eval

    try:
        mir_eval.chord.encode(label)
    except mir_eval.chord.InvalidChordException:
        return word_of(nearest_word(Chord.parse(label))).harte()
    return label


def _key_score(truth: Key, heard: Key) -> float:
    import mir_eval

    return float(mir_eval.key.weighted_score(*map(_key_name, (truth, heard))))


def _key_name(key: Key) -> str:
    return f"{_NAMES[key.tonic]} {'minor' if key.mode.is_minor else 'major'}"
