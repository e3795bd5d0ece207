"""What tells a note from an overtone, once it is known which keys were likely struck?

The small network of `keysnotes` is fitted to the candidates of recordings from which the network before it
has learnt nothing, so that it knows how far that one can be trusted.
"""

from collections.abc import Sequence

import numpy as np

from engine.analysis.audio.keysnotes import FEATURES, candidates
from engine.analysis.audio.keyspectrum import FRAMES_A_STEP, KeySpectrum
from engine.analysis.audio.noterefining import Keys, refined
from engine.analysis.audio.posteriors import Posteriors
from engine.analysis.audio.strokes import Strokes
from engine.training.hearing.earfitting import as_table, fitted, note_truth
from engine.training.hearing.notelearning import NoteExample


def fitted_candidates(examples: Sequence[NoteExample]) -> dict[str, list[object]]:
    """The network as it lies in ear.json."""
    features, truth = zip(*(_candidates(example) for example in examples), strict=True)
    return as_table(fitted(np.concatenate(features), np.concatenate(truth)), FEATURES)


def _candidates(example: NoteExample) -> tuple[np.ndarray, np.ndarray]:
    found = candidates(keys_of(example), strokes_of(example))
    return found.features, note_truth(example.notes, example.tolerance_s, found)


def keys_of(example: NoteExample) -> Keys:
    """As the shipped network hears them."""
    frame, onset, contour, long, short = (
        part.astype(np.float32) / 255
        for part in (example.frame, example.onset, example.contour, example.long, example.short)
    )

    def spectrum(begin: int, end: int) -> KeySpectrum:
        return KeySpectrum(long[begin:end], short[FRAMES_A_STEP * begin : FRAMES_A_STEP * end])

    return refined(Posteriors(frame, onset, contour), spectrum, 0, example.steps)


def strokes_of(example: NoteExample) -> Strokes:
    """As far as candidates ask for them."""
    none = np.zeros(len(example.flux))
    return Strokes(example.flux, none[:, None].repeat(3, 1), none, example.level_db)
