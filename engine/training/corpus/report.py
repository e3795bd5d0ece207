"""How much is there to learn from? Pieces, bars, notes, chords and tokens by set and by part of the grid.

Tokens are what the language needs to tell every bar once (bar and cell marks with the cells; metres, sections
and headers are not counted).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

from engine.generation.language.cells import cell_tokens
from engine.generation.language.grid import Stream
from engine.training.corpus.clusters import clusters
from engine.training.corpus.piece import CorpusPiece
from engine.training.corpus.split import split
from engine.training.corpus.variations import variations_across, variations_within

Counts = dict[str, int]


def report(pieces: Sequence[CorpusPiece]) -> dict[str, Counts]:
    """Rows of counts: one a set, one a stream, one a stream of each set that has it, one a part of the split,
    and `all`."""
    by_both: defaultdict[tuple[str, Stream], Counter[str]] = defaultdict(Counter)
    by_set: defaultdict[str, Counter[str]] = defaultdict(Counter)
    by_stream: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for piece in pieces:
        counts, streams = _counts(piece)
        by_set[f"set {piece.source}"] += counts
        for stream, stream_counts in streams.items():
            by_stream[f"stream {stream.name.lower()}"] += stream_counts
            by_both[piece.source, stream] += stream_counts
    found = {name: dict(by_set[name]) for name in sorted(by_set)}
    found |= {f"stream {s.name.lower()}": dict(by_stream[f"stream {s.name.lower()}"]) for s in Stream}
    found |= {
        f"set {name}, {stream.name.lower()}": dict(by_both[name, stream]) for name, stream in sorted(by_both)
    }
    found |= {f"part {part}": _part_counts(own) for part, own in split(pieces).items()}
    whole: Counter[str] = sum(by_set.values(), Counter())
    found["all"] = dict(whole) | {
        "clusters": len(set(clusters(pieces))),
        "variations across": len(variations_across(pieces)),
        "variations within": sum(len(variations_within(piece)) for piece in pieces),
    }
    return found


def _counts(piece: CorpusPiece) -> tuple[Counter[str], dict[Stream, Counter[str]]]:
    streams: defaultdict[Stream, Counter[str]] = defaultdict(Counter)
    for bar in piece.sheet.bars:
        for stream, cell in bar.cells.items():
            begun = sum(1 for event in cell if stream is Stream.CHORDS or not event[3])
            tokens = 1 + len(cell_tokens(stream, cell, bar.length))
            streams[stream] += Counter({"bars": 1, "events": begun, "tokens": tokens})
    for counts in streams.values():
        counts["pieces"] = 1
    chords = streams[Stream.CHORDS]["events"] if Stream.CHORDS in streams else 0
    whole = Counter(
        {
            "pieces": 1,
            "bars": len(piece.sheet.bars),
            "notes": sum(counts["events"] for counts in streams.values()) - chords,
            "chords": chords,
            "tokens": len(piece.sheet.bars) + sum(counts["tokens"] for counts in streams.values()),
            "with repeats": int(bool(piece.form)),
        }
    )
    return whole, dict(streams)


def _part_counts(pieces: Sequence[CorpusPiece]) -> Counts:
    both = sum(piece.sheet.has(Stream.CHORDS) and piece.sheet.has(Stream.MELODY) for piece in pieces)
    return {
        "pieces": len(pieces),
        "bars": sum(len(piece.sheet.bars) for piece in pieces),
        "with melody and chords": both,
        "clusters": len(set(clusters(pieces))),
    }


def as_table(rows: dict[str, Counts]) -> str:
    """The report as text, one row a line.

    >>> print(as_table({"part test": {"pieces": 12, "bars": 3400}}))
    part test                        pieces 12  bars 3,400
    """
    return "\n".join(
        f"{name:<32} " + "  ".join(f"{key} {value:,}" for key, value in counts.items())
        for name, counts in rows.items()
    )
