"""A song the engine laid out comes into the artist's song: whole, or a section between two bars."""

from dataclasses import replace

import pytest

from engine.music import (
    Chord,
    ChordSpan,
    EditError,
    Metre,
    MetreChange,
    Note,
    Origin,
    Role,
    Section,
    Song,
    Tempo,
    TimeMap,
    Track,
)
from engine.music.edits import Graft, Player, adopt_song, graft_section, put_part, without_new

BAR = 1920


def note(
    note_id: int, bar: float, pitch: int = 60, origin=Origin.PLAYED, source="sketch", length=480
) -> Note:
    return Note(note_id, int(bar * BAR), length, pitch, 80, origin, source)


def artists() -> Song:
    """Four bars: a tune with a note a bar, a chord a bar, two sections; ids up to 99 are used."""
    tune = tuple(note(bar + 1, bar, 60 + bar) for bar in range(4))
    chords = tuple(ChordSpan(50 + bar, bar * BAR, BAR, Chord(bar)) for bar in range(4))
    sections = (Section(60, "A", 0, 2), Section(61, "B", 2, 2))
    return Song("Mine", TimeMap(), sections, chords, (Track(10, "Voice", Role.MELODY, 0, tune),), next_id=100)


def engines() -> Song:
    """Eight bars: the tune twice, a new bass on a new track, in another tempo."""
    asked = artists()
    tune = asked.tracks[0].notes
    again = tuple(replace(n, id=100 + n.id, start_ticks=n.start_ticks + 4 * BAR) for n in tune)
    bass = tuple(note(200 + bar, bar, 36, Origin.TAKEN, "") for bar in range(8))
    chords = (
        *asked.chords,
        *(replace(s, id=300 + s.id, start_ticks=s.start_ticks + 4 * BAR) for s in asked.chords),
    )
    return replace(
        asked,
        time_map=TimeMap((Tempo.of_bpm(0, 90),)),
        sections=(Section(400, "Verse 1", 0, 4), Section(401, "Verse 2", 4, 4)),
        chords=chords,
        tracks=(
            replace(asked.tracks[0], notes=(*tune, *again)),
            Track(150, "Bass", Role.BASS, 33, bass),
        ),
        next_id=500,
    )


def test_adopted_the_artists_notes_are_themselves_and_copies_tell_where_they_come_from():
    song = replace(artists(), next_id=1000)
    found = adopt_song(song, engines(), artists(), source="s1/0")
    tune = found.track(10).notes
    assert tune[:4] == artists().tracks[0].notes
    assert all(n.origin is Origin.PLAYED and n.source == "sketch" and n.id >= 1000 for n in tune[4:])
    bass = next(t for t in found.tracks if t.role is Role.BASS)
    assert bass.id >= 1000
    assert all(n.origin is Origin.TAKEN and n.source == "s1/0" and n.id >= 1000 for n in bass.notes)
    ids = [n.id for n in found.notes()] + [s.id for s in found.chords] + [s.id for s in found.sections]
    assert len(ids) == len(set(ids)) and found.next_id > max(ids)


def test_a_new_track_never_takes_the_id_of_one_that_came_meanwhile():
    meanwhile = replace(
        artists(),
        tracks=(*artists().tracks, Track(150, "Mine too", Role.OTHER, notes=(note(151, 0),))),
        next_id=160,
    )
    found = adopt_song(meanwhile, engines(), artists(), source="s1/0")
    assert [t.name for t in found.tracks] == ["Voice", "Bass"]
    assert 150 not in [t.id for t in found.tracks]


def test_mixes_names_and_title_stay_the_artists():
    song = replace(artists(), tracks=(replace(artists().tracks[0], name="Nina", level=0.3, muted=True),))
    found = adopt_song(song, engines(), artists()).track(10)
    assert (found.name, found.level, found.muted) == ("Nina", 0.3, True)
    assert adopt_song(replace(song, title="New"), engines(), artists()).title == "New"


def test_parts_can_be_left_out():
    left = without_new(engines(), [150], artists())
    assert [track.name for track in left.tracks] == ["Voice"]
    mixed = engines()
    mixed = replace(
        mixed,
        tracks=(
            replace(mixed.tracks[0], notes=(*mixed.tracks[0].notes, note(300, 7.5, 70, Origin.TAKEN, ""))),
            mixed.tracks[1],
        ),
    )
    assert len(without_new(mixed, [10], artists()).track(10).notes) == 8


def grafted(
    at_bar: int, instead_of: int = 0, song: Song | None = None, from_bar: int = 4, bars: int = 4
) -> Song:
    graft = Graft(engines(), artists(), from_bar, bars, at_bar, instead_of)
    return graft_section(song or artists(), graft, Section(0, "Verse 2", 0, 1), source="s1/0")


