"""Can one note be held under these chords, and which?

The tonic or the dominant of the key, where no chord has a tone a semitone above it for long. Under a pedal
every chord without a bass of its own becomes a slash chord.
"""

from dataclasses import replace

from engine.arrangement.brief import Brief
from engine.music import Chord

_MOST_RUBBING = 0.12  # share of the time


def pedal_tone(brief: Brief) -> int | None:
    """The pitch class that can be held; None where the harmony stands still or nothing can."""
    sounding = [span for span in brief.harmony if not span.chord.is_no_chord]
    if len({span.chord.root for span in sounding}) < 2:
        return None
    key = brief.key_at(brief.start_ticks)
    tones = [key.tonic, (key.tonic + 7) % 12]
    able = [tone for tone in tones if _share(brief, tone, rubs=True) <= _MOST_RUBBING]
    return max(able, key=lambda tone: _share(brief, tone, rubs=False), default=None)


def _share(brief: Brief, tone: int, rubs: bool) -> float:
    """Of the time, how much the chords rub against the tone, or hold it themselves."""
    total = found = 0
    for span in brief.harmony:
        length = span.end_ticks - span.start_ticks
        total += length
        above = (tone + 1) % 12 if rubs else tone
        found += length if above in span.chord.pitch_classes else 0
    return found / max(1, total)


def over_pedal(brief: Brief, tone: int) -> Brief:
    """The brief with the tone under its chords; the artist's own slash basses stay."""

    def held(chord: Chord) -> Chord:
        if chord.is_no_chord or chord.bass is not None or chord.root == tone:
            return chord
        return replace(chord, bass=tone)

    harmony = tuple(replace(span, chord=held(span.chord)) for span in brief.harmony)
    return replace(brief, harmony=harmony)


def belonging(brief: Brief, tone: int) -> tuple[int, int]:
    """To how many of the chords the tone belongs, and how many chords there are."""
    chords = [span.chord for span in brief.harmony if not span.chord.is_no_chord]
    return sum(tone in chord.pitch_classes for chord in chords), len(chords)
