"""What music is in a MusicXML file?

Notes of all parts, staves and voices as they sound (transposing instruments are), chord symbols, metre, key,
tempo, dynamics, repeats and jumps, rehearsal marks. Lyrics, grace notes and cue notes are left out. What
cannot be read is passed over; only what holds no music is refused. Source: MusicXML 4.0 (w3.org).
"""

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from engine.formats.musicxml.harmony import read_harmony
from engine.formats.musicxml.numbers import number, text_of, whole
from engine.formats.musicxml.opening import open_score
from engine.formats.score.song import song_of
from engine.formats.score.written import (
    TICKS,
    Frame,
    Jump,
    ScoreImport,
    WrittenChord,
    WrittenNote,
    WrittenPart,
    WrittenScore,
)
from engine.music import Key, Metre, Mode, MusicError

_NATURAL = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_BEAT_UNITS = {"whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5, "16th": 0.25, "breve": 8.0}
_DYNAMICS = {"ppp": 30, "pp": 40, "p": 54, "mp": 68, "mf": 80, "f": 94, "ff": 108, "fff": 120}
_JUMPS = (
    ("jump", Jump.DA_CAPO, re.compile(r"^d\.?\s?c\.?\b|da capo", re.IGNORECASE)),
    ("jump", Jump.DAL_SEGNO, re.compile(r"^d\.?\s?s\.?\b|dal segno", re.IGNORECASE)),
    ("to_coda", True, re.compile(r"^to coda", re.IGNORECASE)),
    ("is_fine", True, re.compile(r"^fine\b", re.IGNORECASE)),
)
_SNARE = 38
_LONGEST_BAR = 1_000 * TICKS


def read_musicxml(data: bytes, name: str = "This file") -> ScoreImport:
    """The song of a MusicXML file, compressed or not. Raises BadFileError, one sentence that names it."""
    root = open_score(data, name)
    score = WrittenScore(_title(root))
    parts = _parts(root)
    chords: list[list[list[WrittenChord]]] = []
    for part_id, measures in parts:
        reader = _PartReader(_part(root, part_id), score.frames, _drum_pitches(root, part_id))
        for index, measure in enumerate(measures):
            reader.measure(measure, index)
        score.parts.append(reader.part)
        chords.append(reader.chords)
    score.chords = max(chords, key=lambda bars: sum(map(len, bars)), default=[])
    return song_of(score, name, "musicxml")


def _title(root: Element) -> str:
    return text_of(root, "work/work-title") or text_of(root, "movement-title")


def _parts(root: Element) -> list[tuple[str, list[Element]]]:
    """(id, measures) of each part, in either arrangement of the file."""
    if root.tag == "score-partwise":
        return [(part.get("id") or "", part.findall("measure")) for part in root.findall("part")]
    found: dict[str, list[Element]] = {}
    for index, measure in enumerate(root.findall("measure")):
        for part in measure.findall("part"):
            row = found.setdefault(part.get("id") or "", [])
            row += [Element("measure") for _ in range(index - len(row))]
            part.attrib.update(measure.attrib)
            row.append(part)
    return list(found.items())


def _part(root: Element, part_id: str) -> WrittenPart:
    listed = next((e for e in root.iterfind("part-list/score-part") if e.get("id") == part_id), None)
    if listed is None:
        return WrittenPart()
    program = whole(listed.findtext("midi-instrument/midi-program"), 1) - 1
    is_drums = text_of(listed, "midi-instrument/midi-channel") == "10"
    return WrittenPart(text_of(listed, "part-name"), min(127, max(0, program)), is_drums)


def _drum_pitches(root: Element, part_id: str) -> dict[str, int]:
    """The drum each instrument of the part stands for, by its id."""
    listed = (e for e in root.iterfind("part-list/score-part") if e.get("id") == part_id)
    return {
        midi.get("id") or "": whole(midi.findtext("midi-unpitched"), _SNARE + 1) - 1
        for element in listed
        for midi in element.findall("midi-instrument")
    }


@dataclass(slots=True)
class _PartReader:
    """Reads one part measure by measure; what rules all parts goes into the shared frames."""

    part: WrittenPart
    frames: list[Frame]
    drums: dict[str, int]
    chords: list[list[WrittenChord]] = field(default_factory=list)
    _scale: float = TICKS
    _chromatic: int = 0
    _velocity: int = 80
    _ending: frozenset[int] = frozenset()

    def measure(self, measure: Element, index: int) -> None:
        if index == len(self.frames):
            self.frames.append(Frame(is_exact=measure.get("implicit") == "yes"))
        frame = self.frames[index]
        notes: list[WrittenNote] = []
        chords: list[WrittenChord] = []
        at = before = longest = 0
        for element in measure:
            tag = element.tag
            if tag == "note":
                duration = self._note(element, notes, at, before)
                if duration is not None:
                    before, at = at, at + duration
            elif tag == "backup":
                at = max(0, at - self._time(element, "duration"))
            elif tag == "forward":
                at += self._time(element, "duration")
            elif tag == "attributes":
                self._attributes(element, frame)
            elif tag == "harmony":
                chord = read_harmony(element, max(0, at + self._time(element, "offset")), self._chromatic)
                chords += [chord] if chord is not None else []
            elif tag in ("direction", "sound"):
                self._direction(element, frame, at)
            elif tag == "barline":
                self._barline(element, frame)
            at = min(at, _LONGEST_BAR)
            longest = max(longest, at)
        frame.length = max(frame.length, longest)
        frame.endings = frame.endings or self._ending
        self._close_ending(measure)
        self.part.bars.append(notes)
        self.chords.append(chords)

    def _note(self, element: Element, notes: list[WrittenNote], at: int, before: int) -> int | None:
        """Keeps the note; how far it moves the time, None when it stands with the note before."""
        pitch, duration, voice, staff = -1, 0, "1", 0
        in_chord = tied = False
        for child in element:
            tag = child.tag
            if tag == "pitch":
                pitch = self._pitch(child)
            elif tag == "unpitched":
                pitch = self._drum(element)
            elif tag == "duration":
                duration = round(max(0.0, number(child.text, 0)) * self._scale)
            elif tag == "chord":
                in_chord = True
            elif tag == "tie":
                tied = tied or child.get("type") == "stop"
            elif tag == "voice":
                voice = (child.text or "1")[:8]
            elif tag == "staff":
                staff = min(9, max(0, whole(child.text, 1) - 1))
            elif tag in ("grace", "cue"):
                return None
        if 0 <= pitch <= 127 and 0 < duration <= _LONGEST_BAR:
            start = before if in_chord else at
            notes.append(WrittenNote(start, duration, pitch, tied, (staff, voice), self._loudness(element)))
        return None if in_chord else min(duration, _LONGEST_BAR)

    def _pitch(self, pitch: Element) -> int:
        step = _NATURAL.get(text_of(pitch, "step"))
        if step is None:
            return -1
        alter = round(number(pitch.findtext("alter"), 0))
        return step + alter + 12 * (whole(pitch.findtext("octave"), -9) + 1) + self._chromatic

    def _drum(self, element: Element) -> int:
        self.part.is_drums = True
        instrument = element.find("instrument")
        return self.drums.get((instrument.get("id") or "") if instrument is not None else "", _SNARE)

    def _loudness(self, element: Element) -> int:
        """The note's own dynamics are in percent of 90 (MusicXML's forte)."""
        own = number(element.get("dynamics"), -1)
        return min(127, max(1, round(own * 0.9))) if own > 0 else self._velocity

    def _time(self, element: Element, path: str) -> int:
        return min(_LONGEST_BAR, max(-_LONGEST_BAR, round(number(element.findtext(path), 0) * self._scale)))

    def _attributes(self, element: Element, frame: Frame) -> None:
        divisions = number(element.findtext("divisions"), 0)
        if divisions > 0:
            self._scale = TICKS / divisions
        if element.find("transpose") is not None:
            octaves = whole(element.findtext("transpose/octave-change"), 0)
            self._chromatic = max(
                -60, min(60, whole(element.findtext("transpose/chromatic"), 0) + 12 * octaves)
            )
        if element.find("key/fifths") is not None:
            frame.key = self._key(element.find("key")) or frame.key
        if element.find("time") is not None:
            frame.metre, frame.is_free = (
                _metre(element) or frame.metre,
                element.find("time/senza-misura") is not None,
            )
        if text_of(element, "clef/sign") == "percussion":
            self.part.is_drums = True

    def _key(self, element: Element | None) -> Key | None:
        """The key as it sounds; a signature without a mode is told as its major key."""
        if element is None:
            return None
        fifths = whole(element.findtext("fifths"), 0)
        word = text_of(element, "mode").lower()
        mode = {"aeolian": Mode.MINOR, "ionian": Mode.MAJOR}.get(word) or next(
            (m for m in Mode if m == word), Mode.MAJOR
        )
        if abs(fifths) > 7:
            return None
        natural = Key((fifths * 7) % 12)
        tonic = next(t for t in range(12) if Key(t, mode).fifths % 12 == natural.fifths % 12)
        return Key((tonic + self._chromatic) % 12, mode)

    # directions ---------------------------------------------------------------------------------------------

    def _direction(self, element: Element, frame: Frame, at: int) -> None:
        sound = element if element.tag == "sound" else element.find("sound")
        place = max(0, at + self._time(element, "offset"))
        if sound is not None:
            self._sound(sound, frame, place)
        if sound is None or not sound.get("tempo"):
            self._metronome(element, frame, place)
        dynamics = element.find("direction-type/dynamics")
        if dynamics is not None and len(dynamics) and (sound is None or not sound.get("dynamics")):
            self._velocity = _DYNAMICS.get(dynamics[0].tag, self._velocity)
        frame.marker = frame.marker or text_of(element, "direction-type/rehearsal")
        frame.is_segno |= element.find("direction-type/segno") is not None
        self._words(element, frame)

    def _sound(self, sound: Element, frame: Frame, at: int) -> None:
        bpm = number(sound.get("tempo"), 0)
        if bpm > 0:
            frame.tempos.append((at, bpm))
        loudness = number(sound.get("dynamics"), 0)
        if loudness > 0:
            self._velocity = min(127, max(1, round(loudness * 0.9)))
        frame.is_segno |= bool(sound.get("segno"))
        frame.is_coda |= bool(sound.get("coda"))
        frame.to_coda |= bool(sound.get("tocoda"))
        frame.is_fine |= bool(sound.get("fine"))
        if sound.get("dacapo") == "yes":
            frame.jump = Jump.DA_CAPO
        elif sound.get("dalsegno"):
            frame.jump = Jump.DAL_SEGNO

    def _metronome(self, element: Element, frame: Frame, at: int) -> None:
        mark = element.find("direction-type/metronome")
        if mark is None:
            return
        found = re.search(r"\d+(\.\d+)?", text_of(mark, "per-minute")[:20])
        beat = _BEAT_UNITS.get(text_of(mark, "beat-unit"), 0.0) * (
            1.5 if mark.find("beat-unit-dot") is not None else 1
        )
        if found and beat:
            frame.tempos.append((at, float(found[0]) * beat))

    def _words(self, element: Element, frame: Frame) -> None:
        for words in element.findall("direction-type/words"):
            text = (words.text or "").strip()[:40]
            for attribute, value, pattern in _JUMPS:
                if pattern.search(text):
                    setattr(frame, attribute, value)

    def _barline(self, element: Element, frame: Frame) -> None:
        repeat, ending = element.find("repeat"), element.find("ending")
        if repeat is not None and repeat.get("direction") == "forward":
            frame.begins_repeat = True
        elif repeat is not None:
            frame.plays = min(16, max(2, whole(repeat.get("times"), 2)))
        if ending is not None and ending.get("type") == "start":
            numbers = re.findall(r"\d+", (ending.get("number") or "")[:40])
            self._ending = frozenset(int(n) for n in numbers if 1 <= int(n) <= 32)
            frame.endings = self._ending

    def _close_ending(self, measure: Element) -> None:
        types = {e.get("type") for e in measure.iterfind("barline/ending")}
        if types & {"stop", "discontinue"}:
            self._ending = frozenset()


def _metre(element: Element) -> Metre | None:
    beats = [whole(part, 0) for part in re.split(r"\+", text_of(element, "time/beats")[:40])]
    try:
        return Metre(sum(beats), whole(element.findtext("time/beat-type"), 0))
    except MusicError:
        return None
