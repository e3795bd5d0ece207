"""The artist knows better: correct key, tempo or metre of what was heard, and have the rest heard again.

A correction is one undo step, with what is heard anew on account of it, and holds: the corrected aspect is
left alone by every later hearing. Chords are heard again only as long as all of them were heard; nothing the
artist or an idea has written is overwritten. Tempi are said in quarters a minute, as the bar shows them; the
engine counts in felt beats.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.ui.choosers import Taps, TempoChooser, ask_text, choose_key, choose_metre, choose_reading
from app.ui.editorstate import EditorState
from engine.api.messages import Analyse, Analysed, Failed, Reply, SolveBeats
from engine.formats.songfile import Act
from engine.music import (
    TICKS_PER_QUARTER,
    Aspect,
    Chord,
    ChordSpan,
    Key,
    KeyChange,
    Metre,
    MusicError,
    Origin,
    Song,
    edits,
)
from engine.music.analysis import Analysis

if TYPE_CHECKING:
    from app.document.document import SongDocument
    from app.ideas.desk import Link

SOLVED_METRES = ("2/4", "3/4", "4/4", "6/8")
HEARD_AGAIN = {
    Aspect.KEY: (Aspect.CHORDS,),
    Aspect.METRE: (Aspect.CHORDS, Aspect.SECTIONS, Aspect.KEY),
}


class Corrections(QObject):
    """`hearing_changed`: something else is heard now, and told. `said`: a sentence for the status line."""

    hearing_changed = Signal()
    said = Signal(str)

    def __init__(
        self,
        link: "Link",
        document: "SongDocument",
        state: EditorState,
        hearing: Analysis | None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._link, self._document, self._state = link, document, state
        self.hearing = hearing
        self._was_free = hearing is not None and hearing.is_free_time
        self._heard_of: Song | None = document.song if hearing is not None else None
        self._asked_of: Song | None = None
        self._taps = Taps()
        self._is_closed = False
        self._tempo_box: TempoChooser | None = None
        if hearing is None and any(True for _ in document.song.notes()):
            self.hear_as_it_stands()

    def close(self) -> None:
        """The song is being closed; what the engine still says is not for us."""
        self._is_closed = True

    # what was heard -------------------------------------------------------------

    @property
    def is_up_to_date(self) -> bool:
        """Whether the hearing is of the song as it stands now."""
        return self._heard_of is self._document.song

    def hear_as_it_stands(self) -> None:
        """Have the song heard as it is now, without changing it; `hearing_changed` tells when it was."""
        song = self._document.song
        if self.is_up_to_date or self._asked_of is song:
            return
        self._asked_of = song

        def answered(reply: Reply) -> None:
            if isinstance(reply, Failed) and not self._is_closed:
                self._asked_of = None
                self.said.emit(reply.sentence)
            self._heard(song, reply)

        self._link.send(Analyse(song, (Aspect.CHORDS,)), answered)

    @property
    def is_free_time(self) -> bool:
        """Whether it was played without a click, as far as was heard."""
        return self.hearing is not None and self.hearing.is_free_time

    def _alternatives(self, tick: int) -> tuple[Key, ...]:
        """What else the key at the tick could be."""
        readings = self.hearing.keys if self.hearing is not None else ()
        here = next((each for each in reversed(readings) if each.tick <= tick), None)
        if here is None:
            return ()
        now = self._document.song.key_at(tick)
        return tuple(key for key in (here.key, *here.alternatives) if key != now)

    def _heard(self, asked: Song, reply: Reply) -> None:
        if isinstance(reply, Analysed) and not self._is_closed:
            self.hearing, self._heard_of = reply.analysis, asked
            self.hearing_changed.emit()

    # correcting -------------------------------------------------------------------

    def choose_key(self, window: QWidget, anchor: QWidget) -> None:
        tick = int(self._state.playhead_ticks)
        now = self._document.song.key_at(tick)
        choose_key(window, anchor, now, self._alternatives(tick), lambda key: self.correct_key(key, tick))

    def choose_metre(self, window: QWidget, anchor: QWidget) -> None:
        now = self._document.song.time_map.metre_at(0)
        choose_metre(window, anchor, now, self.correct_metre)

    def choose_tempo(self, window: QWidget, anchor: QWidget, tap_key: str) -> None:
        now = _bpm(self._document.song)
        box = TempoChooser(window, now, self.correct_tempo, tap_key, self.beat_one)
        self._tempo_box = box
        box.closed.connect(self._forget_box)
        box.open(anchor, box.field)
        box.field.selectAll()

    def _forget_box(self) -> None:
        self._tempo_box = None

    def choose_chord(self, window: QWidget, anchor: QWidget, x: float) -> None:
        """What else the selected chord could be; `x`: where it stands in the anchor."""
        span = self._selected_chord()
        if span is None:
            self.said.emit("Select a chord first.")
            return
        others = self.alternatives_of(span)
        if not others:
            self.said.emit("Nothing else was heard here. C types another chord.")
            return
        song = self._document.song
        names = [(chord.lead_sheet(song.key_at(span.start_ticks)), chord) for chord in others]
        now = span.chord.lead_sheet(song.key_at(span.start_ticks))
        choose_reading(window, anchor, x, now, names, lambda chord: self.correct_chord(span.id, chord))

    def _selected_chord(self) -> ChordSpan | None:
        chosen = self._state.selected_chord_ids
        return next((span for span in self._document.song.chords if chosen == {span.id}), None)

    def alternatives_of(self, span: ChordSpan) -> tuple[Chord, ...]:
        """The next-best readings of a heard chord; as it was heard first, when the artist has changed it."""
        readings = self.hearing.chords if self.hearing is not None else ()
        found = [each for each in readings if each.span.start_ticks <= span.start_ticks < each.span.end_ticks]
        if not found:
            return ()
        labels = [found[0].span.chord, *map(Chord.parse, found[0].alternatives)]
        return tuple(chord for chord in dict.fromkeys(labels) if chord != span.chord)

    def correct_chord(self, span_id: int, chord: Chord) -> None:
        """The chord as the artist hears it; its neighbours are thought over again."""
        try:
            song = edits.change_chord(self._document.song, span_id, chord)
        except MusicError as problem:
            self.said.emit(str(problem))
            return
        name = chord.lead_sheet(song.key)
        is_written = self._document.commit(f"Correct the chord to {name}", song, act=Act.CORRECT)
        if is_written and any(each.origin is Origin.HEARD for each in song.chords):
            self.hear((Aspect.CHORDS,))

    def choose_title(self, window: QWidget, anchor: QWidget) -> None:
        ask_text(window, anchor, "What is it called?", self._document.song.title, self._rename)

    def correct_key(self, key: Key, tick: int | None = None) -> None:
        """The key of the stretch in which the tick (the playhead) lies; other stretches keep theirs."""
        song = self._document.song
        begins = _key_begins(song, int(self._state.playhead_ticks) if tick is None else tick)
        corrected = _without_repeated_keys(edits.set_key(song, key, begins))
        since = f" from bar {song.time_map.bar_label(song.time_map.bar_of(begins))}" if begins else ""
        self._correct(f"Correct the key to {key.name}{since}", corrected, Aspect.KEY)

    def correct_metre(self, metre: Metre) -> None:
        song = self._document.song
        if self._keeps_moments and metre.name in SOLVED_METRES:
            self._solve(lambda new: f"Count in {_metre_name(new)}", SolveBeats(song, metre=metre))
            return
        self._correct(f"Correct the metre to {metre.name}", edits.set_metre(song, metre), Aspect.METRE)

    def correct_tempo(self, bpm: float) -> None:
        """Where every note keeps its moment the bars are laid anew; else the tempo is set."""
        song = self._document.song
        if self._keeps_moments:
            felt_bpm = bpm * TICKS_PER_QUARTER / song.time_map.metre_at(0).pulse_ticks
            self._solve(
                lambda new: f"Count at {_tempo_words(new)} in {_metre_name(new)}",
                SolveBeats(song, bpm=round(felt_bpm, 2)),
            )
            return
        try:
            song = edits.set_tempo(song, round(bpm, 1))
        except MusicError as problem:
            self.said.emit(str(problem))
            return
        self._correct(f"Correct the tempo to {bpm:.1f} bpm", song, Aspect.TEMPO)

    @property
    def _keeps_moments(self) -> bool:
        """Whether the bars were laid over what was played: a recording, or playing without a click."""
        song = self._document.song
        return bool(song.recordings) or self._was_free or self.is_free_time or _follows_a_player(song)

    def beat_one(self) -> None:
        """A bar begins at the selected note, or at the playhead: the bars are laid anew around it."""
        song, state = self._document.song, self._state
        chosen = [note.start_ticks for note in song.notes() if note.id in state.selected_note_ids]
        tick = min(chosen, default=int(state.playhead_ticks))
        self._solve(lambda _: "Begin a bar here", SolveBeats(song, first_beats=(tick,)))

    def _solve(self, name: Callable[[Song], str], question: SolveBeats) -> None:
        """Ask for other bars; what comes back is one step, named by what came out."""
        self.said.emit("Counting again")
        self._link.send(question, lambda reply: self._solved(question.song, name, reply))

    def _solved(self, asked: Song, name: Callable[[Song], str], reply: Reply) -> None:
        if isinstance(reply, Failed) and not self._is_closed:
            self.said.emit(reply.sentence)
        elif isinstance(reply, Analysed) and not self._is_closed:
            self._heard_again(asked, name(reply.song), reply)
            self.said.emit(f"{name(reply.song)}: done. Undo takes it back.")

    def tap(self) -> None:
        """A tap of the tempo key: into the open box, else straight into the song from the fourth tap on."""
        felt_bpm = self._taps.tap(time.monotonic())
        if felt_bpm is None:
            self.said.emit("Go on tapping.")
            return
        bpm = felt_bpm * self._document.song.time_map.metre_at(0).pulse_ticks / TICKS_PER_QUARTER
        if self._tempo_box is not None:
            self._tempo_box.show_tapped(bpm)
        elif len(self._taps.moments_s) >= 4:
            self.correct_tempo(bpm)
        else:
            self.said.emit(f"{bpm:.0f} bpm")

    def _rename(self, title: str) -> None:
        if title:
            self._document.commit("Rename the song", replace(self._document.song, title=title))

    def _correct(self, name: str, song: Song, aspect: Aspect) -> None:
        if self._document.commit(name, song, act=Act.CORRECT):
            self._hear_again(aspect)

    def _hear_again(self, corrected: Aspect) -> None:
        aspects = aspects_to_hear(self._document.song, corrected)
        if aspects:
            self.hear(aspects)

    def hear(self, aspects: tuple[Aspect, ...], name: str = "") -> None:
        """Have these aspects heard; what comes back is a step of this name, else part of the last one."""
        song = self._document.song
        self._link.send(Analyse(song, aspects), lambda reply: self._heard_again(song, name, reply))

    def _heard_again(self, asked: Song, name: str, reply: Reply) -> None:
        """The rest as it is heard now, unless the artist has gone on meanwhile."""
        if not isinstance(reply, Analysed) or self._is_closed:
            return
        heard_of = asked
        if self._document.song is asked and reply.song != asked:
            if name:
                self._document.commit(name, reply.song, act=Act.CORRECT)
            else:
                self._document.amend(reply.song, act=Act.CORRECT)
            heard_of = self._document.song
        self._heard(heard_of, reply)


def aspects_to_hear(song: Song, corrected: Aspect) -> tuple[Aspect, ...]:
    """What a correction casts a new light on, less what the artist has fixed or written."""
    wanted = HEARD_AGAIN.get(corrected, ())
    any_heard = not song.chords or any(span.origin is Origin.HEARD for span in song.chords)
    return tuple(
        aspect
        for aspect in wanted
        if aspect not in song.corrected and (aspect is not Aspect.CHORDS or any_heard)
    )


def _key_begins(song: Song, tick: int) -> int:
    """Where the stretch in one key begins in which the tick lies."""
    return max((change.tick for change in song.time_map.keys if change.tick <= tick), default=0)


def _without_repeated_keys(song: Song) -> Song:
    """A change to the key that is there already is none."""
    kept: list[KeyChange] = []
    for change in song.time_map.keys:
        if not kept or change.key != kept[-1].key:
            kept.append(change)
    return replace(song, time_map=replace(song.time_map, keys=tuple(kept)))


def _follows_a_player(song: Song) -> bool:
    """Whether the tempo changes from beat to beat, as bars do that were laid over free playing."""
    return len(song.time_map.tempos) > max(2, song.bars)


def _bpm(song: Song) -> float:
    """Quarters a minute at the beginning; all in all where bars follow a player."""
    time_map, end = song.time_map, song.end_ticks
    if not _follows_a_player(song) or not end:
        return time_map.tempo_at(0).bpm
    return 60 * end / TICKS_PER_QUARTER / time_map.seconds_at(end)


def _tempo_words(song: Song) -> str:
    """The tempo as it is counted: in felt beats where they are no quarters."""
    metre, bpm = song.time_map.metre_at(0), _bpm(song)
    if not metre.is_compound:
        return f"{bpm:.1f} bpm"
    return f"{bpm * TICKS_PER_QUARTER / metre.pulse_ticks:.1f} dotted quarters a minute"


def _metre_name(song: Song) -> str:
    return song.time_map.metre_at(0).name
