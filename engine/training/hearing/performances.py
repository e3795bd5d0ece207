"""What is played to test the ear of the product, note for note?

Lead sheets of openewld-pd and Bach's chorales, cut to excerpts and played: tempo drifts, hands shake,
instruments, rooms, noise and tuning differ. Every piece belongs to the tuning part or to the test part by
its title, so nothing that is chosen on the one has seen the other. `packaging/render_hearing.py` turns a
Performance into sound.
"""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from engine.training.chords.allow import AllowList
from engine.training.corpus.voicelines import choir_lines
from engine.training.hearing.evaluate import sheets_from
from engine.training.hearing.rendering import Sheet, Style, accompaniment
from engine.training.melody.corpus import installed_corpus, reserved_pieces
from engine.training.readers.score import TICKS, UnreadableScoreError
from engine.training.readers.scorexml import parse_full_score

_EXCERPT_S = 14.0
_SUNG = -1
_SLOW = (48, 49, 52, 73, 89)


class Family(StrEnum):
    VOICE = "voice"
    PLUCKED = "plucked"
    PIANO = "piano"
    CHORALE = "chorale"


@dataclass(frozen=True)
class Performance:
    """`notes`: (start_s, end_s, pitch, velocity). `program` -1: the sung tone of the renderer. `bank`: 0
    ours, 1 and 2 others. `noise_db` above the noise, 99 for none. `cents`: how far all of it is out of
    tune.
    """

    name: str
    family: Family
    is_test: bool
    program: int
    bank: int
    notes: tuple[tuple[float, float, int, int], ...]
    room_s: float
    wet: float
    noise_db: float
    cents: float
    seed: int

    @property
    def tolerance_s(self) -> float:
        return 0.1 if self.program in _SLOW else 0.05


_INSTRUMENTS = {
    Family.VOICE: (_SUNG, _SUNG, 73, _SUNG, 65, _SUNG, 52, 56, _SUNG, 71),
    Family.PLUCKED: (24, 25, 27, 24, 25, 45),
    Family.PIANO: (0, 0, 4, 0),
    Family.CHORALE: (0, 24, 48, 0, 16, 52),
}


def performances(data: Path, each: int = 14) -> Iterator[Performance]:
    """`each` performances of every family for the tuning part and as many for the test part."""
    sheets = sorted(sheets_from(data), key=lambda sheet: _draw(sheet.title))
    chorales = list(_chorales(data))
    for is_test in (False, True):
        usable = [sheet for sheet in sheets if is_test_title(sheet.title) == is_test]
        for index, family in enumerate((Family.VOICE, Family.PLUCKED, Family.PIANO)):
            for number, sheet in enumerate(usable[index * each : (index + 1) * each]):
                rng = random.Random(f"{family}/{sheet.title}")
                yield _performance(
                    sheet.title, family, is_test, number, _sheet_notes(sheet, family, number, rng), rng
                )
        sung = [item for item in chorales if is_test_title(item[0]) == is_test]
        for number, (title, notes) in enumerate(sung[:each]):
            rng = random.Random(f"chorale/{title}")
            yield _performance(title, Family.CHORALE, is_test, number, notes, rng)


def _draw(title: str) -> int:
    return int.from_bytes(hashlib.sha256(title.encode()).digest()[:4], "big")


def is_test_title(title: str) -> bool:
    """Whether the words of a title put it in the test part."""
    return _draw(title + "/part") % 2 == 1


_Ticks = list[tuple[int, int, int]]
ChoirPiece = tuple[str, _Ticks]
"""Its title and (start, length, pitch) in ticks."""


def tuning_chorales(data: Path) -> list[ChoirPiece]:
    """The chorales of the tuning part."""
    return [piece for piece in _chorales(data) if not is_test_title(piece[0])]


