"""What does the card of a take say? Everything in words and numbers, before any widget.

`card_view(entry, take, song, number=1)` has title, reasons as a sentence, scores and preview.
"""

import re
from dataclasses import dataclass

from app.ideas.asking import bars_in_words
from app.ideas.board import OPEN, Entry, Shelf
from app.ideas.players import PartView, SectionView, facts, part_views, section_views, within_sentence
from engine.api.suggestion import Kind, Originality, Take
from engine.formats.songfile import TakeState
from engine.music import Chord, Key, Note, Song

SHOWN_REASONS = 3
FEWEST_ELSEWHERE = 4
FEWEST_IN_A_ROW = 3  # two notes in common are no likeness
NEW, KNOWN = 0.75, 0.25
BARS_CHANGED = "These bars have changed since this idea was made."
_WHOSE = {"yours": ", your own", "reference": ", one of your references", "traditional": ", traditional"}
ANOTHER_TAKEN = "Another idea of this set is in these bars. Undo it to take this one."


@dataclass(frozen=True, slots=True)
class CardView:
    """`scores` are pairs of name and value; `notes` or `chords` is what the preview draws.

    `is_growing`: it is still being written, bar by bar; title and reasons may come with the last one.
    `kept_notes` are the artist's notes that stand in the take. `span_ticks` and `bar_starts` place them.
    `original_work`: the work with the longest run in common.
    `called`: what it is ("idea", "form"). `parts` and `sections`: lines and blocks of an idea of the players;
    `fits` and `playable` are said where they are so.
    """

    entry_id: str
    index: int
    number: int
    title: str
    reasons: str
    all_reasons: str
    scores: tuple[tuple[str, str], ...]
    remark: str
    original: str
    original_detail: str
    original_work: str
    state: TakeState
    is_stale: bool
    stale_words: str
    where: str
    key: Key
    notes: tuple[Note, ...]
    kept_notes: tuple[Note, ...]
    chords: tuple[tuple[int, Chord], ...]
    span_ticks: tuple[int, int]
    bar_starts: tuple[int, ...]
    is_growing: bool = False
    called: str = "idea"
    parts: tuple[PartView, ...] = ()
    sections: tuple[SectionView, ...] = ()
    fits: str = ""
    playable: str = ""

    @property
    def name(self) -> tuple[str, int]:
        """Whose card it is: entry and take."""
        return self.entry_id, self.index

    @property
    def is_open(self) -> bool:
        """Whether the artist has not decided yet."""
        return self.state in OPEN

    @property
    def is_kept(self) -> bool:
        return self.state is TakeState.KEPT


_CALLED = {Kind.FORM: "form", Kind.RESTYLE: "restyle", Kind.SOUNDSCAPE: "soundscape"}


def card_views(entry: Entry, song: Song) -> tuple[CardView, ...]:
    """The cards of an entry's takes that were not rejected, numbered as they came."""
    shown = {take.index for take in entry.shown()}
    is_stale = entry.is_stale(song)
    return tuple(
        card_view(entry, take, song, number, is_stale)
        for number, take in enumerate(entry.takes, 1)
        if take.index in shown
    )


def card_view(entry: Entry, take: Take, song: Song, number: int, is_stale: bool | None = None) -> CardView:
    """The card of one take of an entry, as the song is now. `is_stale`: when it is known already."""
    if is_stale is None:
        is_stale = entry.is_stale(song)
    region = entry.request.region
    span = region.span_ticks(song)
    kept_ids = frozenset(take.kept_note_ids)
    unit = "chords" if entry.writes_chords else "notes"
    by_players = entry.shelf is Shelf.ARRANGE
    fits, playable = facts(entry, take) if by_players else ("", "")
    return CardView(
        entry.id,
        take.index,
        number,
        take.title or f"Idea {number}",
        sentence(take.reasons[:SHOWN_REASONS]),
        sentence(take.reasons),
        _scores(entry, take),
        take.echoes or _memory(entry, take, song),
        _original(take.originality, unit),
        _original_detail(take.originality, unit),
        _original_work(take.originality),
        entry.state(take.index),
        is_stale,
        (ANOTHER_TAKEN if entry.has_accepted else BARS_CHANGED) if is_stale else "",
        bars_in_words(song, (region.start_bar, region.end_bar)),
        song.key_at(span[0]),
        () if entry.writes_chords else take.notes,
        tuple(note for note in _own_notes(entry, song, span) if note.id in kept_ids) if kept_ids else (),
        tuple((each.duration_ticks, each.chord) for each in take.chords) if entry.writes_chords else (),
        span,
        tuple(song.time_map.bar_start(bar) for bar in range(region.start_bar, region.end_bar + 1)),
        take.index in entry.growing,
        _CALLED.get(entry.request.kind, "idea"),
        part_views(entry, take, song) if by_players else (),
        section_views(entry, take, song) if by_players else (),
        fits,
        playable,
    )


