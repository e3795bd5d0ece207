"""Recordings and notes to learn the pulse from: played, made to sound, measured once and kept."""

import json
import random
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from quick_bands import RATE_HZ, Samples, quickly_recorded

from engine.analysis.audio.barfeatures import BarEvidence
from engine.analysis.audio.beatdecoding import METRES
from engine.analysis.audio.beatevidence import frame_features, onset_curve, silent_features
from engine.analysis.audio.beatlistening import as_mastered, beat_activations, rhythm_features
from engine.analysis.audio.listen import listen
from engine.analysis.audio.pulsefeatures import note_pulse_features, pulse_features
from engine.api.audio import HeardNote, ListeningMode
from engine.formats.audio import Sound
from engine.training.hearing.band import Band
from engine.training.hearing.barlearning import BarExample, bar_examples
from engine.training.hearing.listenednotes import as_listened
from engine.training.hearing.material import Condition, Item
from engine.training.hearing.pulsebands import Take, as_heard, take_of
from engine.training.hearing.pulsechoice import Truth
from engine.training.hearing.pulsetunes import Tunes

_FEWEST_STROKES = 12
_EXACT = 0.3
_HEARD_COUNTS, _HEARD_TIMES = 4.0, 3
_BARS_SHEET_SHARE = {"2/4": 0.15, "3/4": 0.3, "4/4": 0.4, "6/8": 0.15}


@dataclass(frozen=True, slots=True)
class Plan:
    """Who plays in turn, and of what share of the bands the notes are really heard, which takes longest."""

    bands: tuple[Band, ...]
    really_heard: float


MIXED = Plan((Band.DRUMS, Band.NO_DRUMS, Band.DRUMS, Band.VOICE, Band.DRUMS), 0.15)
PLAIN = Plan((*[Band.NO_DRUMS] * 4, Band.VOICE), 1.0)


@dataclass(frozen=True, slots=True)
class Measured:
    """What the network sees (`features`), what chains are described by, and the truth."""

    truth: Truth
    has_sound: bool
    features: np.ndarray
    first: np.ndarray
    onset: np.ndarray
    notes: tuple[HeardNote, ...]


