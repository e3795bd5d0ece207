"""The network that hears keys of loops: transposed alike, the same with and without torch, able to learn."""

import random
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.analysis.chordear import heard_chords  # noqa: E402
from engine.analysis.keyear import CUES, reckoned  # noqa: E402
from engine.analysis.keyinputs import key_inputs  # noqa: E402
from engine.analysis.pitchgrid import pitch_grid  # noqa: E402
from engine.music import Chord, Key, Metre, Mode, Song  # noqa: E402
from engine.training.chords.piece import Bar, ChartChord, Piece  # noqa: E402
from engine.training.hearing.keyexcerpts import KeyExcerpt, excerpt, sections_of  # noqa: E402
from engine.training.hearing.keylearning import KeyCourse, key_arrays, learn_keys  # noqa: E402
from engine.training.hearing.rendering import Sheet, Style, render  # noqa: E402

BAR = 1920
LOOPS = ("C G Am F", "C Bb F C", "Cm Ab Eb Bb", "Dm7 G7 Cmaj7 Am7", "Cm Fm G Cm")


def sheet(symbols: str, rounds: int = 2) -> Sheet:
    names = symbols.split() * rounds
    chords = tuple((n * BAR, (n + 1) * BAR, Chord.parse(name)) for n, name in enumerate(names))
    mode = Mode.MINOR if "Cm " in symbols else Mode.MAJOR
    return Sheet("", Metre(), 0, Key(0, mode), (), chords)


def taught() -> list[KeyExcerpt]:
    found = []
    for number, symbols in enumerate(LOOPS):
        played = render(sheet(symbols), Style.BEATS, random.Random(number))
        found.append(excerpt(symbols, symbols, played.song, played.key))
    return [each for each in found if each is not None]


def raised(song: Song, semitones: int) -> Song:
    tracks = tuple(
        replace(track, notes=tuple(replace(note, pitch=note.pitch + semitones) for note in track.notes))
        for track in song.tracks
    )
    return replace(song, tracks=tracks)


@pytest.mark.parametrize("symbols", LOOPS)
def test_an_excerpt_a_tone_higher_is_seen_alike_from_a_tone_higher(symbols: str) -> None:
    song = render(sheet(symbols), Style.BLOCK, random.Random(1)).song
    seen = []
    for each in (song, raised(song, 2)):
        grid = pitch_grid(each)
        seen.append(key_inputs(grid, heard_chords(each, grid)))
    assert np.roll(seen[0], 2, axis=0) == pytest.approx(seen[1], abs=1e-5)
    assert not np.allclose(seen[0], seen[1])


def test_what_is_shipped_reckons_as_the_mean_of_what_was_taught() -> None:
    excerpts = taught()
    networks = [learn_keys(excerpts, seed, KeyCourse(rounds=3)) for seed in (1, 2)]
    one = excerpts[0]
    with torch.no_grad():
        inputs, cues = torch.tensor(one.inputs)[None], torch.tensor(one.cues[None, :, CUES]).float()
        scores = sum(network(inputs, cues)[0] for network in networks) / 2
        believed = torch.log_softmax(scores, 0).numpy()
    assert reckoned(key_arrays(networks), one.inputs, one.cues) == pytest.approx(believed, abs=0.02)


def test_learning_finds_the_keys_and_is_the_same_from_the_same_seed() -> None:
    excerpts = taught()
    short, longer, again = (
        key_arrays([learn_keys(excerpts, 3, KeyCourse(rounds=rounds))]) for rounds in (1, 80, 80)
    )

    def right(arrays: dict[str, np.ndarray]) -> int:
        return sum(int(reckoned(arrays, e.inputs, e.cues).argmax()) == e.key for e in excerpts)

    assert right(longer) == len(excerpts) > right(short)
    assert all((longer[name] == again[name]).all() for name in longer)


def test_cuts_are_whole_bars_of_one_key_in_which_the_tonic_chord_sounds() -> None:
    names = ("C G Am F " * 2 + "F G F G Am F C G E Am F C").split()
    places = [(0, "verse")] * 8 + [(0, "bridge")] * 4 + [(9, "chorus")] * 8
    chords = tuple(
        ChartChord(n * BAR, BAR, Chord.parse(name), tonic, section)
        for n, (name, (tonic, section)) in enumerate(zip(names, places, strict=True))
    )
    bars = tuple(Bar(n * BAR, BAR) for n in range(len(names)))
    piece = Piece("song/1", "own", "pop", "song", "", (4, 4), bars, chords)
    for seed in range(6):
        cuts = list(sections_of(piece, random.Random(seed)))
        assert {cut.key.name for cut in cuts} == {"C major", "A minor"}
        assert all(cut.chords[0][0] == 0 and cut.chords[-1][1] in (4 * BAR, 8 * BAR) for cut in cuts)
        assert len({cut.chords for cut in cuts}) == len(cuts)
