"""What is heard in a sketch that comes in from outside?

A file that can be read is opened even where listening to it fails on a defect of ours: the artist gets the
notes and is told that nothing was heard in them, the log gets the traceback.
"""

from collections.abc import Callable
from dataclasses import replace

from engine.api.audio import AudioFacts, HeardNote, ListeningMode, PlayedTo
from engine.api.errors import BadFileError
from engine.formats.audio import Sound
from engine.music import Aspect, Song
from engine.music.analysis import Analysis
from engine.music.recording import Recording
from engine.service.logs import log_unexpected
from engine.service.sketch import Sketch

Report = Callable[[float, list[HeardNote]], None]


class NothingHeardError(BadFileError):
    """A recording in which there is no note."""


NOTHING_HEARD = "Nothing could be heard in this sketch: key, chords and sections are yours to set."


def listen_to(sketch: Sketch) -> tuple[Song, Analysis]:
    """The song with what was heard in it, and the hearing; a notice in it when listening failed.

    A song of our own stays as it is: what was heard in it, and corrected, is in it already. The notes of a
    recording are heard first.
    """
    if sketch.sound is not None:
        song, analysis, _ = listen_to_recording(sketch.song.title, sketch.sound)
        return song, analysis
    try:
        from engine.analysis.hearing import hear

        song, analysis = hear(sketch.song, set(Aspect) - sketch.written)
    except Exception:  # whatever went wrong there, the notes are there
        log_unexpected("While listening to a sketch")
        return sketch.song, Analysis(notices=(NOTHING_HEARD,))
    return (sketch.song if sketch.is_own_song else song), analysis


def listen_to_recording(
    title: str,
    sound: Sound,
    mode: ListeningMode = ListeningMode.AUTO,
    report: Report = lambda _until, _notes: None,
    checkpoint: Callable[[], None] = lambda: None,
    played_to: PlayedTo | None = None,
) -> tuple[Song, Analysis, AudioFacts]:
    """The song that was heard in a recording, the hearing, and the facts of the recording.

    Raises NothingHeardError when there is no note in it, ModelError when a listening model is missing.
    """
    from engine.analysis.audio.hearsong import song_of
    from engine.analysis.audio.listen import listen
    from engine.analysis.audio.playedto import has_bars
    from engine.analysis.hearing import hear

    heard = listen(sound, mode, report, checkpoint)
    if not heard.notes:
        raise NothingHeardError(f"No note could be heard in “{title}”.")
    checkpoint()
    song, facts, grid = song_of(sound, heard, title, checkpoint, played_to)
    checkpoint()
    bars = {Aspect.TEMPO, Aspect.METRE} if grid is not None or has_bars(played_to) else set()
    under = Recording(sound.sha256, title, sound.duration_s, at_s=-facts.offset_s)
    song, analysis = hear(replace(song, recordings=(under,)), set(Aspect) - bars)
    checkpoint()
    return replace(song, recordings=()), analysis, facts
