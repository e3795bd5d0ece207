"""What the bar says about a song: tempo, metre, key and length, where we are, when it was saved."""

from dataclasses import dataclass

from engine.music import TICKS_PER_QUARTER, Aspect, Key, Metre, Song
from engine.music.analysis import Analysis

Here = tuple[float, Metre, Key]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the bar says about tempo, metre, key and length, each with a remark."""

    tempo: str
    metre: str
    key: str
    key_note: str = "key"
    tempo_note: str = "bpm"
    metre_note: str = "metre"
    length: str = ""
    length_note: str = "what was heard"


def facts_of(song: Song, tick: int, heard_key: float | None, is_free: bool = False) -> Facts:
    """Tempo, metre and key at the tick. `heard_key`: how sure the analysis is of the key, 0-1; `is_free`: the
    song was played without a click.
    """
    time_map = song.time_map
    is_known = bool(time_map.keys)
    remark = "yours" if Aspect.KEY in song.corrected else f"heard {heard_key:.0%}" if heard_key else ""
    return Facts(
        f"{shown_bpm(song, tick):.1f}",
        time_map.metre_at(tick).name,
        song.key_at(tick).name if is_known else "not known",
        f"key · {remark}" if remark else "key",
        "bpm · free" if is_free and Aspect.TEMPO not in song.corrected else _noted("bpm", song, Aspect.TEMPO),
        _noted("metre", song, Aspect.METRE),
        "1 bar" if song.bars == 1 else f"{song.bars} bars",
    )


def here(song: Song, tick: int) -> Here:
    """What holds at the tick: while it is the same, the bar says the same."""
    return shown_bpm(song, tick), song.time_map.metre_at(tick), song.key_at(tick)


def shown_bpm(song: Song, tick: int) -> float:
    """The tempo at the tick; all in all where the bars follow a player, from beat to beat another."""
    time_map, end = song.time_map, song.end_ticks
    if end and len(time_map.tempos) > max(2, song.bars):
        return 60 * end / TICKS_PER_QUARTER / time_map.seconds_at(end)
    return time_map.tempo_at(tick).bpm


def key_certainty(song: Song, hearing: Analysis | None, tick: int) -> float | None:
    """How sure the hearing is of the key at the tick, 0-1; None when the key there is not the one heard."""
    if hearing is None or Aspect.KEY in song.corrected or not song.time_map.keys:
        return None
    heard = [reading for reading in hearing.keys if reading.tick <= tick] or list(hearing.keys[:1])
    return heard[-1].confidence if heard and heard[-1].key == song.key_at(tick) else None


def _noted(name: str, song: Song, aspect: Aspect) -> str:
    """Whose it is: corrected by the artist, or heard in a recording."""
    if aspect in song.corrected:
        return f"{name} · yours"
    return f"{name} · heard" if song.recordings else name


def position_text(song: Song, tick: float) -> str:
    """`009.1.1`: bar, beat and quarter of the beat, as people count."""
    place = song.time_map.position(int(tick))
    beat_ticks = song.time_map.metre_at(int(tick)).beat_ticks
    bar = int(song.time_map.bar_label(place.bar))
    return f"{bar:03d}.{place.beat + 1}.{place.tick * 4 // beat_ticks + 1}"


def saved_words(passed_s: float) -> str:
    """`saved 2 s ago`, `saved 5 min ago`, `saved`."""
    if passed_s < 60:
        return f"saved {max(0, passed_s):.0f} s ago"
    return f"saved {passed_s // 60:.0f} min ago" if passed_s < 3600 else "saved"