def _own_notes(entry: Entry, song: Song, span: tuple[int, int]) -> tuple[Note, ...]:
    """What stands in the bars of the track that was asked about."""
    track = next((track for track in song.tracks if track.id == entry.request.track_id), None)
    return track.notes_in(*span) if track else ()


def sentence(reasons: tuple[str, ...]) -> str:
    """The reasons as one sentence: joined by semicolons, a capital first, a full stop last."""
    parts = [reason.strip().rstrip(".;") for reason in reasons if reason.strip()]
    joined = "; ".join([*parts[:1], *map(within_sentence, parts[1:])])
    if not joined:
        return ""
    is_numeral = set(re.split(r"[ –]", joined)[0]) <= set("iv°ø+⁶₄⁴₃₅₂7♭♯")
    return (joined if is_numeral else joined[0].upper() + joined[1:]) + "."


def _scores(entry: Entry, take: Take) -> tuple[tuple[str, str], ...]:
    scores = take.scores
    fit_name = "Melody fit" if entry.writes_chords else "Fit"
    shown = [(fit_name, scores.fit, "{:.2f}"), ("Distance", scores.distance, "{:.2f}")]
    if entry.writes_chords:
        shown = [shown[0], ("Surprise", scores.surprise, "{:.1f} bits")]
    return tuple((name, form.format(value)) for name, value, form in shown if value is not None)


def _memory(entry: Entry, take: Take, song: Song) -> str:
    """Whether the chords are what the song does elsewhere, where it has others to compare with."""
    novelty = take.scores.novelty
    start, end = entry.request.region.span_ticks(song)
    elsewhere = [span for span in song.chords if span.end_ticks <= start or span.start_ticks >= end]
    if not entry.writes_chords or novelty is None or len(elsewhere) < FEWEST_ELSEWHERE:
        return ""
    return "new to this song" if novelty >= NEW else "song memory" if novelty <= KNOWN else ""


def _original(originality: Originality | None, unit: str) -> str:
    if originality is None:
        return ""
    sign = "✓ like your own" if originality.maker == "yours" else "✓ original"
    if not _is_match(originality):
        return f"{sign} · no match"
    return f"{sign} · longest match {_counted(originality.longest_run, unit)}"


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit.removesuffix('s') if count == 1 else unit}"


def _original_detail(originality: Originality | None, unit: str) -> str:
    if originality is None:
        return ""
    if not _is_match(originality):
        return f"No run of {unit} in common with any known work."
    if not originality.work:
        longest = _counted(originality.longest_run, unit)
        return f"Nothing longer than {longest} in common with any known work."
    return f"The longest run it shares is with {_original_work(originality)}."


def _is_match(originality: Originality) -> bool:
    return bool(originality.work) or originality.longest_run >= FEWEST_IN_A_ROW


def _original_work(originality: Originality | None) -> str:
    """`“The rose” by A. Maker (CC BY 4.0)`: whose work the longest run is in, empty when it is nobody's."""
    if originality is None or not originality.work:
        return ""
    whose = _WHOSE.get(originality.maker, f" by {originality.maker}" if originality.maker else "")
    licence = f" ({originality.licence})" if originality.licence else ""
    return f"“{originality.work}”{whose}{licence}"


def withheld_sentence(count: int) -> str:
    """What is said about takes that were too close to a known work; empty for none."""
    if not count:
        return ""
    takes = "1 idea was" if count == 1 else f"{count} ideas were"
    return f"{takes} left out: too close to a known work."
