"""Chord ideas are heard: by the chord lane's piano, and by the parts that follow."""

from dataclasses import replace

from app.ideas.sounding import CHORD_LANE_TRACK, ChordLaneVoice, follow_chords, nearest_pitch
from engine.music import Chord, Origin, Role, edits
from tests.app.demo import BAR, harbour_lights


def reharmonised(label: str, bar: int = 9):
    before = harbour_lights()
    after = edits.change_chord(before, before.chords[bar].id, Chord.parse(label))
    return before, after, follow_chords(before, after, bar * BAR, (bar + 1) * BAR, "s1/0")


def test_comping_lands_on_the_new_chord_and_the_bass_on_its_bass():
    _, after, followed = reharmonised("Abm6")
    piano, bass = followed.tracks[1], followed.tracks[2]
    tones = Chord.parse("Abm6").pitch_classes
    assert {n.pitch_class for n in piano.notes_in(9 * BAR, 10 * BAR)} <= tones
    assert bass.notes_in(9 * BAR, 10 * BAR)[0].pitch_class == 8
    assert len(piano.notes_in(9 * BAR, 10 * BAR)) == len(after.tracks[1].notes_in(9 * BAR, 10 * BAR))
    moved = [n for n in piano.notes_in(9 * BAR, 10 * BAR) if n.origin is Origin.RULE]
    assert moved and all(n.source == "s1/0" for n in moved)


def test_every_voice_moves_as_little_as_it_can():
    before, _, followed = reharmonised("Abm6")
    old = sorted(n.pitch for n in before.tracks[1].notes_in(9 * BAR, 10 * BAR))
    new = sorted(n.pitch for n in followed.tracks[1].notes_in(9 * BAR, 10 * BAR))
    assert max(abs(a - b) for a, b in zip(old, new, strict=True)) <= 2
    assert len(set(new)) == len(new)


def test_nothing_moves_outside_the_bars_nor_where_the_chord_is_the_same():
    before, _, followed = reharmonised("Abm6")
    assert followed.tracks[0] == before.tracks[0] and followed.tracks[3] == before.tracks[3]
    assert followed.tracks[1].notes_in(0, 9 * BAR) == before.tracks[1].notes_in(0, 9 * BAR)
    assert follow_chords(before, before, 0, 16 * BAR) == before


def test_locked_notes_stay():
    before = harbour_lights()
    ids = [n.id for n in before.tracks[1].notes_in(9 * BAR, 10 * BAR)]
    locked = edits.lock_notes(before, ids)
    after = edits.change_chord(locked, locked.chords[9].id, Chord.parse("Abm6"))
    assert follow_chords(locked, after, 9 * BAR, 10 * BAR).tracks[1] == locked.tracks[1]


def test_the_chord_lane_sounds_only_where_no_part_plays_chords():
    song = harbour_lights()
    voice = ChordLaneVoice()
    assert voice.heard(song) is song
    without_piano = replace(song, tracks=tuple(t for t in song.tracks if t.role is not Role.CHORDS))
    lane = voice.heard(without_piano).tracks[-1]
    assert lane.id == CHORD_LANE_TRACK
    assert {n.start_ticks for n in lane.notes} == {bar * BAR for bar in range(16)}
    assert {n.pitch_class for n in lane.notes if n.start_ticks == 0} == Chord.parse("Eb").pitch_classes
    half = edits.delete_notes(song, [n.id for n in song.tracks[1].notes_in(8 * BAR, 16 * BAR)])
    assert min(n.start_ticks for n in voice.heard(half).tracks[-1].notes) == 8 * BAR


def test_an_edit_elsewhere_does_not_voice_the_lane_again():
    voice = ChordLaneVoice()
    song = replace(harbour_lights(), tracks=harbour_lights().tracks[:1])
    first = voice.heard(song).tracks[-1]
    moved = edits.transpose_notes(song, [song.tracks[0].notes[0].id], 1)
    assert voice.heard(moved).tracks[-1] is first


def test_nearest_pitch_prefers_the_lower_of_two():
    assert nearest_pitch(62, frozenset({0, 4})) == 60
    assert nearest_pitch(62, frozenset({0, 4}), avoid=frozenset({60})) == 64
