"""Which facts stand on the sheet beside the description? One line each, in the order a musician asks."""

from collections.abc import Iterator, Sequence

from engine.analysis.wording import (
    NUMBERS,
    Heard,
    counted,
    interval_name,
    listed,
    metre_names,
    number_text,
    pitch_name,
)
from engine.music import Aspect, Role, Track
from engine.music.analysis import CadenceKind, Fact, HarmonyFacts, MelodyFacts, Motif, MotifForm

_MOST_TOLD = 12


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
    yield Fact("Tempo", _tempo_line(heard))
    yield Fact("Metre", _metre_line(heard))
    yield Fact("Length", counted(song.bars, "bar"))
    if song.sections:
        yield Fact("Form", _form_line(heard))
    if analysis.phrases:
        yield Fact("Phrases", _phrase_line(heard))
    yield from _harmony_sheet(heard, analysis.harmony)
    if analysis.cadences:
        yield Fact("Closes", _cadence_line(heard))
    yield from _melody_sheet(heard, analysis.melody)
    if analysis.motifs:
        yield Fact("Figures", "; ".join(_motif_line(heard, motif) for motif in analysis.motifs))
    yield Fact("Parts", ", ".join(map(_part, song.tracks[:8])))
    if unusual:
        yield Fact("Unusual", "; ".join(unusual))


def _tempo_line(heard: Heard) -> str:
    bars = heard.analysis.bars
    tempo = f"{number_text(heard.song.time_map.tempos[0].bpm)} bpm"
    sure = f" ({bars.tempo_confidence:.0%})" if bars is not None else ""
    return "free" if heard.analysis.is_free_time else tempo + sure


def _metre_line(heard: Heard) -> str:
    bars, swing = heard.analysis.bars, heard.analysis.swing
    swung = f", swing {swing:.0%}" if swing > 0.54 else ""
    if bars is None:
        return metre_names(heard.song) + swung
    others = dict.fromkeys(other.metre.name for other in bars.alternatives)
    other = next((name for name in others if name != heard.analysis.metre.name), "")
    sure = f" ({bars.metre_confidence:.0%})"
    return metre_names(heard.song) + sure + swung + (f"; else {other}" if other else "")


def _form_line(heard: Heard) -> str:
    sections = heard.song.sections
    bars = [section.bars - heard.pickup_bars(section.start_bar) for section in sections]
    named = zip(sections[:16], bars, strict=False)
    line = " ".join(f"{section.name} ({count})" for section, count in named)
    sure = sum(section.confidence * count for section, count in zip(sections, bars, strict=True))
    share = sure / max(1, sum(bars))
    return line + (f"; {share:.0%} sure" if share < 1 and Aspect.SECTIONS not in heard.song.corrected else "")


def _phrase_line(heard: Heard) -> str:
    phrases = heard.analysis.phrases
    bars = [_bar_span(heard, phrase.start_ticks, phrase.end_ticks) for phrase in phrases]
    told = [
        place + (f" (as {bars[phrase.repeats]})" if phrase.repeats >= 0 else "")
        for place, phrase in zip(bars, phrases, strict=True)
    ]
    return f"{len(phrases)}: " + ", ".join(told[:_MOST_TOLD]) + (" …" if len(told) > _MOST_TOLD else "")


def _bar_span(heard: Heard, start_ticks: int, end_ticks: int) -> str:
    """`1–4`: the bars in which something begins and ends."""
    first, last = heard.bar(start_ticks), heard.bar(max(start_ticks, end_ticks - 1))
    return first if first == last else f"{first}–{last}"


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
    bars = list(dict.fromkeys(bars))
    return (
        ("bar " if len(bars) == 1 else "bars ")
        + ", ".join(bars[:_MOST_TOLD])
        + (" …" if len(bars) > _MOST_TOLD else "")
    )


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
    places: dict[MotifForm, list[str]] = {}
    for again in motif.returns:
        places.setdefault(again.form, []).append(heard.bar(again.start_ticks))
    told = [f"{form.value} in {_bars(places[form])}" for form in MotifForm if form in places]
    first = heard.bar(motif.start_ticks)
    return f"{NUMBERS[motif.notes]} notes from bar {first}, again {listed(told)}"
