"""Whatever is asked, the takes are valid, repeatable, and leave alone what must stay."""

import random
from itertools import pairwise

import pytest

from engine.api.errors import EngineError, ImpossibleError
from engine.api.suggestion import Controls, Keep, Kind, SuggestionRequest, Take
from engine.generation.registry import generator_for
from engine.music import Key, Mode, Note, Region, Role, Song
from tests.engine.melody.sketches import jig_song, pop_song, random_song, song_of

KINDS = (Kind.CONTINUE, Kind.ANSWER, Kind.FILL, Kind.VARY)


def ask(
    song: Song, kind: Kind, start: int, end: int, seed: int = 1, takes: int = 4, **controls: object
) -> list[Take]:
    request = SuggestionRequest(
        kind,
        song,
        Region(start, end, (1,) if song.tracks else ()),
        Role.MELODY,
        controls=Controls(**controls),  # type: ignore[arg-type]
        seed=seed,
        takes=takes,
    )
    answers = generator_for(kind, Role.MELODY).suggest(request, lambda: None)
    return [answer for answer in answers if isinstance(answer, Take)]


def overlaps(notes: list[Note]) -> bool:
    return any(a.end_ticks > b.start_ticks for a, b in pairwise(sorted(notes, key=lambda n: n.start_ticks)))


def check_valid(song: Song, take: Take, start: int, end: int) -> None:
    """In the region, ids in order, new notes monophonic among themselves and with what stays of the
    top line.
    """
    first, last = song.time_map.bar_start(start), song.time_map.bar_start(end)
    own = {note.id: note for track in song.tracks for note in track.notes}
    shapes = {(n.start_ticks, n.duration_ticks, n.pitch, n.velocity) for n in own.values()}
    assert [note.id for note in take.notes] == list(range(1, len(take.notes) + 1))
    fresh = [n for n in take.notes if (n.start_ticks, n.duration_ticks, n.pitch, n.velocity) not in shapes]
    for note in take.notes:
        assert first <= note.start_ticks < last and note.duration_ticks > 0
        assert 0 <= note.pitch <= 127 and 1 <= note.velocity <= 127
    for note in fresh:
        assert note.end_ticks <= max(last, max((n.end_ticks for n in own.values()), default=0))
    assert not overlaps(fresh)
    standing = {(n.start_ticks, n.duration_ticks, n.pitch, n.velocity) for n in take.notes}
    for note_id in take.kept_note_ids:
        kept = own[note_id]
        assert (kept.start_ticks, kept.duration_ticks, kept.pitch, kept.velocity) in standing
    for track in song.tracks:
        for note in track.notes_in(first, last):
            if note.locked:
                assert note.id in take.kept_note_ids
    assert take.title and take.reasons and take.model.sha256


@pytest.mark.parametrize("seed", range(60))
def test_any_request_gets_valid_takes_or_one_sentence(seed: int) -> None:
    song = random_song(seed)
    chance = random.Random(seed)
    start = chance.randint(0, 8)
    end = start + chance.choice((1, 1, 2, 3, 4, 5, 8, 12))
    kind = KINDS[seed % 4]
    keep = tuple(k for k in (Keep.RHYTHM, Keep.CONTOUR, Keep.STRONG_BEATS) if chance.random() < 0.2)
    try:
        takes = ask(song, kind, start, end, seed, 2, distance=chance.random(), keep=keep)
    except EngineError as error:
        assert str(error).endswith(".") and "\n" not in str(error)
        return
    assert len(takes) == 2
    for take in takes:
        check_valid(song, take, start, end)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_request_gives_the_same_takes(kind: Kind) -> None:
    start, end = (0, 4) if kind is Kind.VARY else (4, 8)
    assert ask(pop_song(), kind, start, end) == ask(pop_song(), kind, start, end)
    assert ask(pop_song(), kind, start, end, seed=2) != ask(pop_song(), kind, start, end)


