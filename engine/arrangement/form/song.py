"""How does a reading of a sketch become a take: a whole song, its plan, the parts and the reasons?"""

from collections.abc import Callable
from dataclasses import replace

from engine.api.suggestion import Controls, Part, PlannedSection, Take
from engine.arrangement.form.layout import Layout, laid_out, played
from engine.arrangement.form.material import Material
from engine.arrangement.form.newmusic import Maker
from engine.arrangement.form.planning import plan_of
from engine.arrangement.form.readings import Reading
from engine.arrangement.players import Session
from engine.arrangement.wholes import NO_RECORDING, heard, settled
from engine.music import Song

Checkpoint = Callable[[], None]
_OTHER_DICE = 104_729


def form_take(material: Material, reading: Reading, style: str, index: int, checkpoint: Checkpoint) -> Take:
    """The take of one reading."""
    request = material.request
    seed = request.seed + index * _OTHER_DICE
    controls = request.controls
    maker = Maker(material, style, seed, checkpoint, writes_verses=index % 2 == 1)
    sections = plan_of(reading.shape, material, maker, controls.intensity)
    bpm = controls.tempo or material.song.time_map.tempo_at(0).bpm
    layout = laid_out(material, sections, bpm)
    told = Controls(density=controls.density, surprise=controls.surprise)
    session = Session(style, layout.curve, seed, checkpoint, told)
    song, parts = played(layout, material, session)
    song, parts = settled(song, request.song, parts)
    first = layout.first_bar
    plan = tuple(
        heard(replace(laid.planned, start_bar=laid.planned.start_bar + first), song)
        for laid in layout.sections
    )
    return Take(
        index,
        title=reading.title,
        reasons=_reasons(material, reading, layout, song, plan, parts),
        seed=request.seed,
        parts=parts,
        plan=plan,
        song=song,
    )


def _reasons(
    material: Material,
    reading: Reading,
    layout: Layout,
    song: Song,
    plan: tuple[PlannedSection, ...],
    parts: tuple[Part, ...],
) -> tuple[str, ...]:
    bars = layout.end_bar - layout.first_bar
    found = [reading.shape.about.rstrip("."), f"{bars} bars, {_clock(song)} minutes"]
    found.append(reading.reason.rstrip("."))
    found.append(_where_the_sketch_is(material, plan))
    if material.song.recordings:
        found.append(NO_RECORDING)
    if material.is_heard:
        found.append("The chords were heard in your melody")
    low, high = min(plan, key=lambda s: s.intensity), max(plan, key=lambda s: s.intensity)
    found.append(f"Barest in {low.name}, fullest in {high.name}")
    found += _changes(plan)
    if parts:
        found.append("New parts: " + ", ".join(part.name.lower() for part in parts))
    return tuple(reason for reason in found if reason)


def _changes(plan: tuple[PlannedSection, ...]) -> list[str]:
    return [f"{s.name}: {', '.join(s.changes)}" for s in plan if s.changes][:4]


def _where_the_sketch_is(material: Material, plan: tuple[PlannedSection, ...]) -> str:
    label = material.song.time_map.bar_label
    places = [
        f"bars {label(s.from_bar)}–{label(s.from_bar + s.from_bars - 1)} as {s.name}"
        for s in plan
        if s.in_place
    ]
    return "Your " + " and ".join(places) if places else ""


def _clock(song: Song) -> str:
    seconds = round(song.time_map.seconds_at(song.end_ticks))
    return f"{seconds // 60}:{seconds % 60:02d}"
