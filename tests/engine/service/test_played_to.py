"""A count, a click or the song that was heard while recording: its beat is known, and used."""

import numpy as np
import pytest
import soundfile

from engine.api.audio import ListeningMode, PlayedTo, Pulse
from engine.api.messages import ImportSketch, SketchImported
from engine.api.wire import decode_request, encode_request
from engine.music import Metre, MetreChange, Tempo, TimeMap
from engine.service.engine import Engine
from tests.engine.sounds import RATE_HZ, sung

LENGTHS = (1, 0.5, 0.5, 1.5, 0.5, 1, 1, 0.5, 1.5, 2, 1, 0.5, 0.5, 4)
PITCHES = (60, 62, 64, 65, 64, 62, 67, 65, 64, 62, 60, 64, 62, 60)
STARTS = np.cumsum((0, *LENGTHS[:-1]))
BPM = 100


def heard(tmp_path, played_to, late_beats=0.0, begins_s=0.0) -> SketchImported:
    """What is heard in a voice that begins so many beats late, its hands 20 ms off."""
    beat_s, rng = 60 / BPM, np.random.default_rng(4)
    notes = []
    for start, length, pitch in zip(STARTS, LENGTHS, PITCHES, strict=True):
        at_s = (start + late_beats) * beat_s - begins_s
        notes.append((max(0.0, at_s + rng.normal(0, 0.02)), at_s + 0.9 * length * beat_s, pitch))
    path = tmp_path / "take.wav"
    soundfile.write(path, sung(notes), RATE_HZ)
    replies: list = []
    Engine().handle(ImportSketch(str(path), ListeningMode.VOICE, played_to), replies.append)
    return next(reply for reply in replies if isinstance(reply, SketchImported))


def beats_of(reply: SketchImported) -> list[float]:
    return [note.start_ticks / 480 for note in reply.song.tracks[0].notes]


@pytest.mark.parametrize("late_beats", [0.0, 0.5, 2.0])
def test_notes_played_to_a_click_lie_on_its_bars(tmp_path, late_beats):
    click = PlayedTo(TimeMap((Tempo.of_bpm(0, BPM),)), begins_s=0.01)
    reply = heard(tmp_path, click, late_beats, begins_s=0.01)
    assert reply.song.time_map.tempos == click.time_map.tempos
    assert reply.song.time_map.metres[0].metre == Metre(4, 4)
    assert beats_of(reply) == [start + late_beats for start in STARTS]
    assert reply.audio.offset_s == pytest.approx(0.01, abs=0.03)


def test_after_a_count_the_bars_are_those_that_were_counted(tmp_path):
    free, counted = (
        heard(tmp_path, beat) for beat in (None, PlayedTo(TimeMap((Tempo.of_bpm(0, BPM),)), 0.0, Pulse.COUNT))
    )
    assert free.song.time_map.metres[0].metre == Metre(2, 4)  # heard so, without the count
    assert counted.song.time_map.metres[0].metre == Metre(4, 4)
    assert counted.song.time_map.tempos[0].bpm == pytest.approx(BPM, abs=2)
    assert beats_of(counted) == list(STARTS)


def test_played_along_with_a_song_notes_lie_on_the_songs_bars_where_its_tempo_changes_too(tmp_path):
    tempos = (Tempo.of_bpm(0, 140), Tempo.of_bpm(8 * 480, BPM))
    song = TimeMap(tempos, (MetreChange(0, Metre(3, 4)),))
    begins_s = song.seconds_at(12 * 480)
    reply = heard(tmp_path, PlayedTo(song, begins_s))
    assert beats_of(reply) == [12 + start for start in STARTS]
    assert (reply.song.time_map.tempos, reply.song.time_map.metres) == (song.tempos, song.metres)


def test_the_beat_goes_over_the_wire():
    request = ImportSketch("a.wav", ListeningMode.AUTO, PlayedTo(TimeMap(), 0.25, Pulse.COUNT))
    assert decode_request(encode_request(3, request)) == (3, request)
