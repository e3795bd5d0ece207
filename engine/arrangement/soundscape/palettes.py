"""Which sounds does a soundscape have? Programs are General MIDI, all of them in the shipped bank."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """`pad` holds the chords, `ground` the low notes, `voice` has bits of the tune, `light` is high and far.

    `bars_a_chord`: how long a chord stays when nobody says otherwise.
    """

    name: str
    words: tuple[str, ...]
    about: str
    pad: int
    ground: int
    voice: int
    light: int
    bars_a_chord: int


PALETTES = (
    Palette("Warm", ("warm", "pad", "synth", "calm"), "a warm pad and an electric piano", 89, 89, 4, 88, 2),
    Palette("Strings", ("strings", "orchestral", "film"), "slow strings and a flute", 49, 48, 73, 11, 2),
    Palette("Choir", ("choir", "voices", "church"), "a choir and far bells", 52, 49, 71, 11, 4),
    Palette("Glass", ("glass", "bells", "bright", "ice"), "glassy pads and a vibraphone", 88, 89, 11, 88, 2),
    Palette("Night", ("night", "dark", "low", "deep"), "a dark pad and a clarinet", 90, 48, 71, 89, 4),
)


def palettes(words: str, count: int) -> list[Palette]:
    """So many palettes, those that the words mean first."""
    text = words.lower()
    named = [p for p in PALETTES if p.name.lower() in text or any(word in text for word in p.words)]
    ordered = named + [palette for palette in PALETTES if palette not in named]
    return [ordered[number % len(ordered)] for number in range(count)]
