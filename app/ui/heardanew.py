"""A recording of the song was heard once more, in another way: which of its notes come, go and stay?

What the artist did stays where it still applies: notes drawn into the part, notes given another pitch or
locked; what was taken out and is heard again stays out. Notes that were only moved are as they are heard.
Where nothing is the artist's yet, tempo, bars, key and chords are heard anew too; else the bars stay.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from app.document.heardrecording import HeardRecording, Version
from app.ui.takingin import free_role
from engine.api.audio import AudioFacts, ListeningMode, PlayedTo
from engine.music import Aspect, Note, Origin, Recording, Role, Song, Track, edits
from engine.music.track import ControlKind

NAMES = ("Voice", "Heard", "Groove")  # of tracks that have the name the hearing gave them
NEAR_S = 0.12


@dataclass(frozen=True, slots=True)
class HeardAnew:
    """`ids`: by the heard song's note ids those of the song. `kept`, `left_out`: how many notes the artist
    changed and they stay, took out and they stay out. `carried`: these, as `HeardRecording.placed` has them.
    """

    song: Song
    ids: Mapping[int, int]
    kept: int
    left_out: int
    carried: Mapping[int, tuple[int, float]]


def bars_that_stay(song: Song, recording: Recording) -> PlayedTo:
    """The song's bars as what a recording lies on."""
    begins_s = song.time_map.seconds_at(recording.tick) - recording.at_s
    return PlayedTo(song.time_map, begins_s)


def is_all_heard(song: Song, known: HeardRecording | None) -> bool:
    """Whether the song is what was heard in its one recording, and nothing in it is the artist's."""
    said = song.corrected or song.time_map.first_beats
    if known is None or known.has_bars or said or len(song.tracks) != 1 or song.markers:
        return False
    notes = {note.id: note.pitch for note in song.notes() if note.source == known.sha256 and not note.locked}
    are_heard = all(span.origin is Origin.HEARD and not span.locked for span in song.chords)
    as_placed = {note_id: pitch for note_id, (pitch, _) in known.placed.items()}
    has_others = len(notes) != sum(1 for _ in song.notes())
    is_changed = has_others or any(as_placed.get(note_id) != pitch for note_id, pitch in notes.items())
    return are_heard and not is_changed and len(song.recordings) == 1


def tracks_of(heard: Song, audio: AudioFacts, version: Version) -> tuple[Track, ...]:
    """What was heard, in one of its versions."""
    if version is Version.CLEAN:
        return heard.tracks
    if version is Version.BENT:
        return audio.as_played
    return tuple(replace(track, controls=()) for track in audio.as_played)


def heard_anew(
    song: Song, known: HeardRecording | None, heard: Song, audio: AudioFacts, version: Version
) -> HeardAnew:
    """The song with the new hearing of its recording, which lies on its bars, in place of the former."""
    fresh = next(track for track in tracks_of(heard, audio, version) if track.notes)
    own = _heard_notes(song, known, audio.sha256)
    mine = _of_the_artist(song, known, own)
    there = {note.id for note in song.notes()}
    carried = _carried(known, there, mine)
    song, home_id = _emptied(song, own, mine, fresh)
    at_s = {note.note_id: note.start_s for note in audio.notes}
    home = song.track(home_id)
    wanted = [note for note in fresh.notes if not _is_taken(note, home.notes, audio.mode)]
    coming = [note for note in wanted if not _is_out(note, at_s.get(note.id, -1.0), carried.values())]
    ids = {note.id: song.next_id + index for index, note in enumerate(coming)}
    song = edits.insert_notes(song, home_id, coming)
    drawn = sum(note.id not in mine for note in home.notes)
    left_out = len(wanted) - len(coming)
    return HeardAnew(_with_bends(song, home_id, fresh), ids, len(mine) + drawn, left_out, carried)


def heard_from_scratch(song: Song, heard: Song, audio: AudioFacts, version: Version) -> HeardAnew:
    """The whole song as the new hearing has it; only its name and its recording stay."""
    bare = replace(song, time_map=heard.time_map, chords=(), sections=())
    anew = heard_anew(bare, None, heard, audio, version)
    filled = _with_chords_and_sections(anew.song, heard)
    recording = replace(song.recordings[0], tick=0, at_s=-audio.offset_s)
    return replace(anew, song=replace(filled, recordings=(recording,)))


