"""As which styles, at which tempo and in which metre is a song to be restyled?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.api.errors import BadRequestError
from engine.api.suggestion import SuggestionRequest
from engine.arrangement.restyle.timing import Feel, asked_feel, metres_played
from engine.arrangement.styles import PlayerStyle, guessed_style, known_style, player_styles
from engine.generation.chords.dice import dice
from engine.music import Metre, MusicError, Song

_FAR, _CALM = 0.5, 0.3  # amount and surprise when nobody says otherwise
_UNUSUAL = 0.25  # how much nearer the tempo must come before the time is doubled or halved
_WORTH_TRYING = (
    "bossa-nova", "jazz-swing", "lo-fi", "rock", "folk", "reggae", "synthwave", "soul", "cinematic", "house",
    "country", "jazz-waltz", "gospel", "tango", "funk", "ambient",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to restyle: `amount` and `surprise` 0-1 as the controls, `swing` None: leave it as it is."""

    style: PlayerStyle
    feel: Feel
    bpm: float
    swing: float | None
    amount: float
    surprise: float
    title: str

    def reasons(self, request: SuggestionRequest) -> list[str]:
        """What becomes of time, in words."""
        song = request.song
        was = song.time_map.tempo_at(song.time_map.bar_start(request.region.start_bar)).bpm
        found = [f"{self.style.label}: {self.style.feel}"]
        metres = metres_played(song, request.region.start_bar, min(request.region.end_bar, song.bars))
        if self.feel.metre is not None and any(metre != self.feel.metre for metre in metres):
            found.append(f"{metres[0].name} is felt as {self.feel.metre.name}, strong beats on strong beats")
        if self.feel.scale != 1.0:
            found.append("Half time" if self.feel.scale < 1 else "Double time")
        if abs(self.bpm - was) >= 0.5:
            found.append(f"{self.bpm:.0f} quarters a minute instead of {was:.0f}")
        if self.swing is not None and self.swing > 0.52:
            found.append("Swung")
        return found


def readings(request: SuggestionRequest) -> list[Reading]:
    """A reading a take. Raises BadRequestError for a style or feel nobody knows."""
    controls, song = request.controls, request.song
    feel, words = _feel(f"{controls.shape} {controls.style}")
    is_restyled = bool(words.strip()) or not (controls.shape.strip() or controls.tempo)
    styles = _styles(words, song, request)
    found = []
    for index in range(request.takes):
        style = styles[index % len(styles)]
        reading = _reading(request, style, feel, index if len(styles) == 1 else 0)
        found.append(reading if is_restyled or index else _with_own_chords(reading, request))
    return found


def _with_own_chords(reading: Reading, request: SuggestionRequest) -> Reading:
    """Where only feel or tempo is to change, chords change only as far as somebody says so."""
    controls = request.controls
    amount, surprise = controls.distance or 0.0, controls.surprise or 0.0
    return replace(reading, amount=amount, surprise=surprise)


def _feel(words: str) -> tuple[Feel, str]:
    try:
        return asked_feel(words)
    except MusicError as error:
        raise BadRequestError(str(error)) from None


def _styles(words: str, song: Song, request: SuggestionRequest) -> list[PlayerStyle]:
    """The style asked for; for none, the song's own where only feel or tempo change, else several others."""
    own = guessed_style(song)
    if words.strip():
        found = known_style(words, song)
        if found is None:
            raise BadRequestError(
                f"“{words.strip()}” is no style that is known here. Some that are: {_some_styles()}."
            )
        return [found]
    if request.controls.shape.strip() or request.controls.tempo is not None:
        return [own]
    known = {style.name: style for style in player_styles()}
    others = [known[name] for name in _WORTH_TRYING if name in known and name != own.name]
    first = int(dice(request.seed, 5).integers(len(others)))
    step = 3  # neighbours in the list are not alike, three on even less so
    return [
        others[(first + step * number) % len(others)] for number in range(min(request.takes, len(others)))
    ]


def _some_styles() -> str:
    return ", ".join(style.label for style in player_styles()[:8])


def _reading(request: SuggestionRequest, style: PlayerStyle, feel: Feel, variant: int) -> Reading:
    """The variants of one style: as asked, with the artist's own chords, bolder, and bolder still."""
    controls, song, region = request.controls, request.song, request.region
    amount = _FAR if controls.distance is None else controls.distance
    surprise = _CALM if controls.surprise is None else controls.surprise
    title = style.label
    if variant % 4 == 1:
        amount, surprise, title = 0.0, 0.0, f"{title}, your chords"
    elif variant % 4 == 2:
        amount, surprise, title = min(1.0, amount + 0.3), min(1.0, surprise + 0.3), f"{title}, richer chords"
    elif variant % 4 == 3:
        amount, surprise, title = min(1.0, amount + 0.4), min(1.0, surprise + 0.1), f"{title}, freely sung"
    end_bar = min(region.end_bar, song.bars)
    metres = metres_played(song, region.start_bar, end_bar)
    metre = feel.metre or _home_metre(style, metres)
    was = song.time_map.tempo_at(song.time_map.bar_start(region.start_bar)).bpm
    is_asked = feel.scale != 1.0
    scale, bpm = _tempo(style, was, controls.tempo, feel.scale if is_asked else None, region.bars)
    if scale < 1 and not is_asked and metre is not None and any(metre != each for each in metres):
        scale, bpm = 1.0, min(style.tempo_bpm[1], max(style.tempo_bpm[0], was))
    full = replace(feel, metre=metre, scale=scale)
    swing = feel.swing if feel.swing is not None else style.swing
    return Reading(style, full, bpm, swing, amount, surprise, title)


def _home_metre(style: PlayerStyle, metres: Sequence[Metre]) -> Metre | None:
    """None where the style lives in the song's metre, else the style's own."""
    return None if all(metre in style.metres for metre in metres) else style.metres[0]


def _tempo(
    style: PlayerStyle, was: float, asked: float | None, scale: float | None, bars: int
) -> tuple[float, float]:
    """How time is counted (1, or half, or double) and the tempo: the melody's own pace as far as possible."""
    low, high = style.tempo_bpm
    if scale is not None:
        return scale, asked or was * scale
    if asked is not None:
        return 1.0, asked
    options = [1.0, 2.0] if bars % 2 else [1.0, 2.0, 0.5]
    priced = []
    for option in options:
        bpm = min(high, max(low, was * option))
        priced.append((abs(math.log2(bpm / option / was)) + _UNUSUAL * (option != 1.0), option, bpm))
    _, option, bpm = min(priced)
    return option, float(bpm)
