"""Drums for a song: obeyed, playable, with the song, into new sections, touched by people, the same again."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from engine.api.errors import BadRequestError, ImpossibleError
from engine.api.suggestion import Controls, Kind, SuggestionRequest, Take
from engine.arrangement.brief import brief_of
from engine.arrangement.drums import Manner, drum_line, drum_part
from engine.arrangement.drums.accents import accents_of, met, strong_places
from engine.arrangement.drums.grooves import grooves_for, pulses_of
from engine.arrangement.drums.own import voice_of
from engine.arrangement.kinds.drums import suggest
from engine.arrangement.styles import Kit, player_styles
from engine.formats.partpatterns import Entry
from engine.music import Chord, Metre, Note, Region, Role, Song, Track
from engine.music.drumkit import DrumVoice, Limb
from engine.music.progression import ChordSpan
from engine.music.section import Section, SectionKind
from engine.music.timemap import MetreChange, Tempo, TimeMap

STYLES = {style.name: style for style in player_styles()}
FORM = ((SectionKind.VERSE, 4), (SectionKind.PRE_CHORUS, 4), (SectionKind.CHORUS, 8), (SectionKind.OUTRO, 4))
PUSHED = ((0, 240), (360, 360), (840, 480), (1320, 240), (1680, 240))
PLAIN = ((0, 480), (480, 240), (960, 720))
MELODY, DRUMS = 901, 902


def song(
    bars: int = 8,
    metre: tuple[int, int] = (4, 4),
    bpm: float = 110,
    tune=PLAIN,
    form=(),
    chords: bool = True,
    drums: tuple[Note, ...] = (),
) -> Song:
    length = Metre(*metre).bar_ticks
    time_map = TimeMap((Tempo.of_bpm(0, bpm),), (MetreChange(0, Metre(*metre)),))
    notes = [
        Note(1 + bar * 20 + place, bar * length + start, min(duration, length - start), 67 + place)
        for bar in range(bars)
        for place, (start, duration) in enumerate(tune)
        if start < length
    ]
    roots = (0, 5, 9, 7)
    spans = [ChordSpan(5000 + b, b * length, length, Chord(roots[b % 4], "maj")) for b in range(bars)]
    sections, start = [], 0
    for number, (kind, count) in enumerate(form):
        sections.append(Section(6000 + number, kind.value, start, count, kind))
        start += count
    tracks = [Track(MELODY, "Tune", Role.MELODY, 0, tuple(notes))] if tune else []
    if drums:
        tracks.append(Track(DRUMS, "Drums", Role.DRUMS, 0, drums))
    return Song("", time_map, tuple(sections), tuple(spans) if chords else (), tuple(tracks), next_id=20_000)


def asked(
    of: Song, style: str = "", region: Region | None = None, track: int = 0, **more
) -> SuggestionRequest:
    controls = Controls(style=style, **{k: v for k, v in more.items() if k != "takes" and k != "seed"})
    return SuggestionRequest(
        Kind.DRUMS,
        of,
        region or Region(0, of.bars),
        Role.DRUMS,
        track,
        controls,
        more.get("seed", 1),
        more.get("takes", 4),
    )


def takes(request: SuggestionRequest) -> list[Take]:
    return [answer for answer in suggest(request, lambda: None) if isinstance(answer, Take)]


def line(request: SuggestionRequest, manner: Manner = Manner.STYLE):
    brief = brief_of(request)
    return brief, drum_line(brief, manner, 0)


def starts(take: Take, *voices: DrumVoice) -> list[int]:
    return [note.start_ticks for note in take.notes if voice_of(note.pitch) in voices]


# every style in every metre -------------------------------------------------------------------------

METRES = ((4, 4), (3, 4), (6, 8), (5, 4), (7, 8), (12, 8), (3, 8), (11, 16))


@pytest.mark.parametrize("metre", METRES)
def test_every_style_plays_every_metre_with_two_hands_and_two_feet(metre):
    of = song(2, metre, bpm=120)
    for name, style in STYLES.items():
        brief, found = line(asked(of, name))
        assert found.strokes, name
        at: dict[int, list[DrumVoice]] = {}
        for stroke in found.strokes:
            assert 0 <= stroke.tick < brief.end_ticks
            at.setdefault(stroke.tick, []).append(stroke.voice)
        for voices in at.values():
            assert len(voices) == len(set(voices)), (name, voices)
            if style.kit is not Kit.ELECTRONIC:
                assert sum(voice.limb is Limb.HAND for voice in voices) <= 2, (name, voices)
        for note in found.notes:
            assert 0 <= note.start_ticks < note.end_ticks <= brief.end_ticks
            assert 1 <= note.velocity <= 127
            assert voice_of(note.pitch) is not None


@pytest.mark.parametrize(
    ("metre", "pulses"),
    [
        ((7, 8), (480, 480, 720)),
        ((5, 8), (720, 480)),
        ((8, 8), (720, 720, 480)),
        ((5, 4), (480,) * 5),
        ((9, 8), (720,) * 3),
        ((7, 16), (240, 240, 360)),
    ],
)
def test_a_metre_no_pattern_has_is_laid_out_in_its_pulses(metre, pulses):
    assert pulses_of(Metre(*metre)) == pulses
    groove = grooves_for("soul", Metre(*metre))[0]
    assert groove.is_derived
    for bar in groove.bars:
        assert {hit.into for hit in bar} and max(hit.into for hit in bar) < Metre(*metre).bar_ticks
    assert all(0 in kicks for kicks in groove.kicks)


def test_a_written_metre_is_taken_as_written():
    for seed in range(4):
        _, found = line(asked(song(4, (7, 8), form=((SectionKind.CHORUS, 4),)), "rock", seed=seed))
        assert found.plan.main.title == "Seven, crashing"
    assert not any(groove.is_derived for groove in grooves_for("pop", Metre(2, 2)))


@pytest.mark.parametrize("bpm", [30, 300])
@pytest.mark.parametrize("style", ["pop", "samba", "jazz-swing", "drum-and-bass", "funk"])
def test_any_tempo_is_played_by_hands(style, bpm):
    for take in takes(asked(song(4, bpm=bpm), style, takes=2)):
        for voice in (DrumVoice.HAT, DrumVoice.RIDE):
            if STYLES[style].kit is not Kit.ELECTRONIC:
                places = sorted(starts(take, voice))
                assert all(60 * (b - a) / (bpm * 480) > 0.05 for a, b in pairwise(places)), take.title


# the song -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["pop", "rock", "soul", "funk", "hip-hop", "lo-fi", "country", "synthwave"])
def test_the_kick_goes_with_the_songs_accents(style):
    """Against the same song's groove on a tune that asks for nothing."""
    pushed = asked(song(8, tune=PUSHED), style)
    places = strong_places(accents_of(brief_of(pushed)))
    assert len(places) >= 15

    def share(request) -> float:
        _, found = line(request, Manner.ACCENTS)
        hit, total = met(
            places, {s.tick for s in found.strokes if s.voice in (DrumVoice.KICK, DrumVoice.SNARE)}
        )
        return hit / total

    assert share(pushed) > share(asked(song(8, tune=()), style)) or share(pushed) == 1
    assert share(pushed) >= 0.8


