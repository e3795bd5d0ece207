"""Which tones of a voicing does a stroke sound, and which give way to the melody?

The symbols are those of assets/patterns/README.md. Low notes alternate between root and fifth in the styles
that do so.
"""

from collections.abc import Sequence

from engine.arrangement.brief import Brief
from engine.arrangement.comping.strokes import TONES, Stroke
from engine.arrangement.voicing import Manner, Player, Voicing
from engine.arrangement.voicing.players import Build
from engine.music import Chord

_ALTERNATING = frozenset(
    {"country", "folk", "gospel", "ska", "march", "musical-theatre", "waltz", "samba", "bossa-nova", "tango"}
)
_LOWEST_ROOT = 36
_LOWEST_OCTAVE = 28
_OCTAVES = frozenset({"gospel", "musical-theatre", "latin", "march"})
_NEAR_TICKS = 30


def picked(
    stroke: Stroke, voicing: Voicing, player: Player, brief: Brief, fifths: frozenset[Stroke]
) -> list[int]:
    """The pitches of a stroke, lowest first, clear of the melody. `fifths`: the low notes that alternate."""
    chord = brief.chord_at(max(stroke.chord_ticks, stroke.start_ticks))
    tones = tones_of(stroke, voicing, player, chord)
    if stroke in fifths:
        tones = [_fifth_for(tones[0], voicing, player, chord)]
    pitches = clear_of_melody(tones, stroke, voicing, brief)
    if stroke.symbol == "L" and pitches and _doubles_low(stroke, player, brief):
        pitches = [pitches[0] - 12, *pitches] if pitches[0] - 12 >= _LOWEST_OCTAVE else pitches
    return pitches


def _doubles_low(stroke: Stroke, player: Player, brief: Brief) -> bool:
    """Octaves in the left hand where it is full and the style, or playing alone, asks for them."""
    is_full = brief.bar_at(stroke.start_ticks).intensity == 3
    return is_full and player.build is Build.HANDS and (not player.has_bass or brief.style.name in _OCTAVES)


def tones_of(stroke: Stroke, voicing: Voicing, player: Player, chord: Chord) -> list[int]:
    """The pitches a symbol asks of a voicing, lowest first."""
    tones = list(voicing.pitches)
    symbol = stroke.symbol
    if symbol == "L":
        return [_root_below(tones[0], chord)] if player.build is Build.VOICES else tones[:1]
    if symbol in TONES:
        return [_tone(tones, int(symbol))]
    if symbol == "H" or (symbol in "SCc" and stroke.is_over_bass):
        return upper(tones, voicing, player)
    if symbol == "U":
        return tones[-4:] if player.build is Build.FRETS else upper(tones, voicing, player)
    return tones[-3:] if symbol == "m" else tones


def _root_below(lowest: int, chord: Chord) -> int:
    """The bass of the chord at or under the lowest voice; a low voice alone plays that."""
    root = lowest - (lowest - chord.bass_pitch_class) % 12
    return root if root >= _LOWEST_ROOT else root + 12


def _fifth_for(low: int, voicing: Voicing, player: Player, chord: Chord) -> int:
    """The chord's fifth under its bass, or over it; on strings one of the grip's; the bass without one."""
    fifth = (chord.root + 7) % 12
    if chord.bass is not None or 7 not in chord.intervals or low % 12 != chord.root:
        return low
    if player.build is Build.FRETS:
        return next((tone for tone in voicing.pitches[:3] if tone % 12 == fifth), low)
    return low - 5 if low - 5 >= max(_LOWEST_ROOT, player.left.low - 3) else low + 7


def upper(tones: list[int], voicing: Voicing, player: Player) -> list[int]:
    """The right hand; the three high strings; the higher half of a section."""
    if player.manner is Manner.ROOTLESS:
        return tones  # both hands together are the upper tones
    if player.build is Build.HANDS:
        return tones[voicing.left :] if voicing.left else tones[-3:]
    if player.build is Build.FRETS:
        return tones[-3:] if len(tones) > 3 else tones[len(tones) > 2 :]
    return tones[len(tones) // 2 :]


def _tone(tones: list[int], number: int) -> int:
    """The numbered tone from below; beyond the top the figure turns back."""
    while number > len(tones):
        number -= 2
    return tones[max(0, number - 1)]


def clear_of_melody(tones: list[int], stroke: Stroke, voicing: Voicing, brief: Brief) -> list[int]:
    """Without what rubs against the melody note that sounds then, or doubles it while it is held.

    A tone alone gives way to its nearest neighbour in the voicing.
    """
    note = brief.melody_at(stroke.start_ticks)
    if note is None or stroke.symbol == "m":
        return tones
    bad = {note.pitch - 1, note.pitch + 1, note.pitch - 13, note.pitch + 13}
    pulse = brief.bar_at(stroke.start_ticks).metre.pulse_ticks
    if note.duration_ticks >= pulse and note.start_ticks <= stroke.start_ticks + _NEAR_TICKS:
        bad.add(note.pitch)
    kept = [tone for tone in tones if tone not in bad]
    if kept or not tones:
        return kept
    others = [tone for tone in voicing.pitches if tone not in bad]
    return [min(others, key=lambda tone: (abs(tone - tones[0]), tone))] if others else []


def fifths_below(strokes: Sequence[Stroke], brief: Brief) -> frozenset[Stroke]:
    """The low notes that alternate: every second one on the beat, as long as the chord stays."""
    if brief.style.name not in _ALTERNATING:
        return frozenset()
    counts: dict[int, int] = {}
    found = set()
    for stroke in strokes:
        bar = brief.bar_at(stroke.start_ticks)
        into = stroke.start_ticks - bar.start_ticks + bar.lead_ticks
        if stroke.symbol != "L" or into % bar.metre.pulse_ticks:
            continue
        began = brief.harmony_at(stroke.chord_ticks).start_ticks
        counts[began] = counts.get(began, 0) + 1
        if counts[began] % 2 == 0:
            found.add(stroke)
    return frozenset(found)
