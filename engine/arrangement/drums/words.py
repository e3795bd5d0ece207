"""What does a drummer say about the part? Titles and reasons counted from what is in it."""

from engine.arrangement.brief import Brief
from engine.arrangement.drums.accents import met, strong_places
from engine.arrangement.drums.choosing import Manner
from engine.arrangement.drums.grooves import groups
from engine.arrangement.drums.line import DrumLine
from engine.arrangement.styles import Kit
from engine.formats.partpatterns import Entry
from engine.music import Role
from engine.music.drumkit import DrumVoice

HEAVY = frozenset({DrumVoice.KICK, DrumVoice.CRASH, DrumVoice.SNARE, DrumVoice.TOM3})
"""What is heard as weight."""
_ENTRIES = {Entry.FILL: "a fill", Entry.BUILD: "a build", Entry.STOP: "a stop"}


def title_of(line: DrumLine) -> str:
    """The groove's own name, or what the take is about."""
    if line.plan.manner is Manner.FILL and line.endings:
        return line.endings[0].groove.title
    return line.plan.main.title


def reasons_of(line: DrumLine, brief: Brief) -> tuple[str, ...]:
    """What can be said truly about the part, the most telling first."""
    told = [
        _about_grooves(line, brief),
        _about_accents(line, brief),
        _about_endings(line, brief),
        _about_metre(line),
        _about_pace(line, brief),
        _about_touch(line, brief),
        _about_locks(brief),
    ]
    return tuple(reason for reason in told if reason)


def _about_grooves(line: DrumLine, brief: Brief) -> str:
    if line.plan.manner is Manner.FILL:
        return "A fill for this bar, if it leads somewhere."
    if line.plan.main.key == "own":
        return "Takes up the groove of the bars around it."
    firsts: dict[str, str] = {}
    for bar in brief.bars:
        firsts.setdefault(line.plan.by_bar[bar.number].title, bar.kind.value)
    names = list(firsts)
    if len(names) == 1:
        return f"{brief.style.label}, one groove throughout."
    told = ", ".join(f"“{name}” from the {_section(kind)}" for name, kind in list(firsts.items())[:3])
    return f"{brief.style.label}: {told}."


def _section(kind: str) -> str:
    return "start" if kind == "other" else kind


def accent_share(line: DrumLine, brief: Brief) -> tuple[int, int]:
    """Of the song's strong accents, how many a kick, snare, crash or low tom falls on; and all of them."""
    strokes = {stroke.tick for stroke in line.strokes if stroke.voice in HEAVY}
    return met(strong_places(line.accents), strokes)


def _about_accents(line: DrumLine, brief: Brief) -> str:
    hit, total = accent_share(line, brief)
    if not total:
        return ""
    whose = "bass and melody" if brief.notes_of(Role.BASS) and brief.melody else "the song"
    whose = "your melody" if brief.melody and not brief.notes_of(Role.BASS) else whose
    new = sum(stroke.is_answer for stroke in line.strokes)
    added = f", {_many(new, 'kick', 'kicks')} put there for that" if new else ""
    if total == 1:
        return f"Kick, snare or crash on the one accent of {whose}{added}." if hit else ""
    return f"Kick, snare or crash on {hit} of the {total} accents of {whose}{added}."


def _about_endings(line: DrumLine, brief: Brief) -> str:
    if line.plan.manner is Manner.FILL:
        return ""
    label = brief.song.time_map.bar_label
    told = []
    for ending in line.endings[:3]:
        crash = " with a crash" if ending.into_bar in line.crashes else ""
        told.append(f"{_ENTRIES[ending.groove.pattern.entry]} into bar {label(ending.into_bar)}{crash}")
    if len(line.endings) > 3:
        told.append(f"{len(line.endings) - 3} more like these")
    if line.ends_on_one:
        told.append("ends on the one of the last bar")
    if not told:
        return "No fills: no new section begins here." if len(brief.bars) > 1 else ""
    text = ", ".join(told)
    return text[0].upper() + text[1:] + "."


def _about_metre(line: DrumLine) -> str:
    groove = line.plan.main
    if not groove.is_derived:
        return ""
    sizes = [round(pulse / groove.metre.beat_ticks) for pulse in groove.pulses_ticks]
    counted = "+".join(map(str, groups(len(sizes)) if set(sizes) == {1} else sizes))
    return f"{groove.metre.name} is counted {counted}, laid out from a groove in {groove.pattern.metre.name}."


def _about_pace(line: DrumLine, brief: Brief) -> str:
    if line.plan.pace == 1:
        return ""
    how = "half" if line.plan.pace > 1 else "twice"
    return f"Played at {how} the written pace, which suits {round(brief.bpm)} beats a minute better."


def _about_touch(line: DrumLine, brief: Brief) -> str:
    if line.is_model_missing:
        return "Played straight: the drummer model is missing."
    if brief.style.kit is Kit.ELECTRONIC:
        return "A machine plays: exactly on the grid."
    if not line.strokes:
        return ""
    swing = f", swung {round(100 * brief.swing)} %" if brief.swing > 0.5 else ""
    return f"Touched as real drummers do, {line.loose_ms:.0f} ms off the click on average{swing}."


def _about_locks(brief: Brief) -> str:
    kept = len(brief.fixed)
    if not kept:
        return ""
    return "Keeps your note as it is." if kept == 1 else f"Keeps {kept} notes as they are."


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
