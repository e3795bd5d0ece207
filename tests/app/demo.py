"""“Harbour lights”: the song of the target pictures, 16 bars in E♭ at 92, and an idea for its bars 9–12.

>>> harbour_lights().bars
16
"""

from engine.api.suggestion import Originality, Scores, Take
from engine.music import (
    TICKS_PER_QUARTER,
    Chord,
    ChordSpan,
    Key,
    KeyChange,
    Note,
    Origin,
    Region,
    Role,
    Section,
    Song,
    Tempo,
    TimeMap,
    Track,
)
from engine.music.section import SectionKind

BAR = 4 * TICKS_PER_QUARTER
# one a bar
CHORDS = (
    "Eb",
    "Cm7",
    "Ab",
    "Bb",
    "Eb",
    "Gm7",
    "Abmaj7",
    "Bbsus4",
    "Cm7",
    "Fm9",
    "Bb7",
    "Eb/G",
    "Ab",
    "Abm6",
    "Eb/Bb",
    "Bb7",
)
# per bar from bar 5: pitch and length in quarters, one after the other
MELODY = (
    ((63, 1), (70, 1.5), (70, 0.5), (72, 1)),
    ((70, 1), (67, 0.5), (65, 0.5), (67, 1), (70, 1)),
    ((72, 1), (70, 0.5), (68, 0.5), (67, 1), (63, 1)),
    ((65, 1.5), (63, 0.5), (65, 2)),
    ((67, 1), (70, 0.5), (72, 1.5), (70, 1)),
    ((68, 1), (67, 1), (65, 2)),
    ((70, 1.5), (68, 0.5), (65, 1), (62, 1)),
    ((67, 2), (63, 2)),
    ((72, 1), (75, 1), (74, 0.5), (72, 0.5), (70, 1)),
    ((71, 1), (70, 0.5), (68, 0.5), (65, 2)),
    ((67, 1), (70, 1), (75, 1.5), (74, 0.5)),
    ((74, 1), (72, 0.5), (68, 0.5), (70, 2)),
)
VOICINGS = (
    (55, 58, 63, 67),
    (55, 58, 60, 63),
    (56, 60, 63),
    (53, 58, 62),
    (55, 58, 63),
    (55, 58, 62, 65),
    (55, 60, 63, 67),
    (53, 58, 63),
    (55, 58, 60, 63),
    (56, 60, 63, 67),
    (56, 58, 62, 65),
    (55, 58, 63),
    (56, 60, 63),
    (56, 59, 63, 65),
    (58, 63, 67),
    (56, 58, 62, 65),
)
BASS_ROOTS = (39, 43, 44, 46, 36, 41, 46, 43, 44, 44, 46, 46)
# bars 9-12: kept notes of the melody stand between these (start in quarters from bar 9, length, pitch)
LIFT = (
    (1, 0.5, 68),
    (1.5, 0.5, 70),
    (2, 0.5, 72),
    (2.5, 1, 75),
    (3.5, 0.5, 74),
    (5, 0.5, 72),
    (5.5, 0.5, 70),
    (6, 1, 68),
    (7, 0.5, 67),
    (7.5, 0.5, 68),
    (9.5, 0.5, 72),
    (10, 0.5, 74),
    (10.5, 1, 77),
    (11.5, 0.5, 74),
    (14, 0.5, 70),
    (14.5, 0.5, 68),
    (15, 1, 67),
)


def harbour_lights() -> Song:
    """The song of the pictures: melody, piano, bass and drums; intro, verse and chorus."""
    ids = iter(range(1, 10_000))
    sections = (
        Section(next(ids), "Intro", 0, 4, SectionKind.INTRO),
        Section(next(ids), "Verse", 4, 8, SectionKind.VERSE),
        Section(next(ids), "Chorus", 12, 4, SectionKind.CHORUS),
    )
    chords = tuple(
        ChordSpan(next(ids), bar * BAR, BAR, Chord.parse(label)) for bar, label in enumerate(CHORDS)
    )
    tracks = (
        Track(next(ids), "Melody", Role.MELODY, 4, _melody(ids), level=0.78),
        Track(next(ids), "Piano", Role.CHORDS, 0, _piano(ids), level=0.62),
        Track(next(ids), "Bass", Role.BASS, 33, _bass(ids), level=0.7),
        Track(next(ids), "Drums", Role.DRUMS, 0, _drums(ids), level=0.52),
    )
    time_map = TimeMap((Tempo.of_bpm(0, 92),), keys=(KeyChange(0, Key(3)),))
    return Song("Harbour lights", time_map, sections, chords, tracks, next_id=next(ids))


