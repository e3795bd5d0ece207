"""Hear every pattern of the library, and check what is heard: packaging/listening_sheet.py OUT [PART ...]

Each entry of assets/patterns/{drums,bass,comping,pads} is played on C by the product's own synthesizer, twice
through, at its style's tempo, into OUT/PART/STYLE-LINE.wav; --check writes no sound. An entry is told when it
is silent, clips, leaves its instrument's range, or when what is heard does not begin where it is written.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).parents[1]))
from app.playback.render import render
from engine.arrangement.styles import Kit, PlayerStyle, player_styles
from engine.formats.partpatterns import Loudness, Part, PartPattern, Step, part_patterns
from engine.music import Metre, Note, Role, Song, Track
from engine.music.drumkit import DrumVoice
from engine.music.timemap import MetreChange, Tempo, TimeMap

RATE = 22050
ROUNDS = 2
QUIET, LOUD = 0.004, 0.999
HOP = 110  # 5 ms
NEAR_S, SLOW_NEAR_S = 0.03, 0.15
SLOW = frozenset({48, 49, 52, 61, 88, 89, 90})
"""Programs whose notes swell instead of beginning."""
_VELOCITY = {Loudness.SOFT: 50, Loudness.PLAIN: 84, Loudness.ACCENT: 112}
_PADS = {
    "strings": 48, "choir": 52, "warm": 89, "synth": 90, "organ": 16, "brass": 61, "fantasia": 88,
    "pizzicato": 45, "vibes": 11,
}  # fmt: skip
_PROGRAMS = {i.word: i.program for style in player_styles() for i in style.comping} | _PADS
_DEGREES = {"1": 0, "2": 2, "3": 4, "4": 5, "5": 7, "6": 9, "7": 10, "8": 12, "a": -1, "w": 2, "x": 0}
_CHORD = (48, 55, 60, 64, 67, 70)
_RANGE = {Part.BASS: (24, 60), Part.COMPING: (36, 84), Part.PADS: (36, 84), Part.DRUMS: (35, 81)}


@dataclass(frozen=True)
class Heard:
    """What came out: loudest sample, and the share of written onsets at which something begins."""

    peak: float
    met: float
    low: int
    high: int

    def problems(self, part: Part) -> list[str]:
        low, high = _RANGE[part]
        found = [
            (self.peak < QUIET, "silent"),
            (self.peak > LOUD, "clips"),
            (
                self.met < (0.9 if part is Part.DRUMS else 0.6) and part is not Part.PADS,
                f"begins with {100 * self.met:.0f} % of its steps",
            ),
            (self.low < low or self.high > high, f"out of range ({self.low} to {self.high})"),
        ]
        return [text for is_so, text in found if is_so]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("parts", nargs="*", type=Part, default=list(Part))
    parser.add_argument("--style", help="only this one")
    parser.add_argument("--every", type=int, default=1, help="only every so many entries")
    parser.add_argument("--check", action="store_true", help="write no sound")
    args = parser.parse_args()
    counts: dict[str, int] = {}
    bad = 0
    for part in args.parts:
        for pattern in part_patterns(part, args.style)[:: args.every]:
            song = song_of(pattern)
            sound = render(song, RATE, tail_s=0.5)
            problems = heard(pattern, song, sound).problems(part)
            counts[part] = counts.get(part, 0) + 1
            bad += bool(problems)
            if problems:
                print(
                    f"{part}/{pattern.style}.txt:{pattern.line} {pattern.title}: {', '.join(problems)}",
                    flush=True,
                )
            if not args.check:
                folder = args.out / part
                folder.mkdir(parents=True, exist_ok=True)
                soundfile.write(folder / f"{pattern.style}-{pattern.line}.wav", sound, RATE, subtype="PCM_16")
    print(json.dumps({"heard": counts, "with_problems": bad}))
    return 1 if bad else 0


def song_of(pattern: PartPattern) -> Song:
    """The entry twice through, on one track, in its style's tempo."""
    style = next(style for style in player_styles() if style.name == pattern.style)
    bpm = sum(style.tempo_bpm) / 2
    if pattern.feel in ("half-time", "double-time"):
        bpm = style.tempo_bpm[1] if pattern.feel == "half-time" else style.tempo_bpm[0]
    time_map = TimeMap((Tempo.of_bpm(0, bpm),), (MetreChange(0, Metre(*_numbers(pattern.metre))),))
    notes = tuple(
        Note(number, start, length, pitch, velocity)
        for number, (start, length, pitch, velocity) in enumerate(sorted(_notes(pattern)), 1)
    )
    role = Role.DRUMS if pattern.part is Part.DRUMS else Role.OTHER
    return Song(
        "", time_map, tracks=(Track(9001, pattern.part, role, _program(pattern, style), notes),), next_id=9002
    )


