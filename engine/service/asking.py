"""Does the question make sense at all? What no kind could answer is refused before one is asked.

Bars are 0-based and half-open in code, as people count in the sentences.
"""

from engine.api.errors import BadRequestError
from engine.api.suggestion import Kind, SuggestionRequest
from engine.music import Song

MOST_TAKES = 16
MOST_BARS = 256
MOST_SOUNDSCAPE_BARS = 4096
GOES_ON_AFTER_THE_END = frozenset({Kind.PROGRESSION, Kind.CONTINUE, Kind.ANSWER, Kind.SOUNDSCAPE})
SLOWEST_BPM, FASTEST_BPM = 20.0, 400.0
MOST_CURVE = 4096


def refuse_nonsense(request: SuggestionRequest) -> None:
    """Raises BadRequestError with one sentence when the request cannot mean anything."""
    _refuse_bars(request)
    _refuse_tracks(request)
    _refuse_controls(request)
    if not 1 <= request.takes <= MOST_TAKES:
        raise BadRequestError(f"Between 1 and {MOST_TAKES} takes can be asked for, not {request.takes}.")


def bars_in_words(song: Song, start_bar: int, end_bar: int) -> str:
    """`Bar 5` or `Bars 5 to 8` as people count them."""
    first, last = song.time_map.bar_label(start_bar), song.time_map.bar_label(end_bar - 1)
    return f"Bar {first}" if first == last else f"Bars {first} to {last}"


def length_in_words(song: Song) -> str:
    """`ends with bar 8`, as people count."""
    return f"ends with bar {song.time_map.bar_label(song.bars - 1)}"


def _refuse_bars(request: SuggestionRequest) -> None:
    song, region = request.song, request.region
    if not 0 <= region.start_bar < region.end_bar:
        raise BadRequestError("An idea needs at least one bar, counted from the beginning of the song.")
    most = MOST_SOUNDSCAPE_BARS if request.kind is Kind.SOUNDSCAPE else MOST_BARS
    if region.bars > most:
        raise BadRequestError(f"{region.bars} bars are too many for one idea; {most} is the most.")
    words = bars_in_words(song, region.start_bar, region.end_bar)
    if request.kind in GOES_ON_AFTER_THE_END:
        if region.start_bar > song.bars:
            raise BadRequestError(f"{words} would leave a gap: the song {length_in_words(song)}.")
    elif region.end_bar > song.bars:
        raise BadRequestError(f"{words} are not all in the song, which {length_in_words(song)}.")


def _refuse_tracks(request: SuggestionRequest) -> None:
    known = {track.id for track in request.song.tracks} | {0}
    if not {request.track_id, *request.region.track_ids} <= known:
        raise BadRequestError("That track is not in this song.")


def _refuse_controls(request: SuggestionRequest) -> None:
    controls = request.controls
    for name in ("surprise", "distance", "density", "register"):
        value = getattr(controls, name)
        if value is not None and not 0 <= value <= 1:
            raise BadRequestError(f"{name.capitalize()} goes from 0 to 1, not {value:g}.")
    if controls.range is not None:
        low, high = controls.range
        if not 0 <= low <= high <= 127:
            raise BadRequestError(f"A range from {low} to {high} holds no pitch; MIDI counts 0 to 127.")
    _refuse_arranging(request)


def _refuse_arranging(request: SuggestionRequest) -> None:
    controls = request.controls
    if any(not 0 <= level <= 1 for level in controls.intensity):
        raise BadRequestError("Intensity goes from 0 to 1 in every section.")
    if len(controls.intensity) > MOST_CURVE:
        raise BadRequestError(
            f"A curve of {len(controls.intensity)} points is too long; {MOST_CURVE} is the most."
        )
    if controls.tempo is not None and not SLOWEST_BPM <= controls.tempo <= FASTEST_BPM:
        raise BadRequestError(
            f"A tempo must lie between {SLOWEST_BPM:.0f} and {FASTEST_BPM:.0f} beats a minute, "
            f"not {controls.tempo:g}."
        )