@pytest.mark.parametrize("kind", KINDS)
def test_fewer_takes_are_the_first_of_more(kind: Kind) -> None:
    start, end = (0, 4) if kind is Kind.VARY else (4, 8)
    assert ask(jig_song(), kind, start, end, takes=2) == ask(jig_song(), kind, start, end, takes=4)[:2]


@pytest.mark.parametrize("kind", KINDS)
def test_four_takes_are_four(kind: Kind) -> None:
    start, end = (0, 4) if kind is Kind.VARY else (4, 8)
    takes = ask(pop_song(), kind, start, end)
    assert len({take.title for take in takes}) == 4
    assert len({tuple((n.start_ticks, n.pitch) for n in take.notes) for take in takes}) == 4


@pytest.mark.parametrize("kind", (Kind.CONTINUE, Kind.ANSWER, Kind.FILL))
def test_new_notes_stay_in_the_register(kind: Kind) -> None:
    for take in ask(pop_song(), kind, 4, 8, range=(60, 72)):
        assert all(60 <= note.pitch <= 72 for note in take.notes)


def test_what_must_stay_stays_when_varied() -> None:
    song = pop_song(jitter=20)
    chosen = (3, 8, 12)
    for take in ask(song, Kind.VARY, 0, 4, distance=0.8, keep_note_ids=chosen):
        assert set(chosen) <= set(take.kept_note_ids)
        check_valid(song, take, 0, 4)


def test_notes_outside_the_selection_stay() -> None:
    song = pop_song()
    request = SuggestionRequest(Kind.VARY, song, Region(0, 4, (1,), note_ids=(7, 8, 9, 10)), takes=2)
    answers = list(generator_for(Kind.VARY, Role.MELODY).suggest(request, lambda: None))
    for take in [answer for answer in answers if isinstance(answer, Take)]:
        assert {note.id for note in song.tracks[0].notes} - {7, 8, 9, 10} <= set(take.kept_note_ids)


def test_keeping_the_rhythm_keeps_every_onset_and_length() -> None:
    song = pop_song(jitter=15)
    times = [(note.start_ticks, note.duration_ticks) for note in song.tracks[0].notes]
    for take in ask(song, Kind.VARY, 0, 4, keep=(Keep.RHYTHM,), distance=0.7):
        assert [(note.start_ticks, note.duration_ticks) for note in take.notes] == times


def test_keeping_strong_beats_keeps_those_notes() -> None:
    song = jig_song()
    strong = {n.id for n in song.tracks[0].notes if n.start_ticks % 720 == 0}
    for take in ask(song, Kind.VARY, 0, 4, keep=(Keep.STRONG_BEATS,), distance=0.6):
        assert strong <= set(take.kept_note_ids)


def test_keeping_the_contour_keeps_every_direction() -> None:
    song = jig_song()
    own = song.tracks[0].notes
    for take in ask(song, Kind.VARY, 0, 4, keep=(Keep.CONTOUR, Keep.RHYTHM), distance=0.6):
        moves = [b.pitch - a.pitch for a, b in pairwise(take.notes)]
        theirs = [b.pitch - a.pitch for a, b in pairwise(own)]
        assert [(m > 0) - (m < 0) for m in moves] == [(m > 0) - (m < 0) for m in theirs]


@pytest.mark.parametrize("song", (pop_song(), jig_song(), pop_song(jitter=25)))
def test_more_distance_goes_farther(song: Song) -> None:
    means = []
    for asked in (0.0, 0.25, 0.5, 0.75, 1.0):
        found = [take.scores.distance or 0.0 for take in ask(song, Kind.VARY, 0, 4, distance=asked)]
        assert min(found) > 0
        means.append(sum(found) / len(found))
    assert means == sorted(means)
    assert means[0] < 0.12 and means[-1] > 0.45


def closes(take: Take) -> bool:
    """On a held tone of the tonic chord."""
    return take.notes[-1].duration_ticks >= 480 and take.notes[-1].pitch_class in (2, 6, 9)


