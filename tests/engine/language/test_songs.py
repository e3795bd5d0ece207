"""A song on the grid comes back from the language note by note; one off the grid is understood."""

from dataclasses import replace
from random import Random

import pytest

from engine.generation.language.grid import NoteEvent, Stream
from engine.generation.language.placing import placed_chords, placed_notes
from engine.generation.language.question import Question, encode, read_answer, with_cell
from engine.generation.language.songs import question_of, read_song
from engine.music import (
    Chord,
    ChordSpan,
    Key,
    KeyChange,
    Metre,
    MetreChange,
    Mode,
    Note,
    Role,
    Section,
    Song,
    TimeMap,
    Track,
)
from engine.music.section import SectionKind

MELODY, CHORDS = Stream.MELODY, Stream.CHORDS
METRES = [
    Metre(4, 4),
    Metre(3, 4),
    Metre(7, 8),
    Metre(6, 8),
    Metre(5, 4),
    Metre(12, 4),
    Metre(11, 16),
    Metre(2, 1),
]
LABELS = ["C", "Dm7", "G7(b9)", "Fmaj9", "Bb/D", "Ebm6", "F#dim7", "Asus4", "N"]


def melody(*notes, role=Role.MELODY, number=1):
    """A track of (start, duration, pitch) in song ticks."""
    found = tuple(Note(n + 1, *note) for n, note in enumerate(notes))
    return Track(number, role.value, role, notes=found)


def random_time_map(rng: Random) -> TimeMap:
    metre = rng.choice(METRES)
    pickup = rng.choice((0, 0, 240))
    first = TimeMap(metres=(MetreChange(0, metre),), pickup_ticks=min(pickup, metre.bar_ticks - 240))
    if rng.random() < 0.5:
        return first
    change = MetreChange(first.bar_start(rng.randint(1, 3)), rng.choice(METRES))
    return replace(first, metres=(MetreChange(0, metre), change))


def random_song(rng: Random) -> Song:
    """Lines, voices, drums and chords with all times on 32nds or triplets."""
    time_map = replace(
        random_time_map(rng), keys=(KeyChange(0, Key(rng.randrange(12), rng.choice(list(Mode)))),)
    )
    bars = rng.randint(1, 6)
    end = time_map.bar_start(bars)
    tracks = [
        Track(1, "tune", Role.MELODY, notes=random_line(rng, time_map, bars)),
        Track(2, "bass", Role.BASS, notes=random_line(rng, time_map, bars, 30)),
        Track(3, "piano", Role.CHORDS, notes=random_voices(rng, end)),
        Track(4, "kit", Role.DRUMS, notes=random_drums(rng, end)),
    ]
    spans, tick = [], 0
    while tick < end:
        ticks = min(rng.choice((480, 960, 720, 1920)), end - tick)
        chord = Chord.parse(rng.choice(LABELS))
        if not spans or spans[-1].chord != chord:
            spans.append(ChordSpan(100 + tick, tick, ticks, chord))
            tick += ticks
    return Song("", time_map, (), tuple(spans), tuple(tracks), next_id=100_000)


FIGURES = ((480,), (240, 240), (160, 160, 160), (120,) * 4, (60,) * 4, (80,) * 3, (360, 120), (240,), (120,))


def random_line(rng: Random, time_map: TimeMap, bars: int, low: int = 55) -> tuple[Note, ...]:
    """Figures bar by bar, some of them held on into the next ones."""
    lengths = []
    for bar in range(bars):
        whole = left = time_map.bar_ticks(bar)
        while left:
            # triplets begin on the beat
            fitting = [
                f for f in FIGURES if sum(f) <= left and ((whole - left) % sum(f) == 0 or f[0] % 60 == 0)
            ]
            figure = rng.choice([*fitting, (left,)])
            lengths += figure
            left -= sum(figure)
    notes, tick = [], 0
    for ticks in lengths:
        if notes and rng.random() < 0.2 and notes[-1].end_ticks == tick:
            notes[-1] = replace(notes[-1], duration_ticks=notes[-1].duration_ticks + ticks)
        elif rng.random() < 0.8:
            notes.append(Note(len(notes) + low * 1000, tick, ticks, rng.randint(low, low + 25)))
        tick += ticks
    return tuple(notes)


