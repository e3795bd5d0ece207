"""Which sound of the shipped bank stands in for each General MIDI program?

The bank holds 26 instruments and two kits; each of the 128 programs (0-based) has the nearest of them.
A bank of the artist's own that has the program itself is used as it is.

>>> stand_in(1), stand_in(40), kit_stand_in(24)
(0, 48, 25)
"""

PIANO, EPIANO, VIBES, ORGAN = 0, 4, 11, 16
NYLON, STEEL, CLEAN, OVERDRIVE = 24, 25, 27, 29
UPRIGHT, FINGERED, SYNTH_BASS, SYNTH_BASS_2 = 32, 33, 38, 39
PIZZICATO, STRINGS, SLOW_STRINGS, CHOIR = 45, 48, 49, 52
TRUMPET, BRASS, SAX, CLARINET, FLUTE = 56, 61, 65, 71, 73
SQUARE, SAW, FANTASIA, WARM_PAD, POLY_PAD = 80, 81, 88, 89, 90

_FAMILIES: tuple[tuple[int, ...], ...] = (
    # pianos: grand, bright, electric grand, honky-tonk, electric 1 and 2, harpsichord, clavinet
    (PIANO, PIANO, PIANO, PIANO, EPIANO, EPIANO, CLEAN, CLEAN),
    # chromatic percussion: celesta, glockenspiel, music box, vibraphone, marimba, xylophone, bells, dulcimer
    (VIBES, VIBES, VIBES, VIBES, VIBES, VIBES, VIBES, STEEL),
    # organs, accordion, harmonica, bandoneon
    (ORGAN, ORGAN, ORGAN, ORGAN, ORGAN, ORGAN, CLARINET, ORGAN),
    # guitars: nylon, steel, jazz, clean, muted, overdriven, distorted, harmonics
    (NYLON, STEEL, CLEAN, CLEAN, CLEAN, OVERDRIVE, OVERDRIVE, CLEAN),
    # basses: upright, fingered, picked, fretless, slap 1 and 2, synth 1 and 2
    (UPRIGHT, FINGERED, FINGERED, FINGERED, FINGERED, FINGERED, SYNTH_BASS, SYNTH_BASS_2),
    # strings: violin, viola, cello, contrabass, tremolo, pizzicato, harp, timpani
    (STRINGS, STRINGS, STRINGS, STRINGS, STRINGS, PIZZICATO, NYLON, UPRIGHT),
    # ensembles: strings 1 and 2, synth strings 1 and 2, choir, voice, synth voice, orchestra hit
    (STRINGS, SLOW_STRINGS, STRINGS, SLOW_STRINGS, CHOIR, CHOIR, CHOIR, BRASS),
    # brass: trumpet, trombone, tuba, muted trumpet, horns, section, synth brass 1 and 2
    (TRUMPET, TRUMPET, BRASS, TRUMPET, BRASS, BRASS, BRASS, BRASS),
    # reeds: four saxophones, oboe, English horn, bassoon, clarinet
    (SAX, SAX, SAX, SAX, CLARINET, CLARINET, CLARINET, CLARINET),
    # pipes: piccolo, flute, recorder, pan flute, bottle, shakuhachi, whistle, ocarina
    (FLUTE,) * 8,
    # leads: square, saw, calliope, chiff, charang, voice, fifths, bass and lead
    (SQUARE, SAW, FLUTE, FLUTE, OVERDRIVE, CHOIR, SAW, SAW),
    # pads: new age, warm, polysynth, choir, bowed, metallic, halo, sweep
    (FANTASIA, WARM_PAD, POLY_PAD, CHOIR, SLOW_STRINGS, POLY_PAD, POLY_PAD, WARM_PAD),
    # effects: rain, soundtrack, crystal, atmosphere, brightness, goblins, echoes, sci-fi
    (FANTASIA, WARM_PAD, VIBES, NYLON, FANTASIA, WARM_PAD, POLY_PAD, POLY_PAD),
    # world: sitar, banjo, shamisen, koto, kalimba, bagpipe, fiddle, shanai
    (STEEL, STEEL, NYLON, NYLON, VIBES, ORGAN, STRINGS, CLARINET),
    # percussive: tinkle bell, agogo, steel drums, woodblock, taiko, tom, synth drum, reverse cymbal
    (VIBES, VIBES, VIBES, VIBES, UPRIGHT, UPRIGHT, SYNTH_BASS_2, POLY_PAD),
    # sound effects: nothing here is pitched; a soft pad disturbs least
    (WARM_PAD,) * 8,
)

PROGRAMS: tuple[int, ...] = tuple(program for family in _FAMILIES for program in family)
STANDARD_KIT, ELECTRONIC_KIT = 0, 25
ELECTRONIC_PROGRAMS = frozenset(range(24, 32))


def stand_in(program: int) -> int:
    """The bank's program for a General MIDI program."""
    return PROGRAMS[program & 127]


def kit_stand_in(program: int) -> int:
    """The bank's kit for a kit program (25 is the TR-808 of Roland's GS)."""
    return ELECTRONIC_KIT if program in ELECTRONIC_PROGRAMS else STANDARD_KIT
