"""How was a recording heard, by which models, and how sure is each of its notes?

Kept in the song's ledger as what the engine heard, so that it is there when the song is opened again. A note
that was given another pitch than was heard is the artist's, and sure.

>>> heard = HeardRecording("…", "voice", notes={7: (60, 0.5)})
>>> heard.certainty(7, 60), heard.certainty(7, 61), heard.certainty(8, 60)
(0.5, 1.0, 1.0)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.api.audio import AudioFacts
from engine.music import Song

SURE = 0.7


class Version(StrEnum):
    """Which of what was heard is in the song."""

    CLEAN = "clean"  # joined, without clutter, on the grid of the bars
    AS_PLAYED = "as-played"  # where and as long as it was played
    BENT = "bent"  # the same, with the glides of a voice as pitch bends


@dataclass(frozen=True, slots=True)
class HeardRecording:
    """`mode` as in ListeningMode; `notes`: by note id the pitch that was heard, and how sure, 0-1.

    `placed`: by note id the pitch and the second of the recording of every note that was put into the song;
    below 0 what had been taken out of it.
    `has_bars`: the bars were not heard in it but given, by a click or the song.
    """

    sha256: str
    mode: str
    models: tuple[str, ...] = ()
    tuning_cents: float = 0.0
    notes: Mapping[int, tuple[int, float]] = field(default_factory=dict)
    version: Version = Version.CLEAN
    placed: Mapping[int, tuple[int, float]] = field(default_factory=dict)
    has_bars: bool = False

    def certainty(self, note_id: int, pitch: int) -> float:
        """How sure the note is, 0-1; 1 for what was not heard, or is no longer as it was heard."""
        heard_pitch, share = self.notes.get(note_id, (pitch, 1.0))
        return share if heard_pitch == pitch else 1.0


def heard_recording(
    audio: AudioFacts,
    ids: Mapping[int, int] | None = None,
    version: Version = Version.CLEAN,
    has_bars: bool = False,
    carried: Mapping[int, tuple[int, float]] | None = None,
) -> HeardRecording:
    """What there is to keep of a hearing. `ids`: by the heard song's note ids those of the open song.
    `carried`: what is known of notes from the hearing before.
    """
    named = {
        (note.note_id if ids is None else ids[note.note_id]): note
        for note in audio.notes
        if note.note_id and (ids is None or note.note_id in ids)
    }
    unsure = {
        at: (note.pitch, round(note.certainty, 2)) for at, note in named.items() if note.certainty < SURE
    }
    placed = dict(carried or {}) | {at: (note.pitch, round(note.start_s, 2)) for at, note in named.items()}
    tuning = round(audio.tuning_cents, 1)
    mode, models = audio.mode.value, audio.listening_models
    return HeardRecording(audio.sha256, mode, models, tuning, unsure, version, placed, has_bars)


def hearings_of(song: Song, kept: Iterable[HeardRecording]) -> tuple[HeardRecording, ...]:
    """Of each recording the hearing that most of the song's notes are from, also after undo."""
    ids = {note.id for note in song.notes()}
    found: dict[str, tuple[int, HeardRecording]] = {}
    for heard in kept:
        shared = sum(note_id in ids for note_id in heard.placed)
        if (shared or not heard.placed) and shared >= found.get(heard.sha256, (0, heard))[0]:
            found[heard.sha256] = (shared, heard)
    return tuple(heard for _, heard in found.values())


def detail_of(heard: HeardRecording) -> dict[str, Any]:
    """As it stands in the ledger."""
    return {
        "sha256": heard.sha256,
        "mode": heard.mode,
        "models": list(heard.models),
        "tuning_cents": heard.tuning_cents,
        "notes": [[note_id, pitch, share] for note_id, (pitch, share) in heard.notes.items()],
        "version": heard.version.value,
        "placed": [[note_id, pitch, at_s] for note_id, (pitch, at_s) in heard.placed.items()],
        "has_bars": heard.has_bars,
    }


def from_detail(detail: Mapping[str, Any]) -> HeardRecording | None:
    """Back again; None for what an older or a stranger's file has there."""
    try:
        notes, placed = (
            {int(row[0]): (int(row[1]), float(row[2])) for row in rows}
            for rows in (detail["notes"], detail.get("placed", ()))
        )
        return HeardRecording(
            str(detail["sha256"]),
            str(detail["mode"]),
            tuple(map(str, detail["models"])),
            float(detail["tuning_cents"]),
            notes,
            Version(detail.get("version", Version.CLEAN)),
            placed,
            bool(detail.get("has_bars", False)),
        )
    except (KeyError, TypeError, ValueError, IndexError):
        return None