def random_voices(rng: Random, end: int) -> tuple[Note, ...]:
    notes = []
    for tick in range(0, end, 480):
        for pitch in rng.sample(range(48, 72), 3):
            notes.append(Note(1000 + len(notes), tick, min(480, end - tick), pitch))
    return tuple(sorted(notes, key=lambda note: (note.start_ticks, note.pitch)))


def random_drums(rng: Random, end: int) -> tuple[Note, ...]:
    hits = sorted((tick, drum) for tick in range(0, end, 240) for drum in (36, 38, 42) if rng.random() < 0.5)
    return tuple(Note(2000 + n, tick, 60, drum) for n, (tick, drum) in enumerate(hits))


def there_and_back(reading):
    """The sheet told as one answer and read again."""
    holes = tuple(frozenset(bar.cells) or frozenset({MELODY}) for bar in reading.sheet.bars)
    question = Question(reading.sheet, holes)
    encoded = encode(question, reading.sheet)
    return read_answer(question, encoded.tokens.tolist(), encoded.loss.tolist())


def plain(notes):
    return [(note.start_ticks, note.duration_ticks, note.pitch) for note in notes]


@pytest.mark.parametrize("seed", range(60))
def test_a_song_on_the_grid_comes_back(seed):
    song = random_song(Random(seed))
    reading = read_song(song, 0, song.bars)
    # without its sources the way back knows only the grid
    blank = replace(reading, sources={})
    sheet = there_and_back(reading)
    for track, stream in zip(song.tracks, (MELODY, Stream.BASS, Stream.COMPING), strict=False):
        assert plain(placed_notes(blank, sheet, stream)) == plain(track.notes), track.name
    drums = [(note.start_ticks, note.pitch) for note in placed_notes(blank, sheet, Stream.DRUMS)]
    assert drums == [(note.start_ticks, note.pitch) for note in song.tracks[3].notes]
    found = [(c.start_ticks, c.duration_ticks, c.chord) for c in placed_chords(blank, sheet)]
    expected = [(s.start_ticks, s.duration_ticks, s.chord) for s in song.chords]
    assert [chord for *_, chord in found] == [chord for *_, chord in expected]
    assert found == expected


@pytest.mark.parametrize("seed", range(20))
def test_what_stands_in_the_song_is_recognised(seed):
    song = random_song(Random(seed))
    reading = read_song(song, 0, song.bars)
    sheet = there_and_back(reading)
    assert [note.source for note in placed_notes(reading, sheet, MELODY)] == list(song.tracks[0].notes)
    assert [chord.source for chord in placed_chords(reading, sheet)] == list(song.chords)


def test_pitches_are_told_from_the_tonic_and_drums_are_not():
    song = Song(
        time_map=TimeMap(keys=(KeyChange(0, Key(9, Mode.MINOR)),)),
        tracks=(melody((0, 480, 69)), melody((0, 480, 36), role=Role.DRUMS, number=2)),
    )
    sheet = read_song(song, 0, 1).sheet
    assert sheet.mode is Mode.MINOR and sheet.shift == -3
    assert sheet.bars[0].cells[MELODY] == (NoteEvent(0, 24, 72),)
    assert sheet.bars[0].cells[Stream.DRUMS][0].pitch == 36


def test_a_key_change_inside_stays_in_the_key_of_the_first_bar():
    keys = (KeyChange(0, Key(0)), KeyChange(1920, Key(2)))
    song = Song(time_map=TimeMap(keys=keys), tracks=(melody((0, 480, 60), (1920, 480, 62)),))
    reading = read_song(song, 0, 2)
    assert [bar.cells[MELODY][0].pitch for bar in reading.sheet.bars] == [60, 62]
    assert read_song(song, 1, 2).sheet.bars[0].cells[MELODY][0].pitch == 60