def test_fills_lead_into_new_sections_only_and_a_crash_follows():
    _, found = line(asked(song(20, form=FORM), "rock"))
    into = [ending.into_bar for ending in found.endings]
    assert into == [4, 8, 16]
    for bar in found.crashes:
        assert any(s.voice is DrumVoice.CRASH and s.tick == bar * 1920 for s in found.strokes)
        assert any(s.voice is DrumVoice.KICK and s.tick == bar * 1920 for s in found.strokes)
    assert {4, 8} <= set(found.crashes) | {4}
    assert 8 in found.crashes
    inside = [s for s in found.strokes if s.ending]
    assert all(any(e.start_ticks <= s.tick < e.end_ticks for e in found.endings) for s in inside)
    assert found.ends_on_one
    assert not [s for s in found.strokes if s.tick > 19 * 1920]


def test_some_take_builds_into_the_chorus():
    entries = set()
    for seed in range(6):
        _, found = line(asked(song(20, form=FORM), "house", seed=seed))
        entries |= {e.groove.pattern.entry for e in found.endings if e.into_bar == 8}
    assert Entry.BUILD in entries


def test_a_loop_without_sections_has_no_fill():
    _, found = line(asked(song(4), "pop"))
    assert not found.endings


def test_the_chorus_is_fuller_than_the_verse():
    for style in ("pop", "rock", "soul", "jazz-swing", "house", "cinematic"):
        take = takes(asked(song(20, form=FORM), style, takes=1))[0]
        verse = [n.velocity for n in take.notes if n.start_ticks < 3 * 1920]
        chorus = [n.velocity for n in take.notes if 9 * 1920 <= n.start_ticks < 12 * 1920]
        assert sum(chorus) > 1.05 * sum(verse), style


