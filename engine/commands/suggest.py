"""Ideas for some bars of a song, printed as a musician reads them, as JSON, or as a MIDI file each.

$ understudy suggest sketch.mid --kind vary --bars 5-8 --keep rhythm --out ideas
$ understudy suggest sketch.mid --kind form --shape verse-chorus --style soul --out songs
"""

import argparse
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.api.errors import EngineError
from engine.api.messages import Done, Failed, Reply, Suggest, TakeReady
from engine.api.suggestion import (
    PART_KINDS,
    SONG_KINDS,
    Contour,
    Controls,
    Keep,
    Kind,
    Part,
    PlannedSection,
    SuggestionRequest,
    Take,
    writes_chord_lane,
)
from engine.commands.errors import CommandError
from engine.commands.output import beats, print_json, take_scores, take_text
from engine.music import Note, Region, Role, Song, Track
from engine.music.key import parse_pitch_class
from engine.service.engine import Engine
from engine.service.listening import listen_to
from engine.service.sketch import read_sketch

_ROLE_OF = {
    Kind.PROGRESSION: Role.CHORDS,
    Kind.HARMONISE: Role.CHORDS,
    Kind.REHARMONISE: Role.CHORDS,
    Kind.BASS: Role.BASS,
    Kind.DRUMS: Role.DRUMS,
    Kind.COMPING: Role.CHORDS,
    Kind.PAD: Role.PAD,
    Kind.COUNTER: Role.COUNTER,
    Kind.FORM: Role.OTHER,
    Kind.RESTYLE: Role.OTHER,
    Kind.SOUNDSCAPE: Role.OTHER,
}
_AFTER_THE_END = frozenset({Kind.PROGRESSION, Kind.CONTINUE, Kind.ANSWER})
_NEW_BARS = 4
_MOST_BARS_UNASKED = 16
_SOUNDSCAPE_BARS = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a MIDI file or an .understudy song")
    kinds = [kind.value for kind in Kind]
    parser.add_argument("--kind", required=True, choices=kinds, metavar="KIND", help=", ".join(kinds))
    parser.add_argument("--bars", type=_bars, help="which bars, as people count: 5-8, or 5")
    parser.add_argument("--role", choices=[role.value for role in Role], help="which part to write")
    parser.add_argument("--keep", type=_keeps, default=(), help="rhythm,contour,strong-beats ...")
    parser.add_argument("--style", default="", help="in words: bossa nova, boom bap, folk waltz ...")
    parser.add_argument(
        "--shape", default="", help="of a form: verse-chorus, aaba ...; of a restyling: 6/8, half-time, swing"
    )
    parser.add_argument(
        "--intensity", type=_curve, default=(), metavar="0..1,...", help="how full, section by section"
    )
    parser.add_argument("--tempo", type=float, metavar="BPM", help="of a form, restyling or soundscape")
    parser.add_argument("--instrument", default="", help="who plays a part, in words")
    parser.add_argument("--takes", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same takes")
    for name in ("surprise", "distance", "density", "register"):
        parser.add_argument(f"--{name}", type=_share, metavar="0..1")
    parser.add_argument("--contour", choices=[contour.value for contour in Contour])
    parser.add_argument("--range", type=_range, metavar="LOW-HIGH", help="pitches allowed: C4-A5 or 60-81")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.add_argument("--out", type=Path, help="folder for a MIDI file a take and suggestion.json")


def run(args: argparse.Namespace) -> int:
    song = _hear(args.file)
    request = request_from(args, song)
    if args.out:
        _make_folder(args.out)
    takes, done = _ask(request)
    files = _write_takes(args.out, request, takes) if args.out else {}
    record = _record(request, takes, done, files)
    if args.out:
        _write(args.out / "suggestion.json", json.dumps(record, indent=1, allow_nan=False).encode())
    if args.json:
        print_json(record)
    else:
        print(_as_text(request, takes, done, files))
    return 0


def request_from(args: argparse.Namespace, song: Song) -> SuggestionRequest:
    """The complete question. Raises CommandError for bars nobody can count."""
    kind = Kind(args.kind)
    role = Role(args.role) if args.role else _ROLE_OF.get(kind, Role.MELODY)
    writes_chords = writes_chord_lane(kind, role)
    track = _track_for(song, Role.MELODY if writes_chords or kind in SONG_KINDS else role)
    start, end = _bars_in_code(args.bars, song) if args.bars else _usual_bars(kind, song)
    track_ids = (track.id,) if track and kind not in SONG_KINDS else ()
    controls = Controls(
        surprise=args.surprise,
        distance=args.distance,
        density=args.density,
        register=args.register,
        contour=Contour(args.contour) if args.contour else None,
        range=args.range,
        style=args.style,
        keep=args.keep,
        intensity=args.intensity,
        shape=args.shape,
        tempo=args.tempo,
        instrument=args.instrument,
    )
    return SuggestionRequest(
        kind=kind,
        song=song,
        region=Region(start, end, track_ids, chords=writes_chords),
        role=Role.CHORDS if writes_chords else role,
        track_id=track.id if track else 0,
        controls=controls,
        seed=args.seed,
        takes=args.takes,
    )


def take_song(request: SuggestionRequest, take: Take) -> Song:
    """The take alone, at its bars, with the song's tempo, metre and key; a whole song as it would be."""
    if take.song is not None:
        return replace(take.song, title=_title(request.song, take))
    if take.parts:
        return _parts_song(request, take)
    played = next((track for track in request.song.tracks if track.id == request.track_id), None)
    name, program = request.role.value.capitalize(), 0
    if played is not None and played.role is request.role:
        name, program = played.name or name, played.program
    track = Track(1, name, request.role, program, take.notes)
    return replace(
        request.song,
        title=_title(request.song, take),
        tracks=(track,) if take.notes else (),
        chords=take.chords,
        sections=(),
        markers=(),
    )


def _parts_song(request: SuggestionRequest, take: Take) -> Song:
    tracks = tuple(
        Track(number, part.name, part.role, part.program, part.notes)
        for number, part in enumerate(take.parts, 1)
    )
    title = _title(request.song, take)
    return replace(request.song, title=title, tracks=tracks, chords=take.chords, sections=(), markers=())


def _title(song: Song, take: Take) -> str:
    return f"{song.title} - {take.title}" if song.title else take.title


def _hear(path: Path) -> Song:
    sketch = read_sketch(path)
    return sketch.song if sketch.is_own_song else listen_to(sketch)[0]


def _ask(request: SuggestionRequest) -> tuple[list[Take], Done]:
    replies: list[Reply] = []
    Engine().handle(Suggest(request), replies.append)
    last = replies[-1]
    if isinstance(last, Failed):
        raise EngineError(last.sentence)
    assert isinstance(last, Done)
    return [reply.take for reply in replies if isinstance(reply, TakeReady)], last


def _usual_bars(kind: Kind, song: Song) -> tuple[int, int]:
    """The bars a musician would mean: after the end for what goes on, else the song's beginning."""
    if kind in _AFTER_THE_END:
        end = song.bars if song.end_ticks else 0
        return end, end + _NEW_BARS
    if kind is Kind.SOUNDSCAPE:
        return 0, _SOUNDSCAPE_BARS
    if kind in PART_KINDS | SONG_KINDS:
        return 0, song.bars
    return 0, min(song.bars, _MOST_BARS_UNASKED)


def _bars_in_code(labels: tuple[int, int], song: Song) -> tuple[int, int]:
    first, last = (song.time_map.bar_from_label(label) for label in labels)
    if first < 0:
        raise CommandError(
            f"bar {labels[0]} does not exist: the song begins with bar {song.time_map.bar_label(0)}."
        )
    return first, last + 1


def _track_for(song: Song, role: Role) -> Track | None:
    found = song.track_in_role(role)
    if found is None and role is Role.MELODY:
        found = next((track for track in song.tracks if track.role is Role.OTHER and track.notes), None)
    return found


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"“{folder}” cannot be made: {(error.strerror or 'no reason').lower()}.") from None


