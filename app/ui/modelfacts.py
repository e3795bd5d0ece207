"""What does the card of a model say to a musician? Its size, what it is for, the numbers that tell something.

A card holds many scores; those named here are shown, in these words, when the card has them.

>>> shown_scores({"model | all | top1": 0.7306, "cache_weight": 0.6})
(('Next chord guessed right, songs it never saw', '73 %'),)
"""

from collections.abc import Callable, Mapping
from enum import Enum

from engine.api.suggestion import ModelInfo, TrainingSet


def _share(value: float) -> str:
    return f"{value * 100:.0f} %"


def _bits(value: float) -> str:
    return f"{value:.2f} bits"


def _whole(value: float) -> str:
    return f"{value:.0f}"


_SCORES: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("model | all | top1", "Next chord guessed right, songs it never saw", _share),
    ("model | all | top5", "The same, among its first five", _share),
    ("model | new | top1", "Guessed right where the song has not been before", _share),
    ("5-gram + song cache | all | top1", "A plain count of chords, for comparison", _share),
    ("folk_bits_per_note", "Doubt at each note of folk tunes it never saw", _bits),
    ("folk_6gram_bits_per_note", "A plain count of notes, for comparison", _bits),
    ("song_bits_per_note", "Doubt at each note of songs it never saw", _bits),
    ("song_6gram_bits_per_note", "A plain count of notes, for comparison", _bits),
    ("melody_in_hole", "Tells a real melody from a generated one in the same bars", _share),
    ("chords_in_hole", "Tells real chords from generated ones in the same bars", _share),
    ("root", "Root of a chord chosen as people chose it, under melodies it never saw", _share),
    ("chord", "The whole chord chosen as people chose it", _share),
    ("changes", "Moments of a melody at which it would change the chord", _share),
    ("people_changes", "Moments at which people changed it", _share),
    ("model / both", "Doubt at each stroke of drumming it never heard, how hard and how late", _bits),
    ("table / both", "A plain table of strokes, for comparison", _bits),
    ("quantised / both", "Drums exactly on the grid, for comparison", _bits),
    (
        "people, melody run p50",
        "Notes in a row that a person's melody shares with another work, usually",
        _whole,
    ),
    ("people, melody run p90", "The same, in one melody of ten", _whole),
    ("people, progression run p50", "Chords in a row that a person's progression shares, usually", _whole),
    ("people, progression run p90", "The same, in one progression of ten", _whole),
)
_MUSIC = {"tunes": "folk tunes", "songs": "songs", "charts": "chord charts", "analysed": "analysed pieces"}
_TASKS = {
    "": "",
    "tune_alone": ", melody alone",
    "tune_over_chords": ", melody over chords",
    "chords_alone": ", chords alone",
    "harmonise": ", chords under a melody",
}


class Sort(Enum):
    """What a model is there for: each sort is shown under a heading, with a sentence about it."""

    WRITES = "Models that write or judge, and the music behind them"
    LISTENS = "Models that listen: they hear, they do not write"
    KNOWS = "What every idea is compared with"


SAID = {
    Sort.WRITES: "All of them were trained for Understudy, on the music named below and on nothing else.",
    Sort.LISTENS: (
        "They hear notes and beats in your recordings; no note of an idea comes from them. The larger ones "
        "were trained by others: their cards say under which licence they are given, and what is known of "
        "their training."
    ),
    Sort.KNOWS: "",
}


def sort_of(model: ModelInfo) -> Sort:
    """By what its card calls it."""
    if model.kind.startswith("listening"):
        return Sort.LISTENS
    return Sort.KNOWS if "index" in model.kind else Sort.WRITES


def about(model: ModelInfo) -> str:
    """What it is and how large."""
    if model.trouble:
        return model.kind
    return f"{model.kind} · {model.bytes / 1e6:.1f} MB"


def shown_scores(scores: Mapping[str, float]) -> tuple[tuple[str, str], ...]:
    """The numbers worth showing, with what they mean."""
    known = ((words, form(scores[name])) for name, words, form in _SCORES if name in scores)
    return (*known, *_doubts(scores))


def set_line(music: TrainingSet) -> str:
    """Which music it is, under which licence, and how much of it was learnt from."""
    licence = "several open licences" if music.licence.startswith("mixed") else music.licence
    pieces = "1 piece" if music.pieces == 1 else f"{music.pieces:,} pieces" if music.pieces else ""
    return " · ".join(filter(None, (music.title, licence, pieces)))


def every_figure(model: ModelInfo) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Everything the card tells, as it tells it: titles with rows of names and values."""
    by = f", by {model.split_by}" if model.split_by else ""
    hashes = ((model.name, model.sha256), *((each.title, each.sha256) for each in model.sets if each.sha256))
    groups = (
        ("Scores", tuple((name, f"{value:g}") for name, value in model.scores.items())),
        (f"Learnt from and tested on{by}", tuple((name, f"{n:,.0f}") for name, n in model.split.items())),
        ("Training", tuple(model.settings.items())),
        ("SHA-256", hashes),
    )
    return tuple((title, rows) for title, rows in groups if rows)


def _doubts(scores: Mapping[str, float]) -> tuple[tuple[str, str], ...]:
    """`songs_harmonise_both_bits_per_chord` of an infilling model, told of both sides of a hole."""
    found = []
    for name, value in scores.items():
        trial, _, unit = name.rpartition("_bits_per_")
        music, _, task = trial.removesuffix("both").rstrip("_").partition("_")
        if trial.endswith("both") and music in _MUSIC and task in _TASKS:
            words = f"Doubt at each {unit} of {_MUSIC[music]} it never saw{_TASKS[task]}"
            found.append((words, _bits(value)))
    return tuple(found)
