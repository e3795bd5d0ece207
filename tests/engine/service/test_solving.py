"""The window asks for the bars anew: by tempo, by beat one, by metre."""

import pytest

from engine.api.errors import Reason
from engine.api.messages import Analysed, Done, Failed, Reply, SolveBeats
from engine.api.wire import decode_request, encode_request
from engine.music import Aspect, Metre, Note, Origin, Role, Song, Track
from engine.service.engine import Engine

# a waltz played at 100 beats a minute while the song still says 120, an upbeat before the first bar
PITCHES = (67, *(72, 76, 79, 71, 74, 79, 69, 72, 76, 67, 71, 74) * 2)
NOTES = tuple(
    Note(beat + 2, round((0.5 + beat * 0.6) * 960), 500, pitch, 90 if beat % 3 == 1 else 60, Origin.PLAYED)
    for beat, pitch in enumerate(PITCHES)
)
PLAYED = Song("Waltz", tracks=(Track(1, "Tune", Role.MELODY, notes=NOTES),), next_id=100)


def handle(request: SolveBeats) -> list[Reply]:
    replies: list[Reply] = []
    Engine().handle(request, replies.append)
    return replies


@pytest.mark.parametrize(
    "request_",
    [SolveBeats(PLAYED), SolveBeats(PLAYED, 92.5, (480, 960), (1440,), Metre(6, 8))],
)
def test_the_request_has_a_form_on_the_wire(request_: SolveBeats) -> None:
    assert decode_request(encode_request(4, request_)) == (4, request_)


def test_what_is_said_holds_and_every_note_keeps_its_moment() -> None:
    first = PLAYED.tracks[0].notes[1].start_ticks
    *_, analysed, done = handle(SolveBeats(PLAYED, bpm=100, first_beats=(first,), metre=Metre(3, 4)))
    assert isinstance(analysed, Analysed) and isinstance(done, Done)
    song = analysed.song
    assert song.time_map.metres[0].metre == Metre(3, 4)
    assert song.time_map.tempos[0].bpm == pytest.approx(100, rel=0.03)
    assert {Aspect.TEMPO, Aspect.METRE} <= set(song.corrected)
    notes = song.tracks[0].notes
    offset = song.time_map.metrical_offset(notes[1].start_ticks)
    assert min(offset, 1440 - offset) <= 60
    seconds = [song.time_map.seconds_at(note.start_ticks) for note in notes]
    assert [later - seconds[0] for later in seconds] == pytest.approx(
        [0.6 * beat for beat in range(len(notes))], abs=0.003
    )


@pytest.mark.parametrize("request_", [SolveBeats(Song()), SolveBeats(PLAYED, metre=Metre(7, 8))])
def test_what_cannot_be_solved_is_one_sentence(request_: SolveBeats) -> None:
    failed = handle(request_)[-1]
    assert isinstance(failed, Failed) and failed.reason is Reason.IMPOSSIBLE and failed.sentence.endswith(".")
