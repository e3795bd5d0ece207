"""How many of the notes that were played does the product hear, and how is its ear fitted?

`packaging/render_hearing.py` leaves NAME.wav and NAME.json for each performance in a folder. Scores are
those of mir_eval.transcription: a note counts when its pitch is within 50 cents and its beginning within 50
ms (100 ms for instruments that swell); with its end, within a fifth of its length or 50 ms. Only the tuning
part is ever fitted to.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.analysis.audio import pitchtrack, posteriors, voicestrokes
from engine.analysis.audio.learnt import Net
from engine.analysis.audio.listen import Heard, listen
from engine.analysis.audio.strokes import hear_strokes
from engine.analysis.audio.tuning import chord_tuning
from engine.api.audio import ListeningMode
from engine.formats.audio import Sound, read_audio
from engine.training.hearing.earfitting import as_table, fitted, stroke_truth
from engine.training.hearing.performances import Family, Performance

_STROKE_UNITS = 6


def played_in(folder: Path, is_test: bool) -> Iterator[tuple[Performance, Sound]]:
    """The rendered performances of one part, by name."""
    for path in sorted(folder.glob("*.json")):
        record = json.loads(path.read_text("utf-8"))
        record.pop("tolerance_s", None)
        notes = tuple(tuple(note) for note in record["notes"])
        performance = Performance(**{**record, "notes": notes, "family": Family(record["family"])})
        if performance.is_test == is_test:
            yield performance, read_audio(path.with_suffix(".wav"))


def note_scores(folder: Path, mode: ListeningMode = ListeningMode.AUTO) -> dict[str, tuple[float, float]]:
    """F1 of beginnings, and of beginnings and ends, by family: the test part."""
    scores = defaultdict(list)
    for performance, sound in played_in(folder, is_test=True):
        scores[performance.family.value].append(_score(performance, listen(sound, mode)))
    means = {family: np.mean(each, axis=0).round(3).tolist() for family, each in scores.items()}
    return {family: (mean[0], mean[1]) for family, mean in means.items()}


def _score(performance: Performance, heard: Heard) -> tuple[float, float]:
    spans = np.array([(note.start_s, note.end_s) for note in heard.notes])
    return scored(performance, spans, np.array([note.pitch for note in heard.notes]) + heard.tuning)


def scored(performance: Performance, spans: np.ndarray, pitches: np.ndarray) -> tuple[float, float]:
    """F1 of beginnings, and of beginnings and ends, of (notes, 2) spans at so many pitches."""
    from mir_eval.transcription import precision_recall_f1_overlap

    if not len(spans):
        return 0.0, 0.0
    notes = np.array(performance.notes)
    spans = np.column_stack([spans[:, 0], np.maximum(spans[:, 1], spans[:, 0] + 0.01)])
    truth = notes[:, :2], _hz(notes[:, 2] + performance.cents / 100)
    begun, whole = (
        precision_recall_f1_overlap(
            *truth, spans, _hz(pitches), onset_tolerance=performance.tolerance_s, offset_ratio=ratio
        )[2]
        for ratio in (None, 0.2)
    )
    return float(begun), float(whole)


def _hz(pitch: np.ndarray) -> np.ndarray:
    return np.asarray(440 * 2 ** ((pitch - 69) / 12))


def fitted_strokes(folder: Path) -> dict[str, list[object]]:
    """The network of ear.json that tells where one voice begins a note, fitted to the tuning part."""
    strokes = []
    for performance, sound in played_in(folder, is_test=False):
        if not _is_one_voice(performance):
            continue
        peak = float(np.abs(sound.samples).max())
        heard = hear_strokes(sound.samples / peak)
        keys = posteriors.joined(
            list(posteriors.key_posteriors(sound.samples, peak, chord_tuning(sound.samples)))
        )
        at, features = voicestrokes.stroke_features(_track(sound, peak), heard, keys)
        strokes.append((features, stroke_truth(performance, at)))
    return as_table(_fitted(strokes, _STROKE_UNITS), voicestrokes.FEATURES)


def _fitted(examples: list[tuple[np.ndarray, np.ndarray]], units: int) -> Net:
    features, truth = zip(*examples, strict=True)
    return fitted(np.concatenate(features), np.concatenate(truth), units=units)


def _is_one_voice(performance: Performance) -> bool:
    number = int(performance.name[-2:])
    return performance.family is Family.VOICE or (performance.family is Family.PLUCKED and number % 2 == 0)


def _track(sound: Sound, peak: float) -> pitchtrack.PitchTrack:
    import soxr

    slow = soxr.resample(sound.samples, sound.rate_hz, pitchtrack.RATE_HZ)
    return pitchtrack.joined(list(pitchtrack.track_pitch(slow, peak)))
