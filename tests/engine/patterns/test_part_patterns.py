"""The players' patterns: the notation says what it means, every entry can be played, styles have enough."""

from collections import Counter

import pytest

from engine.api.errors import BadFileError
from engine.arrangement.styles import player_styles
from engine.formats.partpatterns import (
    Entry,
    Loudness,
    Part,
    PartPattern,
    part_patterns,
    part_styles,
    read_part_patterns,
)
from engine.music import Metre
from engine.music.drumkit import DrumVoice, Limb
from engine.music.section import SectionKind

LIBRARY = {part: part_patterns(part) for part in Part}
STYLES = tuple(style.name for style in player_styles())
EVERYTHING = [entry for entries in LIBRARY.values() for entry in entries]


def place(entry: PartPattern) -> str:
    return f"{entry.part}/{entry.style}.txt:{entry.line} {entry.title}"


def one(text: str, part: Part = Part.DRUMS) -> PartPattern:
    return read_part_patterns(text, part)[0]


def steps(entry: PartPattern) -> list[tuple]:
    """Bar, start, length, symbol and octave of the first voice."""
    return [
        (bar, s.start_ticks, s.duration_ticks, s.symbol, s.octave)
        for bar, found in enumerate(entry.voices[0].bars)
        for s in found
    ]


# the notation ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metre", "line", "starts"),
    [
        ("4/4", "x... ..x. .x.. ...x", [0, 720, 1080, 1800]),
        ("4/4", "x.x .xx x. x", [0, 320, 640, 800, 960, 1440]),
        ("6/8", "x..x.. x.x", [0, 360, 720, 1200]),
        ("12/8", "x.. .x. ..x x..", [0, 960, 1920, 2160]),
        ("3/4", "xxx xxxxxx xx", [0, 160, 320, 480, 560, 640, 720, 800, 880, 960, 1200]),
        ("7/8", "x.x. x.x. x.x.x.", [0, 240, 480, 720, 960, 1200, 1440]),
        ("5/8", "x.. x.", [0, 720]),
        ("2/2", "x... ..x.", [0, 1440]),
    ],
)
def test_steps_share_their_pulse(metre, line, starts):
    entry = one(f"any {metre} 1\n kick {line}")
    assert [step.start_ticks for step in entry.voices[0].bars[0]] == starts
    assert sum(entry.pulses_ticks) == entry.metre.bar_ticks


def test_a_head_says_what_the_entry_is():
    entry = one('verse,pre-chorus 4/4 2 half-time: "Wide open"\n snare .... .... X... ..o.')
    assert entry.entry is Entry.GROOVE
    assert entry.sections == {SectionKind.VERSE, SectionKind.PRE_CHORUS}
    assert (entry.metre, entry.intensity, entry.feel, entry.title) == (
        Metre(4, 4),
        2,
        "half-time",
        "Wide open",
    )
    assert [s.loudness for s in entry.voices[0].bars[0]] == [Loudness.ACCENT, Loudness.SOFT]
    assert entry.suits(SectionKind.VERSE)
    assert not entry.suits(SectionKind.CHORUS)
    assert one("any 4/4 1\n kick x . . .").suits(SectionKind.SOLO)
    assert one("build 4/4 3\n kick x . . .").entry is Entry.BUILD
    assert one("any 4/4 1 swing 80-112: Slow\n kick x . . .").tempo_bpm == (80, 112)


def test_holds_cross_barlines_and_come_round():
    entry = one("any 4/4 1\n bass --1- 5'.b7- ---1 -.3,- | ---- ---. .... ..5-", Part.BASS)
    assert steps(entry) == [
        (0, 240, 240, "1", 0),
        (0, 480, 120, "5", 1),
        (0, 720, 600, "b7", 0),
        (0, 1320, 240, "1", 0),
        (0, 1680, 1080, "3", -1),
        (1, 1680, 480, "5", 0),
    ]
    assert entry.voices[0].held_in_ticks == 240


