"""Which section is made of what? A shape and a sketch become the sections of one song.

Each Laid section has its music as a strip; where it stands is counted up from the first.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from engine.api.suggestion import PlannedSection
from engine.arrangement.form.endings import cut_last_bar, ending_words
from engine.arrangement.form.material import Material, Piece
from engine.arrangement.form.newmusic import Maker, home_chord
from engine.arrangement.form.shapes import Change, Ending, Music, Shape, ShapeSection
from engine.arrangement.form.strips import (
    Strip,
    cut,
    new_span,
    over_pedal,
    repeated,
    silent,
    stretched,
    transposed,
    turned,
)
from engine.music import Note, Origin, Role
from engine.music.progression import clip_spans

_RAISED = 2
_LONGEST_S, _LONGEST_BARS = 300.0, 16
_FAR = 0.25  # a level this far from the shape's own changes who plays
Level = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Laid:
    """A section of the new song: its place in the plan, its music, `lift` semitones above the sketch.

    `sings_from_start` tells that the upbeat of the tune belongs before it.
    """

    shape: ShapeSection
    planned: PlannedSection
    strip: Strip
    level: Level
    lift: int = 0
    sings_from_start: bool = False

    def bar_level(self, bar: int) -> float:
        """How full a bar of the section is played."""
        low, high = self.level
        return low + (high - low) * bar / max(1, len(self.strip.bars) - 1)


def plan_of(shape: Shape, material: Material, maker: Maker, curve: tuple[float, ...]) -> tuple[Laid, ...]:
    """The sections of the song, in order. `curve`: a level a section, or a curve over them."""
    found: list[Laid] = []
    lift, bar, in_place_until = 0, 0, -1
    for number, section in enumerate(_fitting(shape, material).sections):
        lift += _RAISED if Change.RAISED in section.changes else 0
        piece, strip = _music(section, number, material, maker)
        level = _level(section, curve, number, len(shape.sections))
        is_own = _is_own(section, material) and piece.from_bar >= in_place_until
        in_place_until = piece.from_bar + piece.from_bars if is_own else in_place_until
        words = change_words(section, material, maker.writes_verses)
        laid = _laid(section, material, piece, strip, level, bar, lift, is_own, words)
        found.append(laid)
        bar += len(laid.strip.bars)
    return tuple(found)


def _fitting(shape: Shape, material: Material) -> Shape:
    """The shape with sections halved that would make it too long: first what is longer than its music or
    comes back, and only what has been heard in full before.
    """
    bpm = material.request.controls.tempo or material.song.time_map.tempo_at(0).bpm
    sections = [replace(section, length=_times(section, material)) for section in shape.sections]

    def seconds() -> float:
        ticks = sum(abs(s.length) * _piece(s.music, material).strip.ticks for s in sections)
        return float(ticks) / 480 * 60 / bpm

    heard: set[Music] = set()
    for number, section in enumerate(sections):
        if seconds() <= _LONGEST_S:
            break
        comes_back = section.music in heard and abs(section.length) >= 1
        heard.add(section.music)
        if comes_back and _piece(section.music, material).bars >= 8:
            sections[number] = replace(section, length=section.length / 2)
    return replace(shape, sections=tuple(sections))


def _times(section: ShapeSection, material: Material) -> Fraction:
    """No stretch of more than sixteen bars is heard twice in one section."""
    is_long = _piece(section.music, material).bars * abs(section.length) > _LONGEST_BARS
    return min(section.length, Fraction(1)) if is_long else section.length


def _music(section: ShapeSection, number: int, material: Material, maker: Maker) -> tuple[Piece, Strip]:
    """The piece of the sketch the section is made of, and its music with all that is new."""
    piece = _piece(section.music, material)
    strip = piece.strip
    if section.music is Music.NEW or (section.music is Music.SECOND and material.second is None):
        strip = maker.elsewhere(strip, number)
    elif section.music is Music.VERSE and material.second is None:
        strip = maker.verse(strip)
    strip = _of_length(strip, section)
    for change in section.changes:
        strip = _changed(strip, change, section, material, maker)
    if section.ending is Ending.CUT:
        strip = cut_last_bar(strip)
    return piece, strip


def _piece(music: Music, material: Material) -> Piece:
    match music:
        case Music.FIRST | Music.VERSE:
            return material.first
        case Music.SECOND:
            return material.second or material.first
        case Music.CHORUS:
            return material.second or material.whole
        case Music.NEW:
            return material.second or material.first
        case _:
            return material.whole


def _of_length(strip: Strip, section: ShapeSection) -> Strip:
    bars = len(strip.bars)
    wanted = max(min(2, bars), round(bars * abs(section.length)))
    if wanted > bars:
        return repeated(strip, wanted)
    is_last = section.length < 0 or Change.CLOSING in section.changes
    return cut(strip, bars - wanted, bars) if is_last else cut(strip, 0, wanted)


def _changed(strip: Strip, change: Change, section: ShapeSection, material: Material, maker: Maker) -> Strip:
    key, melody = material.key, material.melody_id
    match change:
        case Change.INSTRUMENTAL:
            return silent(strip, [melody]) if Change.OPENING not in section.changes else strip
        case Change.OPENING:
            return _opening(strip, melody)
        case Change.CLOSING:
            return _closing(strip, material)
        case Change.VARIED:
            return maker.varied(strip)
        case Change.PLAINER:
            return maker.plainer(strip)
        case Change.REHARMONISED:
            return maker.reharmonised(strip)
        case Change.PEDAL:
            return over_pedal(strip, key.tonic if section.level[1] < 0.3 else (key.tonic + 7) % 12)
        case Change.TURNED:
            return turned(strip)
        case Change.STRETCHED:
            return stretched(strip)
        case Change.SOLO:
            return maker.solo(strip, section.level[1])
        case Change.RAISED | Change.DOUBLED:
            return strip  # done when the section is laid out


def _opening(strip: Strip, melody: int) -> Strip:
    """The tune calls for two bars and leaves two for its echo."""
    edges = strip.edges
    heard = [
        note
        for bar in range(len(strip.bars))
        if bar % 4 < 2
        for note in strip.line(melody)
        if edges[bar] <= note.start_ticks < edges[bar + 1]
    ]
    return strip.with_line(melody, heard)


def _closing(strip: Strip, material: Material) -> Strip:
    """The last bar is home, the tune ends on a note of it; what led on in it leads home in the bar before."""
    home = home_chord(material)
    edges = strip.edges
    last, end = edges[-2], edges[-1]
    standing = [span for span in strip.chords if span.end_ticks > last]
    notes = list(strip.line(material.melody_id))
    if notes:
        notes[-1] = _at_home(notes[-1], home.pitch_classes, end)
    closed = strip.with_line(material.melody_id, notes)
    if standing and all(span.chord.root == home.root for span in standing):
        return closed
    before = clip_spans(strip.chords, 0, last)
    new_from = len(strip.bars) - 1
    leading = standing[-1].chord if standing else None
    if leading is not None and new_from and before and not leading.is_no_chord:
        middle = last - strip.bars[-2].ticks // 2
        if before[-1].chord != leading and before[-1].start_ticks < middle:
            before = (*clip_spans(before, 0, middle), new_span(middle, last, leading))
            new_from -= 1
    chords = (*before, new_span(last, end, home))
    if strip.new_roles and strip.new_from == 0:
        return replace(closed, chords=chords)
    played = frozenset({Role.BASS, Role.CHORDS, Role.PAD})
    return replace(closed, chords=chords, new_roles=played, new_from=new_from)


def _at_home(note: Note, classes: frozenset[int], end: int) -> Note:
    if note.pitch % 12 in classes or note.locked:
        return note
    near = [note.pitch + step for step in (-1, 1, -2, 2, -3, 3) if (note.pitch + step) % 12 in classes]
    pitch = near[0] if near else note.pitch
    return replace(
        note, id=0, pitch=pitch, duration_ticks=end - note.start_ticks, origin=Origin.TAKEN, source=""
    )


def _level(section: ShapeSection, curve: tuple[float, ...], number: int, count: int) -> Level:
    if not curve:
        return section.level
    place = number if len(curve) == count else (2 * number + 1) * len(curve) // (2 * count)
    low = min(1.0, max(0.0, curve[min(place, len(curve) - 1)]))
    return low, min(1.0, low + section.level[1] - section.level[0])


def _players(section: ShapeSection, level: Level) -> tuple[Role, ...]:
    """Who plays; a curve drawn far from the shape's own calls players in or sends them out."""
    players = list(section.players)
    difference = level[1] - section.level[1]
    if difference >= _FAR:
        players += [role for role in (Role.BASS, Role.DRUMS, Role.PAD) if role not in players]
    elif difference <= -_FAR and len(players) > 2:
        unneeded = (Role.COUNTER, Role.DRUMS, Role.PAD)[: 2 if difference > -0.45 else 3]
        players = [role for role in players if role not in unneeded] or players
    return tuple(players)


