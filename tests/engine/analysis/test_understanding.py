"""Closes, figures, facts and the description say what is in the notes, and nothing else."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from engine.analysis.cadences import cadence_kind, read_cadences
from engine.analysis.description import describe
from engine.analysis.facts import harmony_facts, loop_bars, melody_facts
from engine.analysis.hearing import hear
from engine.analysis.motifs import read_motifs
from engine.analysis.wording import interval_name
from engine.cli import main
from engine.formats.midi import save_midi
from engine.music import (
    Chord,
    ChordSpan,
    Key,
    Marker,
    Mode,
    Note,
    Role,
    Section,
    Song,
    TimeMap,
    Track,
    parse_key,
)
from engine.music.analysis import Analysis, CadenceKind, MotifForm, Phrase
from engine.music.timemap import KeyChange


def tune(*notes: tuple[float, float, int], key: str = "C") -> tuple[Song, list[Note]]:
    """Notes as (start, length, pitch) in quarters."""
    line = [
        Note(i + 2, int(start * 480), int(length * 480), pitch)
        for i, (start, length, pitch) in enumerate(notes)
    ]
    found = parse_key(key)
    assert found is not None
    time_map = TimeMap(keys=(KeyChange(0, found),))
    return Song("Tune", time_map, tracks=(Track(1, "Voice", Role.MELODY, notes=tuple(line)),)), line


def spans(text: str, bars_each: int = 1) -> tuple[ChordSpan, ...]:
    return tuple(
        ChordSpan(100 + i, i * bars_each * 1920, bars_each * 1920, Chord.parse(name))
        for i, name in enumerate(text.split())
    )


@pytest.mark.parametrize(
    ("chords", "key", "kind"),
    [
        ("G7 C", "C", CadenceKind.FULL),
        ("Bdim C/G", "C", CadenceKind.FULL),
        ("Dm G", "C", CadenceKind.HALF),
        ("F C", "C", CadenceKind.PLAGAL),
        ("G Am", "C", CadenceKind.DECEPTIVE),
        ("G Am", "Am", CadenceKind.MODAL),
        ("E7 Am", "Am", CadenceKind.FULL),
        ("E7 F", "Am", CadenceKind.DECEPTIVE),
        ("Gm C", "F", CadenceKind.HALF),
        ("F Dm", "C", None),
        ("C C", "C", None),
        ("N.C. C", "C", None),
        ("G Cm", "C", None),
    ],
)
def test_kinds_of_close(chords: str, key: str, kind: CadenceKind | None) -> None:
    before, last = (Chord.parse(name) for name in chords.split())
    home = parse_key(key)
    assert home is not None
    assert cadence_kind(before, last, home) is kind


def test_closes_stand_at_the_ends_of_phrases_and_sections() -> None:
    song, _ = tune((0, 32, 60))
    chords = spans("C F C G C F G C")
    sections = (Section(90, "A", 0, 8),)
    song = Song("", song.time_map, sections, tracks=song.tracks)
    phrases = (Phrase(0, 4 * 1920 - 240), Phrase(4 * 1920, 8 * 1920 - 10))
    found = read_cadences(song, chords, phrases)
    assert [(cadence.tick // 1920, cadence.kind) for cadence in found] == [
        (3, CadenceKind.HALF),
        (7, CadenceKind.FULL),
    ]
    assert found[1].confidence > found[0].confidence


FIGURE = ((0, 0.5, 60), (0.5, 0.5, 62), (1, 1, 67), (2, 0.5, 64))


def shifted(
    by: float, semitones: tuple[int, ...] = (0, 0, 0, 0), times: float = 1
) -> list[tuple[float, float, int]]:
    return [
        (by + start * times, length * times, pitch + moved)
        for (start, length, pitch), moved in zip(FIGURE, semitones, strict=True)
    ]


FILL = [(60.0, 4.0, 72)]


@pytest.mark.parametrize(
    ("again", "form", "semitones"),
    [
        (shifted(8), MotifForm.SAME, 0),
        (shifted(8, (2, 2, 2, 1)), MotifForm.MOVED, 2),  # a step up in C major
        ([(8, 0.5, 67), (8.5, 0.5, 65), (9, 1, 60), (10, 0.5, 64)], MotifForm.TURNED, 7),
        (shifted(8, times=2), MotifForm.STRETCHED, 0),
    ],
)
def test_figures_are_known_again(
    again: list[tuple[float, float, int]], form: MotifForm, semitones: int
) -> None:
    song, line = tune(*FIGURE, *again, *FILL)
    motifs = [motif for motif in read_motifs(song, line) if motif.start_ticks == 0]
    assert [(m.notes, [(r.start_ticks, r.form, r.semitones) for r in m.returns]) for m in motifs] == [
        (4, [(8 * 480, form, semitones)])
    ]


def test_a_passage_that_returns_is_one_figure_and_the_bars_are_told() -> None:
    first = ((0, 1, 60), (1, 0.5, 67), (1.5, 0.5, 64), (2, 2, 65), (4, 0.5, 62), (4.5, 1, 69), (5.5, 0.5, 71))
    passage = (*first, (6, 1.5, 72), (7.5, 0.5, 65), (8, 1, 64), (9, 0.5, 71), (9.5, 1.5, 62))
    song, line = tune(*((at + start, beats, pitch) for at in (0, 16, 32) for start, beats, pitch in passage))
    motifs = read_motifs(song, line)
    assert len(motifs) == 1
    _, analysis = hear(song)
    facts = {fact.name: fact.value for fact in describe(song, analysis).sheet}
    assert "again at pitch in bars 5, 9" in facts["Figures"]


def test_runs_and_repeated_notes_are_no_figures() -> None:
    song, line = tune(*[(i * 0.5, 0.5, 60) for i in range(40)])
    assert read_motifs(song, line) == ()
    song, line = tune(*[(float(i), 1.0, p) for i, p in enumerate((60, 64, 67, 65, 71, 62, 69, 74, 59, 77))])
    assert read_motifs(song, line) == ()


def test_melody_facts() -> None:
    facts = melody_facts(*tune((0, 1, 60), (1, 0.5, 62), (1.5, 1, 62), (2.5, 0.5, 70), (4, 4, 68)))
    assert facts is not None
    assert (facts.lowest, facts.highest, facts.notes, facts.notes_a_bar) == (60, 70, 5, 2.5)
    assert (facts.leaps, facts.steps, facts.repeats) == (0.25, 0.5, 0.25)
    assert (facts.syncopation, facts.in_scale, facts.peak_ticks) == (0.2, 0.6, 1200)


@pytest.mark.parametrize(
    ("names", "bars"),
    [
        ("C G Am F C G Am F", 4),
        ("C G Am F " * 3 + "C G", 4),
        ("C G C F Am Dm G C", 0),
        ("C C C C", 0),
        ("C", 0),
    ],
)
def test_loops(names: str, bars: int) -> None:
    chords = spans(names)
    song, _ = tune((0, len(chords) * 4, 60))
    assert loop_bars(song, chords) == bars


def test_harmony_facts() -> None:
    chords = spans("C Fmaj7 Fm6 C/G")
    facts = harmony_facts(tune((0, 16, 60))[0], chords)
    assert facts is not None
    assert (facts.chords, facts.changes_a_bar) == (3, 1.0)
    assert (facts.sevenths, facts.inversions, facts.foreign) == (0.5, 0.25, 0.25)


def sketch() -> Song:
    """A melody in G over G | C | D7 | G, twice, with a block-chord part."""
    tune_pitches = (67, 69, 71, 74, 72, 71, 72, 76, 74, 72, 69, 66, 67, 71, 67, 67) * 2
    melody = tuple(Note(10 + i, i * 480, 480, pitch) for i, pitch in enumerate(tune_pitches))
    voicings = ((43, 55, 59, 62), (48, 55, 60, 64), (50, 54, 57, 60), (43, 55, 59, 62)) * 2
    comp = tuple(
        Note(100 + 4 * bar + i, bar * 1920, 1920, pitch)
        for bar, voicing in enumerate(voicings)
        for i, pitch in enumerate(voicing)
    )
    return Song(
        "Sketch", tracks=(Track(1, "Voice", notes=melody), Track(2, "Piano", notes=comp)), next_id=500
    )


def test_the_description_tells_what_is_there() -> None:
    _, analysis = hear(sketch())
    told = analysis.description
    assert told is not None
    for words in ("Eight bars in 4/4, at 120 bpm, in G major", "a loop of four bars, I–IV–V–I", "full close"):
        assert words in told.paragraph
    facts = {fact.name: fact.value for fact in told.sheet}
    assert facts["Length"] == "eight bars"
    assert facts["Melody"].startswith("F♯4–E5 (a minor seventh), 4 notes a bar")
    assert facts["Key"].startswith("G major")


def test_nothing_is_invented() -> None:
    assert describe(Song(), Analysis()).sheet == ()
    drums = Song(tracks=(Track(1, "Kit", Role.DRUMS, notes=(Note(2, 0, 120, 36), Note(3, 1920, 120, 38))),))
    _, analysis = hear(drums)
    assert analysis.description is not None
    assert "melody" not in analysis.description.paragraph.lower()
    assert "no key that could be told" in analysis.description.paragraph
    assert (analysis.melody, analysis.harmony, analysis.motifs, analysis.cadences) == (None, None, (), ())


def test_numerals_follow_the_key() -> None:
    _, analysis = hear(sketch())
    assert [reading.numeral for reading in analysis.chords[:4]] == ["I", "IV", "V", "I"]
    assert {reading.function.value for reading in analysis.chords} == {"tonic", "subdominant", "dominant"}
    assert Key(7, Mode.MAJOR) == analysis.keys[0].key


def test_rehearsal_letters_are_sections_and_letters_begin_with_a_after_an_intro() -> None:
    song = sketch()
    marked = replace(song, markers=(Marker(0, "A"), Marker(4 * 1920, "B")))
    assert [(section.name, section.start_bar) for section in hear(marked)[0].sections] == [("A", 0), ("B", 4)]
    later = replace(
        song,
        tracks=(
            Track(1, "Voice", notes=edited_by(song.tracks[0].notes, 8 * 1920)),
            Track(2, "Piano", notes=song.tracks[1].notes + edited_by(song.tracks[1].notes, 8 * 1920, 1000)),
        ),
    )
    assert [section.name for section in hear(later)[0].sections][:2] == ["Intro", "A"]


def edited_by(notes: tuple[Note, ...], ticks: int, ids: int = 0) -> tuple[Note, ...]:
    return tuple(replace(n, id=n.id + ids, start_ticks=n.start_ticks + ticks) for n in notes)


def test_ten_thousand_notes_are_heard_in_a_second_of_work() -> None:
    bars = 340
    voices = ((43, 55, 59, 62), (48, 55, 60, 64), (50, 54, 57, 60), (40, 55, 59, 64))
    comp = [
        Note(10_000 + 16 * bar + 4 * beat + i, bar * 1920 + beat * 480, 440, pitch)
        for bar in range(bars)
        for beat in range(4)
        for i, pitch in enumerate(voices[bar * 7 % 4])
    ]
    line = [Note(100_000 + i, i * 240, 230, 67 + (i * 5 + i // 11) % 12) for i in range(8 * bars)]
    bass = [Note(200_000 + i, i * 480, 440, voices[i // 4 * 7 % 4][0] - 12) for i in range(4 * bars)]
    parts = (("Piano", comp), ("Lead", line), ("Bass", bass))
    song = Song(tracks=tuple(Track(i + 1, name, notes=tuple(notes)) for i, (name, notes) in enumerate(parts)))
    assert sum(len(track.notes) for track in song.tracks) > 9_500
    started = time.process_time()
    hear(song)
    assert time.process_time() - started < 3.0  # 0.65 s on a quiet machine


def test_inspect_tells_it_as_words_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_midi(sketch(), tmp_path / "sketch.mid")
    assert main(["inspect", str(tmp_path / "sketch.mid"), "--json"]) == 0
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["numerals"][1] | {"confidence": 0, "alternatives": []} == {
        "start_beats": 4,
        "numeral": "IV",
        "function": "subdominant",
        "confidence": 0,
        "alternatives": [],
    }
    assert record["harmony"]["loop_bars"] == 4
    assert record["cadences"][-1]["kind"] == "full close"
    facts = record["description"]["facts"]
    assert facts["Metre"] == "4/4" and facts["Form"].endswith("% sure")
    assert record["tempo"] == {"bpm": record["bpm"], "is_free": False}  # as written: nothing to be sure of
    assert record["metre"] == {"name": "4/4", "alternatives": []}
    assert (record["swing"], record["pickup_beats"]) == (0.5, 0)
    assert facts["Phrases"].startswith(f"{len(record['phrases'])}: 1")
    assert record["phrases"][0]["start_beats"] == 0 and record["phrases"][0]["repeats"] is None
    assert main(["inspect", str(tmp_path / "sketch.mid")]) == 0
    shown = capsys.readouterr().out
    assert "Eight bars in 4/4" in shown
    assert "Harmony" in shown


def test_a_range_over_an_octave_is_named() -> None:
    names = [interval_name(semitones) for semitones in (19, 21, 24, 40)]
    assert names == ["a twelfth", "an octave and a sixth", "two octaves", "three octaves and a third"]
