"""What does a take share with a known work, in a musician's words?

>>> in_words(Originality(7, "The Ash Grove", "traditional"), "notes")
'7 notes in common with “The Ash Grove”, traditional'
>>> in_words(Originality(5), "chords")
'nothing longer than 5 chords in common with any known work'
>>> in_words(Originality(0), "chords")
'nothing in common with any known work'
"""

from engine.api.suggestion import Originality

YOURS, REFERENCE = "yours", "reference"
_WHOSE = {YOURS: "your own", REFERENCE: "one of your references"}


def in_words(originality: Originality, unit: str) -> str:
    """What the take shares, for people; `unit` is notes or chords."""
    if not originality.work and originality.longest_run < 2:
        return "nothing in common with any known work"
    if not originality.work:
        return f"nothing longer than {originality.longest_run} {unit} in common with any known work"
    whose = _WHOSE.get(originality.maker, originality.maker)
    end = f", {whose}" if whose else ""
    return f"{originality.longest_run} {unit} in common with “{originality.work}”{end}"
