"""How does a sketch become a place to be in? Pads that hold, a ground, bits of the tune, lights.

No drums, no bar that must be filled. Everything is decided by the seed and the place alone, so that the music
can be as long as one likes and is the same again from its beginning. The end, wherever it is, lets go.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import takewhile

from engine.api.suggestion import Part, PlannedSection, SuggestionRequest, Take
from engine.arrangement.form.material import material_of
from engine.arrangement.form.newmusic import home_chord
from engine.arrangement.restyle.recolour import Colouring, recoloured
from engine.arrangement.soundscape.drifting import drift
from engine.arrangement.soundscape.fragments import Fragment, fragments_of
from engine.arrangement.soundscape.layers import Place, ground, light, pad, swells, tidy, voice
from engine.arrangement.soundscape.palettes import Palette
from engine.arrangement.styles import player_styles
from engine.arrangement.wholes import settled
from engine.music import (
    Chord,
    ChordSpan,
    KeyChange,
    MetreChange,
    Origin,
    Region,
    Role,
    Section,
    Song,
    Tempo,
    TimeMap,
    Track,
)
from engine.music.section import SectionKind

Checkpoint = Callable[[], None]
_OTHER_DICE = 32_452_843
_MOST_CHORDS = 8
_SLOWEST, _FASTEST = 48.0, 72.0
_PLACE_BARS = 16  # the plan is told in stretches of so many bars


def soundscape_take(request: SuggestionRequest, palette: Palette, index: int, checkpoint: Checkpoint) -> Take:
    """The take of one palette. Raises ImpossibleError where there is nothing to drift on."""
    place, fragments = _place(request, palette, index)
    checkpoint()
    layers = (
        (Role.PAD, "Pad", palette.pad, pad(place)),
        (Role.BASS, "Ground", palette.ground, ground(place)),
        (Role.MELODY, "Voice", palette.voice, voice(place, fragments)),
        (Role.COUNTER, "Light", palette.light, light(place)),
    )
    tracks = tuple(
        Track(request.song.next_id + n, name, role, program, tidy(notes, place), swells(place, role))
        for n, (role, name, program, notes) in enumerate(layers)
    )
    plan = _plan(place, request)
    song = _song(request, place, tracks, plan)
    parts = tuple(Part(t.role, t.name, t.program, t.notes, t.id) for t in song.tracks if t.notes)
    whole, parts = settled(song, request.song, parts)
    return Take(
        index,
        title=palette.name,
        reasons=_reasons(place, fragments),
        seed=request.seed,
        parts=parts,
        plan=plan,
        song=whole,
    )


def _place(request: SuggestionRequest, palette: Palette, index: int) -> tuple[Place, list[Fragment]]:
    song, controls = request.song, request.controls
    sketch = replace(request, region=Region(0, min(song.bars, 64)))
    material = material_of(sketch)
    strip = material.whole.strip
    style = next(style for style in player_styles() if style.name == "ambient")
    time_map = TimeMap((Tempo(0),), (MetreChange(0, strip.bars[0].metre),))
    amount = 0.5 if controls.distance is None else controls.distance
    surprise = 0.0 if controls.surprise is None else controls.surprise
    colours = recoloured(strip.chords, Colouring(material.key, style, amount, surprise, time_map, ()))
    pool = _pool(colours.spans) or [home_chord(material)]
    bars_a_chord = palette.bars_a_chord
    if controls.density is not None:
        bars_a_chord = 4 if controls.density < 0.34 else 2 if controls.density < 0.67 else 1
    seed = request.seed + index * _OTHER_DICE
    bars = request.region.bars
    slots = tuple(takewhile(lambda slot: slot.start_bar < bars, drift(pool, bars_a_chord, seed)))
    metre = strip.bars[0].metre
    place = Place(metre, bars, slots, palette, material.key, seed, controls.intensity)
    tune = strip.line(material.melody_id)
    return place, fragments_of(tune, metre)


def _pool(spans: Sequence[ChordSpan]) -> list[Chord]:
    """The sketch's chords in their order, each once in a row, at most eight."""
    pool: list[Chord] = []
    for span in spans:
        if not span.chord.is_no_chord and (not pool or pool[-1] != span.chord):
            pool.append(span.chord)
    while len(pool) > 1 and pool[-1] == pool[0]:
        pool.pop()
    half = len(pool) // 2
    if half and pool[:half] == pool[half:]:
        pool = pool[:half]
    return pool[:_MOST_CHORDS]


def _plan(place: Place, request: SuggestionRequest) -> tuple[PlannedSection, ...]:
    """Told in stretches of sixteen bars."""
    found = []
    for number, start in enumerate(range(0, place.bars, _PLACE_BARS), 1):
        bars = min(_PLACE_BARS, place.bars - start)
        turns = dict.fromkeys(slot.turn for slot in place.slots if start <= slot.start_bar < start + bars)
        level = round(sum(place.level(start + bar) for bar in range(bars)) / bars, 2)
        players = (Role.PAD, Role.BASS, Role.MELODY, Role.COUNTER)
        ending = "lets go" if start + bars == place.bars else ""
        words = tuple(f"chords {turn}" for turn in turns)
        name, kind = f"Drift {number}", SectionKind.OTHER
        found.append(PlannedSection(name, kind, start, bars, level, players, words, ending))
    return tuple(found)


def _song(
    request: SuggestionRequest, place: Place, tracks: tuple[Track, ...], plan: tuple[PlannedSection, ...]
) -> Song:
    was = request.song.time_map.tempos[0].bpm
    bpm = request.controls.tempo or min(_FASTEST, max(_SLOWEST, was if was <= _FASTEST else was / 2))
    chords = tuple(
        ChordSpan(
            0,
            slot.start_bar * place.bar_ticks,
            min(place.end, (slot.start_bar + slot.bars) * place.bar_ticks) - slot.start_bar * place.bar_ticks,
            slot.chord,
            Origin.TAKEN,
        )
        for slot in place.slots
    )
    time_map = TimeMap((Tempo.of_bpm(0, bpm),), (MetreChange(0, place.metre),), (KeyChange(0, place.key),))
    sections = tuple(Section(0, s.name, s.start_bar, s.bars, s.kind) for s in plan)
    return replace(
        request.song, time_map=time_map, sections=sections, chords=chords, tracks=tracks, markers=()
    )


def _reasons(place: Place, fragments: Sequence[Fragment]) -> tuple[str, ...]:
    turns = list(dict.fromkeys(slot.turn for slot in place.slots))
    found = [
        f"Your chords in long tones on {place.palette.about}",
        f"The chords go round {place.slots[-1].round + 1} times: {', '.join(turns)}",
    ]
    if fragments:
        found.append(f"{len(fragments)} phrases of your melody return slowly, with rests between them")
    found.append("It goes on as long as you like and is the same again from its beginning")
    return tuple(found)
