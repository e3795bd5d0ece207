"""No change to the ledger goes unseen."""

import random
from dataclasses import replace

import pytest

from engine.provenance import Act, Actor, Entry, next_row, verify

TEXTS = ("previous", "utc", "actor", "act", "span", "before", "after", "payload", "hash")


def a_ledger(rows=40):
    ledger = []
    for number in range(rows):
        act = list(Act)[number % len(Act)]
        entry = Entry(
            Actor.ARTIST,
            act,
            {"step": f"Move {number} ♭"},
            {"bars": [number, number + 1]},
            "a" * 64,
            "b" * 64,
        )
        ledger.append(next_row(ledger[-1] if ledger else None, entry, f"2026-01-01T00:00:{number:02}+00:00"))
    return ledger


def rewritten(rows):
    return next_row(rows[8], Entry(Actor.ARTIST, Act.EDIT, {"step": "Mine"}), rows[9].utc)


def test_an_untouched_ledger_is_whole():
    ledger = a_ledger()
    assert verify(ledger) is None
    assert verify(ledger, head=ledger[-1].hash) is None
    assert verify([]) is None
    assert [row.seq for row in ledger] == list(range(1, 41))
    assert ledger[3].read_payload() == {"step": "Move 3 ♭"}
    assert ledger[3].read_span() == {"bars": [3, 4]}


def test_a_thousand_changes_of_one_bit_are_all_found():
    ledger, chance = a_ledger(), random.Random(4)
    for _ in range(1_000):
        place = chance.randrange(len(ledger))
        touched = list(ledger)
        touched[place] = _with_one_bit_changed(ledger[place], chance)
        assert verify(touched) == place + 1


def _with_one_bit_changed(row, chance):
    name = chance.choice(("seq", *TEXTS))
    value = getattr(row, name)
    if name == "seq" or not value:
        return replace(row, seq=row.seq ^ (1 << chance.randrange(16)))
    place = chance.randrange(len(value))
    letter = chr(ord(value[place]) ^ (1 << chance.randrange(7)))
    return replace(row, **{name: value[:place] + letter + value[place + 1 :]})


@pytest.mark.parametrize(
    ("what", "touch", "broken"),
    [
        ("a row is taken out", lambda rows: rows[:9] + rows[10:], 10),
        ("the first row is taken out", lambda rows: rows[1:], 1),
        ("two rows change places", lambda rows: [*rows[:4], rows[5], rows[4], *rows[6:]], 5),
        ("a row is written anew in its place", lambda rows: [*rows[:9], rewritten(rows), *rows[10:]], 11),
        ("a row stands twice", lambda rows: [*rows[:4], rows[3], *rows[4:]], 5),
        ("the end is cut off", lambda rows: rows[:-3], 38),
        ("everything is gone", lambda rows: [], 1),
    ],
)
def test_rows_put_in_and_taken_out_are_found(what, touch, broken):
    ledger = a_ledger()
    assert verify(touch(ledger), head=ledger[-1].hash) == broken, what


def test_a_ledger_written_anew_from_a_row_on_does_not_fit_its_head():
    ledger = a_ledger()
    forged = ledger[:20]
    for row in ledger[20:]:
        entry = Entry(Actor.ARTIST, Act(row.act), {"step": "Mine"}, {}, row.before, row.after)
        forged.append(next_row(forged[-1], entry, row.utc))
    assert verify(forged) is None
    assert verify(forged, head=ledger[-1].hash) == 41