@pytest.mark.parametrize(("at_bar", "moved"), [(0, {0, 1, 2, 3}), (2, {2, 3}), (4, set())])
def test_a_section_is_put_between_and_what_follows_moves(at_bar, moved):
    found = grafted(at_bar)
    own = {n.id: n for n in artists().tracks[0].notes}
    for n in found.track(10).notes:
        if n.id in own:
            bars = own[n.id].start_ticks // BAR
            assert n.start_ticks - own[n.id].start_ticks == (4 * BAR if bars in moved else 0)
            assert replace(n, start_ticks=own[n.id].start_ticks) == own[n.id]
    assert {n.id for n in found.track(10).notes} >= set(own)
    assert found.bars == 8
    assert [(s.start_bar, s.bars) for s in found.sections if s.name == "Verse 2"] == [(at_bar, 4)]
    assert sum(s.bars for s in found.sections) == 8
    assert [s.start_ticks for s in found.chords] == [bar * BAR for bar in range(8)]


def test_a_section_takes_the_place_of_bars_and_their_notes_stay_themselves():
    graft = Graft(engines(), artists(), 0, 4, 0, 4)
    found = graft_section(artists(), graft, Section(0, "Verse 1", 0, 1), source="s1/0")
    assert found.track(10).notes == artists().tracks[0].notes
    assert found.bars == 4 and [s.name for s in found.sections] == ["Verse 1"]
    assert len(next(t for t in found.tracks if t.role is Role.BASS).notes) == 4


def test_tempo_and_metre_hold_for_the_section_alone():
    song = replace(artists(), time_map=TimeMap(metres=(MetreChange(0, Metre(4, 4)),)))
    found = grafted(2, song=song)
    tempos = [(tempo.tick // BAR, round(tempo.bpm)) for tempo in found.time_map.tempos]
    assert tempos == [(0, 120), (2, 90), (6, 120)]
    waltz = replace(
        engines(), time_map=TimeMap((Tempo.of_bpm(0, 90),), (MetreChange(0, Metre(3, 4)),)), chords=()
    )
    graft = Graft(waltz, artists(), 0, 2, 2)
    found = graft_section(artists(), graft, Section(0, "Waltz", 0, 1))
    metres = [found.time_map.metre_at(found.time_map.bar_start(bar)).name for bar in range(6)]
    assert metres == ["4/4", "4/4", "3/4", "3/4", "4/4", "4/4"]


def test_a_second_section_of_the_same_take_goes_on_on_its_track():
    first = grafted(4)
    second = graft_section(
        first, Graft(engines(), artists(), 0, 4, 8), Section(0, "Verse 1", 0, 1), source="s1/0"
    )
    assert [track.role for track in second.tracks] == [Role.MELODY, Role.BASS]
    assert len(second.tracks[1].notes) == 8


def test_an_intro_before_an_upbeat_ends_with_it():
    upbeat = note(90, 0, 72, length=240)
    tune = (upbeat, *(replace(n, start_ticks=n.start_ticks + 480) for n in artists().tracks[0].notes))
    song = replace(
        artists(),
        time_map=TimeMap(pickup_ticks=480),
        tracks=(replace(artists().tracks[0], notes=tune),),
        chords=(),
        sections=(),
    )
    found = grafted(0, song=song)
    assert found.time_map.pickup_ticks == 0
    moved = next(n for n in found.track(10).notes if n.id == 90)
    assert moved.start_ticks == 4 * BAR - 480
    first = next(n for n in found.track(10).notes if n.id == 1)
    assert found.time_map.position(first.start_ticks) == (4, 0, 0)


def test_a_section_of_no_bars_is_refused():
    with pytest.raises(EditError, match="at least one bar"):
        grafted(0, bars=0)


def test_a_part_goes_into_its_track_or_makes_one_and_goes_on_there():
    player = Player(Role.BASS, "Bass", 33)
    notes = [note(n + 1, n, 36) for n in range(4)]
    first = put_part(artists(), player, 0, 2 * BAR, notes, source="s2/0")
    second = put_part(first, player, 2 * BAR, 4 * BAR, notes, source="s2/0")
    assert len(second.tracks) == 2 and len(second.tracks[1].notes) == 4
    assert (second.tracks[1].program, second.tracks[1].name) == (33, "Bass")
    other = put_part(second, player, 0, BAR, notes, source="s3/0")
    assert len(other.tracks) == 3
    onto = put_part(artists(), Player(Role.MELODY, "x", 0, 10), 0, BAR, [note(9, 0, 50)], source="s2/0")
    assert [n.pitch for n in onto.track(10).notes] == [50, 61, 62, 63]
