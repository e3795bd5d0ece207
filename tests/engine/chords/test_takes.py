"""What is offered: valid, the same for the same question, different from each other, true to its words."""

import random
from dataclasses import replace

import pytest

from engine.api.errors import BadRequestError, ImpossibleError
from engine.api.suggestion import Controls, Keep, Kind, SuggestionRequest, Take
from engine.generation.chords.ideas import difference
from engine.generation.chords.melodyfit import MelodyFit
from engine.generation.chords.setting import setting_of
from engine.generation.chords.words import Told, reasons
from engine.generation.registry import generator_for
from engine.music import Chord, ChordSpan, Key, Mode, Note, Region, Role, Song, Track
from tests.engine.chords.songs import HARBOUR, JAZZ, POP, ROCK, TUNE, ask, names, song

KINDS = (Kind.PROGRESSION, Kind.CONTINUE, Kind.FILL, Kind.HARMONISE, Kind.REHARMONISE)
METRES = ((4, 4), (3, 4), (6, 8), (5, 4), (7, 8), (2, 2), (12, 8), (2, 4), (1, 4))


def check(of: Song, start: int, end: int, takes: list[Take]) -> None:
    """Bars exactly full, chords in order, locks as they were, numbered, scored, told."""
    time_map = of.time_map
    low, high = time_map.bar_start(start), time_map.bar_start(end)
    locked = [
        (s.start_ticks, s.end_ticks, s.chord) for s in of.chords if s.locked and low <= s.start_ticks < high
    ]
    for place, take in enumerate(takes):
        at = low
        for number, span in enumerate(take.chords, 1):
            assert (span.id, span.start_ticks) == (number, at)
            assert span.duration_ticks > 0
            assert Chord.parse(span.chord.harte()) == span.chord
            at = span.end_ticks
        assert at == high
        kept = [(s.start_ticks, s.end_ticks, s.chord) for s in take.chords if s.locked]
        assert kept == locked
        assert take.index == place and take.title and take.reasons and take.model.sha256
        assert take.scores.surprise is not None
    shown = [tuple((s.start_ticks, s.chord) for s in take.chords) for take in takes]
    assert len(set(shown)) == len(shown)
    assert len({take.title for take in takes}) == len(takes)


def random_song(dice: random.Random) -> Song:
    """A song of odd metres, pickups, gaps, rare chords and locks."""
    metre = dice.choice(METRES)
    qualities = ["", "m", "7", "maj7", "m7b5", "9sus4", "6/9", "13(#11)", "5", "dim7", "m(maj7)", "add#11"]
    roots = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]
    bars = []
    for _ in range(dice.randrange(1, 14)):
        count = dice.choice((1, 1, 2))
        bars.append(
            " ".join(
                dice.choice([*(r + dice.choice(qualities) for r in roots), "-", "N.C."]) for _ in range(count)
            )
        )
    key = dice.choice([None, Key(dice.randrange(12)), Key(dice.randrange(12), Mode.MINOR)])
    locked = tuple(dice.sample(range(14), dice.randrange(4)))
    made = song("|".join(bars), "", key, metre, dice.choice((0, 0, 0.5)), locked)
    pitches = [dice.choice((60, 62, 64, 65, 67, 69, 71, 66)) for _ in range(40)]
    notes = tuple(Note(900 + i, i * 360, dice.choice((120, 360, 720)), p) for i, p in enumerate(pitches))
    return replace(made, tracks=(Track(990, "Tune", Role.MELODY, notes=notes),))


@pytest.mark.parametrize("seed", range(8))
def test_takes_are_valid_for_any_song(seed: int) -> None:
    dice = random.Random(seed)
    of = random_song(dice)
    for kind in KINDS:
        start = dice.randrange(0, of.bars)
        end = start + dice.randrange(1, 6)
        controls = Controls(
            surprise=dice.choice([None, 0.0, 0.5, 1.0]),
            density=dice.choice([None, 0.0, 1.0]),
            style=dice.choice(["", "jazz", "folk waltz", "hymn"]),
            keep=dice.choice([(), (Keep.CADENCE,), (Keep.BASS_LINE,)]),
        )
        try:
            takes = ask(kind, of, start, end, controls, seed, takes=2)
        except ImpossibleError as error:
            assert str(error).endswith(".")
            continue
        assert takes
        check(of, start, end, takes)


