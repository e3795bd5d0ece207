"""Which notes and chord symbols does a MusicXML part hold?

Reads the first voice of each part (the highest of notes sounding together), chord symbols, metre, key.
Source: MusicXML 4.0 (w3.org).
"""

from typing import Any

from engine.training.readers.score import TICKS, ScoreBar, ScoreChord, ScoreNote, ScorePart
from engine.training.readers.scorexml import opened

_NATURAL = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ALTER = {-2: "bb", -1: "b", 0: "", 1: "#", 2: "##"}
_KIND = {
    "major": "",
    "minor": "m",
    "dominant": "7",
    "major-seventh": "maj7",
    "minor-seventh": "m7",
    "diminished": "dim",
    "half-diminished": "m7b5",
    "diminished-seventh": "dim7",
    "augmented": "aug",
    "augmented-seventh": "7#5",
    "suspended-fourth": "sus4",
    "suspended-second": "sus2",
    "major-sixth": "6",
    "minor-sixth": "m6",
    "dominant-ninth": "9",
    "major-ninth": "maj9",
    "minor-ninth": "m9",
    "dominant-11th": "11",
    "dominant-13th": "13",
    "minor-11th": "m11",
    "minor-13th": "m13",
    "major-minor": "m(maj7)",
    "power": "5",
}


def parse_musicxml(data: bytes) -> list[ScorePart]:
    """The parts of a MusicXML file, compressed or not. Raises UnreadableScoreError."""
    root = opened(data)
    title = root.findtext("work/work-title") or root.findtext("movement-title") or ""
    return [_Part(title).read(part) for part in root.findall("part")]


class _Part:
    def __init__(self, title: str) -> None:
        self._title = title
        self._divisions = 1
        self._metre: tuple[int, int] | None = None
        self._fifths: int | None = None
        self._mode = ""

    def read(self, part: Any) -> ScorePart:
        bars = [self._read_bar(measure) for measure in part.findall("measure")]
        is_minor = self._mode == "minor"
        tonic = (7 * (self._fifths or 0) + (9 if is_minor else 0)) % 12
        sounding = [bar for bar in bars if bar.length]
        return ScorePart(self._title, self._metre or (4, 4), tonic, is_minor, sounding, mode=self._mode)

    def _read_bar(self, measure: Any) -> ScoreBar:
        bar, at = ScoreBar(), 0
        for element in measure:
            if element.tag == "attributes":
                self._read_attributes(element, bar)
            elif element.tag == "harmony":
                if label := _chord_label(element):
                    bass = _step_name(element, "bass/bass")
                    bar.chords.append(ScoreChord(at + self._time(element, "offset"), label, bass))
            elif element.tag == "backup":
                at -= self._time(element, "duration")
            elif element.tag == "forward":
                at += self._time(element, "duration")
            elif element.tag == "barline":
                _read_barline(element, bar)
            elif element.tag == "note" and element.find("grace") is None:
                at = self._read_note(element, bar, at)
            bar.length = max(bar.length, at)
        bar.notes.sort(key=lambda note: note.start)
        return bar

    def _read_note(self, element: Any, bar: ScoreBar, at: int) -> int:
        pitch, duration = _pitch(element), self._time(element, "duration")
        first_voice = (element.findtext("voice") or "1") == "1"
        if element.find("chord") is not None:
            if first_voice and pitch and bar.notes and (bar.notes[-1].pitch or 0) < pitch:
                bar.notes[-1] = bar.notes[-1]._replace(pitch=pitch)
            return at
        if first_voice and duration > 0:
            tied = any(tie.get("type") == "stop" for tie in element.findall("tie"))
            bar.notes.append(ScoreNote(at, duration, pitch, tied and pitch is not None))
        return at + duration

    def _read_attributes(self, element: Any, bar: ScoreBar) -> None:
        self._divisions = int(float(element.findtext("divisions") or self._divisions)) or 1
        if self._fifths is None and element.find("key/fifths") is not None:
            self._fifths = int(element.findtext("key/fifths") or 0)
            self._mode = element.findtext("key/mode") or ""
        beats, kind = element.findtext("time/beats"), element.findtext("time/beat-type")
        if beats and kind and beats.isdigit() and kind.isdigit():
            bar.metre = (int(beats), int(kind))
            self._metre = self._metre or bar.metre

    def _time(self, element: Any, name: str) -> int:
        return round(round(float(element.findtext(name) or 0)) * TICKS / self._divisions)


def _pitch(element: Any) -> int | None:
    pitch = element.find("pitch")
    if pitch is None:
        return None
    alter = round(float(pitch.findtext("alter") or 0))
    return _NATURAL[pitch.findtext("step")] + alter + 12 * (int(pitch.findtext("octave")) + 1)


def _read_barline(element: Any, bar: ScoreBar) -> None:
    repeat, ending = element.find("repeat"), element.find("ending")
    if repeat is not None:
        bar.begins_repeat |= repeat.get("direction") == "forward"
        bar.ends_repeat |= repeat.get("direction") == "backward"
    number = (ending.get("number") or "")[:1] if ending is not None and ending.get("type") == "start" else ""
    if number.isdigit():
        bar.ending = int(number)


def _chord_label(element: Any) -> str:
    root = _step_name(element, "root/root")
    kind = (element.findtext("kind") or "").strip()
    if kind == "none":
        return "N"
    return root + _KIND.get(kind, "") if root else ""


def _step_name(element: Any, path: str) -> str:
    """The name of a note written as step and alteration; "" where there is none."""
    step = element.findtext(f"{path}-step")
    return step + _ALTER.get(round(float(element.findtext(f"{path}-alter") or 0)), "") if step else ""
