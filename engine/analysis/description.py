"""What would a musician say about this sketch after one hearing?

One paragraph and a fact sheet, put together from what was heard: nothing is said that is not in the Analysis,
and what was not heard is left out. What is unusual is told against what songs mostly do.

>>> describe(Song(), Analysis()).paragraph
'There is nothing to hear in this sketch yet.'
"""

from collections import Counter
from collections.abc import Iterator

from engine.analysis.facts import is_foreign
from engine.analysis.factsheet import fact_sheet
from engine.analysis.wording import (
    NUMBERS,
    Heard,
    counted,
    interval_name,
    listed,
    metre_names,
    number_text,
    pitch_name,
    return_words,
    with_article,
)
from engine.music import Mode, Role, Song
from engine.music.analysis import (
    Analysis,
    Description,
    MelodyFacts,
)
from engine.music.roman import roman
from engine.music.section import SectionKind

_SURE, _HALF_SURE = 0.75, 0.5
_WIDE_SEMITONES, _NARROW_SEMITONES = 19, 7
_USUAL_METRES = ("4/4", "3/4", "2/4", "6/8", "2/2", "12/8")


def describe(song: Song, analysis: Analysis) -> Description:
    """The sketch in words. `song` is the song with what was heard in it."""
    if not any(True for _ in song.notes()) and not analysis.chords:
        return Description("There is nothing to hear in this sketch yet.")
    heard = Heard(song, analysis, [reading.span for reading in analysis.chords])
    unusual = list(_unusual(heard))
    sentences = [
        _opening(heard),
        _form(heard),
        _harmony(heard),
        _closes(heard),
        _melody(heard),
        _motifs(heard),
    ]
    if unusual:
        sentences.append(f"Unusual: {listed(unusual)}.")
    return Description(" ".join(filter(None, sentences)), tuple(fact_sheet(heard, unusual)))


# the paragraph --------------------------------------------------------------------------------------------


def _opening(heard: Heard) -> str:
    song, analysis = heard.song, heard.analysis
    bars = song.bars - heard.pickup_bars(0)
    pickup = " after a pickup" if song.time_map.pickup_ticks else ""
    where = f"{counted(bars, 'bar')}{pickup} in {metre_names(song)}"
    tempo = "played freely" if analysis.is_free_time else f"at {number_text(song.time_map.tempos[0].bpm)} bpm"
    sentence = f"{where}, {tempo}, {_key_words(heard)}."
    return sentence[0].upper() + sentence[1:]


def _key_words(heard: Heard) -> str:
    keys = heard.analysis.keys
    if not keys or keys[0].confidence <= 0:
        return "in no key that could be told"
    first = keys[0]
    words = f"in {first.key.name}"
    if first.confidence < _HALF_SURE and first.alternatives:
        words = f"perhaps in {first.key.name}, perhaps in {first.alternatives[0].name}"
    elif first.confidence < _SURE and first.alternatives:
        words += f" ({first.alternatives[0].name} is possible too)"
    moves = [f"{reading.key.name} from bar {heard.bar(reading.tick)}" for reading in keys[1:4]]
    return words + (f", moving to {listed(moves)}" if moves else "")


def _form(heard: Heard) -> str:
    sections = heard.song.sections
    if len(sections) < 2:
        return ""
    names = " ".join(section.name for section in sections[:12]) + (" …" if len(sections) > 12 else "")
    lengths = Counter(section.bars - heard.pickup_bars(section.start_bar) for section in sections)
    usual, times = lengths.most_common(1)[0]
    bars = f", mostly {usual} bars each" if times * 2 > len(sections) else ""
    return f"The form is {names}{bars}."


def _harmony(heard: Heard) -> str:
    facts = heard.analysis.harmony
    if facts is None:
        return "No chords are played." if any(heard.song.notes()) else ""
    if facts.loop_bars:
        numerals = _loop_numerals(heard, facts.loop_bars)
        return f"The harmony is a loop of {counted(facts.loop_bars, 'bar')}, {numerals}."
    rate = _rate_words(facts.changes_a_bar)
    colour = (
        "mostly with sevenths" if facts.sevenths > 0.5 else "mostly triads" if facts.sevenths < 0.15 else ""
    )
    manner = listed([words for words in (rate, colour) if words])
    return f"{counted(facts.chords, 'different chord').capitalize()}, {manner}."


def _loop_numerals(heard: Heard, bars: int) -> str:
    song = heard.song
    first = heard.chords[0].start_ticks
    bar = song.time_map.bar_of(first)
    end = song.time_map.bar_start(bar + bars)
    inside = [span for span in heard.chords if span.start_ticks < end]
    names = [roman(span.chord, song.key_at(span.start_ticks)) for span in inside[:12]]
    return "–".join(name for index, name in enumerate(names) if not index or name != names[index - 1])


