"""Random songs and time maps for property tests."""

from hypothesis import strategies as st

from engine.music import (
    Chord,
    ChordSpan,
    Key,
    KeyChange,
    Metre,
    MetreChange,
    Mode,
    Note,
    Origin,
    Role,
    Section,
    Song,
    Tempo,
    TimeMap,
    Track,
)
from engine.music.chord import common_qualities
from engine.music.note import note_order

metres = st.sampled_from(
    [Metre(4, 4), Metre(3, 4), Metre(6, 8), Metre(5, 4), Metre(7, 8), Metre(2, 2), Metre(12, 8)]
)


def _changes(values, step):
    """Up to four changes at increasing ticks, the first at 0."""
    return st.lists(st.tuples(st.integers(1, step), values), min_size=1, max_size=4).map(_accumulated)


def _accumulated(pairs):
    tick, changes = 0, []
    for index, (gap, value) in enumerate(pairs):
        tick = 0 if index == 0 else tick + gap
        changes.append((tick, value))
    return changes


@st.composite
def time_maps(draw):
    metre_changes = tuple(MetreChange(tick, metre) for tick, metre in draw(_changes(metres, 9_000)))
    tempos = tuple(Tempo(tick, us) for tick, us in draw(_changes(st.integers(100_000, 2_000_000), 9_000)))
    keys = tuple(
        KeyChange(tick, key)
        for tick, key in draw(_changes(st.builds(Key, st.integers(0, 11), st.sampled_from(Mode)), 9_000))
    )
    pickup = draw(st.sampled_from([0, 0, 240, 480, 60]))
    pickup = pickup if pickup < metre_changes[0].metre.bar_ticks else 0
    return TimeMap(tempos, metre_changes, keys if draw(st.booleans()) else (), pickup)


@st.composite
def songs(draw, max_notes=12):
    next_id = 1
    tracks = []
    for index in range(draw(st.integers(1, 3))):
        specs = draw(
            st.lists(
                st.tuples(
                    st.integers(0, 8_000), st.integers(1, 2_000), st.integers(0, 127), st.integers(1, 127)
                ),
                max_size=max_notes,
            )
        )
        notes = [Note(next_id + 1 + i, *spec, Origin.PLAYED) for i, spec in enumerate(specs)]
        tracks.append(
            Track(
                next_id,
                f"Track {index}",
                draw(st.sampled_from(Role)),
                0,
                tuple(sorted(notes, key=note_order)),
            )
        )
        next_id += 1 + len(notes)
    tick, spans = 0, []
    for gap, length, root, quality in draw(
        st.lists(
            st.tuples(
                st.integers(0, 960),
                st.integers(1, 1_920),
                st.integers(0, 11),
                st.sampled_from(common_qualities()),
            ),
            max_size=6,
        )
    ):
        spans.append(ChordSpan(next_id, tick + gap, length, Chord(root, quality), Origin.HEARD))
        tick, next_id = tick + gap + length, next_id + 1
    bar, sections = 0, []
    for gap, bars in draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4)), max_size=3)):
        sections.append(Section(next_id, f"Part {next_id}", bar + gap, bars))
        bar, next_id = bar + gap + bars, next_id + 1
    return Song("A song", draw(time_maps()), tuple(sections), tuple(spans), tuple(tracks), next_id=next_id)
