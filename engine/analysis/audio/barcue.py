"""Given these beats, which metre is it, and where do its bars begin?

Small networks (`barnetwork`) tell how likely each metre with each beginning is, or that these are not the
beats. They know notes only, as our listening tells them, so what they say is independent of what the sound
says.
"""

from collections.abc import Sequence

import numpy as np

from engine.analysis.audio.barfeatures import BarEvidence, described_beats
from engine.analysis.audio.barnetwork import HYPOTHESES, NOT_THE_BEATS, PULSES, bar_shares
from engine.analysis.audio.beatdecoding import METRES, BeatPath

_LEAST_TOLD = -6.0
_UNTOLD = (-1.3, -1.3, -0.3)


def bars_told(paths: Sequence[BeatPath], evidence: BarEvidence) -> np.ndarray:
    """(paths, 3) log shares of each chain: its first beats given its metre, its metre given its beats, and
    that these are the beats. Raises ModelError without the weights."""
    known: dict[bytes, np.ndarray | None] = {}
    told = np.tile(_UNTOLD, (len(paths), 1))
    for row, path in enumerate(paths):
        key = path.frames.tobytes()
        if key not in known:
            described = described_beats(path.frames, evidence) if evidence.notes else None
            known[key] = None if described is None else bar_shares(described)
        shares = known[key]
        if shares is not None:
            told[row] = _told(path, shares)
    return told


def _told(path: BeatPath, log_shares: np.ndarray) -> list[float]:
    metre, shares = METRES.index(path.metre), np.exp(log_shares)
    start = int(np.flatnonzero(path.places == 0)[0]) if (path.places == 0).any() else 0
    mine = shares[HYPOTHESES.index((metre, start % PULSES[metre]))]
    same = sum(share for (each, _), share in zip(HYPOTHESES, shares, strict=False) if each == metre)
    beats = shares[:NOT_THE_BEATS].sum()
    parts = (mine + 1e-9) / (same + 1e-9), (same + 1e-9) / (beats + 1e-9), beats + 1e-9
    return [max(_LEAST_TOLD, float(np.log(part))) for part in parts]