def _is_own(section: ShapeSection, material: Material) -> bool:
    """Whether the section is a whole piece of the sketch as it was."""
    is_new = section.music is Music.NEW or (
        section.music in (Music.SECOND, Music.VERSE) and material.second is None
    )
    plain = all(change is Change.DOUBLED for change in section.changes)
    return plain and not is_new and section.length == Fraction(1) and section.ending is not Ending.CUT


def _laid(
    section: ShapeSection,
    material: Material,
    piece: Piece,
    strip: Strip,
    level: Level,
    bar: int,
    lift: int,
    is_own: bool,
    words: tuple[str, ...],
) -> Laid:
    players = _players(section, level)
    sings = Role.MELODY in players and bool(strip.line(material.melody_id))
    if not sings:
        players = tuple(role for role in players if role is not Role.MELODY)
        strip = silent(strip, [material.melody_id])
    planned = PlannedSection(
        section.name,
        section.kind,
        bar,
        len(strip.bars),
        round(sum(level) / 2, 2),
        players,
        words,
        ending_words(section.ending),
        piece.from_bar,
        piece.from_bars,
        is_own,
    )
    is_from_start = (
        section.length > 0
        and Change.TURNED not in section.changes
        and Change.STRETCHED not in section.changes
        and not {Change.CLOSING, Change.SOLO} & set(section.changes)
        and piece.from_bar == material.whole.from_bar
    )
    is_new = section.music is Music.NEW or (section.music is Music.SECOND and material.second is None)
    is_new = is_new or words[:1] == (_OWN_VERSE,)
    if lift:
        strip = transposed(strip, lift, material.is_pitched)
    return Laid(section, planned, strip, level, lift, sings and is_from_start and not is_new)