def test_without_a_written_key_the_notes_tell():
    scale = [64, 66, 68, 69, 71, 73, 75, 76, 71, 68, 64]
    song = Song(tracks=(melody(*((480 * n, 480, pitch) for n, pitch in enumerate(scale))),))
    assert read_song(song, 0, 3).key.tonic == 4


def test_an_empty_song_has_bars_and_nothing_in_them():
    reading = read_song(Song(tracks=(Track(1, "tune", Role.MELODY),)), 0, 4)
    assert [bar.cells for bar in reading.sheet.bars] == [{}] * 4 and reading.bars_left == -1
    assert encode(Question(reading.sheet, (frozenset({MELODY}),) * 4), reading.sheet).tokens.size > 8


def test_a_pickup_is_a_short_bar_before_the_first_full_one():
    time_map = TimeMap(pickup_ticks=480)
    song = Song(time_map=time_map, tracks=(melody((0, 480, 60), (480, 1920, 64)),))
    sheet = read_song(song, 0, 2).sheet
    assert [bar.length for bar in sheet.bars] == [24, 96] and sheet.first_full == 1
    assert read_song(song, 1, 2).sheet.first_full == 0
    assert read_song(song, 3, 5).sheet.first_full == -2


def test_a_very_long_bar_is_told_as_several():
    song = Song(time_map=TimeMap(metres=(MetreChange(0, Metre(12, 4)),)), tracks=(melody((0, 5760, 60)),))
    reading = read_song(song, 0, 1)
    assert [bar.length for bar in reading.sheet.bars] == [192, 96]
    assert plain(placed_notes(replace(reading, sources={}), reading.sheet, MELODY)) == [(0, 5760, 60)]
    assert reading.bars_of(0, 1) == range(2)


def test_a_melody_of_several_voices_is_its_top_line():
    song = Song(tracks=(melody((0, 480, 60), (0, 480, 64), (0, 480, 72), (480, 480, 62), (480, 480, 74)),))
    cell = read_song(song, 0, 1, key=Key()).sheet.bars[0].cells[MELODY]
    assert [note.pitch for note in cell] == [72, 74]


def test_played_notes_are_quantised_for_the_model_only():
    played = ((7, 430, 60), (491, 200, 62), (733, 210, 64), (955, 900, 65))
    reading = read_song(Song(tracks=(melody(*played),)), 0, 1, key=Key())
    cell = reading.sheet.bars[0].cells[MELODY]
    assert [note[:3] for note in cell] == [(0, 24, 60), (24, 12, 62), (36, 12, 64), (48, 48, 65)]
    assert plain(placed_notes(reading, reading.sheet, MELODY)) == list(played)


def test_a_note_just_before_the_barline_belongs_to_the_next_bar():
    played = ((3, 470, 60), (484, 470, 60), (963, 470, 60), (1437, 470, 60), (1915, 470, 62))
    bars = read_song(Song(tracks=(melody(*played),)), 0, 2, key=Key()).sheet.bars
    assert [note.pitch for note in bars[1].cells[MELODY]] == [62]
    assert bars[1].cells[MELODY][0].offset == 0 and not bars[1].cells[MELODY][0].tied


def test_swing_is_read_as_triplets():
    played = [(960 * n + start, 150, 60 + n) for n in range(4) for start in (0, 325)]
    cell = read_song(Song(tracks=(melody(*played),)), 0, 1, key=Key()).sheet.bars[0].cells[MELODY]
    assert {note.offset % 24 for note in cell} == {0, 16}


def test_sections_and_chords_nobody_knows_are_absent():
    song = Song(
        sections=(Section(1, "Chorus", 0, 1, SectionKind.CHORUS), Section(2, "A", 1, 1)),
        chords=(ChordSpan(1, 0, 1920, Chord.parse("C")),),
    )
    first, second = read_song(song, 0, 2).sheet.bars
    assert (first.section, second.section) == ("chorus", "")
    assert CHORDS in first.cells and CHORDS not in second.cells