def test_a_return_is_recognised():
    form = ((SectionKind.VERSE, 4), (SectionKind.CHORUS, 4), (SectionKind.VERSE, 4), (SectionKind.CHORUS, 4))
    _, found = line(asked(song(16, form=form), "pop"))
    assert found.plan.by_bar[0].key == found.plan.by_bar[8].key
    assert found.plan.by_bar[4].key == found.plan.by_bar[12].key
    assert found.plan.by_bar[0].key != found.plan.by_bar[4].key


# takes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", sorted(STYLES))
def test_four_takes_differ_in_title_and_strokes(style):
    metre = STYLES[style].metres[0]
    found = takes(asked(song(4, (metre.numerator, metre.denominator)), style))
    assert len(found) == 4
    assert len({take.title for take in found}) == 4
    places = [{(round(n.start_ticks / 60), n.pitch) for n in take.notes} for take in found]
    for one, other in pairwise(places):
        assert len(one & other) < 0.92 * max(len(one), len(other))
    for take in found:
        assert take.reasons
        assert all(reason.endswith(".") for reason in take.reasons)
        assert take.parts[0].notes == take.notes


def test_the_same_request_gives_the_same_takes_and_another_seed_others():
    request = asked(song(8, tune=PUSHED), "funk")
    assert takes(request) == takes(request)
    assert takes(request)[0].notes != takes(replace(request, seed=2))[0].notes


@pytest.mark.parametrize(
    ("of", "region"),
    [
        (song(8, tune=(), chords=False), Region(0, 4)),
        (song(8, chords=False), Region(0, 8)),
        (song(8, tune=()), Region(3, 4)),
        (song(1), Region(0, 1)),
        (Song(), Region(0, 2)),
    ],
)
def test_little_is_enough(of, region):
    for take in takes(asked(of, "", region)):
        assert take.notes
        span = region.span_ticks(of)
        assert all(span[0] <= note.start_ticks < span[1] for note in take.notes)