@pytest.mark.parametrize(
    ("kind", "of", "start", "end"),
    [
        (Kind.PROGRESSION, song(), 0, 4),
        (Kind.PROGRESSION, song(), 0, 1),
        (Kind.PROGRESSION, song("", "", Key(0), (7, 8)), 0, 64),
        (Kind.CONTINUE, POP, 8, 16),
        (Kind.CONTINUE, ROCK, 8, 12),
        (Kind.CONTINUE, JAZZ, 8, 16),
        (Kind.FILL, POP, 3, 5),
        (Kind.HARMONISE, TUNE, 0, 8),
        (Kind.REHARMONISE, HARBOUR, 8, 12),
        (Kind.REHARMONISE, JAZZ, 0, 8),
    ],
)
def test_four_takes_that_differ_and_come_again(kind: Kind, of: Song, start: int, end: int) -> None:
    takes = ask(kind, of, start, end)
    check(of, start, end, takes)
    assert len(takes) == 4
    pairs = [(a, b) for i, a in enumerate(takes) for b in takes[:i]]
    assert all(difference(a.chords, b.chords) > 0.1 for a, b in pairs)
    assert ask(kind, of, start, end) == takes
    assert ask(kind, of, start, end, takes=1) == takes[:1]


def test_another_seed_gives_other_takes() -> None:
    first, second = (ask(Kind.CONTINUE, JAZZ, 8, 16, seed=seed) for seed in (1, 2))
    assert [take.chords for take in first] != [take.chords for take in second]


def test_a_loop_goes_round_again() -> None:
    take = ask(Kind.CONTINUE, POP, 8, 16, takes=1)[0]
    assert names(take, Key(0)) == ["C", "G", "Am", "F"] * 2
    assert take.echoes == "echoes bars 1–4" and "goes round" in take.reasons[0]
    assert take.scores.novelty == 0.0


def test_a_fill_leads_into_the_next_bar() -> None:
    gap = song("C|G|Am|F|-|-|Am|F", key=Key(0))
    take = ask(Kind.FILL, gap, 4, 6, takes=1)[0]
    assert names(take, Key(0)) == ["C", "G"]


def test_a_loop_goes_through_a_gap() -> None:
    gap = song("Dm7|G7|C|A7|Dm7|-|-|A7|Dm7|G7|C|A7", key=Key(0))
    take = ask(Kind.FILL, gap, 5, 7, takes=1)[0]
    assert (take.title, names(take, Key(0))) == ("The loop goes on", ["G7", "C"])


def test_harmony_carries_the_melody_and_comes_home() -> None:
    for take in ask(Kind.HARMONISE, TUNE, 0, 8):
        assert take.scores.fit is not None and take.scores.fit > 0.75
    assert names(ask(Kind.HARMONISE, TUNE, 0, 8, takes=1)[0], Key(0))[-1].startswith("C")


def test_surprise_moves_the_chords_further() -> None:
    distances = []
    for surprise in (0.0, 0.5, 1.0):
        takes = ask(Kind.REHARMONISE, HARBOUR, 0, 12, Controls(surprise=surprise))
        distances.append(sum(take.scores.distance or 0.0 for take in takes) / len(takes))
    assert distances[0] < distances[1] <= distances[2] + 0.05
    assert 0.0 < distances[0] < 0.3


def test_the_bass_line_stays_when_asked() -> None:
    for take in ask(Kind.REHARMONISE, HARBOUR, 0, 12, Controls(surprise=0.6, keep=(Keep.BASS_LINE,))):
        for span in take.chords:
            old = next(s for s in HARBOUR.chords if s.start_ticks <= span.start_ticks < s.end_ticks)
            assert span.chord.bass_pitch_class == old.chord.bass_pitch_class


@pytest.mark.parametrize(
    ("kind", "of", "start", "end", "apart"),
    [
        (Kind.HARMONISE, TUNE, 0, 8, 0.5),
        (Kind.PROGRESSION, Song(), 0, 8, 0.5),
        (Kind.CONTINUE, POP, 8, 16, 0.2),
        (Kind.REHARMONISE, HARBOUR, 0, 8, 0.1),
    ],
)
def test_a_named_style_has_its_colours(kind: Kind, of: Song, start: int, end: int, apart: float) -> None:
    """The artist's own loop and chords stay in some takes, whatever the style."""

    def richness(style: str) -> float:
        takes = ask(kind, of, start, end, Controls(style=style))
        spans = [span for take in takes for span in take.chords]
        return sum(len(span.chord.pitch_classes) > 3 for span in spans) / len(spans)

    assert richness("jazz") > richness("hymn") + apart


