"""Parts and whole songs come into the song: all at once, one by one, section after section."""

from dataclasses import replace

import pytest

from app.ideas.board import Entry, StaleError, accepted_song, digest_of, song_with_take
from engine.api.suggestion import Kind, Part, PlannedSection, SuggestionRequest, Take
from engine.music import Note, Origin, Region, Role, Section, Song, Track, edits
from engine.music.section import SectionKind

BAR = 1920


def artists() -> Song:
    tune = tuple(Note(bar + 1, bar * BAR, 480, 60 + bar, 80, Origin.PLAYED, "sketch") for bar in range(4))
    return Song(
        "Mine",
        tracks=(Track(10, "Voice", Role.MELODY, notes=tune),),
        sections=(Section(11, "A", 0, 4),),
        next_id=100,
    )


def new(number: int, bar: float, pitch: int) -> Note:
    return Note(number, int(bar * BAR), 480, pitch, 80, Origin.TAKEN)


def entry_of(kind: Kind, take: Take, song: Song, role: Role = Role.OTHER, track_id: int = 0) -> Entry:
    request = SuggestionRequest(kind, song, Region(0, 4), role, track_id)
    return Entry("s7", request, digest_of(song, request)).with_take(take)


def band() -> tuple[Entry, Take]:
    bass = Part(Role.BASS, "Bass", 33, tuple(new(n + 1, n, 36) for n in range(4)))
    drums = Part(Role.DRUMS, "Drums", 0, tuple(new(n + 1, n / 4, 36) for n in range(16)))
    take = Take(0, "Band", parts=(bass, drums))
    return entry_of(Kind.BASS, take, artists(), Role.BASS), take


def form() -> tuple[Entry, Take]:
    """Intro (new) 2, Verse 1 (the sketch) 4, Chorus (the sketch again, with bass) 4."""
    song = artists()
    tune = song.tracks[0].notes
    sung = [replace(n, start_ticks=n.start_ticks + 2 * BAR) for n in tune]
    sung += [replace(n, id=200 + n.id, start_ticks=n.start_ticks + 6 * BAR) for n in tune]
    keys = tuple(new(300 + n, n, 48) for n in range(2))
    bass = tuple(new(400 + n, 6 + n, 36) for n in range(4))
    plan = (
        PlannedSection("Intro", SectionKind.INTRO, 0, 2, 0.2),
        PlannedSection("Verse 1", SectionKind.VERSE, 2, 4, 0.4, from_bar=0, from_bars=4, in_place=True),
        PlannedSection("Chorus", SectionKind.CHORUS, 6, 4, 0.9, from_bar=0, from_bars=4),
    )
    whole = replace(
        song,
        sections=tuple(Section(500 + n, s.name, s.start_bar, s.bars, s.kind) for n, s in enumerate(plan)),
        tracks=(
            replace(song.tracks[0], notes=tuple(sung)),
            Track(150, "Keys", Role.CHORDS, 0, keys),
            Track(151, "Bass", Role.BASS, 33, bass),
        ),
        next_id=600,
    )
    parts = (Part(Role.CHORDS, "Keys", 0, keys, 150), Part(Role.BASS, "Bass", 33, bass, 151))
    take = Take(0, "Song", parts=parts, plan=plan, song=whole)
    return entry_of(Kind.FORM, take, song), take


def test_all_parts_come_in_on_tracks_of_their_own():
    entry, take = band()
    found = accepted_song(artists(), entry, take)
    assert [(t.name, len(t.notes)) for t in found.tracks] == [("Voice", 4), ("Bass", 4), ("Drums", 16)]
    assert all(n.source == "s7/0" for t in found.tracks[1:] for n in t.notes)


def test_parts_come_in_one_by_one_and_bar_by_bar():
    entry, take = band()
    first = accepted_song(artists(), entry, take, parts=frozenset({1}))
    assert [t.name for t in first.tracks] == ["Voice", "Drums"]
    second = accepted_song(first, entry, take, bars=(0, 1), parts=frozenset({0}))
    third = accepted_song(second, entry, take, bars=(2,), parts=frozenset({0}))
    assert [(t.name, len(t.notes)) for t in third.tracks] == [("Voice", 4), ("Drums", 16), ("Bass", 3)]


def test_a_part_is_stale_when_the_tune_changed_but_not_because_of_itself():
    entry, take = band()
    taken = accepted_song(artists(), entry, take, parts={0})
    assert not entry.is_stale(taken)
    moved = edits.transpose_notes(taken, [1], 2)
    assert entry.is_stale(moved)
    with pytest.raises(StaleError):
        accepted_song(moved, entry, take, parts={1})


def test_a_comping_part_is_no_chord_lane():
    song = artists()
    request = SuggestionRequest(Kind.COMPING, song, Region(0, 4), Role.CHORDS)
    part = Part(Role.CHORDS, "Piano", 0, (new(1, 0, 60),))
    entry = Entry("s8", request, digest_of(song, request)).with_take(Take(0, "", parts=(part,)))
    assert not entry.writes_chords
    found = song_with_take(song, entry, entry.takes[0])
    assert found.chords == () and found.tracks[1].role is Role.CHORDS


def test_a_form_replaces_the_song_and_keeps_who_its_notes_are():
    entry, take = form()
    found = accepted_song(artists(), entry, take)
    assert [s.name for s in found.sections] == ["Intro", "Verse 1", "Chorus"]
    own = {n.id: n for n in found.track(10).notes}
    assert {1, 2, 3, 4} < set(own) and all(n.origin is Origin.PLAYED for n in own.values())
    assert {t.name for t in found.tracks} == {"Voice", "Keys", "Bass"}


def test_a_form_without_one_of_its_parts():
    entry, take = form()
    found = accepted_song(artists(), entry, take, parts={1})
    assert {t.name for t in found.tracks} == {"Voice", "Bass"}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1), (0, 2, 1), (1, 0, 2)])
def test_sections_taken_one_by_one_in_any_order_make_the_song_of_the_plan(order):
    entry, take = form()
    song = artists()
    for number in order:
        assert not entry.is_stale(song)
        song = accepted_song(song, entry, take, sections={number})
    kinds = [s.name for s in song.sections if s.name in ("Intro", "Verse 1", "Chorus")]
    assert kinds == ["Intro", "Verse 1", "Chorus"]
    assert song.bars == 10
    sung = [(n.start_ticks // BAR, n.pitch) for n in song.track(10).notes]
    assert sung == [(2 + n, 60 + n) for n in range(4)] + [(6 + n, 60 + n) for n in range(4)]
    assert [len(next(t for t in song.tracks if t.name == name).notes) for name in ("Keys", "Bass")] == [2, 4]


def test_a_section_taken_twice_stands_once():
    entry, take = form()
    once = accepted_song(artists(), entry, take, sections={2})
    twice = accepted_song(once, entry, take, sections={2})
    assert twice.bars == once.bars == 8
    assert [s.name for s in twice.sections].count("Chorus") == 1


def test_a_form_is_stale_when_anything_in_the_song_changed():
    entry, take = form()
    longer = edits.insert_note(artists(), 10, 6 * BAR, 480, 70)
    assert entry.is_stale(longer)
    partly = accepted_song(artists(), entry, take, sections={0})
    assert not entry.is_stale(partly)
    assert entry.is_stale(edits.transpose_notes(partly, [1], 1))


def test_hearing_changes_nothing():
    entry, take = form()
    song = artists()
    song_with_take(song, entry, take)
    song_with_take(song, entry, take, sections={0, 2})
    assert song == artists()
