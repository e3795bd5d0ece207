"""How does the artist mix, move or take away a recording that plays under the notes?"""

from collections.abc import Callable
from dataclasses import replace

from engine.music.errors import EditError
from engine.music.recording import Recording
from engine.music.song import Song


def add_recording(song: Song, recording: Recording) -> Song:
    """One more recording; the same one again takes the place of the former."""
    kept = tuple(each for each in song.recordings if each.sha256 != recording.sha256)
    return replace(song, recordings=(*kept, recording))


def set_recording_mix(
    song: Song, sha256: str, *, muted: bool | None = None, level: float | None = None
) -> Song:
    """Mute and level (0-1) of a recording; what is not named stays. Raises EditError."""

    def mixed(recording: Recording) -> Recording:
        return replace(
            recording,
            muted=recording.muted if muted is None else muted,
            level=recording.level if level is None else max(0.0, min(1.0, level)),
        )

    return _change(song, sha256, mixed)


def place_recording(song: Song, sha256: str, tick: int, at_s: float) -> Song:
    """The recording's second `at_s` at the tick. Raises EditError."""
    return _change(song, sha256, lambda recording: replace(recording, tick=tick, at_s=at_s))


def remove_recording(song: Song, sha256: str) -> Song:
    """It does not play any more; its bytes stay in the song file. Raises EditError."""
    _change(song, sha256, lambda recording: recording)
    return replace(song, recordings=tuple(each for each in song.recordings if each.sha256 != sha256))


def _change(song: Song, sha256: str, change: Callable[[Recording], Recording]) -> Song:
    if not any(each.sha256 == sha256 for each in song.recordings):
        raise EditError("That recording is no longer in the song.")
    return replace(
        song,
        recordings=tuple(change(each) if each.sha256 == sha256 else each for each in song.recordings),
    )