def _write_takes(folder: Path, request: SuggestionRequest, takes: list[Take]) -> dict[int, str]:
    from engine.formats.midi import save_midi

    files = {}
    for take in takes:
        path = folder / f"take-{take.index + 1}.mid"
        save_midi(take_song(request, take), path)
        files[take.index] = str(path)
    return files


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data + b"\n")
    except OSError as error:
        raise CommandError(
            f"“{path}” cannot be written: {(error.strerror or 'no reason').lower()}."
        ) from None


def _record(
    request: SuggestionRequest, takes: list[Take], done: Done, files: dict[int, str]
) -> dict[str, Any]:
    first, last = request.region.start_bar, request.region.end_bar - 1
    label = request.song.time_map.bar_label
    model = takes[0].model if takes else None
    return {
        "kind": request.kind.value,
        "bars": f"{label(first)}-{label(last)}",
        "role": request.role.value,
        "seed": request.seed,
        "model": {"name": model.name, "sha256": model.sha256} if model and model.name else None,
        "elapsed_s": round(done.elapsed_s, 4),
        "withheld": done.withheld,
        "notice": done.notice,
        "takes": [_take_record(request.song, take, files.get(take.index)) for take in takes],
    }


def _take_record(song: Song, take: Take, file: str | None) -> dict[str, Any]:
    record: dict[str, Any] = {} if file is None else {"file": file}
    record |= {"title": take.title, "reasons": list(take.reasons), "scores": take_scores(take)}
    if take.originality is not None:
        record["originality"] = {
            "longest_run": take.originality.longest_run,
            "work": take.originality.work,
            "maker": take.originality.maker,
            "licence": take.originality.licence,
        }
    whole = take.song
    record["chords"] = [
        {
            "start_beats": beats(span.start_ticks),
            "end_beats": beats(span.end_ticks),
            "label": span.chord.harte((whole or song).key_at(span.start_ticks)),
        }
        for span in (whole.chords if whole is not None else take.chords)
    ]
    record["notes"] = _note_rows(take.notes)
    if take.parts:
        record["parts"] = [_part_record(part) for part in take.parts]
    if whole is not None:
        record |= {"bars": whole.bars, "bpm": round(whole.time_map.tempos[0].bpm, 2)}
        record["plan"] = [_plan_record(whole, section) for section in take.plan]
    return record


