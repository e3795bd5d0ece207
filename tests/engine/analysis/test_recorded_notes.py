"""A recording's notes: pitches, beginnings and ends of a voice, a guitar, chords and a groove."""

from pathlib import Path

import numpy as np
import pytest

from engine.analysis.audio.listen import Heard, listen
from engine.analysis.audio.noterefining import Keys
from engine.analysis.audio.pitchtrack import PitchTrack
from engine.analysis.audio.posteriors import KEYS, LOWEST_PITCH, Posteriors
from engine.analysis.audio.strokes import Strokes
from engine.analysis.audio.voicenotes import voice_notes
from engine.api.audio import HeardNote, ListeningMode
from engine.formats.audio import ANALYSIS_RATE_HZ, Sound
from tests.engine.sounds import RATE_HZ, Notes, beatboxed, drummed, plucked, sung

TUNE: Notes = [
    (0.2, 0.7, 60), (0.7, 1.2, 62), (1.2, 1.64, 64), (1.7, 2.2, 64), (2.25, 3.0, 67), (3.2, 3.6, 65),
    (3.6, 4.6, 60),
]  # fmt: skip
CHORDS: Notes = [
    (0.2 + bar, 0.95 + bar, pitch)
    for bar, chord in enumerate(([48, 60, 64, 67], [45, 60, 64, 69], [41, 60, 65, 69], [43, 59, 62, 67]))
    for pitch in chord
]


def sound_of(samples: np.ndarray) -> Sound:
    assert RATE_HZ == ANALYSIS_RATE_HZ
    return Sound(samples, RATE_HZ, len(samples) / RATE_HZ, RATE_HZ, 1, "wav", "0" * 64)


def hits(found: tuple[HeardNote, ...], notes: Notes, tolerance_s: float = 0.06) -> tuple[int, int]:
    """How many played notes were heard with their pitch at their time, and how many others were."""
    left = list(found)
    count = 0
    for start, _, pitch in notes:
        match = next((n for n in left if n.pitch == pitch and abs(n.start_s - start) <= tolerance_s), None)
        if match is not None:
            left.remove(match)
            count += 1
    return count, len(left)


@pytest.mark.parametrize("cents", [0.0, -38.0, 30.0])
@pytest.mark.parametrize("mode", [ListeningMode.AUTO, ListeningMode.VOICE])
def test_a_sung_tune_is_heard_note_for_note_also_flat_and_with_vibrato(
    cents: float, mode: ListeningMode
) -> None:
    heard = listen(sound_of(sung(TUNE, vibrato=0.4, cents=cents)), mode)
    assert heard.mode is ListeningMode.VOICE
    assert hits(heard.notes, TUNE) == (len(TUNE), 0)
    assert heard.tuning * 100 == pytest.approx(cents, abs=8)
    ends = {round(note.start_s, 1): note.end_s for note in heard.notes}
    assert ends[min(ends)] == pytest.approx(0.7, abs=0.06)


def test_a_glide_and_a_long_vibrato_are_no_clutter() -> None:
    held: Notes = [(0.2, 2.2, 62), (2.2, 4.2, 69)]
    heard = listen(sound_of(sung(held, vibrato=0.7)), ListeningMode.VOICE)
    assert hits(heard.notes, held) == (2, 0)
    bends = [bend for bend in heard.bends if 1.0 < bend.time_s < 2.0]
    assert max(bend.semitones for bend in bends) > 0.4 > -0.4 > min(bend.semitones for bend in bends)


def test_a_repeated_plucked_note_is_two() -> None:
    notes: Notes = [
        (0.2 + 0.4 * i, 0.55 + 0.4 * i, pitch) for i, pitch in enumerate((57, 57, 60, 60, 64, 57, 57))
    ]
    heard = listen(sound_of(plucked(notes)), ListeningMode.VOICE)
    assert hits(heard.notes, notes) == (len(notes), 0)


@pytest.mark.parametrize(("struck", "count"), [(None, 1), (60, 2), (61, 2), (67, 1)])
def test_a_sung_key_that_is_clearly_struck_begins_a_note_where_the_sound_tells_nothing(
    struck: int | None, count: int
) -> None:
    moments, frames = 125, 172
    track = PitchTrack(np.full(moments, 60.0), np.full(moments, 0.95), np.full(moments, -12.0))
    even = Strokes(np.zeros(frames), np.ones((frames, 3)), np.full(frames, 500.0), np.full(frames, -12.0))
    silent = np.zeros((frames, KEYS))
    onset = silent.copy()
    if struck is not None:
        onset[85, struck - LOWEST_PITCH] = 0.95
    unsure = Posteriors(silent, silent, np.zeros((frames, 3 * KEYS)))
    notes = voice_notes(track, even, unsure, Keys(silent, onset, silent), 0.0)
    assert [note.pitch for note in notes] == [60] * count
    assert notes[-1].start_s == pytest.approx(1.0 * (count - 1), abs=0.03)