def lift_to_the_ninth(song: Song) -> tuple[Take, Region]:
    """The melody idea of the picture for bars 9–12, and its region."""
    region = Region(8, 12, (song.tracks[0].id,))
    start, _ = region.span_ticks(song)
    bars = {song.time_map.bar_start(bar) for bar in range(8, 12)}
    kept = tuple(note for note in song.tracks[0].notes if note.start_ticks in bars)
    new = [Note(0, start + _ticks(at), _ticks(length), pitch, 84, Origin.TAKEN) for at, length, pitch in LIFT]
    ordered = sorted([*kept, *new], key=lambda note: note.start_ticks)
    notes = tuple(
        Note(number, note.start_ticks, note.duration_ticks, note.pitch, note.velocity, Origin.TAKEN)
        for number, note in enumerate(ordered, 1)
    )
    take = Take(
        0,
        "Lift to the ninth",
        ("Climbs to E♭ over Cm7, lands on your strong beats", "answers bar 9 a third higher in bar 11"),
        notes,
        scores=Scores(fit=0.86, distance=0.41),
        originality=Originality(4),
        kept_note_ids=tuple(note.id for note in kept),
    )
    return take, region


def borrowed_light(song: Song) -> tuple[Take, Region]:
    """The chord idea of the picture for bars 9–12, and its region."""
    region = Region(8, 12, (), chords=True)
    start, _ = region.span_ticks(song)
    spans = tuple(
        ChordSpan(number, start + (number - 1) * BAR, BAR, Chord.parse(label), Origin.TAKEN)
        for number, label in enumerate(("Cm9", "Abm6", "Eb/Bb", "Bb13"), 1)
    )
    return Take(0, "Borrowed light", ("Minor iv from E♭ minor in bar 10",), chords=spans), region


def _ticks(quarters: float) -> int:
    return round(quarters * TICKS_PER_QUARTER)


def _melody(ids) -> tuple[Note, ...]:
    notes = []
    for bar, line in enumerate(MELODY, 4):
        at = bar * BAR
        for number, (pitch, length) in enumerate(line):
            velocity = 92 if number == 0 else 78 + (pitch - 60) // 2
            notes.append(Note(next(ids), at, _ticks(length), pitch, velocity, Origin.PLAYED))
            at += _ticks(length)
    return tuple(notes)


def _piano(ids) -> tuple[Note, ...]:
    return tuple(
        Note(next(ids), bar * BAR, BAR - 40, pitch, 64, Origin.PLAYED)
        for bar, voicing in enumerate(VOICINGS)
        for pitch in voicing
    )


def _bass(ids) -> tuple[Note, ...]:
    notes = []
    for bar, root in enumerate(BASS_ROOTS, 4):
        for at, length, pitch in ((0, 1.5, root), (1.5, 0.5, root + 7), (2, 1.5, root), (3.5, 0.5, root - 2)):
            notes.append(Note(next(ids), bar * BAR + _ticks(at), _ticks(length), pitch, 82, Origin.PLAYED))
    return tuple(notes)


def _drums(ids) -> tuple[Note, ...]:
    notes = []
    for bar in range(4, 16):
        hits = [(eighth / 2, 42) for eighth in range(8)] + [(0, 36), (1, 38), (2, 36), (3, 38)]
        for at, pitch in sorted(hits, key=lambda hit: (hit[0], hit[1])):
            notes.append(Note(next(ids), bar * BAR + _ticks(at), 60, pitch, 74, Origin.PLAYED))
    return tuple(notes)