def _with_chords_and_sections(song: Song, heard: Song) -> Song:
    first, count = song.next_id, len(heard.chords)
    chords = tuple(replace(span, id=first + at) for at, span in enumerate(heard.chords))
    sections = tuple(replace(each, id=first + count + at) for at, each in enumerate(heard.sections))
    return replace(song, chords=chords, sections=sections, next_id=first + count + len(sections))


def _heard_notes(song: Song, known: HeardRecording | None, sha256: str) -> frozenset[int]:
    """The notes of the hearing before; a copy of them elsewhere in the song is none."""
    placed = known.placed if known is not None else {}
    return frozenset(
        note.id for note in song.notes() if note.source == sha256 and (not placed or note.id in placed)
    )


def _of_the_artist(song: Song, known: HeardRecording | None, own: frozenset[int]) -> frozenset[int]:
    """Heard notes that were locked, or changed so that they are no longer what was heard."""
    placed = known.placed if known is not None else {}
    return frozenset(
        note.id
        for note in song.notes()
        if note.id in own and (note.locked or placed.get(note.id, (note.pitch, 0.0))[0] != note.pitch)
    )


def _carried(
    known: HeardRecording | None, there: Iterable[int], mine: frozenset[int]
) -> dict[int, tuple[int, float]]:
    """What the artist changed, by id; what was taken out under numbers below 0."""
    placed = known.placed if known is not None else {}
    changed = {note_id: placed[note_id] for note_id in mine if note_id in placed}
    out = [place for note_id, place in placed.items() if note_id not in there]
    return changed | {-1 - index: place for index, place in enumerate(out)}


def _is_out(note: Note, at_s: float, places: Iterable[tuple[int, float]]) -> bool:
    """Whether this is heard where the artist has said that it is not so."""
    return any(pitch == note.pitch and abs(second - at_s) < NEAR_S for pitch, second in places)


def _is_taken(note: Note, there: tuple[Note, ...], mode: ListeningMode) -> bool:
    """Whether a note of the artist sounds where this one would; of one voice every other is in the way."""
    return any(
        (mode is ListeningMode.VOICE or other.pitch == note.pitch)
        and 2 * _shared_ticks(note, other) >= min(note.duration_ticks, other.duration_ticks)
        for other in there
    )


def _shared_ticks(one: Note, other: Note) -> int:
    return min(one.end_ticks, other.end_ticks) - max(one.start_ticks, other.start_ticks)


def _emptied(song: Song, own: frozenset[int], kept: frozenset[int], fresh: Track) -> tuple[Song, int]:
    """Without what was heard before, and the track that what is heard now goes to."""
    counts = {track.id: sum(note.id in own for note in track.notes) for track in song.tracks}
    home_id = max(counts, key=lambda at: counts[at], default=0)
    song = edits.delete_notes(song, own - kept)
    if not counts.get(home_id):
        role = free_role(song, fresh.role)
        return edits.add_track(song, fresh.name or "Recording", role, fresh.program), song.next_id
    return _dressed(song, home_id, fresh), home_id


def _dressed(song: Song, home_id: int, fresh: Track) -> Song:
    """The track by name, role and sound as the new hearing has it, as far as the artist has not chosen."""
    home = song.track(home_id)
    changes_kit = (home.role is Role.DRUMS) != (fresh.role is Role.DRUMS)
    if home.name not in NAMES and not changes_kit:
        return song
    others = replace(song, tracks=tuple(track for track in song.tracks if track.id != home_id))
    role = home.role
    if changes_kit or Aspect.ROLES not in song.corrected:
        role = free_role(others, fresh.role)
    name = fresh.name if home.name in NAMES else home.name
    dressed = replace(home, name=name, role=role, program=fresh.program)
    return replace(song, tracks=tuple(dressed if track.id == home_id else track for track in song.tracks))


def _with_bends(song: Song, home_id: int, fresh: Track) -> Song:
    def bent(track: Track) -> Track:
        others = [event for event in track.controls if event.kind is not ControlKind.BEND]
        controls = sorted((*others, *fresh.controls), key=lambda event: event.tick)
        return replace(track, controls=tuple(controls))

    return replace(song, tracks=tuple(bent(each) if each.id == home_id else each for each in song.tracks))
