"""Beats, bars and metre of recordings: features, network, decoding, what the artist says, bad input."""

from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save_file

from engine.analysis.audio.beatdecoding import (
    METRES,
    NO_CONSTRAINTS,
    SIX_EIGHT,
    BeatConstraints,
    BeatEvidence,
    decode_beats,
)
from engine.analysis.audio.beatgrid import BeatGrid, hear_beats, rhythm_of_notes, solve_beats
from engine.analysis.audio.beatlistening import (
    RATE_HZ,
    as_mastered,
    beat_activations,
    rhythm_features,
)
from engine.analysis.audio.weights import read_weights
from engine.analysis.beatsolving import BeatsSaid, solved_again
from engine.api.audio import HeardNote
from engine.api.errors import ImpossibleError, ModelError
from engine.music import Aspect, Metre, Note, Origin, Song, Tempo, TimeMap, Track
from engine.music.recording import Recording

FRAMES_S = 0.02


def band(bpm: float, beats: int, bar: int, seconds: float = 0.3) -> tuple[np.ndarray, list[HeardNote]]:
    """A kick and a bass note on first beats, snares on the others, hats between them, chords each bar."""
    period = 60 / bpm
    samples = np.zeros(int((seconds + beats * period + 1) * RATE_HZ), np.float32)
    noise = np.random.default_rng(1).standard_normal(4000).astype(np.float32)
    notes = []

    def add(at_s: float, sound: np.ndarray) -> None:
        first = round(at_s * RATE_HZ)
        samples[first : first + len(sound)] += sound[: len(samples) - first]

    def tone(pitch: int, length_s: float) -> np.ndarray:
        time = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
        hertz = 440 * 2 ** ((pitch - 69) / 12)
        shape = np.exp(-2 * time / length_s).astype(np.float32)
        return sum(np.sin(2 * np.pi * hertz * n * time) / n for n in (1, 2, 3)).astype(np.float32) * shape

    roots = (48, 53, 55, 48)
    for beat in range(beats):
        at = seconds + beat * period
        is_first = beat % bar == 0
        time = np.arange(3000) / RATE_HZ
        kick = np.sin(2 * np.pi * 60 * time) * np.exp(-25 * time)
        add(at, (1.5 * kick if is_first else 0.4 * noise[:3000] * np.exp(-40 * time)).astype(np.float32))
        add(at + period / 2, 0.15 * noise[:600])
        if is_first:
            root = roots[beat // bar % 4]
            for pitch in (root - 12, root + 4, root + 7, root + 12):
                add(at, 0.3 * tone(pitch, bar * period * 0.9))
                notes.append(HeardNote(at, at + bar * period * 0.9, pitch, 90))
        melody = roots[beat // bar % 4] + (16, 19, 24, 19)[beat % bar]
        add(at, 0.2 * tone(melody, period * 0.8))
        notes.append(HeardNote(at, at + period * 0.8, melody, 80))
    return samples, notes


def tune(rhythm: list[float], bars: int, period: float, accents: int = 0) -> list[HeardNote]:
    """A sung tune: the rhythm of a bar in beats, again and again, a long note now and then."""
    notes, at = [], 0.4
    for bar in range(bars):
        for index, length in enumerate(rhythm):
            pitch = (
                60 + (0, 4, 7, 5, 9, 7, 2, 4)[(bar * 3 + index) % 8] - (12 if index == 0 and accents else 0)
            )
            notes.append(HeardNote(at, at + 0.9 * length * period, pitch, 80))
            at += length * period
    return notes


@pytest.fixture(scope="module")
def played() -> tuple[np.ndarray, list[HeardNote]]:
    return band(100.0, 40, 4)


@pytest.fixture(scope="module")
def heard(played) -> BeatGrid:
    grid = hear_beats(played[0], RATE_HZ, played[1])
    assert grid is not None
    return grid


def test_features_are_those_of_madmom() -> None:
    """Numbers of madmom-infer 0.2.0 for the same rising, broken tone."""
    time = np.arange(RATE_HZ) / RATE_HZ
    tone = 0.6 * np.sin(2 * np.pi * (110 * time + 900 * time**2)) * (time % 0.25 < 0.1)
    features = rhythm_features(tone)
    assert features.shape == (50, 272)
    found = features[[0, 2, 13, 26, 38, 13, 26, 38], [5, 3, 20, 60, 80, 156, 190, 215]]
    madmom = [2.00072, 0.54285, 0.62428, 0.35397, 0.36451, 0.00048, 0.27709, 0.0]
    assert found == pytest.approx(madmom, abs=1e-4)
    assert features.sum() == pytest.approx(1207.261, abs=0.05)


@pytest.mark.parametrize("samples", [0, 1, 440, 22050])
def test_silence_and_next_to_nothing_have_features_and_no_beats(samples: int) -> None:
    silence = np.zeros(samples, np.float32)
    features = rhythm_features(as_mastered(silence))
    assert features.shape == (-(-samples // 441), 272) and np.isfinite(features).all()
    assert beat_activations(features, lambda: None).shape == (len(features), 2)
    assert hear_beats(silence, RATE_HZ, []) is None


def test_a_band_is_heard_with_its_tempo_bars_and_pickup(heard: BeatGrid) -> None:
    beats = 0.3 + 0.6 * np.arange(40)
    near = np.abs(heard.times_s[:, None] - beats[None, :]).min(axis=0)
    assert np.percentile(near, 90) < 0.03
    assert heard.bpm == pytest.approx(100, rel=0.01) and heard.is_steady
    assert heard.metre in (Metre(4, 4), Metre(2, 4))
    assert heard.downbeats_s[0] == pytest.approx(0.3, abs=0.05)
    assert heard.pickup_beats == 0 and heard.swing == 0.5
    assert 0 < heard.confidence <= 1
    assert len(heard.alternatives) == 3
    assert heard.confidence <= heard.reading.metre_confidence <= 1
    assert heard.confidence <= heard.reading.tempo_confidence <= 1
    assert sum(other.confidence for other in heard.alternatives) + heard.confidence <= 1.001


@pytest.mark.parametrize("silence_s", [1.0, 3.0])
def test_nobody_taps_on_in_silence(played, silence_s: float) -> None:
    silent = np.zeros(round(silence_s * RATE_HZ), np.float32)
    notes = [
        replace(note, start_s=note.start_s + silence_s, end_s=note.end_s + silence_s) for note in played[1]
    ]
    grid = hear_beats(np.concatenate([silent, played[0], silent]), RATE_HZ, notes)
    assert grid is not None
    assert grid.times_s[0] == pytest.approx(silence_s + 0.3, abs=0.05)
    assert grid.times_s[-1] == pytest.approx(silence_s + 0.3 + 0.6 * 39, abs=0.35)


def test_a_sung_waltz_has_three_beats() -> None:
    grid = solve_beats(rhythm_of_notes(tune([2, 1, 1, 1, 1, 2, 1, 3], 5, 0.5, accents=1)))
    assert grid is not None
    assert grid.bpm == pytest.approx(120, rel=0.05)
    assert grid.metre == Metre(3, 4)


def test_a_jig_is_counted_in_dotted_beats() -> None:
    rhythm = rhythm_of_notes(tune([1 / 3] * 3 + [2 / 3, 1 / 3], 14, 0.6))
    heard, said = solve_beats(rhythm), solve_beats(rhythm, BeatConstraints(metre=SIX_EIGHT))
    assert heard is not None and said is not None
    assert SIX_EIGHT in (heard.metre, *(other.metre for other in heard.alternatives))
    assert said.metre == SIX_EIGHT and said.bpm == pytest.approx(100, rel=0.05)


# what the artist says ------------------------------------------------------------------------------------

EVIDENCE = BeatEvidence(
    beat=np.tile([2.0] + [-2.0] * 23, 24),
    downbeat=np.tile([1.0] + [-1.0] * 95, 6),
    onset=np.tile([1.0] + [0.0] * 23, 24),
)


@pytest.mark.parametrize("metre", METRES)
def test_the_metre_that_is_said_is_the_only_one(metre: Metre) -> None:
    assert {path.metre for path in decode_beats(EVIDENCE, BeatConstraints(metre=metre))} == {metre}


@pytest.mark.parametrize(("slowest", "fastest", "frames"), [(60, 65, 48), (120, 130, 24), (240, 260, 12)])
def test_twice_and_half_as_fast_are_found_when_asked(slowest: float, fastest: float, frames: float) -> None:
    constraints = BeatConstraints(slowest_bpm=slowest, fastest_bpm=fastest)
    best = decode_beats(EVIDENCE, constraints)[0]
    assert np.diff(best.frames).mean() == pytest.approx(frames, abs=1)


@pytest.mark.parametrize("beat", [1, 2, 3])
def test_this_is_beat_one(beat: int) -> None:
    said = BeatConstraints(downbeats_s=(beat * 0.48,), metre=Metre(4, 4), slowest_bpm=110, fastest_bpm=140)
    best = decode_beats(EVIDENCE, said)[0]
    assert beat * 24 in best.frames[best.places == 0]


def test_a_beat_that_is_said_is_one_where_nothing_sounds() -> None:
    best = decode_beats(EVIDENCE, BeatConstraints(beats_s=(3.25,)))[0]
    assert np.abs(best.frames * FRAMES_S - 3.25).min() <= 0.1


def song_of(notes: list[HeardNote], **more) -> Song:
    made = tuple(
        Note(i + 2, round(n.start_s * 960), round((n.end_s - n.start_s) * 960), n.pitch, 80, Origin.PLAYED)
        for i, n in enumerate(notes)
    )
    return Song("Tune", tracks=(Track(1, "Voice", notes=made),), next_id=500, **more)


def test_bars_move_and_every_note_keeps_its_moment() -> None:
    song = song_of(
        tune([1, 1, 2, 1, 1, 1, 1], 6, 0.55), recordings=(Recording("ab", "Memo", 40.0, at_s=0.1),)
    )
    solved = solved_again(song, BeatsSaid(bpm=60 / 0.55, metre=Metre(4, 4)))
    assert set(solved.corrected) == {Aspect.TEMPO, Aspect.METRE}
    assert solved.time_map.tempos[0].bpm == pytest.approx(60 / 0.55, rel=0.03)
    moments = [
        [each.time_map.seconds_at(n.start_ticks) for n in each.tracks[0].notes] for each in (song, solved)
    ]
    shift = np.array(moments[0]) - np.array(moments[1])
    assert np.ptp(shift) < 0.003
    before, after = song.recordings[0], solved.recordings[0]
    assert after.second_at(moments[1][5], solved.time_map) == pytest.approx(
        before.second_at(moments[0][5], song.time_map), abs=0.003
    )


def test_twice_as_fast_doubles_the_bars() -> None:
    song = song_of(tune([1, 1, 2, 1, 1, 1, 1], 6, 0.55))
    once = solved_again(song, BeatsSaid(bpm=109, metre=Metre(4, 4)))
    twice = solved_again(once, BeatsSaid(bpm=218, metre=Metre(4, 4)))
    assert twice.bars == pytest.approx(2 * once.bars, abs=2)


def test_beat_one_is_where_it_is_said() -> None:
    song = song_of(tune([1, 1, 1, 1], 8, 0.5))
    third = song.tracks[0].notes[2].start_ticks
    solved = solved_again(song, BeatsSaid(bpm=120, first_beats=(third,), metre=Metre(4, 4)))
    start = solved.tracks[0].notes[2].start_ticks
    offset = solved.time_map.metrical_offset(start)
    assert min(offset, 1920 - offset) < 60


@pytest.mark.parametrize(
    ("notes", "said"),
    [([], BeatsSaid()), (tune([1], 3, 0.5), BeatsSaid()), (tune([1], 20, 0.5), BeatsSaid(metre=Metre(7, 8)))],
)
def test_what_cannot_be_solved_is_said(notes: list[HeardNote], said: BeatsSaid) -> None:
    with pytest.raises(ImpossibleError, match=r"\.$"):
        solved_again(song_of(notes), said)


# bars on the grid ----------------------------------------------------------------------------------------


def test_a_steady_grid_is_one_tempo() -> None:
    song = song_of(tune([1, 1, 2], 10, 0.5))
    solved = solved_again(replace(song, time_map=TimeMap(tempos=(Tempo(0),))), BeatsSaid(bpm=120))
    assert len(solved.time_map.tempos) == 1


# weights ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["missing", "card", "shape"])
def test_weights_that_are_not_what_the_card_says_are_refused(tmp_path, fault: str) -> None:
    if fault != "missing":
        save_file({"a": np.zeros(3, np.float32)}, tmp_path / "beats.safetensors")
        import hashlib
        import json

        digest = hashlib.sha256((tmp_path / "beats.safetensors").read_bytes()).hexdigest()
        (tmp_path / "beats.json").write_text(json.dumps({"sha256": "0" if fault == "card" else digest}))
    with pytest.raises(ModelError, match="“beats”"):
        read_weights("beats", {"a": (2,)}, tmp_path)


def test_a_cancelled_solution_stops() -> None:
    class StopError(Exception):
        pass

    def stop() -> None:
        raise StopError

    with pytest.raises(StopError):
        decode_beats(EVIDENCE, NO_CONSTRAINTS, checkpoint=stop)
