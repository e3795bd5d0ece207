"""What a network learns the chords of recordings from."""

import pytest

from engine.generation.language.grid import ChordEvent, Sheet, SheetBar, Stream
from engine.music import Chord, Key, Metre, Mode
from engine.training.corpus.piece import CorpusPiece
from engine.training.hearing.chordtakes import ChordSources, Players, chart_of
from engine.training.hearing.material import METRES, Source
from engine.training.hearing.rendering import Sheet as LeadSheet

MINOR, SEVENTH = (9, "min"), (7, "7")


def chart(roots: list[tuple[int, str]], metre: tuple[int, int] = (4, 4)) -> CorpusPiece:
    length = 96 * metre[0] // metre[1]
    bars = tuple(
        SheetBar(metre, length, {Stream.CHORDS: (ChordEvent(0, length, root, quality),)})
        for root, quality in roots
    )
    return CorpusPiece("set/1", "set", "pop", "Air", "", "CC0-1.0", Sheet(bars, Mode.MAJOR))


def test_a_chord_that_goes_on_over_the_barline_is_one_chord() -> None:
    found = chart_of(chart([MINOR, MINOR, SEVENTH, (0, "maj"), (5, "maj")] * 2))
    assert found is not None
    assert found.sheet.chords[:2] == ((0, 3840, Chord(9, "min")), (3840, 5760, Chord(7, "7")))


@pytest.mark.parametrize(
    "piece", [chart([MINOR, SEVENTH] * 3), chart([MINOR] * 9), chart([MINOR, SEVENTH] * 5, (5, 4))]
)
def test_what_no_band_of_ours_plays_is_left_out(piece: CorpusPiece) -> None:
    assert chart_of(piece) is None


def sources() -> ChordSources:
    notes = tuple((beat * 480, 480, 60 + beat % 5) for beat in range(96))
    chords = tuple((bar * 1920, bar * 1920 + 1920, Chord(bar * 5 % 12, "maj")) for bar in range(24))
    sheet = Source(LeadSheet("Air", Metre(4, 4), 0, Key(0), notes, chords), True)
    return ChordSources({metre: [sheet] if metre == "4/4" else [] for metre in METRES}, [])


@pytest.mark.parametrize("players", Players)
def test_a_take_is_the_same_again_and_others_are_other(players: Players) -> None:
    first, again, other = (sources().take(number, players) for number in (3, 3, 4))
    assert first == again != other
    assert (first.playing is None) == (players is Players.USUAL)
    assert 8 < first.item.truth.beats_s[-1] < 24
