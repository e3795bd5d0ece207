"""What can be made new from a sketch: its tune varied or plainer, other chords under it, music for a bridge.

The kinds of `engine.generation` do the work, without the large model, on a strip laid out as a song. Whatever
they cannot do (bars too long, everything locked) leaves the strip as it was.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from engine.api.errors import EngineError
from engine.api.suggestion import Controls, Keep, Kind, SuggestionRequest, Take
from engine.arrangement.form.material import Material
from engine.arrangement.form.strips import Bar, Strip, as_song, new_span, with_chords
from engine.formats.patterns import Kind as PatternKind
from engine.formats.patterns import Pattern, progressions, styles
from engine.generation.chords.dice import dice
from engine.generation.kinds import continue_melody, reharmonise, vary
from engine.music import Chord, ChordSpan, Key, Mode, Note, Origin, Region, Role, Song
from engine.music.edits import replace_notes
from engine.music.roman import Colour, colour_of

Checkpoint = Callable[[], None]
_NEAR = 0.6
_BUSY = 0.7
_LIGHT = 0.15  # surprise of a return in another light
_VARIED, _PLAINER = 0.3, 0.5


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes new music from the material of one take."""

    material: Material
    style: str
    seed: int
    checkpoint: Checkpoint
    writes_verses: bool = False

    def verse(self, strip: Strip) -> Strip:
        """What a verse sings where the sketch has only what the chorus sings: a tune of its own, lower and
        calmer, or the sketch's made plainer.
        """
        if not self.writes_verses or self.material.melody is None:
            return self.plainer(strip)
        found = self._with_new_tune(strip, strip, register=0.2, density=0.25, place=1)
        return found if found is not strip else self.plainer(strip)

    def varied(self, strip: Strip) -> Strip:
        """Another turn in the second half of the tune, its last note kept."""
        asked = self.material.request.controls.distance
        far = _VARIED if asked is None else asked
        controls = Controls(distance=far, keep=(Keep.STRONG_BEATS, Keep.CADENCE), style=self.style)
        return self._sung(strip, controls, len(strip.bars) // 2)

    def plainer(self, strip: Strip) -> Strip:
        """The tune with fewer notes, so that there is somewhere to go."""
        controls = Controls(distance=_PLAINER, density=0.2, keep=(Keep.STRONG_BEATS, Keep.CADENCE))
        plain = self._sung(strip, controls, 0)
        before, after = (len(s.line(self.material.melody_id)) for s in (strip, plain))
        return plain if after < before else _thinned(strip, self.material.melody_id)

    def reharmonised(self, strip: Strip) -> Strip:
        """The chords in another light, the last two as they were."""
        song = self._song(strip)
        asked = self.material.request.controls.surprise
        light = _LIGHT if asked is None else asked
        controls = Controls(surprise=light, keep=(Keep.CADENCE,), style=self.style)
        request = self._request(Kind.REHARMONISE, song, Region(0, len(strip.bars), chords=True), controls)
        take = self._first(reharmonise.suggest_instantly, request)
        if take is None:
            return strip
        spans = [replace(s, id=0, origin=Origin.TAKEN, source="") for s in take.chords]
        return with_chords(strip, spans)

    def elsewhere(self, strip: Strip, number: int) -> Strip:
        """As many bars as the strip over chords away from home; the tune is made of the sketch's.

        `number` tells one such place of a song from another.
        """
        spans = self._bridge_chords(strip, number)
        bridge = with_chords(Strip(tuple(Bar(b.metre, b.ticks) for b in strip.bars)), spans)
        return self._with_new_tune(strip, bridge, register=0.6, density=0.4, place=2 + number % 2)

    def solo(self, strip: Strip, level: float) -> Strip:
        """A new tune over the strip's chords, busier and higher the fuller it is played."""
        place = 1 if level < _BUSY else 3
        return self._with_new_tune(strip, strip, register=0.45 + 0.3 * level, density=level, place=place)

    def _with_new_tune(
        self, strip: Strip, bridge: Strip, register: float, density: float, place: int
    ) -> Strip:
        """The bridge with a tune that goes on from the strip's; `place`: which of several ways."""
        melody = self.material.melody
        if melody is None:
            return bridge
        context, bars = self._song(strip), len(strip.bars)
        moved = [replace(s, start_ticks=s.start_ticks + strip.ticks) for s in bridge.chords]
        song = replace(context, chords=(*context.chords, *moved))
        region = Region(bars, 2 * bars, (melody.id,))
        controls = Controls(style=self.style, register=register, density=density)
        request = self._request(Kind.CONTINUE, song, region, controls, takes=place + 1)
        take = self._first(continue_melody.suggest_instantly, request, place)
        if take is None:
            return bridge
        notes = [replace(n, start_ticks=n.start_ticks - strip.ticks) for n in take.notes]
        return bridge.with_line(melody.id, map(_new, notes))

    def _bridge_chords(self, strip: Strip, number: int) -> list[ChordSpan]:
        key, random = self.material.key, dice(self.seed, 71 + number)
        known = _bridges(self.style, key.mode, strip.bars[0].metre.numerator % 3 == 0)
        if not known:
            return list(strip.chords)
        pattern = known[int(random.integers(len(known)))]
        return list(_laid(pattern, strip, key.tonic))

    def _sung(self, strip: Strip, controls: Controls, first_bar: int) -> Strip:
        """The strip with its tune varied from a bar on."""
        melody = self.material.melody
        if melody is None or not strip.line(melody.id):
            return strip
        own = dict(enumerate(strip.line(melody.id), 1))  # a repeated strip has notes with the same id
        song = self._song(strip.with_line(melody.id, [replace(n, id=i) for i, n in own.items()]))
        song = replace(song, next_id=len(own) + 1)
        region = Region(first_bar, len(strip.bars), (melody.id,))
        take = self._first(vary.suggest_instantly, self._request(Kind.VARY, song, region, controls))
        if take is None:
            return strip
        start, end = region.span_ticks(song)
        kept = take.kept_note_ids
        changed = replace_notes(song, melody.id, start, end, map(_new, take.notes), kept_ids=kept)
        notes = [own.get(note.id) or _new(note) for note in changed.track(melody.id).notes]
        return strip.with_line(melody.id, notes)

    def _song(self, strip: Strip) -> Song:
        melody = self.material.melody
        return as_song(strip, self.material.song, (melody,) if melody else ())

    def _request(
        self, kind: Kind, song: Song, region: Region, controls: Controls, takes: int = 1
    ) -> SuggestionRequest:
        role = Role.CHORDS if region.chords else Role.MELODY
        return SuggestionRequest(
            kind, song, region, role, self.material.melody_id, controls, self.seed, takes
        )

    def _first(
        self,
        suggest: Callable[[SuggestionRequest, Checkpoint], Iterator[Take]],
        request: SuggestionRequest,
        place: int = 0,
    ) -> Take | None:
        """The take at the place, or the last before it; None when there can be none."""
        found: list[Take] = []
        with suppress(EngineError):
            for take in suggest(request, self.checkpoint):
                found.append(take)
                if len(found) > place:
                    break
        return found[-1] if found else None


def _new(note: Note) -> Note:
    return replace(note, id=0, origin=Origin.TAKEN, source="", locked=False)


def _thinned(strip: Strip, melody_id: int) -> Strip:
    """Without the short notes off the beat, what is before them held over."""
    kept: list[Note] = []
    for note in strip.line(melody_id):
        if kept and note.start_ticks % 480 and note.duration_ticks <= 240 and not note.locked:
            held = kept[-1]
            kept[-1] = _new(replace(held, duration_ticks=note.end_ticks - held.start_ticks))
        else:
            kept.append(note)
    return strip.with_line(melody_id, kept)


def _bridges(style: str, mode: Mode, in_three: bool) -> list[Pattern]:
    """Bridges that the style knows by heart, else those of pop; in the metre where there are some."""
    own = [name for name in (style, "pop", "folk") if name in styles(PatternKind.PROGRESSION)]
    for names in (*([name] for name in own), styles(PatternKind.PROGRESSION)):
        known = [p for name in names for p in progressions(name) if _leads_away(p, mode)]
        found = [p for p in known if p.section == "bridge"] or known
        if found:
            return [p for p in found if (p.metre[0] % 3 == 0) == in_three] or found
    return []


def _leads_away(pattern: Pattern, mode: Mode) -> bool:
    """Whether it can be a bridge in the mode."""
    is_bridge = pattern.section in ("bridge", "prechorus") and not pattern.has_pickup
    return is_bridge and pattern.mode.is_minor == mode.is_minor and _stays_near(pattern, mode)


def _stays_near(pattern: Pattern, mode: Mode) -> bool:
    """Whether most of its chords are of the key, so that the sketch's own motifs fit over them."""
    key = Key(0, mode)
    chords = [each.chord for bar in pattern.bars for each in bar.chords]
    own = sum(colour_of(chord, key) is Colour.DIATONIC for chord in chords)
    return own >= _NEAR * len(chords)


def _laid(pattern: Pattern, strip: Strip, tonic: int) -> Iterator[ChordSpan]:
    """The pattern's chords over the bars of the strip, each bar's stretched to its length."""
    edges = strip.edges
    for number, bar in enumerate(strip.bars):
        source = pattern.bars[number % len(pattern.bars)]
        for each in source.chords:
            start = edges[number] + _on_beat(each.offset * bar.ticks / source.length, bar)
            end = edges[number] + _on_beat((each.offset + each.duration) * bar.ticks / source.length, bar)
            if end > start:
                yield new_span(start, end, each.chord.transposed(tonic))


def _on_beat(ticks: float, bar: Bar) -> int:
    beat = bar.metre.beat_ticks
    return min(bar.ticks, round(ticks / beat) * beat)


def home_chord(material: Material) -> Chord:
    """The tonic as the sketch spells it."""
    key = material.key
    spelled = [
        span.chord
        for span in material.whole.strip.chords
        if span.chord.root == key.tonic and span.chord.bass is None and not span.chord.is_dominant
    ]
    return spelled[-1] if spelled else Chord(key.tonic, "min" if key.mode.is_minor else "maj")