def test_a_cadence_of_two_chords_keeps_the_last() -> None:
    two = song("C|C|F|G", key=Key(0))
    for take in ask(Kind.REHARMONISE, two, 2, 4, Controls(surprise=0.9, keep=(Keep.CADENCE,))):
        assert names(take, Key(0))[-1] == "G"


def test_the_cadence_stays_when_asked() -> None:
    for take in ask(Kind.REHARMONISE, JAZZ, 0, 8, Controls(surprise=0.9, keep=(Keep.CADENCE,))):
        assert names(take, Key(10))[-1] == "Bb6"


@pytest.mark.parametrize(
    ("kind", "of", "start", "end", "words"),
    [
        (Kind.HARMONISE, POP, 0, 4, "no melody"),
        (Kind.REHARMONISE, TUNE, 0, 4, "no chords"),
        (Kind.PROGRESSION, song("C|F", key=Key(0), locked=(0, 1)), 0, 2, "locked"),
        (Kind.REHARMONISE, song("C|F", key=Key(0), locked=(0, 1)), 0, 2, "locked"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    kind: Kind, of: Song, start: int, end: int, words: str
) -> None:
    with pytest.raises(ImpossibleError, match=words):
        ask(kind, of, start, end)


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 3), (0, 100_000)])
def test_bars_that_make_no_sense_are_refused(start: int, end: int) -> None:
    with pytest.raises(BadRequestError):
        ask(Kind.PROGRESSION, POP, start, end)


def test_a_checkpoint_stops_the_work() -> None:
    class Stop(Exception):
        pass

    def stop() -> None:
        raise Stop

    request = SuggestionRequest(Kind.PROGRESSION, POP, Region(0, 8, chords=True), Role.CHORDS)
    with pytest.raises(Stop):
        list(generator_for(Kind.PROGRESSION, Role.CHORDS).suggest(request, stop))


@pytest.mark.parametrize(
    ("bars", "sentence"),
    [
        ("Dm7|G7|Cmaj7|C", "ii–V–I into bar 3"),
        ("C|F|Fm|C", "Minor iv from C minor in bar 3 changes the light"),
        ("C|Am7|Db7|C", "D♭7 in bar 3 stands for G7 and slides down into C"),
        ("C|A7|Dm|G", "A7 (V7/ii) in bar 2 pulls to Dm"),
        ("C|G/B|Am|G", "The bass walks down C–B–A–G from bar 1"),
        ("C|F|C|F C", "A plagal (amen) close into bar 4"),
        ("C|F|C|G", "Stays open on G in bar 4, asking for home"),
    ],
)
def test_reasons_say_what_is_there(bars: str, sentence: str) -> None:
    of = song(bars, key=Key(0))
    request = SuggestionRequest(Kind.REHARMONISE, of, Region(0, 4, chords=True), Role.CHORDS)
    setting = setting_of(request)
    fit = MelodyFit((), of.time_map, setting.model.tables["fit"])
    assert sentence in reasons(Told(setting, of.chords, fit))


def test_reasons_claim_nothing_that_is_not_there() -> None:
    for kind, of, start, end in ((Kind.CONTINUE, JAZZ, 8, 16), (Kind.REHARMONISE, HARBOUR, 8, 12)):
        for take in ask(kind, of, start, end, Controls(surprise=0.7)):
            shown = {span.chord.lead_sheet(of.key) for span in take.chords}
            after = {span.chord.lead_sheet(of.key) for span in of.chords}
            for reason in take.reasons:
                if " pulls to " in reason:
                    assert reason.split(" (")[0] in shown
                    assert reason.split(" pulls to ")[1] in shown | after
                if " slides down into " in reason:
                    assert reason.split(" in bar")[0] in shown


def test_a_song_of_strange_chords_is_no_obstacle() -> None:
    strange = (ChordSpan(1, 0, 1920, Chord(0, "1(b3,b7,9,11)")), ChordSpan(2, 1920, 1920, Chord(6, "5(b7)")))
    of = replace(song(), chords=strange, next_id=3)
    check(of, 2, 6, ask(Kind.CONTINUE, of, 2, 6))
    check(of, 0, 2, ask(Kind.REHARMONISE, of, 0, 2))
