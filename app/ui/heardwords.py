"""How is the hearing of a recording told? As lines of the fact sheet, and for a single note.

>>> sure_words(0.5), sure_words(1.0)
('heard, 50 % sure', '')
"""

from app.document.heardrecording import SURE, HeardRecording

HEARD_AS = {"voice": "one voice", "keys": "several notes at once", "drums": "a beat"}
THEY_HEAR = "they hear, they do not write"


def recording_lines(recordings: tuple[HeardRecording, ...]) -> list[tuple[str, str]]:
    """`Recording` - how it was heard; `Heard by` - the listening models."""
    lines: list[tuple[str, str]] = []
    for heard in recordings:
        told = [f"heard as {HEARD_AS.get(heard.mode, 'music')}"]
        if abs(heard.tuning_cents) >= 5:
            told.append(f"tuned {abs(heard.tuning_cents):.0f} cents {_side(heard.tuning_cents)} 440 Hz")
        if heard.notes:
            count = len(heard.notes)
            told.append(f"{count} {'note is' if count == 1 else 'notes are'} less than sure and drawn paler")
        lines.append(("Recording", "; ".join(told)))
    models = list(dict.fromkeys(name for heard in recordings for name in heard.models))
    if models:
        lines.append(("Heard by", f"the listening models {', '.join(models)}: {THEY_HEAR}"))
    return lines


def _side(cents: float) -> str:
    return "above" if cents > 0 else "below"


def sure_words(certainty: float) -> str:
    """Said of a note that is less than sure."""
    return f"heard, {certainty * 100:.0f} % sure" if certainty < SURE else ""
