"""COUNTER: second voices that keep out of the melody's way and say something beside it."""

from dataclasses import replace
from itertools import pairwise

import pytest

from engine.api.errors import EngineError
from engine.api.suggestion import Controls, Kind, SuggestionRequest, Take
from engine.arrangement.brief import brief_of
from engine.arrangement.counter.words import together
from engine.arrangement.kinds import counter
from engine.generation.search.models import instant_alone, models_from
from engine.music import Note, Region, Role, Track

from ..search.models import write_toy
from .basssongs import TUNE_TRACK, song_of

POP = "C | G/B | Am | F | C | G/B | Dm7 G7 | C"
JAZZ = "Dm9 | G13 | Cmaj9 | A7b9 | Fmaj7 Fm6 | Em7 A7 | Dm7 G7 | C69"
TUNE = "72 76 79 76 74 71 67 74 72 76 81 79 0 0 0 0"
COUNTER_TRACK = 950


@pytest.fixture(autouse=True)
def by_rules_alone():
    """Models that are there or not change nothing; the test of the model brings its own."""
    with instant_alone():
        yield


def request_of(song, **rest):
    controls = {key: rest.pop(key) for key in tuple(rest) if key in Controls.__slots__}
    bars = rest.pop("bars", (0, song.bars))
    return SuggestionRequest(
        Kind.COUNTER, song, Region(*bars), Role.COUNTER, controls=Controls(**controls), **rest
    )


def takes_of(song, **rest):
    answers = counter.suggest(request_of(song, **rest), lambda: None)
    return [answer for answer in answers if isinstance(answer, Take)]


SONGS = {
    "pop": (song_of(POP, tune=TUNE), "pop"),
    "jazz": (song_of(JAZZ, tune=TUNE), "jazz ballad"),
    "waltz": (song_of("C | Am | Dm | G7", (3, 4), "72 76 79"), "waltz"),
    "seven": (song_of("Am | F | G | Am", (7, 8), "76 77 79 76"), "cinematic"),
    "a low tune": (song_of(POP, tune="55 57 60 59"), "folk"),
    "a tune without chords": (song_of(tune=TUNE, bars=8), "pop"),
    "a fast tune": (song_of(POP, tune="72 74 76 77", bpm=300), "country"),
}


@pytest.mark.parametrize("case", SONGS)
def test_voices_keep_their_range_and_never_cross_or_touch_the_melody(case):
    song, style = SONGS[case]
    brief = brief_of(request_of(song, style=style), Role.COUNTER)
    takes = takes_of(song, style=style)
    assert len(takes) >= 3
    for take in takes:
        assert all(a.end_ticks <= b.start_ticks for a, b in pairwise(take.notes)), take.title
        assert all(36 <= note.pitch <= 91 for note in take.notes)
        sides = {(tune.pitch > n.pitch) for n in take.notes for tune in brief.melody if _overlap(n, tune)}
        assert len(sides) <= 1, take.title
        gaps = [abs(t.pitch - n.pitch) for n in take.notes for t in brief.melody if _overlap(n, t)]
        assert not gaps or min(gaps) >= 3, take.title


def _overlap(one: Note, other: Note) -> bool:
    return min(one.end_ticks, other.end_ticks) - max(one.start_ticks, other.start_ticks) > 30


@pytest.mark.parametrize("case", SONGS)
def test_no_seconds_on_strong_beats_and_no_parallel_fifths(case):
    song, style = SONGS[case]
    brief = brief_of(request_of(song, style=style), Role.COUNTER)
    strong = {tick for bar in brief.bars for tick in bar.strong_ticks}
    for take in takes_of(song, style=style):
        pairs = together(take.notes, brief)
        rubs = [n for n, t in pairs if n.start_ticks in strong and (t.pitch - n.pitch) % 12 in (1, 11)]
        assert len(rubs) <= 0.05 * len(pairs) + 0.5, (take.title, rubs)
        parallels = [
            (one, two)
            for (one, tune), (two, tune_after) in pairwise(pairs)
            if (tune.pitch - one.pitch) % 12 in (0, 7)
            and (tune.pitch - one.pitch) % 12 == (tune_after.pitch - two.pitch) % 12
            and (two.pitch - one.pitch) * (tune_after.pitch - tune.pitch) > 0
        ]
        assert not parallels, take.title