def _sheet_notes(sheet: Sheet, family: Family, number: int, rng: random.Random) -> _Ticks:
    """(start, length, pitch) in ticks."""
    tune = [(start, max(60, length - 20), pitch) for start, length, pitch in sheet.notes]
    if family is Family.VOICE or (family is Family.PLUCKED and number % 2 == 0):
        return tune
    styles = (
        (Style.NO_BASS,)
        if family is Family.PLUCKED
        else (Style.BLOCK, Style.BROKEN, Style.BEATS, Style.OFFBEAT)
    )
    comp, bass = accompaniment(sheet, styles[number % len(styles)], rng)
    return tune + comp + bass


def _chorales(data: Path) -> Iterator[ChoirPiece]:
    reserved = {
        name for name, number in reserved_pieces(data / "music21-corpus" / "exclude.tsv") if not number
    }
    AllowList(data).dataset("music21-corpus")
    corpus = installed_corpus()
    paths = [path for path in (corpus / "bach").iterdir() if path.suffix in (".mxl", ".xml")]
    for path in sorted(paths, key=lambda path: _draw(path.name))[:90]:
        name = path.relative_to(corpus).as_posix()
        if name in reserved:
            continue
        try:
            score = parse_full_score(path.read_bytes())
        except UnreadableScoreError:
            continue
        if not choir_lines(score).melody:
            continue
        yield (
            path.stem,
            [
                (note.start * 480 // TICKS, max(60, note.duration * 480 // TICKS - 20), note.pitch)
                for part in range(len(score.names))
                for note in score.part_notes(part)
            ],
        )


def _performance(
    title: str, family: Family, is_test: bool, number: int, ticks: _Ticks, rng: random.Random
) -> Performance:
    programs = _INSTRUMENTS[family]
    program = programs[number % len(programs)]
    shift = {True: rng.choice((-12, -7, -5, 0)), False: rng.choice((-5, -3, 0, 2))}[program == _SUNG]
    banks = (0, 1, 2) if is_test else (0, 1)
    return Performance(
        name=f"{family}-{'test' if is_test else 'tune'}-{number:02}",
        family=family,
        is_test=is_test,
        program=program,
        bank=banks[number % len(banks)],
        notes=_played(ticks, shift, program, rng),
        room_s=rng.uniform(0.2, 0.9),
        wet=rng.choice((0.0, 0.1, 0.2, 0.35)),
        noise_db=rng.choice((99.0, 99.0, 30.0, 18.0)),
        cents=rng.choice((0.0, 0.0, -35.0, 25.0)),
        seed=rng.randrange(2**31),
    )


def _played(
    ticks: _Ticks, shift: int, program: int, rng: random.Random
) -> tuple[tuple[float, float, int, int], ...]:
    """An excerpt in seconds at a drifting tempo, each key free before it is struck again."""
    pace, drift, times = 60 / rng.uniform(70, 130), 0.0, [0.3]
    for _ in range(max(start + length for start, length, _ in ticks) // 480 + 2):
        drift = 0.9 * drift + rng.gauss(0, 0.02)
        times.append(times[-1] + pace * float(np.exp(np.clip(drift, -0.2, 0.2))))
    beats = np.arange(len(times)) * 480
    first = min(start for start, _, _ in ticks)
    offset = float(np.interp(first, beats, times)) - 0.3
    notes: dict[int, list[tuple[float, float, int, int]]] = {}
    for start, length, pitch in sorted(ticks):
        at = float(np.interp(start, beats, times)) - offset + rng.gauss(0, 0.008)
        end = float(np.interp(start + length, beats, times)) - offset
        key, velocity = pitch + shift, int(np.clip(rng.gauss(82, 12), 35, 120))
        line = notes.setdefault(key, [])
        if at > _EXCERPT_S or not 33 <= key <= 96 or (line and at - line[-1][0] < 0.06):
            continue
        if line and line[-1][1] > at - 0.02:
            line[-1] = (line[-1][0], max(line[-1][0] + 0.04, at - 0.02), key, line[-1][3])
        line.append((max(0.05, at), max(at + 0.06, min(end, _EXCERPT_S + 1)), key, velocity))
    return tuple(sorted(note for line in notes.values() for note in line))
