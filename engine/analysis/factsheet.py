"""Which facts stand on the sheet beside the description? One line each, in the order a musician asks."""

from collections.abc import Iterator, Sequence

from engine.analysis.wording import (
    NUMBERS,
    Heard,
    counted,
    interval_name,
    metre_names,
    number_text,
    pitch_name,
    return_words,
)
from engine.music import Role, Track
from engine.music.analysis import CadenceKind, Fact, HarmonyFacts, MelodyFacts, Motif


def fact_sheet(heard: Heard, unusual: Sequence[str]) -> Iterator[Fact]:
    song, analysis = heard.song, heard.analysis
    if analysis.keys and analysis.keys[0].confidence > 0:
        others = ", ".join(key.name for key in analysis.keys[0].alternatives[:2])
        first = analysis.keys[0]
        moves = "".join(
            f", {reading.key.name} from bar {heard.bar(reading.tick)}" for reading in analysis.keys[1:]
        )
        yield Fact(
            "Key",
            f"{first.key.name} ({first.confidence:.0%}){moves}" + (f"; else {others}" if others else ""),
        )
    yield Fact(
        "Tempo", "free" if analysis.is_free_time else f"{number_text(song.time_map.tempos[0].bpm)} bpm"
    )
    yield Fact(
        "Metre", metre_names(song) + (f", swing {analysis.swing:.0%}" if analysis.swing > 0.54 else "")
    )
    yield Fact("Length", counted(song.bars, "bar"))
    if song.sections:
        bars = [section.bars - heard.pickup_bars(section.start_bar) for section in song.sections]
        named = zip(song.sections[:16], bars, strict=False)
        yield Fact("Form", " ".join(f"{section.name} ({count})" for section, count in named))
    yield from _harmony_sheet(heard, analysis.harmony)
    if analysis.cadences:
        yield Fact("Closes", _cadence_line(heard))
    yield from _melody_sheet(heard, analysis.melody)
    if analysis.motifs:
        yield Fact("Figures", "; ".join(_motif_line(heard, motif) for motif in analysis.motifs))
    yield Fact("Parts", ", ".join(map(_part, song.tracks[:8])))
    if unusual:
        yield Fact("Unusual", "; ".join(unusual))


def _harmony_sheet(heard: Heard, facts: HarmonyFacts | None) -> Iterator[Fact]:
    if facts is None:
        return
    loop = f", a loop of {counted(facts.loop_bars, 'bar')}" if facts.loop_bars else ""
    yield Fact(
        "Harmony",
        f"{counted(facts.chords, 'different chord')}, {_changes(facts.changes_a_bar)} a bar{loop}; "
        f"{facts.sevenths:.0%} sevenths or sixths, {facts.inversions:.0%} turned over, "
        f"{facts.foreign:.0%} from outside the key",
    )


def _part(track: Track) -> str:
    role = track.role.value
    return track.name if track.name.lower() == role else f"{track.name} ({role})"


def _changes(rate: float) -> str:
    return "one change" if rate == 1 else f"{rate:g} changes"


def _cadence_line(heard: Heard) -> str:
    by_kind: dict[CadenceKind, list[str]] = {}
    for cadence in heard.analysis.cadences:
        by_kind.setdefault(cadence.kind, []).append(heard.bar(cadence.tick))
    return "; ".join(f"{kind.value} in {_bars(bars)}" for kind, bars in by_kind.items())


def _bars(bars: Sequence[str]) -> str:
    return ("bar " if len(bars) == 1 else "bars ") + ", ".join(bars[:8]) + (" …" if len(bars) > 8 else "")


def _melody_sheet(heard: Heard, facts: MelodyFacts | None) -> Iterator[Fact]:
    if facts is None:
        return
    key, span = heard.song.key, interval_name(facts.highest - facts.lowest)
    yield Fact(
        "Melody" if heard.song.track_in_role(Role.MELODY) else "Upper line",
        f"{pitch_name(facts.lowest, key)}–{pitch_name(facts.highest, key)} ({span}), "
        f"{facts.notes_a_bar:g} notes a bar, {facts.steps:.0%} steps, {facts.leaps:.0%} leaps, "
        f"{facts.repeats:.0%} repeated, {facts.syncopation:.0%} off the beat, "
        f"{facts.in_scale:.0%} in the scale",
    )


def _motif_line(heard: Heard, motif: Motif) -> str:
    return (
        f"{NUMBERS[motif.notes]} notes from bar {heard.bar(motif.start_ticks)}, again {return_words(motif)}"
    )