def recordings(
    kind: str, tunes: Tunes, count: int, banks: list[Samples], work: Path, plan: Plan = MIXED
) -> Iterator[Measured]:
    """By the bands of the plan in turn; a metre after the other."""
    (work / kind).mkdir(parents=True, exist_ok=True)
    for index in range(count):
        rng = random.Random(f"{kind}/{index}")
        metre, band = METRES[index % len(METRES)], _in_turn(plan.bands, index // len(METRES))
        take = take_of(tunes, metre.name, band, rng)
        path = work / kind / f"{index:05d}.npz"
        if len(take.strokes) < _FEWEST_STROKES:
            continue
        if not path.exists():
            _keep(path, _measured(take, f"{kind[0]}{index:07d}", banks, rng, plan))
        yield _kept(path)


def _in_turn(bands: tuple[Band, ...], turn: int) -> Band:
    return bands[turn % len(bands)]


def _measured(take: Take, name: str, banks: list[Samples], rng: random.Random, plan: Plan) -> Measured:
    noise_db, cents = rng.choice((99.0, 99.0, 30.0, 20.0)), rng.choice((0.0, 0.0, rng.uniform(-45, 45)))
    condition = Condition(rng.randrange(100), noise_db, cents, rng.random() < 0.5)
    samples = quickly_recorded(Item(name, take.strokes, None, condition), banks)
    rhythm = rhythm_features(as_mastered(samples))
    activations = beat_activations(rhythm, lambda: None)
    notes = _notes(take, samples, rng, plan)
    measured = frame_features(activations, rhythm, notes)
    features = pulse_features(measured, rhythm, notes)
    return Measured(truth_of(take), True, features, measured[1], onset_curve(measured[0]), tuple(notes))


def _notes(take: Take, samples: np.ndarray, rng: random.Random, plan: Plan) -> list[HeardNote]:
    """As they are heard in voices and some bands; else as they might be heard."""
    is_voice = take.band is Band.VOICE
    if not is_voice and rng.random() >= plan.really_heard:
        return as_heard(take, rng)
    mode = ListeningMode.VOICE if is_voice else ListeningMode.KEYS
    sound = Sound(samples, RATE_HZ, len(samples) / RATE_HZ, RATE_HZ, 1, "WAV", "")
    return list(listen(sound, mode).notes)


def notes_alone(kind: str, tunes: Tunes, count: int) -> Iterator[Measured]:
    """Without a sound, by voices and bands in turn, three of ten exactly as written."""
    for index in range(count):
        rng = random.Random(f"{kind} notes/{index}")
        band = Band.VOICE if index // len(METRES) % 2 else Band.NO_DRUMS
        take = take_of(tunes, METRES[index % len(METRES)].name, band, rng)
        notes = as_heard(take, rng, is_exact=rng.random() < _EXACT)
        if len(notes) >= _FEWEST_STROKES:
            beat, first = silent_features(notes)
            features = note_pulse_features((beat, first), notes)
            yield Measured(truth_of(take), False, features, first, onset_curve(beat), tuple(notes))


def bars_of_notes(kind: str, tunes: Tunes, count: int) -> Iterator[BarExample]:
    """Two chains of each of many performances without a sound, of three one a voice."""
    for index in range(count):
        rng = random.Random(f"{kind} seq/{index}")
        band = Band.VOICE if index // len(METRES) % 3 == 2 else Band.NO_DRUMS
        take = take_of(tunes, METRES[index % len(METRES)].name, band, rng, _BARS_SHEET_SHARE)
        notes = as_listened(take, rng, is_exact=rng.random() < _EXACT)
        if len(notes) >= _FEWEST_STROKES:
            evidence = BarEvidence(notes, onset_curve(silent_features(notes)[0]))
            yield from bar_examples(truth_of(take), evidence, rng)


def bars_of_recordings(measured: Iterable[Measured]) -> Iterator[BarExample]:
    """The same of recordings, whose notes count more for being heard; three times, cut and shaken anew."""
    for index, each in enumerate(measured):
        evidence = BarEvidence(each.notes, each.onset)
        for time in range(_HEARD_TIMES):
            rng = random.Random(f"{index}/{time}")
            yield from bar_examples(each.truth, evidence, rng, _HEARD_COUNTS / _HEARD_TIMES)


def truth_of(take: Take) -> Truth:
    return Truth(take.title, take.band.value, take.metre, np.array(take.beats_s), np.array(take.downbeats_s))


def _keep(path: Path, measured: Measured) -> None:
    truth = measured.truth
    notes = [(n.start_s, n.end_s, n.pitch, n.velocity, n.certainty) for n in measured.notes]
    facts = {"title": truth.title, "band": truth.band, "metre": truth.metre}
    beats = {"beats_s": truth.beats_s.tolist(), "downbeats_s": truth.firsts_s.tolist()}
    np.savez(
        path,
        features=measured.features.astype(np.float16),
        first=measured.first.astype(np.float16),
        onset=measured.onset.astype(np.float16),
        notes=np.array(notes, np.float32).reshape(-1, 5),
        truth=json.dumps(facts | beats),
    )


def _kept(path: Path) -> Measured:
    with np.load(path) as arrays:
        facts = json.loads(str(arrays["truth"]))
        features, first, onset = (arrays[name].astype(float) for name in ("features", "first", "onset"))
        rows = arrays["notes"].astype(float)
    notes = tuple(HeardNote(a, b, int(pitch), int(loud), sure) for a, b, pitch, loud, sure in rows.tolist())
    truth = Truth(
        facts["title"],
        facts["band"],
        facts["metre"],
        np.array(facts["beats_s"]),
        np.array(facts["downbeats_s"]),
    )
    return Measured(truth, True, features, first, onset, notes)
