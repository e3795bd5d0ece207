"""Asking the arrangers in tests: one take, checked for what every take must be."""

from itertools import pairwise

from engine.api.suggestion import Controls, Kind, SuggestionRequest, Take
from engine.generation.registry import generator_for
from engine.music import Region, Role, Song

NEUTRAL = Controls()


def asked(kind: Kind, song: Song, controls: Controls = NEUTRAL, seed: int = 1, takes: int = 1, **region):
    first, last = region.get("bars", (0, song.bars))
    melody = song.track_in_role(Role.MELODY)
    track_id = melody.id if melody else 0
    return SuggestionRequest(kind, song, Region(first, last), Role.OTHER, track_id, controls, seed, takes)


def takes_of(request: SuggestionRequest) -> list[Take]:
    answers = generator_for(request.kind, request.role).suggest(request, lambda: None)
    return [answer for answer in answers if isinstance(answer, Take)]


def take_of(kind: Kind, song: Song, controls: Controls = NEUTRAL, **more) -> Take:
    return takes_of(asked(kind, song, controls, **more))[0]


def assert_sound(take: Take, song: Song) -> None:
    """Ids once, notes inside, chords in a row, the artist's notes as they were, everything new marked so."""
    whole = take.song
    ids = [note.id for note in whole.notes()] + [span.id for span in whole.chords]
    assert len(ids) == len(set(ids))
    own = {note.id: note for note in song.notes()}
    sources = {(note.origin, note.source) for note in song.notes()}
    for track in whole.tracks:
        assert list(track.notes) == sorted(track.notes, key=lambda n: (n.start_ticks, n.pitch, n.id))
        for note in track.notes:
            assert note.start_ticks >= 0 < note.duration_ticks and 0 <= note.pitch <= 127
            assert 1 <= note.velocity <= 127
            is_new = note.origin == "taken" and not note.source
            assert is_new or (note.origin, note.source) in sources
            if note.id in own:
                assert (note.origin, note.source) == (own[note.id].origin, own[note.id].source)
    spans = whole.chords
    assert all(a.end_ticks <= b.start_ticks for a, b in pairwise(spans))
    assert all(a.end_bar == b.start_bar for a, b in pairwise(take.plan))


def sounding(song: Song, start_bar: int, end_bar: int) -> dict[Role, int]:
    """How many notes each role begins in the bars; players may strike a little early."""
    start, end = song.time_map.bar_start(start_bar) - 60, song.time_map.bar_start(end_bar) - 60
    found: dict[Role, int] = {}
    for track in song.tracks:
        count = len(track.notes_in(start, end))
        if count:
            found[track.role] = found.get(track.role, 0) + count
    return found