@pytest.mark.parametrize("cents", [0.0, -38.0])
def test_chords_are_heard_as_chords_also_out_of_tune(cents: float) -> None:
    heard = listen(sound_of(plucked(CHORDS, cents)))
    assert heard.mode is ListeningMode.KEYS
    found, others = hits(heard.notes, CHORDS)
    assert found >= len(CHORDS) - 2 and others <= 2
    assert heard.tuning * 100 == pytest.approx(cents, abs=6)


def test_a_broken_chord_that_rings_on_is_no_voice() -> None:
    order = (40, 52, 59, 64, 59, 52, 48, 55, 60, 67, 60, 55) * 2
    notes: Notes = [(0.2 + 0.3 * i, 0.2 + 0.3 * i + 0.42, pitch) for i, pitch in enumerate(order)]
    assert listen(sound_of(plucked(notes))).mode is ListeningMode.KEYS


@pytest.mark.parametrize(("is_mouth", "first_s"), [(False, 0.3), (True, 0.3), (False, 0.0)])
def test_a_groove_is_sorted_into_kick_snare_and_hat(is_mouth: bool, first_s: float) -> None:
    played = [(first_s + 0.25 * i, voice) for i, voice in enumerate(["kick", "hat", "snare", "hat"] * 5)]
    heard = listen(sound_of(beatboxed(played) if is_mouth else drummed(played)))
    assert heard.mode is ListeningMode.DRUMS
    keys = {"kick": 36, "snare": 38, "hat": 42}
    notes: Notes = [(start, start, keys[voice]) for start, voice in played]
    found, others = hits(heard.notes, notes, 0.03)
    assert found >= len(notes) - 1 and others <= 1
    assert heard.notes[0].start_s == pytest.approx(first_s, abs=0.03)


def test_notes_come_in_stretches_and_the_same_sound_gives_the_same_notes() -> None:
    long: Notes = [(0.2 + 0.5 * i, 0.65 + 0.5 * i, 60 + i % 5) for i in range(50)]
    sound = sound_of(sung(long))
    told: list[tuple[float, int]] = []
    first = listen(sound, ListeningMode.AUTO, lambda until_s, notes: told.append((until_s, len(notes))))
    assert [until_s for until_s, _ in told] == [10.0, 20.0, pytest.approx(sound.heard_s)]
    assert all(count for _, count in told)
    assert listen(sound, ListeningMode.AUTO) == first


def test_listening_stops_at_once_when_it_is_no_longer_wanted() -> None:
    class Enough(BaseException):
        pass

    def checkpoint() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Enough

    left = 3
    with pytest.raises(Enough):
        listen(sound_of(sung(TUNE)), ListeningMode.AUTO, checkpoint=checkpoint)


@pytest.mark.parametrize("content", [None, "{}", '{"nets": {"candidates": {}}}', "["])
def test_damaged_weights_are_told_in_a_sentence(tmp_path: Path, content: str | None) -> None:
    from engine.analysis.audio.keysnotes import FEATURES
    from engine.analysis.audio.learnt import learnt
    from engine.api.errors import ModelError

    path = tmp_path / "ear.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ModelError, match="missing or damaged"):
        learnt("candidates", FEATURES, path)


def test_a_damaged_or_foreign_network_is_told_in_a_sentence(tmp_path: Path) -> None:
    from engine.analysis.audio.sessions import run_model
    from engine.api.errors import ModelError

    (tmp_path / "pitch.onnx").write_bytes(b"no network")
    (tmp_path / "pitch.json").write_text('{"sha256": "0"}')
    for name, words in (("pitch", "does not match its card"), ("notes", "missing")):
        with pytest.raises(ModelError, match=words):
            run_model(name, {}, ("x",), tmp_path)


def test_nothing_heard_is_nothing() -> None:
    rng = np.random.default_rng(0)
    heard: Heard = listen(sound_of((1e-3 * rng.normal(0, 1, 3 * RATE_HZ)).astype(np.float32)))
    assert len(heard.notes) <= 2
