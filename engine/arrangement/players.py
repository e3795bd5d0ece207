"""Who can be called to play in a form, a restyling or a soundscape?

One registry: a role is played by whoever answers the kind of that part. A player gets a song and a curve, and
gives one Part for the bars asked; where nobody plays a role, nobody is heard, and the plan does not say so
otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.api.errors import EngineError
from engine.api.suggestion import Controls, Kind, Part, SuggestionRequest, Take
from engine.generation.registry import generator_for
from engine.music import Region, Role, Song, Track

Checkpoint = Callable[[], None]
KIND_OF = {
    Role.DRUMS: Kind.DRUMS,
    Role.BASS: Kind.BASS,
    Role.CHORDS: Kind.COMPING,
    Role.PAD: Kind.PAD,
    Role.COUNTER: Kind.COUNTER,
}
ORDER = tuple(KIND_OF)
"""The drums first, so that the bass can meet the kick; the second voice last, in what room is left."""
_NAMES = {
    Role.DRUMS: "Drums",
    Role.BASS: "Bass",
    Role.CHORDS: "Chords",
    Role.PAD: "Pad",
    Role.COUNTER: "Counter-melody",
}


@dataclass(frozen=True, slots=True)
class Session:
    """What all players of one take are told: style, how full each bar is, and the dice."""

    style: str
    curve: tuple[float, ...]
    seed: int
    checkpoint: Checkpoint
    controls: Controls = Controls()

    def play(self, song: Song, role: Role, start_bar: int, end_bar: int) -> Part | None:
        """The part for the bars of the song; None where nobody can play it."""
        kind = KIND_OF[role]
        controls = replace(self.controls, style=self.style, intensity=self.curve)
        region = Region(start_bar, end_bar)
        request = SuggestionRequest(kind, song, region, role, 0, controls, self.seed, 1)
        try:
            answers = generator_for(kind, role).suggest(request, self.checkpoint)
            take = next((answer for answer in answers if isinstance(answer, Take)), None)
        except EngineError:
            return None
        return _part(take, role) if take is not None else None


def _part(take: Take, role: Role) -> Part | None:
    own = next((part for part in take.parts if part.role is role), None)
    if own is not None:
        return replace(own, track_id=0)
    return Part(role, _NAMES[role], 0, take.notes, reasons=take.reasons) if take.notes else None


def without_role(song: Song, role: Role) -> Song:
    """The song as a player hears it who is to play the role from nothing."""
    return replace(song, tracks=tuple(track for track in song.tracks if track.role is not role))


def with_part(song: Song, part: Part, track_id: int) -> Song:
    """The song with the part on a track of its own, for the next player to hear."""
    track = Track(track_id, part.name, part.role, part.program, part.notes)
    return replace(song, tracks=(*song.tracks, track), next_id=max(song.next_id, track_id + 1))
