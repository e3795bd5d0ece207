"""How is the shipped sound bank made? Cuts a small .sf2 from FluidR3Mono_GM (MIT).

    python packaging/soundbank.py FluidR3Mono_GM.sf3 assets/sound/understudy.sf2

The source comes with the Debian package `fluidr3mono-gm-soundfont` (2.315-7). What is kept is listed in
soundbank.toml; the same source and recipe give the same bytes. Prints what it kept, and both sha256.
Plain .sf2 and not .sf3: Vorbis samples are decoded when the bank is loaded, 0.1 s and 13 MB for each MB of
the file, with the interpreter stopped; 16-bit samples load in milliseconds.
Needs numpy, soundfile and soxr.
"""

from __future__ import annotations

import hashlib
import sys
import tomllib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from samplecraft import Crafted, Shape, craft, slower_decay
from soundfont import (
    ATTENUATION,
    COARSE_TUNE,
    DECAY_ENV,
    HOLD_ENV,
    KEY_RANGE,
    OFFSET_GENERATORS,
    PAN,
    ROOT_KEY,
    SAMPLE_MODES,
    SUSTAIN_ENV,
    VELOCITY_RANGE,
    Instrument,
    Preset,
    Sample,
    SoundFont,
    Zone,
    read_soundfont,
    write_soundfont,
)

RECIPE = Path(__file__).with_name("soundbank.toml")
SILENT_CENTIBELS = 1000
SHORT_HOLD_TIMECENTS = -4000  # about 0.1 s
EMU_SCALE = 0.4
INFO = {
    "INAM": "Understudy",
    "IENG": "Frank Wen (Fluid R3), Michael Cowgill (mono edition)",
    "ICOP": "MIT licence; see LICENSE-FluidR3Mono.txt",
    "ICMT": "A small subset of FluidR3Mono_GM, cut by packaging/soundbank.py",
    "ISFT": "Understudy soundbank.py",
}


class Cutter:
    """Copies presets from one font to a smaller one, crafting each sample once."""

    def __init__(self, source: SoundFont) -> None:
        self.source, self.out = source, SoundFont()
        self._crafted: dict[tuple, tuple[int, float]] = {}

    def source_preset(self, bank: int, program: int) -> Preset:
        return next(p for p in self.source.presets if (p.bank, p.program) == (bank, program))

    def add_sample(self, zone: Zone, rate: int, seconds: float, shape: Shape) -> tuple[int, float]:
        """Index of the crafted sample in the new font, and the decay its zone must add."""
        assert zone.target is not None
        sample = with_offsets(self.source.samples[zone.target], zone)
        root = root_key(zone, self.source)
        key = (zone.target, sample.loop_start, sample.loop_end, rate, seconds, shape)
        if key not in self._crafted:
            crafted: Crafted = craft(sample, root, rate, seconds, shape)
            self.out.samples.append(crafted.sample)
            self._crafted[key] = (len(self.out.samples) - 1, crafted.decay_db_s)
        return self._crafted[key]

    def add_instrument(self, name: str, zones: list[Zone]) -> int:
        self.out.instruments.append(Instrument(name, zones))
        return len(self.out.instruments) - 1


def with_offsets(sample: Sample, zone: Zone) -> Sample:
    """The sample with the zone's loop offsets written into it."""
    shift = {g: zone.generators.get(g, 0) * unit for g, unit in OFFSET_GENERATORS.items()}
    if shift[0] or shift[1] or shift[4] or shift[12]:
        raise ValueError(f"{sample.name}: start and end offsets are not handled")
    start = sample.loop_start + shift[2] + shift[45]
    return replace(sample, loop_start=start, loop_end=sample.loop_end + shift[3] + shift[50])


def root_key(zone: Zone, font: SoundFont) -> int:
    """The key at which the zone plays its recording as it is: root key less coarse tuning."""
    assert zone.target is not None
    root = zone.generators.get(ROOT_KEY, font.samples[zone.target].root)
    return root - zone.generators.get(COARSE_TUNE, 0)


