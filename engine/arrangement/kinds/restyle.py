"""RESTYLE: the song, or some bars of it, in another style, metre, feel or tempo."""

from collections.abc import Iterator
from dataclasses import replace

from engine.api.errors import ImpossibleError
from engine.api.messages import Progress
from engine.api.suggestion import Kind, SuggestionRequest
from engine.arrangement.restyle.readings import readings
from engine.arrangement.restyle.song import restyled_take
from engine.generation.melody.sketch import melody_track
from engine.generation.registry import Answer, Checkpoint
from engine.music import Region, Role, Track

SERVES = ((Kind.RESTYLE, None),)


def suggest(request: SuggestionRequest, checkpoint: Checkpoint) -> Iterator[Answer]:
    """A take a reading. Raises ImpossibleError where there is nothing to restyle."""
    song = request.song
    if not song.chords and not any(True for _ in song.notes()):
        raise ImpossibleError("There is nothing to restyle yet. Play, draw or open something first.")
    ways = readings(request)
    melody = _melody(request)
    for index, reading in enumerate(ways):
        checkpoint()
        yield Progress(index / len(ways), f"Playing it as {reading.style.label}")
        yield restyled_take(request, melody, reading, index, checkpoint)


def _melody(request: SuggestionRequest) -> Track | None:
    """The melody track; a request that names a part's track means the song's own melody."""
    named = next((t for t in request.song.tracks if t.id == request.track_id), None)
    is_tune = named is not None and named.role in (Role.MELODY, Role.OTHER)
    region = Region(request.region.start_bar, request.region.end_bar)
    asked = replace(request, region=region, track_id=request.track_id if is_tune else 0)
    found = melody_track(asked)
    return found if found is not None and found.notes else None
