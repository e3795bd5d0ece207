"""What music is in an ABC file?

The first tune of the file with notes, all its voices, as the ABC standard 2.1 (abcnotation.com) says:
headers, key, metre and tempo changes, repeats, chord symbols. Words are ignored. A field before the first
tune holds for it.

>>> read_abc(b"X:1\\nT:Air\\nM:2/4\\nL:1/8\\nK:G\\nG2 Bd|g4|").song.title
'Air'
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.api.errors import BadFileError
from engine.formats.abc.fields import (
    Signature,
    read_key,
    read_metre,
    read_octave,
    read_tempo,
    read_unit,
    usual_unit,
)
from engine.formats.abc.music import VoiceBar, VoiceReader
from engine.formats.midi.text import decode_text
from engine.formats.score.song import song_of
from engine.formats.score.written import Frame, ScoreImport, WrittenPart, WrittenScore

MOST_BYTES = 4_000_000
_MOST_VOICES = 64
_FIELD = re.compile(r"([A-Za-z+]):(.*)")
_INLINE_VOICE = re.compile(r"\[V:\s*([^\]\s]+)[^\]\n]*\]")
_NAME = re.compile(r'(?:^|\s)(?:name|nm)\s*=\s*"([^"]*)"')


@dataclass(slots=True)
class _Voice:
    """Lines of one voice and what its V: field says."""

    name: str = ""
    octaves: int = 0
    program: int = 0
    is_drums: bool = False
    lines: list[str] = field(default_factory=list)


def read_abc(data: bytes, name: str = "This file") -> ScoreImport:
    """The song of an ABC file. Raises BadFileError, one sentence that names it."""
    if len(data) > MOST_BYTES:
        raise BadFileError(f"“{name}” is larger than any tune book.")
    is_wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = data.decode("utf-16", "replace") if is_wide else decode_text(data)
    if not re.search(r"(?m)^\s*(K|X):", text):
        raise BadFileError(f"“{name}” is no ABC tune: it has no key field (K:).")
    head, *tunes = re.split(r"(?m)^(?=[ \t]*X:)", text.replace("\r\n", "\n").replace("\r", "\n"))
    if not tunes or ("\nK:" in "\n" + head):
        tunes, head = [head, *tunes], ""
    for number, tune in enumerate(tunes):
        score = _tune(head, tune)
        if any(bar for part in score.parts for bar in part.bars) or any(score.chords):
            if len(tunes) > 1:
                score.warnings.append(f"The file holds {len(tunes):,} tunes; tune {number + 1} was read.")
            return song_of(score, name, "abc")
    raise BadFileError(f"“{name}” holds no notes.")


def _tune(head: str, text: str) -> WrittenScore:
    headers, body, directives = _split(head, text)
    voices = _voices(headers, body, directives)
    metre = read_metre(headers.get("M", "4/4"))
    signature = read_key(headers.get("K", "")) or Signature(None, {})
    unit = read_unit(headers.get("L", "")) or usual_unit(metre)
    score = WrittenScore(headers.get("T", ""))
    read = []
    for voice in voices:
        reader = VoiceReader(unit, signature, metre, voice.octaves)
        bars = reader.read("\n".join(voice.lines))
        read.append(bars)
        notes = [bar.notes for bar in bars]
        score.parts.append(WrittenPart(voice.name, voice.program, voice.is_drums, 1, notes))
    _gather(score, read)
    if score.frames:
        first = score.frames[0]
        first.metre = first.metre or metre
        first.is_free |= metre is None
        first.key = first.key or signature.key
        if (bpm := read_tempo(headers.get("Q", ""))) and not any(at == 0 for at, _ in first.tempos):
            first.tempos.insert(0, (0, bpm))
    return score


def _split(head: str, text: str) -> tuple[dict[str, str], list[str], list[str]]:
    """Header fields (the first of each), lines of music with the fields between them, directives."""
    headers: dict[str, str] = {}
    body: list[str] = []
    directives: list[str] = []
    voice_fields: list[str] = []
    for raw in [*head.splitlines(), *text.splitlines()]:
        if raw.startswith("%%"):
            directives.append(raw)
            (body if "K" in headers else voice_fields).append(raw)
            continue
        line = re.sub(r"(?<!\\)%.*", "", raw)[:20_000]
        found = _FIELD.match(line.strip())
        if found and "K" not in headers:
            if found[1] == "V":
                voice_fields.append(line.strip())
            headers.setdefault(found[1], found[2].strip())
        elif "K" in headers:
            body.append(line)
    return headers, voice_fields + body, directives


def _voices(headers: dict[str, str], body: Iterable[str], directives: list[str]) -> list[_Voice]:
    """The voices in the order they are first named; music before any V: field belongs to the first."""
    voices: dict[str, _Voice] = {}
    base = read_octave(headers.get("K", ""))
    current: _Voice | None = None
    for line in body:
        found = _FIELD.match(line.strip())
        if line.startswith("%%"):
            _directive(current or voices.setdefault("", _Voice("Tune", base)), line)
            continue
        if found and found[1] == "V":
            current = _voice(voices, found[2], base)
            continue
        if found and found[1] in "wWsHNZSTCrRFGIUmODBAX+":
            continue
        if current is None:
            current = voices.setdefault("", _Voice("Tune", base))
        if found and found[1] in "KLMQP":
            current.lines.append(f"[{found[1]}:{found[2].replace(']', ' ')}]")
            continue
        current = _music_line(voices, current, line, base)
    return [voice for voice in voices.values() if voice.lines][:_MOST_VOICES]


def _music_line(voices: dict[str, _Voice], current: _Voice, line: str, base: int) -> _Voice:
    """Adds a line of music, following [V:] tags inside it."""
    at = 0
    for tag in _INLINE_VOICE.finditer(line):
        if line[at : tag.start()].strip():
            current.lines.append(line[at : tag.start()])
        current = _voice(voices, tag[0][3:-1], base)
        at = tag.end()
    current.lines.append(line[at:])
    return current


def _voice(voices: dict[str, _Voice], text: str, base: int) -> _Voice:
    words = text.split()
    key = words[0] if words else ""
    found = voices.get(key)
    if found is None:
        found = voices[key] = _Voice(f"Voice {key}" if key else "Tune", base)
    name = _NAME.search(text)
    if name:
        found.name = name[1].split("\\n")[0]
    found.octaves = read_octave(text) or found.octaves
    return found


def _directive(voice: _Voice, line: str) -> None:
    words = line[2:].split()
    if words[:2] == ["MIDI", "program"] and words[-1].isdigit():
        voice.program = min(127, int(words[-1][:3]))
    elif words[:2] == ["MIDI", "channel"]:
        voice.is_drums = words[-1] == "10"


def _gather(score: WrittenScore, voices: list[list[VoiceBar]]) -> None:
    """Frames and chord symbols of all voices side by side; the first voice that says something counts."""
    for bars in voices:
        for index, bar in enumerate(bars):
            if index == len(score.frames):
                score.frames.append(bar.frame)
                score.chords.append(bar.chords)
                continue
            _merge(score.frames[index], bar.frame)
            score.chords[index] = score.chords[index] or bar.chords


def _merge(frame: Frame, other: Frame) -> None:
    frame.length = max(frame.length, other.length)
    frame.metre, frame.key = frame.metre or other.metre, frame.key or other.key
    frame.tempos = frame.tempos or other.tempos
    frame.marker = frame.marker or other.marker
    frame.begins_repeat |= other.begins_repeat
    frame.plays = max(frame.plays, other.plays)
    frame.endings = frame.endings or other.endings
