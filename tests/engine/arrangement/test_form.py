"""A sketch as a whole song: shapes, levels, who plays, what changes, how sections lead on."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest

from engine.api.errors import BadRequestError, ImpossibleError
from engine.api.suggestion import Controls, Kind, Take
from engine.arrangement.form.material import material_of
from engine.arrangement.form.readings import readings
from engine.arrangement.form.shapes import Change, Ending, shape_named, shapes
from engine.arrangement.players import Session
from engine.music import Chord, Note, Origin, Role, Song, Track
from engine.music.section import SectionKind
from tests.engine.arrangement.asking import asked, assert_sound, sounding, take_of, takes_of
from tests.engine.arrangement.sketches import folk_tune, jazz_ballad, pop_loop

SKETCHES = {"folk": folk_tune, "pop": pop_loop, "jazz ballad": jazz_ballad}


@cache
def form(sketch: str, shape: str, **more: object) -> Take:
    return take_of(Kind.FORM, SKETCHES[sketch](), Controls(style=sketch, shape=shape, **more))


ALL = [("pop", shape.name) for shape in shapes()] + [("folk", "strophic"), ("jazz ballad", "aaba")]


@pytest.mark.parametrize(("sketch", "shape"), ALL)
def test_every_shape_gives_a_song_that_is_what_its_plan_says(sketch, shape):
    song, take = SKETCHES[sketch](), form(sketch, shape)
    assert_sound(take, song)
    assert [section.name for section in take.plan] == [s.name for s in shape_named(shape).sections]
    by_name = {section.name: section for section in shape_named(shape).sections}
    assert take.song.bars == take.plan[-1].end_bar
    assert [(s.name, s.start_bar, s.bars) for s in take.song.sections] == [
        (s.name, s.start_bar, s.bars) for s in take.plan
    ]
    for section in take.plan:
        heard = sounding(take.song, section.start_bar, section.end_bar)
        assert set(section.players) <= set(heard), section.name
        wanted = set(by_name[section.name].players) - {Role.COUNTER}
        assert wanted - set(heard) <= {Role.MELODY}, section.name
        announced = {Role.DRUMS} if section.ending == "a fill leads on" else set()
        uninvited = set(heard) - set(section.players) - announced - {Role.COUNTER, Role.MELODY}
        assert not uninvited, f"{section.name}: {uninvited} should rest"


@pytest.mark.parametrize(("sketch", "shape"), ALL)
def test_the_fullest_section_is_fuller_than_the_barest(sketch, shape):
    take = form(sketch, shape)
    low, high = (pick(take.plan, key=lambda s: s.intensity) for pick in (min, max))
    density = {
        s.name: sum(sounding(take.song, s.start_bar, s.end_bar).values()) / s.bars for s in (low, high)
    }
    assert density[high.name] > 1.6 * density[low.name]


def test_a_chorus_is_fuller_and_louder_than_its_verse():
    take = form("pop", "verse-chorus")
    verse, chorus = (
        next(s for s in take.plan if s.kind is kind) for kind in (SectionKind.VERSE, SectionKind.CHORUS)
    )
    assert set(verse.players) < set(chorus.players)
    drums = next(track for track in take.song.tracks if track.role is Role.DRUMS)
    loudness = []
    for section in (verse, chorus):
        edges = (take.song.time_map.bar_start(bar) for bar in (section.start_bar, section.end_bar))
        notes = drums.notes_in(*edges)
        loudness.append(sum(note.velocity for note in notes) / len(notes))
    assert loudness[1] > loudness[0] + 8


def test_the_drawn_curve_is_the_level_of_the_sections_and_calls_players():
    flat = form("pop", "verse-chorus", intensity=(0.1,) * 8)
    full = form("pop", "verse-chorus", intensity=(1.0,) * 8)
    assert {s.intensity for s in full.plan} == {1.0} and max(s.intensity for s in flat.plan) < 0.4
    assert sum(len(s.players) for s in full.plan) > sum(len(s.players) for s in flat.plan) + 8
    assert sum(len(t.notes) for t in full.song.tracks) > 2 * sum(len(t.notes) for t in flat.song.tracks)


def test_the_artists_bars_stand_in_the_song_note_for_note():
    song, take = folk_tune(), form("folk", "strophic")
    verse = next(s for s in take.plan if s.in_place)
    edge = take.song.time_map.bar_start(verse.start_bar)
    melody = take.song.track(1)
    start = song.time_map.bar_start(1)
    own = [(n.start_ticks - start, n.pitch, n.id) for n in song.tracks[0].notes if n.start_ticks >= start]
    end = take.song.time_map.bar_start(verse.end_bar)
    there = [(n.start_ticks - edge, n.pitch, n.id) for n in melody.notes_in(edge, end)]
    assert there[: len(own)] == own


def test_the_upbeat_comes_before_every_entry_of_the_tune():
    take = form("folk", "strophic")
    melody = take.song.track(1)
    for section in take.plan:
        if section.name.startswith("Verse"):
            edge = take.song.time_map.bar_start(section.start_bar)
            assert any(n.start_ticks == edge - 480 and n.pitch == 69 for n in melody.notes), section.name


def test_a_section_that_is_cut_has_a_bar_less_and_one_that_stops_is_silent_but_for_the_voice():
    take = form("pop", "pre-chorus")
    whole = {s.name: s.bars for s in take.plan}
    assert whole["Bridge"] == whole["Chorus 1"] - 1
    stopping = [s for s in take.plan if s.ending == "all stop before what follows"]
    assert stopping
    for section in stopping:
        end = take.song.time_map.bar_start(section.end_bar)
        sounding_last = [
            note
            for track in take.song.tracks
            if track.role is not Role.MELODY
            for note in track.notes
            if note.sounds_in(end - 900, end - 60)
        ]
        assert not sounding_last, section.name


def test_who_enters_a_section_enters_on_its_first_beat():
    """Players strike a little early; what they strike there belongs to the section."""
    for sketch, shape in (("folk", "strophic"), ("pop", "verse-chorus")):
        take = form(sketch, shape)
        entries = 0
        for before, after in pairwise(take.plan):
            edge = take.song.time_map.bar_start(after.start_bar)
            for role in {Role.PAD, Role.BASS} & set(after.players) - set(before.players):
                track = next(track for track in take.song.tracks if track.role is role)
                assert track.notes_in(edge - 60, edge + 480), f"{after.name}: {role}"
                entries += 1
            for role in {Role.PAD, Role.BASS} & set(before.players) - set(after.players):
                track = next(track for track in take.song.tracks if track.role is role)
                assert not track.notes_in(edge - 60, edge + 480), f"{after.name}: {role}"
        assert entries


@pytest.mark.parametrize("shape", ["hook-verse", "strophic"])
def test_a_long_slow_sketch_does_not_make_an_endless_song(shape):
    song = replace(jazz_ballad(), sections=())
    take = take_of(Kind.FORM, song, Controls(style="jazz ballad", shape=shape))
    seconds = take.song.time_map.seconds_at(take.song.end_ticks)
    assert 120 < seconds < 330
    assert any(section.in_place for section in take.plan)


def test_the_song_ends_at_home():
    for sketch, shape in (("pop", "verse-chorus"), ("jazz ballad", "aaba"), ("folk", "strophic")):
        take = form(sketch, shape)
        last = take.song.chords[-1]
        assert last.chord.root == take.song.key.tonic
        assert last.end_ticks == take.song.time_map.bar_start(take.plan[-1].end_bar)


def test_a_raised_section_is_a_whole_tone_higher_with_its_key():
    take = form("pop", "cold-open")
    raised = next(s for s in take.plan if "a whole tone higher" in s.changes)
    before, after = (take.song.key_at(take.song.time_map.bar_start(b)) for b in (0, raised.start_bar))
    assert (after.tonic - before.tonic) % 12 == 2
    first = next(s for s in take.plan if s.name == "Chorus 1")
    lines = []
    for section in (first, raised):
        edges = [take.song.time_map.bar_start(bar) for bar in (section.start_bar, section.end_bar)]
        lines.append([n.pitch for n in take.song.track(1).notes_in(*edges)])
    assert [pitch + 2 for pitch in lines[0]] == lines[1]


def test_new_chords_and_tunes_are_marked_as_the_engines():
    take = form("pop", "verse-chorus")
    bridge = next(s for s in take.plan if s.kind is SectionKind.BRIDGE)
    start, end = (take.song.time_map.bar_start(bar) for bar in (bridge.start_bar, bridge.end_bar))
    chords = [span for span in take.song.chords if start <= span.start_ticks < end]
    tune = take.song.track(1).notes_in(start, end)
    assert chords and tune
    assert all(each.origin is Origin.TAKEN and not each.source for each in (*chords, *tune))
    assert {span.chord for span in chords} != {span.chord for span in pop_loop().chords}


def test_two_places_away_from_home_are_not_the_same():
    take = form("pop", "rondo")
    heard = []
    for section in take.plan:
        if section.kind is SectionKind.BRIDGE:
            edges = [take.song.time_map.bar_start(bar) for bar in (section.start_bar, section.end_bar)]
            tune = take.song.track(1).notes_in(*edges)
            heard.append([(n.start_ticks - edges[0], n.pitch) for n in tune])
    assert len(heard) == 2 and heard[0] != heard[1]


def test_what_the_artist_plays_in_a_role_is_kept_and_not_played_twice():
    take = form("pop", "verse-chorus")
    chorus = next(s for s in take.plan if s.name == "Chorus 1")
    start, end = (take.song.time_map.bar_start(bar) for bar in (chorus.start_bar, chorus.end_bar))
    assert [t.id for t in take.song.tracks if t.role is Role.CHORDS] == [2]
    assert all(note.origin is Origin.PLAYED for note in take.song.track(2).notes_in(start, end))


@cache
def two_takes() -> tuple[Take, ...]:
    controls = Controls(style="pop", shape="verse-chorus")
    return tuple(takes_of(asked(Kind.FORM, pop_loop(), controls, takes=2)))


def test_takes_differ_and_the_same_seed_gives_the_same():
    first, second = two_takes()
    assert first.title != second.title and first.song != second.song
    assert first == form("pop", "verse-chorus")
    other = take_of(Kind.FORM, pop_loop(), Controls(style="pop", shape="verse-chorus"), seed=2)
    assert other.song != first.song


def test_a_shape_can_be_read_in_four_ways_and_shapes_are_chosen_for_the_style():
    material = material_of(asked(Kind.FORM, jazz_ballad()))
    ways = readings(material, "jazz-ballad", shape_named("aaba"), 4)
    assert len({way.title for way in ways}) == len({way.shape.sections for way in ways}) == 4
    assert Change.RAISED in {change for section in ways[3].shape.sections for change in section.changes}
    assert len(ways[2].shape.sections) < len(ways[0].shape.sections)
    for style, name in (("jazz-swing", "aaba"), ("house", "loop-build"), ("hip-hop", "hook-verse")):
        assert readings(material, style, None, 1)[0].shape.name in (name, "head")
    assert len({way.shape.name for way in readings(material, "pop", None, 6)}) == 6


def test_a_sketch_that_is_a_chorus_gets_verses_of_its_own():
    """Every other take: over the same chords, lower and calmer than the sketch, and known as new."""
    lines = []
    for take in two_takes():
        verse = next(s for s in take.plan if s.kind is SectionKind.VERSE)
        edges = [take.song.time_map.bar_start(bar) for bar in (verse.start_bar, verse.end_bar)]
        lines.append(take.song.track(1).notes_in(*edges))
        assert not verse.in_place
    own = pop_loop().tracks[0].notes
    assert all(len(line) < len(own) for line in lines)
    assert any(note.origin is Origin.PLAYED for note in lines[0])
    assert all(note.origin is Origin.TAKEN for note in lines[1])
    heights = [sum(n.pitch for n in line) / len(line) for line in (lines[1], own)]
    assert heights[0] < heights[1]


def test_a_missing_player_is_missed_and_nothing_breaks(monkeypatch):
    played = Session.play
    monkeypatch.setattr(
        Session,
        "play",
        lambda self, song, role, *bars: None if role is Role.DRUMS else played(self, song, role, *bars),
    )
    take = take_of(Kind.FORM, pop_loop(), Controls(style="pop", shape="strophic"))
    assert Role.DRUMS not in {part.role for part in take.parts}
    assert all(Role.DRUMS not in section.players for section in take.plan)


def test_shapes_are_found_by_words_and_unknown_ones_are_refused_with_those_there_are():
    assert [shape_named(w).name for w in ("AABA", "a big build and drop", "cold open", "hook")] == [
        "aaba",
        "loop-build",
        "cold-open",
        "hook-verse",
    ]
    with pytest.raises(BadRequestError, match="verse-chorus"):
        take_of(Kind.FORM, pop_loop(), Controls(shape="sonata of the moon"))


def test_every_shape_file_is_sane():
    for shape in shapes():
        assert shape.sections[-1].ending is Ending.END
        levels = [level for s in shape.sections for level in s.level]
        assert all(0 <= level <= 1 for level in levels) and max(levels) - min(levels) >= 0.4
        names = [s.name for s in shape.sections]
        assert len(names) == len(set(names))
        assert all(one.name != other.name for one, other in pairwise(shape.sections))


def _only(song: Song, bars: int) -> Song:
    end = song.time_map.bar_start(bars)
    notes = tuple(n for n in song.tracks[0].notes if n.start_ticks < end)
    chords = tuple(s for s in song.chords if s.start_ticks < end)
    return replace(song, tracks=(replace(song.tracks[0], notes=notes),), chords=chords, sections=())


@pytest.mark.parametrize("bars", [1, 3, 5])
def test_short_sketches_are_heard_until_they_fill_a_section(bars):
    song = _only(pop_loop(), bars)
    take = take_of(Kind.FORM, song, Controls(style="pop", shape="strophic"))
    assert_sound(take, song)
    verse = next(s for s in take.plan if s.name == "Verse 1")
    assert verse.bars == {1: 8, 3: 6, 5: 5}[bars] and verse.from_bars == bars


@pytest.mark.parametrize(
    ("song", "sentence"),
    [
        (Song(), "There is nothing in these bars"),
        (replace(pop_loop(), tracks=(), chords=()), "There is nothing in these bars"),
    ],
)
def test_nothing_gives_a_sentence(song, sentence):
    with pytest.raises(ImpossibleError, match=sentence):
        take_of(Kind.FORM, song)


def test_too_many_bars_give_a_sentence():
    long = tuple(Note(n, n * 960, 900, 60 + n % 7) for n in range(1, 400))
    song = Song(tracks=(Track(500, "", Role.MELODY, notes=long),), next_id=600)
    with pytest.raises(ImpossibleError, match="at most 64 bars"):
        take_of(Kind.FORM, song)


def test_chords_alone_make_a_song_without_a_voice():
    song = replace(pop_loop(), tracks=())
    take = take_of(Kind.FORM, song, Controls(style="pop", shape="arc"))
    assert_sound(take, song)
    assert all(Role.MELODY not in section.players for section in take.plan)
    assert all("melody" not in word and "tune" not in word for s in take.plan for word in s.changes)


def test_a_bar_of_no_chord_and_a_strange_chord_are_played_around():
    chords = [Chord.parse(label) for label in ("N", "C:maj(#4,b9)", "F#:dim7", "G:min11")]
    song = pop_loop()
    song = replace(song, chords=tuple(replace(s, chord=chords[n % 4]) for n, s in enumerate(song.chords)))
    assert_sound(take_of(Kind.FORM, song, Controls(shape="strophic")), song)
