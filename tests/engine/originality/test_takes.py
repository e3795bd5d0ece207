"""Takes are told what they share, or withheld and made again; the artist's own material never counts."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from engine.api.errors import ImpossibleError
from engine.api.messages import Done, Partial, Suggest, TakeReady
from engine.api.suggestion import Kind, Originality, SuggestionRequest, Take
from engine.cli import main
from engine.formats.midi import save_midi
from engine.generation import registry
from engine.music import Chord, ChordSpan, Region, Role, Song, Track
from engine.ranking.originality import store
from engine.ranking.originality.takes import MOST_CHORDS, MOST_NOTES, checked
from engine.service.engine import Engine
from tests.engine.originality.conftest import CHANGES
from tests.engine.originality.works import RHYTHM, TUNE, chords, notes, wandering

QUIET = Song("Mine", tracks=(Track(1, "Lead", Role.MELODY, notes=notes([60, 61], [960, 960])),), next_id=50)


def request(song: Song = QUIET, **changes) -> SuggestionRequest:
    asked = SuggestionRequest(Kind.CONTINUE, song, Region(4, 8, (1,)), Role.MELODY, 1, takes=2)
    return replace(asked, **changes)


def tune_take(count: int, index: int = 0, at: int = 7680) -> Take:
    """As many notes of the known work, then something else."""
    pitches = [*TUNE[:count], *wandering(3, 12)[1]]
    return Take(index, "Idea", notes=notes(pitches, [*RHYTHM[:count], *[240, 720] * 6], at))


def chord_take(count: int) -> Take:
    found = [*chords(CHANGES)[:count], Chord(1, "min"), Chord(6), Chord(3, "dim")]
    spans = tuple(ChordSpan(i + 1, i * 960, 960, chord) for i, chord in enumerate(found))
    return Take(0, "Idea", chords=spans)


@pytest.mark.parametrize("make", [tune_take, chord_take])
def test_takes_over_the_limit_are_withheld_and_counted(known, make) -> None:
    limit = MOST_NOTES if make is tune_take else MOST_CHORDS
    shown, withheld = checked(request(), [make(limit - 1), make(limit), make(limit + 1)])
    assert (len(shown), withheld) == (1, 2)
    title, maker = ("Air", "traditional") if make is tune_take else ("Changes", "Somebody")
    assert shown[0].originality == Originality(limit - 1, title, maker, "CC0-1.0")


def test_a_take_of_its_own_is_told_without_a_name(known) -> None:
    starts, pitches = wandering(9, 20)
    fresh = Take(0, "Idea", notes=notes(pitches, [after - before for before, after in pairwise(starts)]))
    shown, withheld = checked(request(), [fresh])
    assert withheld == 0
    assert shown[0].originality.work == ""
    assert shown[0].originality.longest_run < MOST_NOTES


def test_what_has_no_line_is_not_judged(known) -> None:
    drums = [tune_take(16)]
    assert checked(request(kind=Kind.DRUMS, role=Role.DRUMS), drums) == (drums, 0)


@pytest.mark.parametrize(("shift", "slower"), [(0, 1), (5, 1), (-3, 2)])
def test_an_echo_of_the_songs_own_bars_is_the_artists(known, shift: int, slower: int) -> None:
    song = replace(QUIET, tracks=(Track(1, "Lead", Role.MELODY, notes=notes()),))
    echo = notes([pitch + shift for pitch in TUNE], [length * slower for length in RHYTHM], 7680)
    shown, withheld = checked(request(song), [Take(0, "Echo", notes=echo)])
    assert withheld == 0
    assert shown[0].originality == Originality(0)


def test_going_on_with_a_known_work_counts_what_is_new(known) -> None:
    begun = replace(QUIET, tracks=(Track(1, "Lead", Role.MELODY, notes=notes(TUNE[:6])),))
    taken_up = Take(0, "Idea", notes=notes(at=7680))
    (take,), _ = checked(request(begun), [taken_up])
    assert take.originality.longest_run == 10
    assert take.originality.work == "Air"


def test_notes_that_stand_in_the_song_are_the_artists(known) -> None:
    song = replace(QUIET, tracks=(Track(1, "Lead", Role.MELODY, notes=notes()),))
    changed = list(TUNE)
    changed[3] += 1
    (take,), _ = checked(request(song), [Take(0, "Varied", notes=notes(changed))])
    assert take.originality.longest_run <= 1


def test_lower_voices_do_not_hide_the_tune(known) -> None:
    below = tuple(replace(note, id=note.id + 50, pitch=note.pitch - 24) for note in notes()[::2])
    assert checked(request(), [Take(0, "Idea", notes=(*notes(), *below))])[1] == 1


class Copyist:
    """A generator whose first takes are copies: of seed 1 both, of later seeds the first."""

    SERVES = ((Kind.RESTYLE, None),)

    def __init__(self, hopeless: bool = False) -> None:
        self.hopeless = hopeless
        self.asked: list[tuple[int, int]] = []

    def suggest(self, asked: SuggestionRequest, checkpoint) -> Iterator[Take | Partial]:
        self.asked.append((asked.seed, asked.takes))
        if self.hopeless and asked.seed != 1:
            raise ImpossibleError("No more.")
        for index in range(asked.takes):
            copies = self.hopeless or index + len(self.asked) < 3
            take = replace(tune_take(16 if copies else 5, index), title=f"{asked.seed}/{index}")
            yield Partial(take)
            yield replace(
                take, notes=tuple(replace(n, pitch=n.pitch + (asked.seed + index) % 7) for n in take.notes)
            )


def answers(monkeypatch: pytest.MonkeyPatch, copyist: Copyist) -> list:
    monkeypatch.setattr(registry, "_generators", lambda: {(Kind.RESTYLE, None): copyist})
    replies: list = []
    Engine().handle(Suggest(request(kind=Kind.RESTYLE, region=Region(0, 1, (1,)))), replies.append)
    return replies


def test_for_withheld_takes_others_are_made_under_their_numbers(known, monkeypatch) -> None:
    copyist = Copyist()
    replies = answers(monkeypatch, copyist)
    takes = [reply.take for reply in replies if isinstance(reply, TakeReady)]
    assert [seed == 1 for seed, _ in copyist.asked] == [True, False, False]
    assert [takes for _, takes in copyist.asked] == [2, 2, 2]
    assert sorted(take.index for take in takes) == [0, 1]
    assert all(take.originality.longest_run < MOST_NOTES for take in takes)
    assert isinstance(replies[-1], Done)
    assert replies[-1].withheld == 3
    assert {reply.take.index for reply in replies if isinstance(reply, Partial)} == {0, 1}
    again = answers(monkeypatch, Copyist())
    assert replies[:-1] == again[:-1]


def test_when_no_others_can_be_had_the_count_is_told(known, monkeypatch) -> None:
    replies = answers(monkeypatch, Copyist(hopeless=True))
    assert not any(isinstance(reply, TakeReady) for reply in replies)
    assert replies[-1].withheld == 2


def test_without_an_index_takes_pass_and_it_is_said(known, monkeypatch) -> None:
    monkeypatch.setattr(store, "SHIPPED", known / "nowhere")
    replies = answers(monkeypatch, Copyist())
    assert sum(isinstance(reply, TakeReady) for reply in replies) == 2
    assert replies[-1].withheld == 0
    assert replies[-1].notice.startswith("These ideas were not compared with known works.")


def test_the_command_line_prints_run_and_work(known, monkeypatch, capsys) -> None:
    monkeypatch.setattr(registry, "_generators", lambda: {(Kind.RESTYLE, None): Copyist()})
    save_midi(QUIET, known / "mine.mid")
    assert main(["suggest", str(known / "mine.mid"), "--kind", "restyle", "--takes", "2", "--json"]) == 0
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["withheld"] == 3
    for take in record["takes"]:
        assert set(take["originality"]) >= {"longest_run", "work"}
        assert take["originality"]["longest_run"] < MOST_NOTES
