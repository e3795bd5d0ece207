"""Between the desk and the window: cards follow the board, ghosts follow the selected take, buttons
decide.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.ideas.asking import bars_for, bars_in_words, bars_lasting
from app.ideas.board import OPEN, Entry, Progress, Shelf
from app.ideas.cardview import CardView, card_views, withheld_sentence
from app.ideas.desk import IdeasDesk
from app.ideas.nextchord import NextPlace, next_place
from app.ideas.players import taken_parts, taken_sections
from app.ui.editorstate import EditorState, Ghost
from app.ui.ideaspanel import IdeasPanel, Tab
from engine.api.suggestion import NextChord, Take
from engine.formats.songfile import Act, TakeState
from engine.music import Chord, MusicError, Origin, Song, edits

if TYPE_CHECKING:
    from app.document.document import SongDocument

SOON_MS = 120
SHELVES = {Tab.CHORDS: Shelf.CHORDS, Tab.MELODY: Shelf.MELODY, Tab.ARRANGE: Shelf.ARRANGE}


class IdeasView(QObject):
    """`idea_changed`: what would be heard as B is another. `said`: a sentence for the status line."""

    idea_changed = Signal()
    chord_heard = Signal(str)
    hearing_wanted = Signal()
    said = Signal(str)

    def __init__(
        self,
        desk: IdeasDesk,
        panel: IdeasPanel,
        document: "SongDocument",
        state: EditorState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk, self._panel, self._document, self._state = desk, panel, document, state
        self.chosen_bars: frozenset[int] = frozenset()
        self.chosen_sections: frozenset[int] = frozenset()
        self.part: int | None = None  # the part of the take that keys act on
        self.is_part_heard = False
        self._shown: dict[Tab, tuple[CardView, ...]] = {}
        self._next_place: NextPlace | None = None
        self._heard_first = ""  # the entry whose first take is heard when it comes
        self._looked_at: tuple[Take, bool] | None = None
        self._cards_soon = _soon(self, self.show_cards)
        self._cards_next = _soon(self, self.show_cards, 0)
        self._ghost_next = _soon(self, self._show_grown, 0)
        self._heard_next = _soon(self, self.idea_changed.emit, 0)
        self._next_soon = _soon(self, self._ask_next)
        self._where_soon = _soon(self, self._show_where)
        self._connect()
        self.show_cards()
        self._show_where()
        self._next_soon.start()

    def _connect(self) -> None:
        desk, panel, state = self._desk, self._panel, self._state
        panel.suggest_wanted.connect(self.suggest)
        panel.style_heard.connect(self.hear_style)
        panel.question_changed.connect(self._show_where)
        panel.tab_changed.connect(self._tab_changed)
        panel.card_selected.connect(desk.select)
        panel.bar_picked.connect(self._toggle_bar)
        panel.section_picked.connect(self._toggle_section)
        panel.part_picked.connect(self.look_at_part)
        panel.next_strip.heard.connect(self.chord_heard)
        panel.next_strip.placed.connect(self.place_chord)
        desk.entry_changed.connect(self._entry_changed)
        desk.board_changed.connect(self._entry_changed)
        desk.selection_changed.connect(self._selection_changed)
        desk.working.connect(self._show_working)
        desk.next_chords_changed.connect(self._show_next)
        desk.said.connect(self.said)
        self._document.song_changed.connect(self._song_changed)
        state.region_changed.connect(self._region_changed)
        state.planned_section_picked.connect(self._toggle_section)
        state.playhead_moved.connect(lambda _tick: self._place_changed())
        state.chords_selected.connect(lambda _ids: self._next_soon.start())

    # asking -------------------------------------------------------------------

    def bars(self) -> tuple[int, int]:
        """The bars a question would be about."""
        asking, song = self._panel.asking, self._document.song
        question = (asking or self._panel.melody).question()
        if question.length_s:
            return 0, bars_lasting(song, question.length_s)
        return bars_for(question.kind, song, self._state.region, self._state.playhead_ticks, question.role)

    def suggest(self) -> None:
        """Ask what the open tab says."""
        asking = self._panel.asking
        if asking is None:
            self.said.emit("Open Chords, Melody or Arrange to ask for ideas.")
            return
        state = self._state
        bars = self.bars()
        if self._desk.ask(asking.question(), bars, state.selected_track_id, state.selected_note_ids):
            self._panel.lists[self._panel.tab].verticalScrollBar().setValue(0)

    def hear_style(self) -> None:
        """Ask for one idea as the Arrange tab has it, and hear it as soon as it is there."""
        self._panel.show_tab(Tab.ARRANGE)
        question = replace(self._panel.arrange.question(), takes=1)
        state = self._state
        entry_id = self._desk.ask(question, self.bars(), state.selected_track_id, state.selected_note_ids)
        self._heard_first = entry_id
        if entry_id:
            self.said.emit("It plays as soon as it is there.")

    def cancel(self) -> None:
        """Stop the running question; else put the selected idea away."""
        if not self._desk.cancel():
            self._desk.select_none()

    def more(self) -> None:
        if self._desk.selected_name:
            self._desk.more_like(*self._desk.selected_name)

    def ask_again(self) -> None:
        if self._desk.selected_name:
            self._desk.ask_again(self._desk.selected_name[0])

    # showing ------------------------------------------------------------------

    def show_cards(self) -> None:
        """Bring the cards of all tabs in line with the board and the song."""
        self._cards_soon.stop()
        self._cards_next.stop()
        board = self._desk.board
        for tab, shelf in SHELVES.items():
            self._show_tab(tab, self._views(board.on_table(shelf)))
        self._show_tab(Tab.KEPT, self._kept_views())
        for tab, shelf in SHELVES.items():
            entry = board.latest(shelf)
            said = (entry.sentence, withheld_sentence(entry.withheld)) if entry else ()
            sentence = " ".join(filter(None, said))
            self._panel.lists[tab].say(sentence)
            is_busy = self._desk.is_busy and entry is not None and entry.progress is Progress.ASKED
            self._panel.lists[tab].show_progress(is_busy)

    def _entry_changed(self, entry_id: str = "") -> None:
        """At once, unless the song has just changed too: its canvases come first, then the cards. A take of
        a whole song is much to put away: its card comes in a step of its own.
        """
        entry = self._desk.board.get(entry_id)
        if self._cards_soon.isActive() or (entry is not None and entry.shelf is Shelf.ARRANGE):
            self._cards_next.start()
        else:
            self.show_cards()
        self._hear_first()
        if self._now_looked_at() != self._looked_at:  # the take that is looked at has grown
            self._looked_at = self._now_looked_at()
            self._ghost_next.start()

    def _hear_first(self) -> None:
        entry = self._desk.board.get(self._heard_first) if self._heard_first else None
        if entry is None or not entry.without_growing().takes:
            return
        self._heard_first = ""
        self._desk.select(entry.id, entry.takes[0].index)
        self.hearing_wanted.emit()

    def _views(self, entry: Entry | None) -> tuple[CardView, ...]:
        try:
            return card_views(entry, self._document.song) if entry else ()
        except MusicError:  # bars that are not in the song any more
            return ()

    def _kept_views(self) -> tuple[CardView, ...]:
        views = [view for entry in self._desk.board.kept_entries() for view in self._views(entry)]
        return tuple(view for view in views if view.is_kept)

    def _show_tab(self, tab: Tab, views: tuple[CardView, ...]) -> None:
        if self._shown.get(tab) != views:
            self._shown[tab] = views
            self._panel.show_views(tab, views, self._desk.selected_name)
            self._show_chosen()

    def _show_working(self, fraction: float, doing: str) -> None:
        for tab, shelf in SHELVES.items():
            entry = self._desk.board.latest(shelf)
            is_busy = self._desk.is_busy and entry is not None and entry.progress is Progress.ASKED
            self._panel.lists[tab].show_progress(is_busy, fraction, doing)

    def _show_where(self) -> None:
        song, bars = self._document.song, self.bars()
        words = "whole song" if _is_whole(song, bars, self._panel) else bars_in_words(song, bars)
        asking = self._panel.asking
        if asking is not None and asking.question().length_s:
            words = f"{bars[1]} bars"
        self._panel.show_where(words[0].upper() + words[1:])
        if self._panel.asking is self._panel.arrange:
            self._panel.arrange.show_song(song, bars)

    def _song_changed(self, *_: object) -> None:
        self._cards_soon.start()
        self._place_changed()

    def _place_changed(self) -> None:
        if not self._where_soon.isActive():
            self._where_soon.start()
        self._next_soon.start()

    def _tab_changed(self, _tab: object) -> None:
        self._show_where()
        self._next_soon.start()

    # the selected take ----------------------------------------------------------

    def pick(self, number: int) -> None:
        """The card with this number in the open tab (1-9)."""
        for card in self._panel.lists[self._panel.tab].cards():
            if card.view.number == number:
                self._desk.select(card.view.entry_id, card.view.index)

    def step(self, step: int) -> None:
        """The next or previous card of the open tab."""
        cards = self._panel.lists[self._panel.tab].cards()
        names = [(card.view.entry_id, card.view.index) for card in cards]
        if not names:
            return
        selected = self._desk.selected_name
        place = names.index(selected) + step if selected in names else 0
        self._desk.select(*names[max(0, min(len(names) - 1, place))])

    def _selection_changed(self) -> None:
        self.chosen_bars = self.chosen_sections = frozenset()
        self.part, self.is_part_heard = None, False
        self._panel.select(self._desk.selected_name)
        self._show_chosen()
        self._looked_at = self._now_looked_at()
        selected = self._desk.selected
        if selected is not None and selected[1].song is not None:
            self._ghost_next.start()
        else:
            self._ghost_next.stop()
            self.show_ghost()
            self.idea_changed.emit()

    def _show_grown(self) -> None:
        """One thing after the other, the window answering in between: card, ghost, what is heard."""
        self.show_ghost()
        self._heard_next.start()

    def _now_looked_at(self) -> tuple[Take, bool] | None:
        selected = self._desk.selected
        return (selected[1], self._desk.is_growing) if selected else None

    def show_ghost(self) -> None:
        """The selected take over the song, while it is still an offer."""
        selected = self._desk.selected
        if selected is None or selected[0].state(selected[1].index) not in OPEN:
            self._state.set_ghost(None)
            return
        entry, take = selected
        request = entry.request
        ghost = Ghost(take, request.region, request.track_id, self.chosen_bars, self.chosen_sections)
        self._state.set_ghost(ghost)

    def _region_changed(self, bars: object) -> None:
        """Bars selected inside the idea choose what of it would be accepted."""
        self._show_where()
        self._next_soon.start()
        selected = self._desk.selected
        if selected is None:
            return
        region = selected[0].request.region
        idea = frozenset(range(region.start_bar, region.end_bar))
        inside = idea & frozenset(range(*bars)) if isinstance(bars, tuple) else frozenset()
        self._choose(inside if inside != idea else frozenset())

    def _toggle_bar(self, place: int) -> None:
        """A bar of the card: take only it, or take it as well, or not any more."""
        if self._desk.selected is None:
            return
        region = self._desk.selected[0].request.region
        bar = region.start_bar + place
        chosen = self.chosen_bars ^ {bar}
        self._choose(frozenset() if len(chosen) == region.bars else chosen)

    def choose_all(self) -> None:
        self._choose(frozenset())

    def _choose(self, bars: frozenset[int]) -> None:
        if bars != self.chosen_bars:
            self.chosen_bars = bars
            self._show_chosen()
            self.show_ghost()
            self.idea_changed.emit()

    def _show_chosen(self) -> None:
        card, selected = self._panel.selected_card(), self._desk.selected
        if card is None or selected is None:
            return
        start = selected[0].request.region.start_bar
        card.show_chosen_bars(
            frozenset(bar - start for bar in self.chosen_bars),
            _bars_list(self._document.song, self.chosen_bars),
        )
        card.show_chosen_sections(self.chosen_sections)
        card.look_at_part(self.part)

    # parts and sections ---------------------------------------------------------------

    @property
    def heard_parts(self) -> frozenset[int]:
        """The parts that hearing the idea plays; none named means all."""
        return frozenset() if self.part is None or not self.is_part_heard else frozenset({self.part})

    def look_at_part(self, place: int) -> None:
        """The part that is heard and accepted by key from now on."""
        if place != self.part:
            self.part, self.is_part_heard = place, False
            self._show_chosen()

    def hear_parts(self, is_alone: bool) -> None:
        """Hear only the part that is looked at, or all of them."""
        if is_alone and self.part is None:
            self.step_part(1)
        if is_alone is not self.is_part_heard:
            self.is_part_heard = is_alone
            self.idea_changed.emit()

    def step_part(self, step: int) -> None:
        """The next or previous part of the idea."""
        selected = self._desk.selected
        count = len(selected[1].parts) if selected else 0
        if selected is None or not count:
            self.said.emit("This idea has no parts of its own.")
            return
        place = 0 if self.part is None else max(0, min(count - 1, self.part + step))
        self.look_at_part(place)
        self.said.emit(f"{selected[1].parts[place].name}, part {place + 1} of {count}")

    def step_section(self, step: int) -> None:
        """The next or previous section of the plan, chosen alone."""
        selected = self._desk.selected
        plan = selected[1].plan if selected else ()
        if not plan:
            self.said.emit("This idea has no sections of its own.")
            return
        at = min(self.chosen_sections) + step if self.chosen_sections else 0
        place = max(0, min(len(plan) - 1, at))
        self._choose_sections(frozenset({place}))
        self.said.emit(f"{plan[place].name}, section {place + 1} of {len(plan)}")

    def _toggle_section(self, place: int) -> None:
        self._choose_sections(self.chosen_sections ^ {place})

    def _choose_sections(self, places: frozenset[int]) -> None:
        self.chosen_sections = places
        self._show_chosen()
        self.show_ghost()

    def accept_section(self) -> None:
        """The chosen sections of the plan, else the first that is not in the song: one step."""
        selected = self._desk.selected
        if selected is None or not selected[1].plan:
            self.said.emit("This idea has no sections of its own.")
            return
        entry, take = selected
        left = frozenset(range(len(take.plan))) - taken_sections(entry, take, self._document.song)
        places = self.chosen_sections or frozenset(sorted(left)[:1])
        names = " and ".join(take.plan[place].name for place in sorted(places))
        if places and self._desk.accept(sections=places) is not None:
            self.chosen_sections = frozenset()
            self._show_chosen()
            self.said.emit(f"{names} of “{take.title}” is in your song. Undo takes it out again.")

    def accept_part(self) -> None:
        """The part that is looked at, else the first that is not in the song: one step."""
        selected = self._desk.selected
        if selected is None or not selected[1].parts:
            self.said.emit("This idea has no parts of its own.")
            return
        entry, take = selected
        left = frozenset(range(len(take.parts))) - taken_parts(entry, take, self._document.song)
        place = self.part if self.part is not None else min(left, default=0)
        if self._desk.accept(self.chosen_bars, parts=frozenset({place})) is not None:
            name = take.parts[place].name
            self.said.emit(f"{name} of “{take.title}” is in your song. Undo takes it out again.")

    # deciding ---------------------------------------------------------------------

    def accept(self) -> None:
        self._accept(TakeState.ACCEPTED)

    def edit(self) -> None:
        """Accept, and select what came for editing."""
        self._accept(TakeState.EDITED)

    def _accept(self, state: TakeState) -> None:
        selected = self._desk.selected
        if selected is None:
            return
        entry, take = selected
        song = self._desk.accept(self.chosen_bars, state)
        if song is None:
            return
        self.said.emit(f"“{take.title}” is in your song. Undo takes it out again.")
        if state is TakeState.EDITED:
            self._select_accepted(entry, str(entry.ref(take)))

    def _select_accepted(self, entry: Entry, source: str) -> None:
        song, state = self._document.song, self._state
        if entry.writes_chords:
            state.select_chords(span.id for span in song.chords if span.source == source)
            return
        for track in song.tracks:
            new = [note.id for note in track.notes if note.source == source and note.origin is Origin.TAKEN]
            if new:
                state.select_track(track.id)
                state.select_notes(new)

    def reject(self) -> None:
        self._desk.reject()

    def keep(self) -> None:
        self._desk.toggle_kept()

    # next chord --------------------------------------------------------------------

    def _ask_next(self) -> None:
        if self._panel.tab is not Tab.CHORDS:
            return
        state = self._state
        place = next_place(self._document.song, state.selected_chord_ids, state.region, state.playhead_ticks)
        if self._next_place is None or place != self._next_place:
            self._next_place = place
            self._desk.ask_next(place.chords)

    def _show_next(self, chords: tuple[NextChord, ...]) -> None:
        place = self._next_place
        if place is not None:
            key = self._document.song.key_at(place.start_ticks)
            self._panel.next_strip.show_next(place.after, chords, key)

    def place_chord(self, label: str) -> None:
        """Put the chord where the strip says it goes; it stays known as the engine's."""
        place = self._next_place
        if place is None:
            return
        song = self._document.song
        chord = Chord.parse(label)
        placed = edits.set_chord(
            song, place.start_ticks, place.duration_ticks, chord, Origin.TAKEN, "next-chord"
        )
        detail = {"next_chord": label, "after": list(place.chords[-4:])}
        self._document.commit(f"Place {chord.lead_sheet(song.key)}", placed, act=Act.ACCEPT, detail=detail)
        span = next(span for span in self._document.song.chords if span.start_ticks == place.start_ticks)
        self._state.select_chords((span.id,))


def _is_whole(song: Song, bars: tuple[int, int], panel: IdeasPanel) -> bool:
    return panel.asking is panel.arrange and bars == (0, song.bars)


def _bars_list(song: Song, bars: frozenset[int]) -> str:
    """`bar 9` or `bars 9, 11` or `bars 9–10`."""
    if not bars:
        return ""
    ordered = sorted(bars)
    if ordered == list(range(ordered[0], ordered[-1] + 1)):
        return bars_in_words(song, (ordered[0], ordered[-1] + 1))
    return "bars " + ", ".join(song.time_map.bar_label(bar) for bar in ordered)


def _soon(parent: QObject, slot: Callable[[], None], after_ms: int = SOON_MS) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(after_ms)
    timer.timeout.connect(slot)
    return timer