def _rate_words(changes: float) -> str:
    """How many chords there are, `changes` of them a bar.

    >>> [_rate_words(changes) for changes in (2.1, 0.7, 0.6, 0.25)]
    ['about two a bar', 'about one a bar', 'about one every two bars', 'about one every four bars']
    """
    if changes > 2 / 3:
        return "about one a bar" if changes < 1.4 else f"about {NUMBERS[min(12, round(changes))]} a bar"
    return (
        f"about one every {NUMBERS[min(12, round(1 / changes))]} bars" if changes > 0.1 else "hardly changing"
    )


def _closes(heard: Heard) -> str:
    cadences = heard.analysis.cadences
    if not cadences:
        return ""
    last = cadences[-1]
    is_end = heard.song.bars - heard.song.time_map.bar_of(last.tick) <= 2
    if is_end:
        return f"It ends with {with_article(last.kind.value)}."
    kinds = Counter(cadence.kind for cadence in cadences)
    kind, times = kinds.most_common(1)[0]
    return f"It has {counted(times, kind.value)} but ends open."


def _melody(heard: Heard) -> str:
    facts = heard.analysis.melody
    if facts is None or facts.notes < 4:
        return ""
    key = heard.song.key
    low, high = pitch_name(facts.lowest, key), pitch_name(facts.highest, key)
    motion = _motion_words(facts)
    what = "melody" if heard.song.track_in_role(Role.MELODY) else "upper line"
    peak = f"its highest note first comes in bar {heard.bar(facts.peak_ticks)}"
    return f"The {what} spans {interval_name(facts.highest - facts.lowest)} ({low}–{high}), {motion}; {peak}."


def _motion_words(facts: MelodyFacts) -> str:
    if facts.leaps > 0.3:
        return f"full of leaps ({facts.leaps:.0%})"
    if facts.repeats > 0.35:
        return f"with many repeated notes ({facts.repeats:.0%})"
    return "mostly by step" if facts.steps > 0.55 else "in steps and thirds"


def _motifs(heard: Heard) -> str:
    motifs = heard.analysis.motifs
    if not motifs:
        return ""
    best = max(motifs, key=lambda motif: motif.notes * len(motif.returns))
    where = heard.bar(best.start_ticks)
    return f"A figure of {NUMBERS[best.notes]} notes from bar {where} returns {return_words(best)}."


def _unusual(heard: Heard) -> Iterator[str]:
    """What most songs do not do."""
    song, analysis = heard.song, heard.analysis
    metres = {change.metre.name for change in song.time_map.metres}
    yield from (f"the metre {name}" for name in sorted(metres - set(_USUAL_METRES)))
    if analysis.keys and analysis.keys[0].key.mode not in (Mode.MAJOR, Mode.MINOR):
        yield f"the {analysis.keys[0].key.mode.value} mode"
    yield from _unusual_form(heard)
    yield from _unusual_harmony(heard)
    yield from _unusual_melody(analysis.melody if song.track_in_role(Role.MELODY) else None)
    if analysis.swing > 0.58:
        yield f"swung offbeats ({analysis.swing:.0%} of the beat)"


def _unusual_form(heard: Heard) -> Iterator[str]:
    for section in heard.song.sections:
        bars = section.bars - heard.pickup_bars(section.start_bar)
        if bars % 2 and bars > 2 and section.kind is SectionKind.OTHER:
            yield f"a section of {counted(bars, 'bar')} ({section.name})"
            return


def _unusual_harmony(heard: Heard) -> Iterator[str]:
    facts = heard.analysis.harmony
    if facts is None:
        return
    foreign = [span for span in heard.chords if not span.chord.is_no_chord and is_foreign(heard.song, span)]
    if 0 < len(foreign) <= 3:
        for span in foreign[:2]:
            key = heard.song.key_at(span.start_ticks)
            bar = heard.bar(span.start_ticks)
            yield f"{span.chord.lead_sheet(key)} ({roman(span.chord, key)}) in bar {bar}"
    elif facts.foreign > 0.3:
        yield f"{facts.foreign:.0%} of the time on chords from outside the key"
    if facts.inversions > 0.4:
        yield "most of the chords turned over" if facts.inversions > 0.5 else "many chords turned over"


def _unusual_melody(facts: MelodyFacts | None) -> Iterator[str]:
    if facts is None or facts.notes < 8:
        return
    span = facts.highest - facts.lowest
    if span > _WIDE_SEMITONES:
        yield f"a range of {interval_name(span)}"
    elif span < _NARROW_SEMITONES:
        yield f"a melody within {interval_name(span)}"
    if facts.syncopation > 0.35:
        yield f"a melody that is mostly off the beat ({facts.syncopation:.0%})"
    if facts.in_scale < 0.85:
        yield f"{1 - facts.in_scale:.0%} of the melody's notes outside the scale"