def test_two_hundred_bars_are_played_to_the_end():
    take = takes(asked(song(200), "rock", takes=1))[0]
    assert {note.start_ticks // 1920 for note in take.notes} == set(range(200))


def test_bars_that_are_none_are_refused():
    with pytest.raises(BadRequestError):
        takes(asked(song(4), "pop", Region(3, 3)))


# what is there --------------------------------------------------------------------------------------


def with_drums(style: str = "soul") -> Song:
    of = song(12, form=((SectionKind.VERSE, 6), (SectionKind.CHORUS, 6)))
    notes = takes(asked(of, style, takes=1))[0].notes
    return song(12, form=((SectionKind.VERSE, 6), (SectionKind.CHORUS, 6)), drums=notes)


def test_one_bar_again_goes_on_as_the_bars_around_it():
    of = with_drums()
    found = takes(asked(of, "soul", Region(3, 4), DRUMS))
    assert found[0].title == "Goes on as you played"
    there = {
        (round((n.start_ticks - 2 * 1920) / 60), n.pitch)
        for n in of.track(DRUMS).notes
        if 2 * 1920 <= n.start_ticks < 3 * 1920
    }
    again = {(round((n.start_ticks - 3 * 1920) / 60), n.pitch) for n in found[0].notes}
    assert len(there & again) >= 0.75 * len(there)
    assert len(found) == 4
    assert all(3 * 1920 <= note.start_ticks < 4 * 1920 for take in found for note in take.notes)


def test_no_bar_begins_early_so_that_it_can_be_replaced_alone():
    take = takes(asked(song(16), "rock", takes=1))[0]
    late = [note.start_ticks % 1920 for note in take.notes if note.pitch == DrumVoice.KICK.key]
    assert not [place for place in late if place > 1920 - 60]


def test_locked_strokes_stay_and_are_not_doubled():
    of = with_drums()
    kept = [n for n in of.track(DRUMS).notes if 1920 <= n.start_ticks < 2400]
    drums = tuple(replace(n, locked=n in kept) for n in of.track(DRUMS).notes)
    locked = replace(of, tracks=(of.tracks[0], replace(of.track(DRUMS), notes=drums)))
    for take in takes(asked(locked, "rock", Region(1, 2), DRUMS)):
        stay = [n for n in take.notes if n.id in {k.id for k in kept}]
        assert [(n.start_ticks, n.pitch, n.velocity) for n in stay] == [
            (n.start_ticks, n.pitch, n.velocity) for n in kept
        ]
        assert take.kept_note_ids == tuple(n.id for n in kept)
        assert len({n.id for n in take.notes}) == len(take.notes)
        for note in kept:
            same = [
                n for n in take.notes if n.pitch == note.pitch and abs(n.start_ticks - note.start_ticks) < 40
            ]
            assert len(same) == 1


def test_when_all_is_locked_it_is_said():
    of = song(1)
    full = tuple(
        Note(300 + 40 * place + voice.key, place * 60, 30, voice.key, locked=True)
        for place in range(32)
        for voice in DrumVoice
    )
    locked = replace(of, tracks=(Track(DRUMS, "Drums", Role.DRUMS, 0, full),))
    with pytest.raises(ImpossibleError, match="unlock"):
        takes(asked(locked, "rock", Region(0, 1), DRUMS))


# touch ----------------------------------------------------------------------------------------------


def test_people_are_loose_but_close_and_machines_exact():
    brief, found = line(asked(song(16), "funk"))
    away = [abs(note.start_ticks - brief.swung(round(note.start_ticks / 120) * 120)) for note in found.notes]
    assert 2 < np.mean(away) < 20
    assert max(away) <= 40
    _, machine = line(asked(song(16), "techno"))
    assert all(note.start_ticks % 60 in (0, 20, 40) for note in machine.notes)
    assert drum_part(brief_of(asked(song(4), "techno"))).program == 25
    assert drum_part(brief_of(asked(song(4), "bossa nova"))).program == 40


def test_ghosts_are_soft_and_backbeats_loud():
    take = takes(asked(song(16, tune=()), "funk", takes=1))[0]
    snares = [n for n in take.notes if n.pitch == DrumVoice.SNARE.key]
    back = [
        n.velocity
        for n in snares
        if (n.start_ticks + 30) % 960 // 480 == 1 and (n.start_ticks + 30) % 480 < 70
    ]
    other = [n.velocity for n in snares if (n.start_ticks + 30) % 240 >= 100]
    assert np.mean(back) > 85
    assert not other or np.mean(other) < 70