def held_over():
    """Three bars: a note over each barline."""
    return Song(
        tracks=(melody((0, 1440, 60), (1440, 960, 62), (2400, 960, 64), (3360, 960, 65), (4320, 1440, 67)),)
    )


def test_a_note_that_sounds_into_the_hole_stays_and_what_is_replaced_leaves_nothing():
    reading = read_song(held_over(), 0, 3, key=Key())
    question = question_of(reading, {1: frozenset({MELODY})})
    assert question.locks == {1: {MELODY: (NoteEvent(0, 24, 62, True),)}}
    assert question.sheet.bars[2].cells[MELODY] == (NoteEvent(24, 72, 67),)
    assert reading.sheet.bars[2].cells[MELODY][0].pitch == 65


def test_locked_notes_and_chords_in_a_hole_are_locks():
    song = held_over()
    notes = tuple(replace(note, locked=note.pitch in (64, 65)) for note in song.tracks[0].notes)
    chords = (
        ChordSpan(50, 0, 2880, Chord.parse("C")),
        ChordSpan(51, 2880, 960, Chord.parse("G7"), locked=True),
        ChordSpan(52, 3840, 1920, Chord.parse("Am")),
    )
    song = replace(song, tracks=(replace(song.tracks[0], notes=notes),), chords=chords)
    question = question_of(read_song(song, 0, 3, key=Key()), {1: frozenset({MELODY, CHORDS})})
    told = question.locks[1]
    assert told[MELODY] == (NoteEvent(0, 24, 62, True), NoteEvent(24, 48, 64), NoteEvent(72, 24, 65))
    assert [(c.offset, c.duration, c.root, c.quality) for c in told[CHORDS]] == [(48, 48, 7, "7")]
    # the tail of the locked note stays behind the hole
    assert question.sheet.bars[2].cells[MELODY][0] == NoteEvent(0, 24, 65, True)


def test_new_notes_are_placed_among_kept_ones_with_their_own_times():
    song = Song(tracks=(melody((11, 470, 60), (480, 480, 62), (960, 960, 64)),))
    reading = read_song(song, 0, 1, key=Key())
    cell = (NoteEvent(0, 24, 60), NoteEvent(24, 24, 71), NoteEvent(48, 48, 64))
    found = placed_notes(reading, with_cell(reading.sheet, 0, MELODY, cell), MELODY, {0})
    assert plain(found) == [(11, 470, 60), (480, 480, 71), (960, 960, 64)]
    assert [note.source is not None for note in found] == [True, False, True]


@pytest.mark.parametrize("seed", range(40))
def test_any_metre_and_any_playing_is_understood(seed):
    """Odd metres down to 1/64 and up to 255/1, pickups, notes anywhere: a question that can be told."""
    rng = Random(seed)
    metre = Metre(rng.choice((1, 3, 5, 11, 25, 64, 255)), rng.choice((1, 2, 4, 8, 16, 32, 64)))
    time_map = TimeMap(metres=(MetreChange(0, metre),), pickup_ticks=rng.randrange(metre.bar_ticks))
    end = time_map.bar_start(2)
    played = [(rng.randrange(end), rng.randint(1, 3000), rng.randint(0, 127)) for _ in range(12)]
    tracks = tuple(
        melody(*sorted(played), role=role, number=n)
        for n, role in enumerate(Role, 1)
        if role is not Role.OTHER
    )
    reading = read_song(Song(time_map=time_map, tracks=tracks), 0, 3, key=Key(rng.randrange(12)))
    holes = {bar: frozenset(rng.sample(list(Stream), 2)) for bar in range(len(reading.places))}
    question = question_of(reading, holes, lambda source: rng.random() < 0.3)
    encoded = encode(question, reading.sheet)
    assert encoded.tokens.size > 10
    assert sum(bar.length for bar in reading.sheet.bars) * 20 >= time_map.bar_start(3)
    for stream in (MELODY, Stream.COMPING, Stream.DRUMS):
        placed = placed_notes(reading, reading.sheet, stream)
        assert all(note.duration_ticks > 0 for note in placed)
