"""How is the hearing of a recording told? As lines of the fact sheet, and for a single note.

>>> sure_words(0.5), sure_words(1.0)
('heard, 50 % sure', '')
"""

from collections.abc import Mapping, Sequence

from app.document.heardrecording import SURE, HeardRecording, Version

HEARD_AS = {"voice": "one voice", "keys": "several notes at once", "drums": "a beat"}
THEY_HEAR = "they hear, they do not write"
BY_OTHERS = {"pitch": "SwiftF0", "notes": "Basic Pitch", "beats": "BeatNet"}  # as their cards have them
HEARD_BY = "Heard by"


def recording_lines(
    recordings: tuple[HeardRecording, ...], names: Mapping[str, str]
) -> list[tuple[str, str]]:
    """`Recording` - how it was heard; `Heard by` - the listening models. `names`: of the files, by hash."""
    lines: list[tuple[str, str]] = []
    for heard in recordings:
        name = names.get(heard.sha256, "")
        told = [f"“{name}” " if name and len(recordings) > 1 else ""]
        told[0] += f"heard as {HEARD_AS.get(heard.mode, 'music')}"
        if heard.version is not Version.CLEAN:
            told.append("its notes as they were played")
        if abs(heard.tuning_cents) >= 5:
            told.append(f"tuned {abs(heard.tuning_cents):.0f} cents {_side(heard.tuning_cents)} 440 Hz")
        if heard.notes:
            is_one = len(heard.notes) == 1
            told.append(
                f"{counted(len(heard.notes))} {'is' if is_one else 'are'} less than sure and drawn paler"
            )
        lines.append(("Recording", "; ".join(told)))
    models = list(dict.fromkeys(name for heard in recordings for name in heard.models))
    if models:
        lines.append((HEARD_BY, f"{listener_words(models)}: {THEY_HEAR}"))
    return lines


def listener_words(models: Sequence[str]) -> str:
    """The listening models by the names people know them by; those made here are told together.

    >>> listener_words(("notes", "struck", "beats"))
    'Basic Pitch, BeatNet and a network of our own'
    """
    names = [BY_OTHERS[name] for name in models if name in BY_OTHERS]
    own = sum(name not in BY_OTHERS for name in models)
    names += ["a network of our own"] if own == 1 else ["networks of our own"] if own else []
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def counted(count: int) -> str:
    """`1 note`, `42 notes`"""
    return "1 note" if count == 1 else f"{count} notes"


def _side(cents: float) -> str:
    return "above" if cents > 0 else "below"


def sure_words(certainty: float) -> str:
    """Said of a note that is less than sure."""
    return f"heard, {certainty * 100:.0f} % sure" if certainty < SURE else ""
