"""How good are the melody takes? Bits a note, distance obeyed, validity, and structure held against people's.

Everything is measured on the test part of the split, through the same door as the window's requests.
"""

from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from engine.api.errors import EngineError
from engine.api.suggestion import Controls, Kind, SuggestionRequest, Take
from engine.generation.melody.dice import Dice
from engine.generation.melody.line import SONG_TICKS, Event, Line
from engine.generation.melody.model import MODELS, load_model
from engine.generation.melody.structure import structure_of
from engine.generation.registry import generator_for
from engine.generation.search.models import instant_alone
from engine.music import Region, Role, Song
from engine.training.melody.corpus import read_corpus
from engine.training.melody.songs import song_of
from engine.training.melody.split import Part, split
from engine.training.melody.train import evaluate_bits
from engine.training.melody.tunes import Tune

DISTANCES = (0.1, 0.3, 0.5, 0.7, 0.9)
_CONTEXT, _ASKED = 8, 8
_KINDS = (Kind.CONTINUE, Kind.ANSWER, Kind.FILL, Kind.VARY)


def evaluate(data: Path, models: Path = MODELS, requests: int = 200, seed: int = 1) -> dict[str, float]:
    """All figures by name; `requests` random requests and a fifth as many tunes for distance and
    structure.
    """
    tunes, _ = read_corpus(data)
    parts = split(tunes)
    found = evaluate_bits(load_model(models), parts[Part.TRAIN], parts[Part.TEST])
    test = drawn(parts[Part.TEST], requests, seed)
    found |= validity(test, seed)
    found |= distances(test[: requests // 5], seed)
    found |= structures(test[: requests // 5], seed)
    return found


def drawn(tunes: list[Tune], count: int, seed: int) -> list[Tune]:
    """Tunes of both styles in turn, long enough for a region of eight bars after eight."""
    fitting = [
        tune for tune in tunes if len(tune.line.bars) >= _CONTEXT + _ASKED and song_of(tune) is not None
    ]
    folk = Dice(seed, 1).shuffled([tune for tune in fitting if tune.style == "folk"])
    songs = Dice(seed, 2).shuffled([tune for tune in fitting if tune.style != "folk"])
    mixed = [tune for pair in zip(folk, songs, strict=False) for tune in pair]
    return (mixed + folk[len(songs) :])[:count]


def ask(
    song: Song, kind: Kind, start: int, end: int, seed: int, takes: int, controls: Controls
) -> list[Take]:
    request = SuggestionRequest(kind, song, Region(start, end, (1,)), Role.MELODY, 1, controls, seed, takes)
    with instant_alone():
        answers = list(generator_for(kind, Role.MELODY).suggest(request, lambda: None))
    return [answer for answer in answers if isinstance(answer, Take)]


def validity(tunes: list[Tune], seed: int) -> dict[str, float]:
    """Random regions, kinds and kept notes: how many answers are valid takes or one clear sentence."""
    good = refused = asked = 0
    for number, tune in enumerate(tunes):
        song = song_of(tune)
        if song is None:
            continue
        dice = Dice(seed, 10_000 + number)
        start = int(dice.chance() * 10)
        end = start + 1 + int(dice.chance() * 8)
        kept = tuple(note.id for note in song.tracks[0].notes if dice.chance() < 0.1)
        asked += 1
        try:
            controls = Controls(distance=dice.chance(), keep_note_ids=kept)
            takes = ask(song, _KINDS[number % 4], start, end, number, 2, controls)
            good += all(is_valid(song, take, start, end, kept) for take in takes)
        except EngineError:
            refused += 1
    return {"requests": asked, "valid": good, "refused_in_words": refused}


def is_valid(song: Song, take: Take, start: int, end: int, kept: tuple[int, ...]) -> bool:
    """In the region, one note at a time, kept notes exactly there."""
    first, last = song.time_map.bar_start(start), song.time_map.bar_start(end)
    notes = sorted(take.notes, key=lambda note: note.start_ticks)
    inside = all(first <= note.start_ticks < last for note in notes)
    single = all(a.end_ticks <= b.start_ticks for a, b in pairwise(notes))
    must = {note.id for note in song.tracks[0].notes_in(first, last)} & set(kept)
    return bool(notes) and inside and single and must <= set(take.kept_note_ids)


def distances(tunes: list[Tune], seed: int) -> dict[str, float]:
    """Mean measured distance for each distance asked, and how many tunes it never falls back in."""
    measured: dict[float, list[float]] = defaultdict(list)
    rising = 0
    for tune in tunes:
        song = song_of(tune)
        if song is None:
            continue
        means = []
        for asked in DISTANCES:
            takes = ask(song, Kind.VARY, 4, 8, seed, 4, Controls(distance=asked))
            means.append(fmean(take.scores.distance or 0.0 for take in takes))
            measured[asked].append(means[-1])
        rising += all(a <= b + 0.01 for a, b in pairwise(means))
    return {f"distance_at_{asked}": round(fmean(found), 3) for asked, found in measured.items()} | {
        "distance_rising": round(rising / max(1, len(tunes)), 3)
    }


def structures(tunes: list[Tune], seed: int) -> dict[str, float]:
    """Structure of bars 9-16: the composer's own, and the takes' for CONTINUE after bar 8."""
    rows: dict[str, dict[str, list[float]]] = {"human": defaultdict(list), "takes": defaultdict(list)}
    for tune in tunes:
        song = song_of(tune)
        if song is None:
            continue
        pickup = int(song.time_map.pickup_ticks > 0)
        heads = [event for event in tune.line.events if event.bar < _CONTEXT]
        whole = [event for event in tune.line.events if event.bar < _CONTEXT + _ASKED]
        _note(rows["human"], structure_of(line_of(tune.line, whole), _CONTEXT))
        start = _CONTEXT + pickup
        for take in ask(song, Kind.CONTINUE, start, start + _ASKED, seed, 2, Controls()):
            events = _events(song, take, pickup)
            _note(rows["takes"], structure_of(line_of(tune.line, [*heads, *events]), _CONTEXT))
    return {
        f"{who}_{name}": round(fmean(values), 3)
        for who, found in rows.items()
        for name, values in found.items()
    }


def _note(rows: dict[str, list[float]], figures: dict[str, float]) -> None:
    for name, value in figures.items():
        rows[name].append(value)


def line_of(model: Line, events: list[Event]) -> Line:
    """A line with the bars and chords of another and these events."""
    line = model.emptied()
    for event in events:
        line.append(event)
    return line


def _events(song: Song, take: Take, pickup: int) -> list[Event]:
    found = []
    for note in take.notes:
        bar = song.time_map.bar_of(note.start_ticks)
        offset = (note.start_ticks - song.time_map.bar_start(bar)) // SONG_TICKS
        found.append(Event(bar - pickup, offset, note.duration_ticks // SONG_TICKS, note.pitch - 60))
    return found
