"""Our own patterns as pieces of the corpus."""

from engine.formats.patterns import Kind, melodies, progressions
from engine.generation.language.grid import Stream
from engine.generation.language.vocabulary import SECTIONS, STYLES
from engine.training.corpus.sets import own

PIECES = tuple(own.read())


def test_every_entry_is_in_one_piece():
    bars = sum(len(entry.bars) for entry in (*progressions(), *melodies()))
    assert sum(len(piece.sheet.bars) for piece in PIECES) == bars
    assert len({piece.id for piece in PIECES}) == len(PIECES)


def test_pieces_say_where_they_are_from():
    assert {(piece.source, piece.licence, piece.is_own) for piece in PIECES} == {(own.ID, "CC0-1.0", True)}
    assert {piece.style for piece in PIECES} <= set(STYLES) - {""}
    assert {bar.section for piece in PIECES for bar in piece.sheet.bars} <= set(SECTIONS)


def test_cells_fill_their_bars_and_ties_go_on():
    for piece in PIECES:
        sounding = None
        for bar in piece.sheet.bars:
            assert sum(chord.duration for chord in bar.cells[Stream.CHORDS]) == bar.length
            for note in bar.cells.get(Stream.MELODY, ()):
                assert not note.tied or (note.offset == 0 and note.pitch == sounding)
                sounding = note.pitch if note.offset + note.duration == bar.length else None


def test_a_tune_keeps_its_chords_pickup_and_tempo():
    tunes = {piece.id: piece for piece in PIECES if piece.sheet.has(Stream.MELODY)}
    entry = next(tune for tune in melodies() if tune.has_pickup and not tune.variant_of)
    assert entry.kind is Kind.MELODY
    sheet = tunes[f"{own.ID}/tune-{entry.style}-{entry.line}"].sheet
    assert (sheet.first_full, sheet.bpm, sheet.mode) == (1, entry.bpm, entry.mode)
    assert sheet.bars[0].length == entry.bars[0].length
    assert sheet.bars[0].cells[Stream.CHORDS][0].root == -1
    assert sheet.bars[1].cells[Stream.CHORDS][0].root == entry.bars[1].chords[0].chord.root