def change_words(section: ShapeSection, material: Material, writes_verses: bool) -> tuple[str, ...]:
    """What is new in the section, in words."""
    has_tune = material.melody is not None
    told = [c for c in section.changes if has_tune or c not in _OF_THE_TUNE]
    if Change.OPENING in told and Change.INSTRUMENTAL in told:
        told.remove(Change.INSTRUMENTAL)
    words = [_WORDS[change] for change in told]
    if section.music is Music.NEW or (section.music is Music.SECOND and material.second is None):
        words.insert(0, "other chords and a tune made of yours" if has_tune else "other chords")
    elif section.music is Music.VERSE and material.second is None and has_tune:
        words.insert(0, _OWN_VERSE if writes_verses else "your tune with fewer notes")
    return tuple(words)


_OWN_VERSE = "a tune of its own over your chords"
_OF_THE_TUNE = frozenset(
    {Change.INSTRUMENTAL, Change.OPENING, Change.VARIED, Change.PLAINER, Change.DOUBLED, Change.SOLO}
)
_WORDS = {
    Change.INSTRUMENTAL: "no melody",
    Change.OPENING: "only the melody's first words",
    Change.CLOSING: "the last phrase, then home",
    Change.VARIED: "another turn at its end",
    Change.PLAINER: "the melody with fewer notes",
    Change.DOUBLED: "the melody doubled an octave away",
    Change.REHARMONISED: "some chords in another light",
    Change.PEDAL: "everything over one bass note",
    Change.TURNED: "begins in the middle of the loop",
    Change.STRETCHED: "twice as slow",
    Change.RAISED: "a whole tone higher",
    Change.SOLO: "a new tune over your chords",
}
