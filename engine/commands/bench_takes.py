"""How long does an artist wait for ideas? Four takes of eight bars of each kind, in this process, warm."""

import statistics
import time
from itertools import pairwise
from typing import NamedTuple

from engine.api.messages import Reply, Suggest, TakeReady
from engine.api.suggestion import Kind, SuggestionRequest
from engine.generation.registry import known_kinds
from engine.music import Chord, ChordSpan, Key, KeyChange, Note, Region, Role, Song, TimeMap, Track
from engine.service.engine import Engine

_BARS = 8
_ROUNDS = 5
_CHORDS = ("C", "Am7", "F", "G7", "C", "Am7", "Dm7", "G7")
_TUNE = (64, 67, 69, 67, 72, 71, 69, 64, 65, 69, 72, 69, 71, 67, 65, 62)
_AFTER_THE_END = (Kind.PROGRESSION, Kind.CONTINUE, Kind.ANSWER)


def run() -> dict[str, float]:
    """Median milliseconds to the first take and to the last, by the clock and in work of this process alone.

    `silence`: the longest work between two checkpoints, after which a cancelled job would still go on.
    """
    song = _song()
    engine = Engine()
    engine.warm_up()
    results: dict[str, float] = {}
    for kind, role in _asked():
        times = [_ask(engine, _question(song, kind, role, seed)) for seed in range(1, _ROUNDS + 1)]
        name = f"{kind.value} {role.value}"
        results |= {f"{name}: {what}": value for what, value in _medians(times).items()}
    return results


class _Times(NamedTuple):
    """Seconds of one request, by the clock and in work; the longest work between two checkpoints; takes."""

    first_s: float
    all_s: float
    first_work_s: float
    all_work_s: float
    silence_s: float
    takes: int


def _medians(times: list[_Times]) -> dict[str, float]:
    named: dict[str, list[float]] = {
        "first take ms": [one.first_s * 1000 for one in times],
        "all takes ms": [one.all_s * 1000 for one in times],
        "first take, work ms": [one.first_work_s * 1000 for one in times],
        "all takes, work ms": [one.all_work_s * 1000 for one in times],
        "silence, worst work ms": [max(one.silence_s for one in times) * 1000],
        "takes": [one.takes for one in times],
    }
    return {what: round(statistics.median(values), 1) for what, values in named.items()}


def _asked() -> list[tuple[Kind, Role]]:
    both = (Kind.CONTINUE, Kind.FILL)
    return [
        (kind, role)
        for kind in known_kinds()
        for role in ((Role.CHORDS, Role.MELODY) if kind in both else (_usual_role(kind),))
    ]


def _usual_role(kind: Kind) -> Role:
    chords = (Kind.PROGRESSION, Kind.HARMONISE, Kind.REHARMONISE)
    return Role.CHORDS if kind in chords else Role.MELODY


def _song() -> Song:
    notes = tuple(Note(100 + i, i * 480, 480, _TUNE[i % len(_TUNE)]) for i in range(_BARS * 4))
    spans = tuple(ChordSpan(200 + i, i * 1920, 1920, Chord.parse(label)) for i, label in enumerate(_CHORDS))
    melody = Track(1, "Melody", Role.MELODY, notes=notes)
    return Song("Bench", TimeMap(keys=(KeyChange(0, Key()),)), chords=spans, tracks=(melody,), next_id=300)


def _question(song: Song, kind: Kind, role: Role, seed: int) -> SuggestionRequest:
    start = _BARS if kind in _AFTER_THE_END else 0
    region = Region(start, start + _BARS, (1,), chords=role is Role.CHORDS)
    return SuggestionRequest(kind, song, region, role, 1, seed=seed)


def _ask(engine: Engine, question: SuggestionRequest) -> _Times:
    clock, work = time.perf_counter(), time.process_time()
    firsts: list[tuple[float, float]] = []
    signs = [work]

    def take(reply: Reply) -> None:
        if isinstance(reply, TakeReady):
            firsts.append((time.perf_counter() - clock, time.process_time() - work))

    engine.handle(Suggest(question), take, lambda: signs.append(time.process_time()))
    last = (time.perf_counter() - clock, time.process_time() - work)
    signs.append(time.process_time())
    silence_s = max(after - before for before, after in pairwise(signs))
    first = firsts[0] if firsts else last
    return _Times(first[0], last[0], first[1], last[1], silence_s, len(firsts))