def is_looped(zone: Zone, defaults: Zone) -> bool:
    return (zone.generators.get(SAMPLE_MODES, defaults.generators.get(SAMPLE_MODES, 0)) & 1) == 1


def softened(zone: Zone) -> Zone:
    """The zone with its attenuation as the source's author heard it.

    Synthesizers of the EMU line apply 0.4 of the attenuation written in a file, and FluidR3 was balanced on
    those; ours applies all of it, which would leave the piano 8 dB under the basses.
    """
    if ATTENUATION not in zone.generators:
        return zone
    return Zone(zone.generators | {ATTENUATION: round(EMU_SCALE * zone.generators[ATTENUATION])}, zone.target)


def split_defaults(zones: list[Zone]) -> tuple[Zone, list[Zone]]:
    """The zone without a target (defaults for the others), and the others."""
    if zones and zones[0].target is None:
        return zones[0], zones[1:]
    return Zone({}), zones


def layers(zones: list[Zone]) -> list[list[Zone]]:
    """Zones that sound together are in different layers; in one layer key ranges do not overlap."""
    found: list[list[Zone]] = []
    order = sorted(zones, key=lambda z: (z.span(VELOCITY_RANGE), z.generators.get(PAN, 0), z.span(KEY_RANGE)))
    for zone in order:
        for layer in found:
            last = layer[-1]
            same_kind = last.span(VELOCITY_RANGE) == zone.span(VELOCITY_RANGE)
            if same_kind and last.span(KEY_RANGE)[1] < zone.span(KEY_RANGE)[0]:
                layer.append(zone)
                break
        else:
            found.append([zone])
    return found


