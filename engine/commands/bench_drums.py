"""Do drum parts go with the songs they are for? On every short tune of the library, in its own style.

Shares of the tune's strong accents between the beats that a kick, snare, crash or low tom falls on, and of
kicks between the beats that meet an onset, beside what the same drummer plays who has not heard the tune, and
beside kick and snare in turn.
"""

import time
from collections.abc import Iterator
from statistics import fmean

from engine.api.suggestion import Controls, Kind, SuggestionRequest
from engine.arrangement.brief import Brief, brief_of
from engine.arrangement.drums import Manner, drum_line
from engine.arrangement.drums.accents import accents_of, met, strong_places
from engine.arrangement.drums.stroke import Stroke
from engine.arrangement.drums.words import HEAVY
from engine.formats.partpatterns import Loudness, part_styles
from engine.formats.partpatterns import Part as Folder
from engine.formats.patterns import TICKS, Pattern, melodies
from engine.music import Metre, Note, Region, Role, Song, Track
from engine.music.drumkit import DrumVoice
from engine.music.progression import ChordSpan
from engine.music.timemap import MetreChange, Tempo, TimeMap

_SCALE = 480 // TICKS


def run() -> dict[str, float]:
    """Means over the tunes, and seconds a part takes."""
    shares: dict[str, list[float]] = {}
    seconds, bars = 0.0, 0
    for pattern in melodies():
        if pattern.style in part_styles(Folder.DRUMS):
            song = _song(pattern)
            brief = brief_of(_asked(song, pattern.style))
            begun = time.process_time()
            lines = {m.value: drum_line(brief, m, 0).strokes for m in (Manner.STYLE, Manner.ACCENTS)}
            seconds += time.process_time() - begun
            bars += 2 * len(brief.bars)
            lines["unheard"] = drum_line(_deaf(song, pattern.style), Manner.STYLE, 0).strokes
            lines["eighths"] = tuple(_eighths(brief))
            for name, strokes in lines.items():
                for what, share in _shares(strokes, brief):
                    shares.setdefault(f"{name} {what}", []).append(share)
    return {name: round(fmean(found), 3) for name, found in shares.items()} | {
        "tunes with off-beat accents": len(shares["style off-beat accents met"]),
        "ms_a_bar": round(1000 * seconds / bars, 2),
    }


def _song(pattern: Pattern) -> Song:
    """The tune with its chords; a pickup is left out."""
    bars = pattern.bars[pattern.has_pickup :]
    notes: list[Note] = []
    chords: list[ChordSpan] = []
    start = 0
    for bar in bars:
        for note in bar.notes:
            place, length = (start + note.offset) * _SCALE, note.duration * _SCALE
            notes.append(Note(len(notes) + 1, place, length, note.pitch))
        for span in bar.chords:
            place, length = (start + span.offset) * _SCALE, span.duration * _SCALE
            chords.append(ChordSpan(50_000 + len(chords), place, length, span.chord))
        start += bar.length
    time_map = TimeMap((Tempo.of_bpm(0, pattern.bpm),), (MetreChange(0, Metre(*pattern.metre)),))
    tune = Track(90_001, "Melody", Role.MELODY, 0, tuple(notes))
    return Song("", time_map, (), tuple(chords), (tune,), next_id=90_002)


def _asked(song: Song, style: str) -> SuggestionRequest:
    controls = Controls(style=style)
    return SuggestionRequest(Kind.DRUMS, song, Region(0, song.bars), Role.DRUMS, 0, controls)


def _deaf(song: Song, style: str) -> Brief:
    """The same bars and chords without the tune."""
    return brief_of(_asked(Song("", song.time_map, (), song.chords, (), next_id=song.next_id), style))


def _eighths(brief: Brief) -> Iterator[Stroke]:
    """Kick on the first beat and snare on the next, in turn."""
    for bar in brief.bars:
        for beat, tick in enumerate(range(bar.start_ticks, bar.end_ticks, bar.metre.pulse_ticks)):
            yield Stroke(tick, (DrumVoice.KICK, DrumVoice.SNARE)[beat % 2], Loudness.PLAIN)


def _shares(strokes: tuple[Stroke, ...], brief: Brief) -> Iterator[tuple[str, float]]:
    accents, pulse = accents_of(brief), brief.bars[0].metre.pulse_ticks
    heavy = {stroke.tick for stroke in strokes if stroke.voice in HEAVY}
    hit, total = met((tick for tick in strong_places(accents) if tick % pulse), heavy)
    if total:
        yield "off-beat accents met", hit / total
    kicks = {s.tick for s in strokes if s.voice is DrumVoice.KICK and s.tick % pulse}
    if kicks:
        yield "off-beat kicks on an onset", sum(kick in accents for kick in kicks) / len(kicks)