def test_continuations_fill_their_bars_and_some_close() -> None:
    takes = ask(jig_song(), Kind.CONTINUE, 4, 8)
    assert all({note.start_ticks // 1440 for note in take.notes} == {4, 5, 6, 7} for take in takes)
    assert any(map(closes, takes))


def test_an_answer_closes() -> None:
    assert all(map(closes, ask(jig_song(), Kind.ANSWER, 4, 8)))


ONCE_MORE = ("D4/.5 F#4/.5 A4/.5 D5/1 A4/.5", "B4/.5 G4/.5 B4/.5 A4/1 F#4/.5")
TUNE = (
    *ONCE_MORE,
    "G4/.5 B4/.5 G4/.5 F#4/.5 A4/.5 F#4/.5",
    "E4/.5 F#4/.5 G4/.5 E4/1 A3/.5",
    *ONCE_MORE,
    "G4/1 B4/.5 A4/.5 F#4/.5 D4/.5",
    "E4/1 D4/.5 D4/1.5",
)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_stands_there_is_no_idea(seed: int) -> None:
    """Not even where everything says that it comes again."""
    song = song_of(TUNE, metre=(6, 8), key=Key(2, Mode.MAJOR))
    start, end = song.time_map.bar_start(4), song.time_map.bar_start(6)
    here = {(note.start_ticks, note.pitch) for note in song.tracks[0].notes_in(start, end)}
    takes = ask(song, Kind.FILL, 4, 6, seed=seed)
    found = [frozenset((note.start_ticks, note.pitch) for note in take.notes) for take in takes]
    assert len(found) == len(set(found)) == 4 and here not in found


def test_a_fill_does_not_leap_at_its_seams() -> None:
    song = song_of(
        ("E4/1 F4/1 G4/2", "A4/1 G4/1 E4/2", "R/4", "R/4", "F4/1 G4/1 A4/2", "G4/4"),
        ("C", "F", "G", "Am", "F", "C"),
        key=Key(0, Mode.MAJOR),
    )
    for take in ask(song, Kind.FILL, 2, 4):
        assert abs(take.notes[0].pitch - 64) <= 7
        assert abs(take.notes[-1].pitch - 65) <= 7


def test_an_answer_takes_something_from_its_question() -> None:
    for take in ask(pop_song(), Kind.ANSWER, 4, 8):
        assert take.echoes.startswith("echoes bar")


def test_continuing_from_nothing_writes_a_first_phrase() -> None:
    song = song_of((), ("C", "Am", "F", "G"), key=Key(0, Mode.MAJOR))
    for take in ask(song, Kind.CONTINUE, 0, 4):
        check_valid(song, take, 0, 4)
        assert len(take.notes) >= 6


@pytest.mark.parametrize(
    ("kind", "bars", "sentence"),
    (
        (Kind.VARY, (8, 10), "There is no melody in bars 9–10 to vary."),
        (Kind.ANSWER, (0, 4), "There is no phrase before bar 1 to answer."),
        (Kind.CONTINUE, (4, 80), "Choose at most 64 bars at a time."),
    ),
)
def test_what_cannot_be_done_is_said(kind: Kind, bars: tuple[int, int], sentence: str) -> None:
    with pytest.raises(ImpossibleError, match=sentence):
        ask(pop_song(), kind, *bars)


def test_sixty_four_bars_and_one_bar() -> None:
    for start, end in ((4, 68), (4, 5)):
        for take in ask(pop_song(), Kind.CONTINUE, start, end, takes=1):
            check_valid(pop_song(), take, start, end)


def test_cancelling_stops_at_once() -> None:
    class Stopped(Exception):
        pass

    def stop() -> None:
        raise Stopped

    request = SuggestionRequest(Kind.CONTINUE, pop_song(), Region(4, 8, (1,)))
    with pytest.raises(Stopped):
        next(generator_for(Kind.CONTINUE, Role.MELODY).suggest(request, stop))