def thinned(layer: list[Zone], roots: list[int], keep: int, span: tuple[int, int]) -> list[Zone]:
    """At most `keep` zones, their roots spread evenly over `span`, their key ranges grown to meet."""
    indices = [i for i, root in enumerate(roots) if span[0] <= root <= span[1]] or list(range(len(layer)))
    if len(indices) > keep:
        step = (min(span[1], roots[indices[-1]]) - max(span[0], roots[indices[0]])) / keep
        wanted = [max(span[0], roots[indices[0]]) + step * (i + 0.5) for i in range(keep)]
        indices = sorted({min(indices, key=lambda i, w=w: abs(roots[i] - w)) for w in wanted})
    inside = [layer[i] for i in indices]
    low, high = layer[0].span(KEY_RANGE)[0], layer[-1].span(KEY_RANGE)[1]
    cuts = [(a.span(KEY_RANGE)[1] + b.span(KEY_RANGE)[0]) // 2 for a, b in pairwise(inside)]
    bounds = [low, *[cut + 1 for cut in cuts], high + 1]
    return [
        Zone(z.generators | {KEY_RANGE: bounds[i] | (bounds[i + 1] - 1) << 8}, z.target)
        for i, z in enumerate(inside)
    ]


def small_zone(cutter: Cutter, zone: Zone, defaults: Zone, rate: int, seconds: float, shape: Shape) -> Zone:
    """The zone over its crafted sample: offsets gone, decay given back, loop switched on or off."""
    if shape is not Shape.SHOT and not is_looped(zone, defaults):
        shape = Shape.SHOT
    index, fall = cutter.add_sample(zone, rate, seconds, shape)
    generators = {g: v for g, v in zone.generators.items() if g not in OFFSET_GENERATORS}
    generators[SAMPLE_MODES] = 0 if shape is Shape.SHOT else 1
    if fall > 0:
        envelope = defaults.generators | generators
        starts_at_once = envelope.get(HOLD_ENV, -12000) < SHORT_HOLD_TIMECENTS
        dies_away = envelope.get(SUSTAIN_ENV, 0) >= SILENT_CENTIBELS and starts_at_once
        generators[DECAY_ENV] = slower_decay(envelope.get(DECAY_ENV) if dies_away else None, fall)
        generators[SUSTAIN_ENV] = SILENT_CENTIBELS
        generators[HOLD_ENV] = -12000
    return softened(Zone(generators, index))


def add_preset(cutter: Cutter, recipe: dict[str, Any]) -> None:
    """One melodic preset by its recipe."""
    source = cutter.source_preset(*recipe["from"])
    span, shape = tuple(recipe.get("span", (0, 127))), Shape(recipe["shape"])
    made: dict[int, int] = {}
    for target in sorted({z.target for z in source.zones if z.target is not None}):
        instrument = cutter.source.instruments[target]
        defaults, zones = split_defaults(instrument.zones)
        kept = []
        for layer in layers(zones):
            roots = [root_key(zone, cutter.source) for zone in layer]
            kept += thinned(layer, roots, recipe["keep"], span)
        small = [small_zone(cutter, z, defaults, recipe["rate"], recipe["seconds"], shape) for z in kept]
        made[target] = cutter.add_instrument(instrument.name, [softened(defaults), *small])
    zones = [softened(Zone(z.generators, made.get(z.target))) for z in source.zones]
    cutter.out.presets.append(Preset(recipe["name"], *recipe["from"], zones))


def drum_zones(cutter: Cutter, instrument: Instrument, drums: dict[str, Any], keys: range) -> list[Zone]:
    """The zones of one drum instrument that lie in `keys`, cropped."""
    defaults, zones = split_defaults(instrument.zones)
    small = []
    for zone in zones:
        key = zone.span(KEY_RANGE)[0]
        if key not in keys:
            continue
        rate = drums["bright_rate"] if key in drums["bright_keys"] else drums["rate"]
        seconds = drums["seconds_of"].get(str(key), drums["seconds"])
        small.append(small_zone(cutter, zone, defaults, rate, seconds, Shape.SHOT))
    return [softened(defaults), *small] if small else []


def add_kit(cutter: Cutter, kit: list, drums: dict[str, Any]) -> None:
    """One drum kit: every hit of General MIDI's percussion keys, the rest left out."""
    bank, program, name = kit
    zones: list[Zone] = []
    done: list[Zone] = []
    for zone in cutter.source_preset(bank, program).zones:
        if zone in done:  # the source holds some twice, which only makes them louder
            continue
        done.append(zone)
        if zone.target is None:
            zones.append(softened(zone))
            continue
        low, high = zone.span(KEY_RANGE)
        keys = range(max(low, drums["keys"][0]), min(high, drums["keys"][1]) + 1)
        instrument = cutter.source.instruments[zone.target]
        small = drum_zones(cutter, instrument, drums, keys)
        if small:
            zones.append(softened(Zone(zone.generators, cutter.add_instrument(instrument.name, small))))
    quieter = drums["attenuation"].get(str(program), 0)
    for zone in zones:
        if zone.target is None:
            zone.generators[ATTENUATION] = zone.generators.get(ATTENUATION, 0) + quieter
    cutter.out.presets.append(Preset(name, bank, program, zones))


def cut(source: SoundFont, recipe: dict[str, Any]) -> SoundFont:
    """The small bank; prints how many kB each preset added."""
    cutter = Cutter(source)
    for entry in [*recipe["preset"], *recipe["drums"]["kits"]]:
        before = len(cutter.out.samples)
        if isinstance(entry, dict):
            add_preset(cutter, entry)
        else:
            add_kit(cutter, entry, recipe["drums"])
        added = cutter.out.samples[before:]
        size_kb = sum(len(s.frames) for s in added) * 2 // 1024
        print(f"{cutter.out.presets[-1].name:20} {len(added):3} samples {size_kb:5} kB")
    return cutter.out


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print("Usage: soundbank.py FluidR3Mono_GM.sf3 OUT.sf2")
        return 2
    source, out = Path(arguments[0]), Path(arguments[1])
    write_soundfont(cut(read_soundfont(source), tomllib.loads(RECIPE.read_text())), out, INFO)
    for path in (source, out):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        print(f"{path.name}: {path.stat().st_size} bytes, sha256 {digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