def _note_rows(notes: Iterable[Note]) -> list[list[float]]:
    return [[beats(n.start_ticks), beats(n.duration_ticks), n.pitch, n.velocity] for n in notes]


def _part_record(part: Part) -> dict[str, Any]:
    record: dict[str, Any] = {"role": part.role.value, "name": part.name, "program": part.program}
    return record | {"reasons": list(part.reasons), "notes": _note_rows(part.notes)}


def _plan_record(song: Song, section: PlannedSection) -> dict[str, Any]:
    return {
        "name": section.name,
        "kind": section.kind.value,
        "start_bar": int(song.time_map.bar_label(section.start_bar)),
        "bars": section.bars,
        "intensity": section.intensity,
        "players": [role.value for role in section.players],
        "changes": list(section.changes),
        "ending": section.ending,
    }


def _as_text(request: SuggestionRequest, takes: list[Take], done: Done, files: dict[int, str]) -> str:
    region = request.region
    parts = [take_text(request.song, region.start_bar, region.end_bar, take) for take in takes]
    withheld = f", {done.withheld} withheld for their likeness to a known work" if done.withheld else ""
    count = "1 take" if len(takes) == 1 else f"{len(takes)} takes"
    parts.append(f"{count} in {done.elapsed_s:.2f} s{withheld}")
    if done.notice:
        parts.insert(0, done.notice)
    if files:
        parts[-1] += f", written to {Path(next(iter(files.values()))).parent}"
    return "\n\n".join(parts)


def _bars(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    try:
        bars = int(first), int(last if dash else first)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no range of bars; write 5-8, or 5") from None
    if bars[0] > bars[1]:
        raise argparse.ArgumentTypeError(f"{text}: the first bar comes after the last")
    return bars


def _keeps(text: str) -> tuple[Keep, ...]:
    try:
        return tuple(Keep(word.strip()) for word in text.split(",") if word.strip())
    except ValueError:
        known = ", ".join(keep.value for keep in Keep)
        raise argparse.ArgumentTypeError(f"{text!r}: what can be kept is {known}") from None


def _range(text: str) -> tuple[int, int]:
    low, dash, high = text.partition("-")
    limits = _pitch(low), _pitch(high)
    if not dash or None in limits:
        raise argparse.ArgumentTypeError(f"{text!r} is no range of pitches; write C4-A5, or 60-81")
    return limits[0] or 0, limits[1] or 0


def _pitch(text: str) -> int | None:
    """`60` or `C4`; None when it is neither."""
    text = text.strip()
    if text.isdecimal():
        return int(text)
    letters, octave = text.rstrip("0123456789"), text[len(text.rstrip("0123456789")) :]
    pitch_class = parse_pitch_class(letters[:1].upper() + letters[1:])
    if pitch_class is None or not octave:
        return None
    turn = {"B#": 1, "B♯": 1, "Cb": -1, "C♭": -1}.get(letters[:1].upper() + letters[1:], 0)
    return pitch_class + 12 * (int(octave) + 1 + turn)


def _curve(text: str) -> tuple[float, ...]:
    return tuple(_share(part.strip()) for part in text.split(",") if part.strip())


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return value