def test_shorter_lines_go_round_and_percent_repeats():
    entry = one("any 4/4 1\n kick x... .... x... .... | % | x . . . | %\n hat x.x. x.x. x.x. x.x.")
    kick, hat = entry.voices
    assert [len(bar) for bar in kick.bars] == [2, 2, 1, 1]
    assert hat.bars == (hat.bars[0],) * 4


def test_an_accent_line_makes_others_loud():
    entry = one("any 4/4 1\n bass 1... 1... 1... 1...\n accent X... .... o... ....", Part.BASS)
    loud = [step.loudness for step in entry.voices[0].bars[0]]
    assert loud == [Loudness.ACCENT, Loudness.PLAIN, Loudness.SOFT, Loudness.PLAIN]
    assert len(entry.voices) == 1


@pytest.mark.parametrize(
    ("text", "part", "said"),
    [
        (" kick x... .... .... ....", Part.DRUMS, "line 1: a line of steps needs a head"),
        ("verse 4/4\n kick x . . .", Part.DRUMS, "line 1: a head is"),
        ("verse 4/4 1", Part.DRUMS, "line 1: an entry has at least one line"),
        ("verse 4/4 4\n kick x . . .", Part.DRUMS, "“4” is no intensity"),
        ("refrain 4/4 1\n kick x . . .", Part.DRUMS, "“refrain” is no kind of section"),
        ("fill 4/4 1\n bass 1 . . .", Part.BASS, "“fill” is no kind of section"),
        ("verse 4/x 1\n kick x . . .", Part.DRUMS, "“4/x” is no metre"),
        ("verse 4/3 1\n kick x . . .", Part.DRUMS, "4/3 is not a metre"),
        ("verse 4/4 1 piano\n kick x . . .", Part.DRUMS, "“piano” is neither"),
        ("verse 4/4 1\n hands C . . .", Part.COMPING, "names its instruments"),
        ("# ok\nverse 4/4 1\n kick x . . .\n bongos x . . .", Part.DRUMS, "line 4: “bongos” is no drum"),
        ("verse 4/4 1\n kick x...x... x...", Part.DRUMS, "line 2: a bar of 4/4 has 4 groups"),
        ("verse 4/4 1\n kick x.... . . .", Part.DRUMS, "line 2: 5 steps do not share a beat"),
        ("verse 7/8 1\n kick x.x. x.x. x.x.x", Part.DRUMS, "7 or 14 steps, not 13"),
        ("verse 4/4 1\n kick x?.. . . .", Part.DRUMS, "“?” of “x?..” is not a step"),
        (
            "verse 4/4 1\n kick x . . . | x . . .\n hat x . . . | x . . . | x . . .",
            Part.DRUMS,
            "“kick” has 2 bars",
        ),
        ("verse 4/4 1\n kick x . . .\n kick x . . .", Part.DRUMS, "two lines “kick”"),
        ("verse 4/4 1\n kick . . . .", Part.DRUMS, "nothing is played"),
        ("verse 4/4 1\n bass 1.-. . . .", Part.BASS, "nothing sounds"),
        ("verse 4/4 1\n bass -1.. . . .", Part.BASS, "ends silent"),
        ("verse 7/8 1\n kick x.x.x.x\n hat x.x.x. x", Part.DRUMS, "divides the bar otherwise"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(text, part, said):
    with pytest.raises(BadFileError) as caught:
        read_part_patterns(text, part, name="a.txt")
    assert str(caught.value).startswith("a.txt, line ")
    assert said in str(caught.value)
    assert str(caught.value).endswith(".")


# the library ----------------------------------------------------------------------------------------


def test_there_are_many_hundred_and_nothing_twice():
    assert len(EVERYTHING) >= 1000
    assert len(LIBRARY[Part.DRUMS]) >= 500
    for part, entries in LIBRARY.items():
        seen: dict = {}
        for entry in entries:
            content = (entry.style, entry.entry, entry.metre, entry.instruments, entry.feel, entry.voices)
            content += () if part is Part.DRUMS else (entry.intensity,)
            assert seen.setdefault(content, entry) is entry, (part, place(entry), place(seen[content]))


@pytest.mark.parametrize("part", Part)
def test_every_style_of_players_has_its_file(part):
    assert set(part_styles(part)) == set(STYLES)


def test_every_entry_stays_inside_its_bars_and_rings_no_longer_than_itself():
    for entry in EVERYTHING:
        bar = entry.metre.bar_ticks
        assert sum(entry.pulses_ticks) == bar, place(entry)
        for voice in entry.voices:
            assert len(voice.bars) == entry.bars, place(entry)
            places = [(n * bar + s.start_ticks, s) for n, found in enumerate(voice.bars) for s in found]
            assert all(0 <= s.start_ticks < bar and s.duration_ticks > 0 for _, s in places), place(entry)
            ends = [start + step.duration_ticks for start, step in places]
            starts = [start for start, _ in places[1:]] + [entry.bars * bar + places[0][0] if places else 0]
            assert all(end <= start for end, start in zip(ends, starts, strict=bool(places))), place(entry)


def test_every_step_is_on_a_grid_that_can_be_counted():
    for entry in EVERYTHING:
        finest = entry.metre.pulse_ticks // 12 if entry.metre.is_compound else 20
        for voice in entry.voices:
            for bar in voice.bars:
                assert all(step.start_ticks % finest == 0 for step in bar), place(entry)


def strokes(entry: PartPattern) -> dict[tuple[int, int], list[DrumVoice]]:
    found: dict[tuple[int, int], list[DrumVoice]] = {}
    for voice in entry.voices:
        for bar, written in enumerate(voice.bars):
            for step in written:
                found.setdefault((bar, step.start_ticks), []).append(DrumVoice(voice.name))
    return found


def test_drums_have_two_hands_two_feet_and_a_hat_that_is_open_or_closed():
    for entry in LIBRARY[Part.DRUMS]:
        for voices in strokes(entry).values():
            limbs = Counter(voice.limb for voice in voices)
            assert limbs[Limb.HAND] <= 2, place(entry)
            assert max(limbs[Limb.LEFT_FOOT], limbs[Limb.RIGHT_FOOT]) <= 1, place(entry)
            assert not (DrumVoice.OPEN in voices and {DrumVoice.HAT, DrumVoice.PEDAL} & set(voices)), place(
                entry
            )


@pytest.mark.parametrize("style", STYLES)
def test_a_drummer_knows_three_levels_endings_and_the_metres_of_the_style(style):
    entries = part_patterns(Part.DRUMS, style)
    home = next(s for s in player_styles() if s.name == style).metres
    levels = {e.intensity for e in entries if e.entry is Entry.GROOVE and e.metre == home[0]}
    kinds = Counter(e.entry for e in entries if e.metre == home[0])
    written = {e.metre.name for e in entries if e.entry is Entry.GROOVE}
    assert levels == {1, 2, 3}
    assert kinds[Entry.GROOVE] >= 6
    assert kinds[Entry.FILL] >= 3
    assert kinds[Entry.BUILD] >= 1
    assert kinds[Entry.STOP] >= 1
    assert {metre.name for metre in home} <= written
    assert all(e.title for e in entries)


def test_grooves_grow_with_intensity():
    """Whatever the style, a full groove says more (strokes and accents) than its sparse one."""
    for style in STYLES:
        weight: dict[int, list[float]] = {1: [], 2: [], 3: []}
        for entry in part_patterns(Part.DRUMS, style):
            if entry.entry is Entry.GROOVE:
                steps_ = [s for voice in entry.voices for bar in voice.bars for s in bar]
                beats = entry.bars * len(entry.pulses_ticks)
                weight[entry.intensity].append(sum(1 + s.loudness for s in steps_) / beats)
        means = [sum(found) / len(found) for found in weight.values()]
        assert means[0] < means[1] < means[2], (style, means)
