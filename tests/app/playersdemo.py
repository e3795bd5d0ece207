"""Ideas of the players for “Harbour lights”, made by hand: the form of the target picture, and a band for it.

>>> from tests.app.demo import harbour_lights
>>> take, request = slow_lift(harbour_lights())
>>> take.song.bars, len(take.plan), [part.name for part in take.parts]
(48, 8, ['Bass', 'Drums', 'Strings'])
"""

from dataclasses import replace

from engine.api.suggestion import Kind, Part, PlannedSection, SuggestionRequest, Take
from engine.music import Note, Origin, Region, Role, Section, Song, Track
from engine.music.section import SectionKind
from tests.app.demo import BAR

# name, kind, bars, intensity, first bar of the sketch it is made of, what is new
PLAN = (
    ("Intro", SectionKind.INTRO, 4, 0.2, 0, ("piano alone",)),
    ("Verse", SectionKind.VERSE, 8, 0.3, 4, ()),
    ("Chorus", SectionKind.CHORUS, 8, 0.6, 8, ("strings enter",)),
    ("Verse 2", SectionKind.VERSE, 8, 0.4, 4, ("the bass rests for four bars",)),
    ("Chorus 2", SectionKind.CHORUS, 8, 0.7, 8, ()),
    ("Bridge", SectionKind.BRIDGE, 4, 0.3, 12, ("piano and your melody alone",)),
    ("Last chorus", SectionKind.CHORUS, 6, 0.9, 8, ()),
    ("Outro", SectionKind.OUTRO, 2, 0.2, 0, ()),
)
REASONS = (
    "Chorus enters a third higher with strings",
    "verse 2 drops the bass for four bars",
    "the bridge is piano and your melody alone",
)


def planned_sections() -> tuple[PlannedSection, ...]:
    """The plan, bar after bar; the verse stands where the sketch has it."""
    sections, bar = [], 0
    for name, kind, bars, intensity, from_bar, changes in PLAN:
        in_place = name == "Verse"
        sections.append(
            PlannedSection(
                name, kind, bar, bars, intensity, (), changes, "", from_bar, bars if in_place else 0, in_place
            )
        )
        bar += bars
    return tuple(sections)


def slow_lift(song: Song) -> tuple[Take, SuggestionRequest]:
    """A form of 48 bars with bass, drums and strings, and the question it answers."""
    plan = planned_sections()
    strings = Track(900, "Strings", Role.PAD, 48, _held(plan, (60, 67), 62))
    tracks = [replace(track, notes=_laid_out(track, plan)) for track in song.tracks]
    whole = replace(
        song,
        tracks=(*tracks, strings),
        chords=_chords(song, plan),
        sections=tuple(Section(n, p.name, p.start_bar, p.bars, p.kind) for n, p in enumerate(plan, 901)),
        next_id=9_000_000,
    )
    bass, drums = song.track_in_role(Role.BASS), song.track_in_role(Role.DRUMS)
    parts = (
        Part(Role.BASS, "Bass", 35, (), bass.id, ("fretless", "roots and approach notes")),
        Part(Role.DRUMS, "Drums", 40, (), drums.id, ("brushes", "half-time", "lift into choruses")),
        Part(Role.PAD, "Strings", 48, (), 900, ("two voices under the melody", "leave bar 4")),
    )
    take = Take(0, "Slow lift", REASONS, parts=parts, plan=plan, song=whole)
    return take, SuggestionRequest(Kind.FORM, song, Region(0, song.bars), Role.OTHER)


def band(song: Song) -> tuple[Take, SuggestionRequest]:
    """Strings for the whole song, in a track of their own."""
    held = tuple(
        Note(n, bar * BAR, BAR - 30, pitch, 60, Origin.TAKEN)
        for n, (bar, pitch) in enumerate([(b, p) for b in range(song.bars) for p in (60, 67)], 1)
    )
    part = Part(Role.PAD, "Strings", 48, held, 0, ("two voices under the melody",))
    take = Take(0, "Long bows", ("Two voices, a bar each",), held, parts=(part,))
    return take, SuggestionRequest(Kind.PAD, song, Region(0, song.bars), Role.PAD)


def _laid_out(track: Track, plan: tuple[PlannedSection, ...]) -> tuple[Note, ...]:
    """The track's notes wherever the plan uses their bars; the first use keeps their ids."""
    notes, used, fresh = [], set(), iter(range(track.id * 10_000, track.id * 10_000 + 9_000))
    for section in plan:
        start, end = section.from_bar * BAR, (section.from_bar + section.bars) * BAR
        for note in track.notes_in(start, end):
            moved = replace(note, start_ticks=note.start_ticks - start + section.start_bar * BAR)
            notes.append(moved if note.id not in used else replace(moved, id=next(fresh)))
            used.add(note.id)
    return tuple(notes)


def _chords(song: Song, plan: tuple[PlannedSection, ...]):
    fresh = iter(range(8000, 9000))
    return tuple(
        replace(span, id=next(fresh), start_ticks=span.start_ticks + (p.start_bar - p.from_bar) * BAR)
        for p in plan
        for span in song.chords
        if p.from_bar * BAR <= span.start_ticks < (p.from_bar + p.bars) * BAR
    )


def _held(plan: tuple[PlannedSection, ...], pitches: tuple[int, ...], velocity: int) -> tuple[Note, ...]:
    fresh = iter(range(7000, 8000))
    return tuple(
        Note(next(fresh), bar * BAR, BAR - 30, pitch, velocity, Origin.TAKEN)
        for p in plan
        if p.intensity > 0.5
        for bar in range(p.start_bar, p.end_bar)
        for pitch in pitches
    )
