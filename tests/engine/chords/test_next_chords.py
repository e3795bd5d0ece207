"""What may follow: right where any musician is sure, in the song's own words, in any key."""

import pytest

from engine.generation.chords import next_chords
from engine.generation.chords.listener import Listener
from engine.generation.chords.predict import heard_key, staying
from engine.generation.chords.store import load_model
from engine.music import Chord, Key, Mode
from tests.engine.chords.songs import POP


def chords(text: str) -> list[Chord]:
    return [Chord.parse(word) for word in text.split()]


def first(text: str, key: Key | None = None) -> str:
    return Chord.parse(next_chords(chords(text), key)[0].chord).lead_sheet()


@pytest.mark.parametrize(
    ("heard", "answer"),
    [
        ("C G Am F C G Am", "F"),
        ("Am F C G Am F C", "G"),
        ("Dm7 G7 Cmaj7 A7 Dm7 G7", "Cmaj7"),
        ("Em C D Em C D", "Em"),
        ("E7 A7 E7 B7 A7 E7 E7 A7 E7 B7", "A7"),
        ("Cmaj7 Fm6 Cmaj7 Fm6 Cmaj7", "Fm6"),
        ("C Am Dm G C Am Dm", "G"),
        ("D A Bm F#m G D G A D A Bm F#m G D G", "A"),
    ],
)
def test_what_everybody_would_play(heard: str, answer: str) -> None:
    assert first(heard) == answer


def test_lead_sheet_and_harte_are_the_same_question() -> None:
    one = next_chords(chords("Cmaj7 Am7 Dm7 G7 Cmaj7"))
    other = next_chords(chords("C:maj7 A:min7 D:min7 G:7 C:maj7"))
    assert one == other


@pytest.mark.parametrize("step", range(1, 12))
def test_another_key_is_the_same_music(step: int) -> None:
    heard = chords("C Am7 Dm7 G7 C E7 Am7 D7")
    here = next_chords(heard, top=5)
    there = next_chords([chord.transposed(step) for chord in heard], top=5)
    assert [Chord.parse(a.chord).transposed(step) for a in here] == [Chord.parse(a.chord) for a in there]
    assert [round(a.probability, 6) for a in here] == [round(a.probability, 6) for a in there]


def test_the_song_s_own_words() -> None:
    triads = next_chords(chords("C Am F G C Am F"), top=4)
    assert all(Chord.parse(answer.chord).quality in ("maj", "min") for answer in triads)
    sevenths = next_chords(chords("Cmaj7 Am7 Dm7 G7 Em7 A7 Dm7 G7"), top=3)
    assert all(len(Chord.parse(answer.chord).intervals) > 3 for answer in sevenths)
    rare = next_chords(chords("C6/9 F13(#11) C6/9 F13(#11) C6/9"), top=1)
    assert Chord.parse(rare[0].chord).quality == "13(#11)"


def test_slash_chords_come_back_as_the_song_wrote_them() -> None:
    assert first("C G/B Am F C G/B Am F C") == "G/B"


@pytest.mark.parametrize(("heard", "p"), [("C G Am F", 0.0), ("C C F F C C F", 0.5)])
def test_staying_counts_only_where_chords_are_repeated(heard: str, p: float) -> None:
    assert (staying(chords(heard)) > p) == (p > 0)


def test_probabilities_are_ranked_and_no_more_than_all() -> None:
    for heard in ("", "C", "N.C.", "C C F F C", "B7alt Em9 C#m7b5", "Gsus2 A5 D1 F°(maj7)"):
        found = next_chords(chords(heard), top=20)
        shares = [answer.probability for answer in found]
        assert shares == sorted(shares, reverse=True)
        assert 0.0 < sum(shares) <= 1.0 + 1e-9
        assert len({answer.chord for answer in found}) == len(found)
        assert all(answer.job and answer.roman for answer in found)


def test_a_given_key_is_believed() -> None:
    romans = {key.name: next_chords(chords("C F C F"), key, top=1)[0].roman for key in (Key(0), Key(5))}
    assert len(set(romans.values())) == 2


def test_the_rest_of_the_song_is_remembered() -> None:
    with_song = next_chords(chords("Am"), Key(0), 3, POP)
    assert Chord.parse(with_song[0].chord).lead_sheet() == "F"
    assert with_song[0].probability > next_chords(chords("Am"), Key(0), 3)[0].probability


@pytest.mark.parametrize(
    ("heard", "key"),
    [
        ("C Am F G C", Key(0)),
        ("Am Dm E7 Am F E7 Am", Key(9, Mode.MINOR)),
        ("Ebmaj7 Cm7 Fm7 Bb7 Ebmaj7", Key(3)),
        ("G D Em C G D C G", Key(7)),
    ],
)
def test_the_key_is_found(heard: str, key: Key) -> None:
    listener = Listener.of(load_model().chords)
    for chord in chords(heard):
        listener.hear(chord)
    assert heard_key(listener) == key


def test_jobs_of_the_target_picture() -> None:
    heard = chords("Eb Cm7 Ab Bb Eb Gm7 Abmaj7 Bbsus4 Cm7 Fm9 Bb7")
    jobs = {Chord.parse(a.chord).lead_sheet(): a.job for a in next_chords(heard, Key(3))}
    assert (jobs["E♭"], jobs["Cm7"]) == ("home", "deceptive")


@pytest.mark.parametrize("key", [Key(7), Key(9, Mode.MINOR), Key(3)])
def test_a_song_opens_in_its_key(key: Key) -> None:
    first = next_chords([], key, 5)
    scale = set(key.scale_pitch_classes) | ({(key.tonic + 11) % 12} if key.mode.is_minor else set())
    assert all(Chord.parse(answer.chord).pitch_classes <= scale for answer in first)
    assert Chord.parse(first[0].chord).root == key.tonic