def _numbers(metre: Metre) -> tuple[int, int]:
    return metre.numerator, metre.denominator


def _program(pattern: PartPattern, style: PlayerStyle) -> int:
    if pattern.part is Part.DRUMS:
        return 25 if style.kit is Kit.ELECTRONIC else 0
    if pattern.part is Part.BASS:
        return style.bass_program
    if pattern.instruments:
        return _PROGRAMS[pattern.instruments[0]]
    return style.pad_program


def _notes(pattern: PartPattern) -> Iterator[tuple[int, int, int, int]]:
    length = pattern.metre.bar_ticks
    for turn in range(ROUNDS):
        for voice in pattern.voices:
            for bar, steps in enumerate(voice.bars):
                for step in steps:
                    start = (turn * pattern.bars + bar) * length + step.start_ticks
                    for pitch in _pitches(pattern.part, voice.name, step):
                        yield start, _length(pattern.part, step), pitch, _VELOCITY[step.loudness]


def _length(part: Part, step: Step) -> int:
    if part is Part.DRUMS:
        return 110
    return min(step.duration_ticks, 110) if step.symbol in "Smx" else max(1, step.duration_ticks - 10)


def _pitches(part: Part, voice: str, step: Step) -> tuple[int, ...]:
    if part is Part.DRUMS:
        return (DrumVoice(voice).key,)
    if part is Part.BASS:
        flat = {"b": -1, "#": 1}.get(step.symbol[0], 0) if len(step.symbol) > 1 else 0
        return (36 + _DEGREES[step.symbol[-1]] + flat + 12 * step.octave,)
    if step.symbol.isdigit():
        return (_CHORD[int(step.symbol) - 1],)
    return {"L": _CHORD[:1], "H": _CHORD[2:]}.get(step.symbol, _CHORD)


def heard(pattern: PartPattern, song: Song, sound: np.ndarray) -> Heard:
    notes = song.tracks[0].notes
    pitches = [note.pitch for note in notes]
    told = [note for note in notes if note.velocity > _VELOCITY[Loudness.SOFT]] or list(notes)
    seconds = np.unique([round(song.time_map.seconds_at(note.start_ticks), 4) for note in told])
    near_s = SLOW_NEAR_S if song.tracks[0].program in SLOW and pattern.part is not Part.DRUMS else NEAR_S
    found = met(seconds, begins(sound), near_s)
    return Heard(float(np.abs(sound).max()), found, min(pitches), max(pitches))


def begins(sound: np.ndarray) -> np.ndarray:
    """How much louder each 5 ms are than those before, summed over the bands of a spectrum."""
    mono = sound.mean(1)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(mono, (HOP * 2, HOP * 2)), HOP * 4)[::HOP]
    bands = np.log1p(1000 * np.abs(np.fft.rfft(frames * np.hanning(HOP * 4), axis=1)))
    return np.maximum(0, np.diff(bands, axis=0, prepend=0)).sum(1)


def met(seconds: np.ndarray, flux: np.ndarray, near_s: float = NEAR_S) -> float:
    """Share of the written onsets at which the flux stands out from its surroundings."""
    near = round(near_s * RATE / HOP)
    found = 0
    for second in seconds:
        place = round(second * RATE / HOP)
        here = flux[max(0, place - near) : place + near + 1]
        around = flux[max(0, place - 8 * near) : place + 8 * near]
        found += bool(len(here)) and here.max() > 1.5 * np.median(around) + 1e-6
    return found / max(1, len(seconds))


if __name__ == "__main__":
    sys.exit(main())
