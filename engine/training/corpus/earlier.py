"""Which pieces were earlier models tested on?

The melody model and the chord model have splits of their own (`engine.training.melody.split`,
`engine.training.chords.split`). What they were tested on must not be trained on now, or the old and the new
numbers could not be compared.
"""

import re
from pathlib import Path

from engine.training.chords import corpus as chord_corpus
from engine.training.chords.allow import AllowList
from engine.training.chords.split import Part as ChordPart
from engine.training.melody import corpus as melody_corpus
from engine.training.melody.split import Part as MelodyPart
from engine.training.melody.split import split as melody_split

READ_SETS = frozenset((*chord_corpus.READERS, *melody_corpus.DATASETS))
EARLIER_SETS = READ_SETS - {"music21-corpus"}
"""Sets the earlier splits cover; of the music21 corpus only the folk tunes."""
_SOURCES = {
    "sheet": "openewld-pd",
    "session": "session-abc",
    "early": "neon-leadsheets",
    "billboard": "mcgill-billboard",
    "rock": "rs200-harmony",
    "jazz": "irb-jazz",
    "solo": "wjd-changes",
    "loop": "free-midi-chords",
    "art": "when-in-rome-new",
}


def is_covered(piece_id: str) -> bool:
    """Did an earlier split decide about pieces like this one?"""
    source, _, name = piece_id.partition("/")
    is_folk = source == "music21-corpus" and name.split("/")[0] in melody_corpus.FOLK_COLLECTIONS
    return source in EARLIER_SETS or is_folk


def plain_id(piece_id: str) -> str:
    """The id of the written piece, without the marks of its parts and of second copies.

    >>> plain_id("mcgill-billboard/12~1"), plain_id("open-hymnal/Amazing.abc#2")
    ('mcgill-billboard/12', 'open-hymnal/Amazing.abc')
    >>> plain_id("music21-corpus/airdsAirs/book1.abc#12+1")
    'music21-corpus/airdsAirs/book1.abc#12'
    """
    name = re.sub(r"~\d+$", "", piece_id)
    if name.startswith("music21-corpus/") and ".abc#" in name:
        return re.sub(r"\+\d+$", "", name)
    return re.sub(r"#[^#/]*$", "", name)


def earlier_tests(data: Path) -> frozenset[str]:
    """Plain ids of the pieces in the test parts of the earlier splits, of the sets that are listed."""
    allow = AllowList(data)
    tested: set[str] = set()
    listed = tuple(name for name in chord_corpus.READERS if allow.lists(name))
    for entry in chord_corpus.gather(data, listed):
        if entry.part is ChordPart.TEST:
            source, _, name = entry.piece.id.partition("/")
            tested.add(plain_id(f"{_SOURCES[source]}/{name}"))
    if all(allow.lists(name) for name in melody_corpus.DATASETS):
        tunes, _ = melody_corpus.read_corpus(data)
        for tune in melody_split(tunes)[MelodyPart.TEST]:
            is_folk = tune.dataset == "music21-corpus"
            tested.add(plain_id(f"{tune.dataset}/{tune.id}" if is_folk else tune.id.replace("/./", "/")))
    return frozenset(tested)
