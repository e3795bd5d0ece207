"""How often are key, chords and beats heard as they were written?

The OpenEWLD lead sheets, none of which was used to set a weight of engine.analysis (those were set on the
Neon sheets), are played in seven styles. Signature: share of songs heard in the written key or its
relative (the files write no mode, and the index's tonalities often name neither). Chords: share of half
beats whose root, and whose root and third, agree. Beats: F-measure within 70 ms, of beats and of
downbeats, when the sheet is played without a click.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.analysis.beats import find_beats
from engine.analysis.hearing import hear
from engine.music import Chord, ChordSyntaxError, MusicError, Song
from engine.training.chords.allow import AllowList
from engine.training.chords.leadsheets import members, rows
from engine.training.hearing.rendering import Rendering, Sheet, Style, played_freely, render, sheet_from_part
from engine.training.readers.musicxml import parse_musicxml
from engine.training.readers.score import UnreadableScoreError

_TOLERANCE_S = 0.07
_MOST_BARS = 120


def evaluate_hearing(data: Path, seed: int = 1) -> dict[str, float]:
    """Shares by style, `"<style>: root"` and so on. Raises BadFileError for data that is not as listed."""
    sheets = list(sheets_from(data))
    result: dict[str, float] = {"sheets": len(sheets)}
    for style in Style:
        scores = np.array([_scores(sheet, style, random.Random(f"{seed}/{sheet.title}")) for sheet in sheets])
        for name, value in zip(
            ("signature", "root", "root and third", "beats", "downbeats"), scores.mean(axis=0), strict=True
        ):
            if style is not Style.TUNE or not name.startswith("root"):
                result[f"{style.value}: {name}"] = round(float(value), 3)
    return result


def sheets_from(data: Path) -> Iterator[Sheet]:
    """The lead sheets that have chords and bars of one length."""
    allowed = AllowList(data)
    files = members(allowed.read("openewld-pd", "leadsheets.tar.gz"))
    for row in rows(allowed.read("openewld-pd", "index.csv")):
        try:
            parts = parse_musicxml(files[row["file"]])
            part = next((p for p in parts if any(bar.chords for bar in p.bars)), None)
            sheet = sheet_from_part(part) if part is not None else None
        except (UnreadableScoreError, KeyError, ChordSyntaxError, MusicError):
            continue
        if sheet is not None and len(sheet.chords) >= 4 and sheet.chords[-1][1] < _MOST_BARS * 1920:
            yield sheet


def _scores(sheet: Sheet, style: Style, rng: random.Random) -> tuple[float, float, float, float, float]:
    rendering = render(sheet, style, rng)
    heard, _ = hear(rendering.song)
    root, third = _chord_agreement(rendering, heard)
    free, beats, downbeats = played_freely(rendering, rng)
    found = find_beats(free)
    if found is None:
        return float(heard.key.fifths % 12 == rendering.key.fifths % 12), root, third, 0.0, 0.0
    bars = found.times_s[found.first_downbeat :: found.beats_per_bar]
    return (
        float(heard.key.fifths % 12 == rendering.key.fifths % 12),
        root,
        third,
        f_measure(beats, found.times_s),
        f_measure(downbeats, bars),
    )


def _chord_agreement(rendering: Rendering, heard: Song) -> tuple[float, float]:
    total = roots = thirds = 0
    for start, end, chord in rendering.chords:
        for tick in range(start, end, 240) if not chord.is_no_chord else ():
            span = next((span for span in heard.chords if span.start_ticks <= tick < span.end_ticks), None)
            total += 1
            roots += span is not None and span.chord.root == chord.root
            thirds += span is not None and _root_and_third(span.chord) == _root_and_third(chord)
    return roots / max(1, total), thirds / max(1, total)


def _root_and_third(chord: Chord) -> tuple[int, bool]:
    return chord.root, chord.has_minor_third


def f_measure(reference_s: np.ndarray, found_s: np.ndarray) -> float:
    """Of beats within 70 ms of each other, each used once (Dixon, 2007)."""
    hits, used = 0, set()
    for time in reference_s:
        nearest = int(np.abs(found_s - time).argmin())
        if abs(found_s[nearest] - time) < _TOLERANCE_S and nearest not in used:
            used.add(nearest)
            hits += 1
    return 2 * hits / max(1, len(reference_s) + len(found_s))
