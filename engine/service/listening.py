"""What is heard in a sketch that comes in from outside?

A file that can be read is opened even where listening to it fails on a defect of ours: the artist gets the
notes and is told that nothing was heard in them, the log gets the traceback.
"""

from engine.music import Song
from engine.music.analysis import Analysis
from engine.service.logs import log_unexpected
from engine.service.sketch import Sketch

NOTHING_HEARD = "Nothing could be heard in this sketch: key, chords and sections are yours to set."


def listen_to(sketch: Sketch) -> tuple[Song, Analysis]:
    """The song with what was heard in it, and the hearing; a notice in it when listening failed.

    A song of our own stays as it is: what was heard in it, and corrected, is in it already.
    """
    try:
        from engine.analysis import hear

        song, analysis = hear(sketch.song)
    except Exception:  # whatever went wrong there, the notes are there
        log_unexpected("While listening to a sketch")
        return sketch.song, Analysis(notices=(NOTHING_HEARD,))
    return (sketch.song if sketch.is_own_song else song), analysis
