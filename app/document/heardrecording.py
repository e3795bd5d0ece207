"""How was a recording heard, by which models, and how sure is each of its notes?

Kept in the song's ledger as what the engine heard, so that it is there when the song is opened again. Only
notes that are less than sure are written down; a note that was given another pitch is the artist's, and sure.

>>> heard = HeardRecording("…", "voice", notes={7: (60, 0.5)})
>>> heard.certainty(7, 60), heard.certainty(7, 61), heard.certainty(8, 60)
(0.5, 1.0, 1.0)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.api.audio import AudioFacts

SURE = 0.7


@dataclass(frozen=True, slots=True)
class HeardRecording:
    """`mode` as in ListeningMode; `notes`: by note id the pitch that was heard, and how sure, 0-1."""

    sha256: str
    mode: str
    models: tuple[str, ...] = ()
    tuning_cents: float = 0.0
    notes: Mapping[int, tuple[int, float]] = field(default_factory=dict)

    def certainty(self, note_id: int, pitch: int) -> float:
        """How sure the note is, 0-1; 1 for what was not heard, or is no longer as it was heard."""
        heard_pitch, share = self.notes.get(note_id, (pitch, 1.0))
        return share if heard_pitch == pitch else 1.0


def heard_recording(audio: AudioFacts, ids: Mapping[int, int] | None = None) -> HeardRecording:
    """What there is to keep of a hearing. `ids`: by the heard song's note ids those of the open song."""
    named = {note.note_id: note for note in audio.notes if note.note_id and note.certainty < SURE}
    notes = {
        (note_id if ids is None else ids[note_id]): (note.pitch, round(note.certainty, 2))
        for note_id, note in named.items()
        if ids is None or note_id in ids
    }
    return HeardRecording(
        audio.sha256, audio.mode.value, audio.listening_models, round(audio.tuning_cents, 1), notes
    )


def detail_of(heard: HeardRecording) -> dict[str, Any]:
    """As it stands in the ledger."""
    return {
        "sha256": heard.sha256,
        "mode": heard.mode,
        "models": list(heard.models),
        "tuning_cents": heard.tuning_cents,
        "notes": [[note_id, pitch, share] for note_id, (pitch, share) in heard.notes.items()],
    }


def from_detail(detail: Mapping[str, Any]) -> HeardRecording | None:
    """Back again; None for what an older or a stranger's file has there."""
    try:
        notes = {int(row[0]): (int(row[1]), float(row[2])) for row in detail["notes"]}
        return HeardRecording(
            str(detail["sha256"]),
            str(detail["mode"]),
            tuple(map(str, detail["models"])),
            float(detail["tuning_cents"]),
            notes,
        )
    except (KeyError, TypeError, ValueError, IndexError):
        return None