def test_titles_and_reasons_say_what_the_notes_do():
    song, style = SONGS["pop"]
    takes = {take.title: take for take in takes_of(song, style=style)}
    assert set(takes) == {
        "Answers in your rests",
        "Held guide tones",
        "Moves against the melody",
        "Thirds and sixths along",
    }
    rests = [(bar * 1920, (bar + 1) * 1920) for bar in (3, 7)]
    answers = takes["Answers in your rests"]
    assert any(reason.startswith("Answers in ") for reason in answers.reasons)
    assert all(any(a <= note.start_ticks < b for note in answers.notes) for a, b in rests)
    brief = brief_of(request_of(song, style=style), Role.COUNTER)
    along = together(takes["Thirds and sixths along"].notes, brief)
    assert len(along) == len(brief.melody)
    assert sum(abs(t.pitch - n.pitch) % 12 in (3, 4, 8, 9) for n, t in along) >= 0.85 * len(along)
    guides = takes["Held guide tones"].notes
    assert max(abs(b.pitch - a.pitch) for a, b in pairwise(guides)) <= 7


def test_without_a_melody_there_are_lines_through_the_chords():
    takes = takes_of(song_of(JAZZ), style="jazz ballad")
    assert len(takes) == 4
    assert {take.title for take in takes} == {"Held guide tones", "A line through the chords"}
    assert all(not any("melody" in reason for reason in take.reasons) for take in takes)


def test_the_same_request_gives_the_same_takes():
    song, style = SONGS["jazz"]
    assert takes_of(song, style=style) == takes_of(song, style=style)


def test_locked_notes_stay():
    song, style = SONGS["pop"]
    own = (Note(800, 1920, 960, 64, locked=True), Note(801, 4800, 480, 60))
    song = replace(song, tracks=(*song.tracks, Track(COUNTER_TRACK, "Second", Role.COUNTER, 73, own)))
    for take in takes_of(song, style=style, track_id=COUNTER_TRACK):
        assert own[0] in take.notes and own[1] not in take.notes
        assert take.kept_note_ids == (800,)
        assert all(a.end_ticks <= b.start_ticks for a, b in pairwise(take.notes)), take.title
        assert take.parts[0].track_id == COUNTER_TRACK and take.parts[0].program == 73


@pytest.mark.parametrize(("words", "program"), [("a cello", 48), ("solo flute", 73), ("alto sax", 65)])
def test_an_instrument_can_be_asked_for(words, program):
    song, style = SONGS["pop"]
    assert takes_of(song, style=style, instrument=words)[0].parts[0].program == program


@pytest.mark.parametrize(
    ("song", "controls", "message"),
    [
        (song_of("N | N"), {}, "no chord sounds"),
        (song_of(POP, tune=TUNE), {"range": (60, 63)}, "too narrow"),
        (song_of(POP, tune=TUNE), {"range": (108, 120)}, ""),
        (song_of("C"), {}, ""),
        (song_of(" | ".join(["C", "Am"] * 100), tune=TUNE), {}, ""),
    ],
)
def test_what_cannot_be_is_said_and_the_rest_is_written(song, controls, message):
    if message:
        with pytest.raises(EngineError, match=message):
            takes_of(song, **controls)
        return
    takes = takes_of(song, **controls)
    assert takes and all(take.notes for take in takes)


def test_a_part_written_for_another_track_leaves_the_tune_alone():
    song, style = SONGS["pop"]
    take = takes_of(song, style=style, takes=1)[0]
    assert take.parts[0].track_id == 0
    assert not {note.id for note in song.track(TUNE_TRACK).notes} & set(take.kept_note_ids)


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return write_toy(tmp_path_factory.mktemp("models"))


def test_the_infilling_model_writes_one_take_under_the_same_rules(toy):
    song, style = SONGS["pop"]
    brief = brief_of(request_of(song, style=style), Role.COUNTER)
    with models_from(toy):
        takes = takes_of(song, style=style)
        assert takes == takes_of(song, style=style)
    written = next(take for take in takes if take.model.name)
    assert written.title == "A voice beside the melody" and written.index == 1
    assert all(a.end_ticks <= b.start_ticks for a, b in pairwise(written.notes))
    gaps = [t.pitch - n.pitch for n in written.notes for t in brief.melody if _overlap(n, t)]
    assert min(gaps) >= 3


def test_without_the_model_the_rules_write_alone():
    song, style = SONGS["pop"]
    takes = takes_of(song, style=style)
    assert len(takes) == 4 and not any(take.model.name for take in takes)


def test_beside_a_melody_played_legato_the_voice_does_not_overlap_itself():
    song, style = SONGS["pop"]
    tune = song.track(TUNE_TRACK)
    legato = tuple(replace(note, duration_ticks=note.duration_ticks + 45) for note in tune.notes)
    song = replace(song, tracks=(replace(tune, notes=legato),))
    for take in takes_of(song, style=style):
        assert all(a.end_ticks <= b.start_ticks for a, b in pairwise(take.notes)), take.title
