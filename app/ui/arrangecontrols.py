"""What to ask the players for: a part, the form of a whole song, another style, or a soundscape.

One area with four faces; each control maps to one field of the engine's Controls and is there only for what
obeys it. Styles and shapes are catalogues of the engine, shown by their labels; a style may be typed as well.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QPushButton, QSizePolicy, QWidget

from app.ideas.asking import Question
from app.ideas.playerstyles import choosable_styles, style_meant
from app.ideas.shapes import Shape, bars_of, choosable_shapes, facts_of, shape_named
from app.ui.controls import RequestArea, slider
from app.ui.intensitycurve import CurveSection, IntensityCurve
from app.ui.widgets import DropDown, Segmented, button, label, row
from engine.api.suggestion import Controls, Kind
from engine.music import Role, Song

TEMPOS = (60, 72, 84, 92, 100, 110, 120, 128, 140, 160, 174)
LENGTHS_MIN = (1, 2, 3, 5, 10, 20, 30)
FEELS = (
    ("", "As it is"),
    ("straight", "Straight"),
    ("swing", "Swing"),
    ("half-time", "Half-time"),
    ("double-time", "Double-time"),
    ("3/4", "In three (3/4)"),
    ("6/8", "In 6/8"),
    ("4/4", "In four (4/4)"),
)
# by role: the words the players know, and how people say it
INSTRUMENTS: dict[Role, tuple[tuple[str, str], ...]] = {
    Role.BASS: (("fingered", "Fingered bass"), ("upright", "Upright bass"), ("synth", "Synth bass")),
    Role.DRUMS: (("standard", "Standard kit"), ("brushes", "Brushes"), ("electronic", "Electronic kit")),
    Role.CHORDS: (
        ("piano", "Piano"),
        ("epiano", "Electric piano"),
        ("organ", "Organ"),
        ("nylon", "Nylon guitar"),
        ("steel", "Steel guitar"),
        ("clean", "Clean guitar"),
    ),
    Role.PAD: (("strings", "Strings"), ("choir", "Choir"), ("pad", "Synth pad"), ("organ", "Organ")),
    Role.COUNTER: (
        ("strings", "Strings"),
        ("flute", "Flute"),
        ("clarinet", "Clarinet"),
        ("sax", "Saxophone"),
        ("trumpet", "Trumpet"),
    ),
}
PARTS = (
    (Kind.BASS, "Bass", Role.BASS),
    (Kind.DRUMS, "Drums", Role.DRUMS),
    (Kind.COMPING, "Chords", Role.CHORDS),
    (Kind.PAD, "Pad", Role.PAD),
    (Kind.COUNTER, "Counter", Role.COUNTER),
)
HAVE_DENSITY = frozenset({Role.BASS, Role.CHORDS, Role.PAD})  # drums and second voices go by the song
LESS, MORE = 0.2, 0.8


class Face(StrEnum):
    """What the area asks for."""

    PART = "Part"
    FORM = "Form"
    RESTYLE = "Restyle"
    SOUNDSCAPE = "Soundscape"


class ArrangeControls(RequestArea):
    """`style_heard`: the artist wants to hear what is asked for at once, as one idea."""

    style_heard = Signal()

    def __init__(self, suggest_key: str, hear_key: str = "") -> None:
        super().__init__(suggest_key)
        self._song, self._bars = Song(), (0, 8)
        self.faces = Segmented([(face, face.value) for face in Face], "Arrange")
        self.faces.chosen.connect(lambda _face: self._changed())
        self.add_row(self.where, self.faces)
        self._add_part_rows()
        self._add_form_rows()
        self._add_restyle_rows()
        self.lengths = _choice("Length", [(minutes * 60, _minutes(minutes)) for minutes in LENGTHS_MIN])
        self.lengths.setCurrentIndex(LENGTHS_MIN.index(3))
        self.lengths.activated.connect(lambda _index: self._changed())
        self.add_row("Length", self.lengths, tip="How long the soundscape goes on")
        self.style_choice = StyleBox()
        self.style_choice.words_changed.connect(self._style_changed)
        self.feel_words = label("", "tiny", wraps=True)
        self.hear_style = _hear_button(hear_key)
        self.hear_style.clicked.connect(lambda _checked=False: self.style_heard.emit())
        styles = QWidget()
        styles.setLayout(row(self.style_choice, self.hear_style, spacing=6))
        self.add_row("Style", styles)
        last = QWidget()
        last.setLayout(row(self.feel_words, self.suggest, spacing=10))
        self.add_wide(last)
        self._show_instruments()
        self._style_changed()
        self._changed()

    def _add_part_rows(self) -> None:
        self.parts = Segmented([(kind, name) for kind, name, _ in PARTS], "Part")
        self.parts.chosen.connect(lambda _kind: self._part_changed())
        self.instruments = _choice("Sound", [("", "As the style has it")])
        words = ((LESS, "Calmer"), (None, "As it fits"), (MORE, "Busier"))
        self.density = Segmented(words, "Density")
        self.density.choose(None)
        self.add_row("Part", self.parts, tip="Who is to play")
        self.add_row("Sound", self.instruments, tip="On which instrument")
        self.add_row("Density", self.density, tip="Fewer or more notes than the style would have here")

    def _add_form_rows(self) -> None:
        self.shapes = _choice("Shape", [("", "As the style has it"), *_shapes()])
        self.shapes.activated.connect(lambda _index: self._shape_changed())
        self.shape_facts = label("", "lines")
        self.shape_facts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.add_row("Shape", self.shapes, self.shape_facts, "Which sections, in which order")
        self.curve_title = label("Intensity · drag the curve", "faint")
        self.curve = IntensityCurve()
        self.add_wide(self.curve_title)
        self.add_wide(self.curve)

    def _add_restyle_rows(self) -> None:
        self.feels = _choice("Feel", FEELS)
        self.tempos = _choice("Tempo", [(None, "As it is"), *((bpm, f"{bpm} bpm") for bpm in TEMPOS)])
        self.distance = slider("Distance", 50)
        self.add_row("Feel", self.feels, tip="How time is divided, or in which metre")
        self.add_row("Tempo", self.tempos)
        self.add_row("Distance", self.distance, tip="How far chords and melody may go from yours")

    # what is asked ------------------------------------------------------------------

    @property
    def face(self) -> Face:
        value = self.faces.value()
        assert isinstance(value, Face)
        return value

    def question(self) -> Question:
        asked = Controls(style=self.style_choice.asked())
        if self.face is Face.PART:
            return self._part_question(asked)
        if self.face is Face.FORM:
            return Question(Kind.FORM, Role.OTHER, self._form_asked(asked), takes=3)
        if self.face is Face.RESTYLE:
            feel, tempo = str(self.feels.currentData()), self.tempos.currentData()
            asked = replace(asked, shape=feel, tempo=tempo, distance=self.distance.value() / 100)
            return Question(Kind.RESTYLE, Role.OTHER, asked, takes=3)
        length_s = float(self.lengths.currentData())
        return Question(Kind.SOUNDSCAPE, Role.OTHER, asked, takes=2, length_s=length_s)

    def _form_asked(self, asked: Controls) -> Controls:
        """A drawn curve belongs to the shape it was drawn for."""
        shape = self._shape
        if self.curve.is_drawn and shape is not None:
            return replace(asked, shape=shape.name, intensity=self.curve.levels)
        return replace(asked, shape=str(self.shapes.currentData() or ""))

    def _part_question(self, asked: Controls) -> Question:
        kind, density = self.parts.value(), self.density.value()
        assert isinstance(kind, Kind)
        instrument = str(self.instruments.currentData() or "")
        wanted = density if isinstance(density, float) and self.role in HAVE_DENSITY else None
        return Question(kind, self.role, replace(asked, density=wanted, instrument=instrument))

    @property
    def role(self) -> Role:
        """The part that is asked for."""
        return next(role for kind, _, role in PARTS if kind is self.parts.value())

    def show_face(self, face: Face) -> None:
        self.faces.choose(face)
        self._changed()

    def choose(self, kind: Kind) -> None:
        """Turn to the face and part of a kind."""
        faces = {Kind.FORM: Face.FORM, Kind.RESTYLE: Face.RESTYLE, Kind.SOUNDSCAPE: Face.SOUNDSCAPE}
        self.faces.choose(faces.get(kind, Face.PART))
        if kind in {each for each, _, _ in PARTS}:
            self.parts.choose(kind)
            self._show_instruments()
        self._changed()

    # what is shown --------------------------------------------------------------------

    def show_song(self, song: Song, bars: tuple[int, int]) -> None:
        """What a form would be made of: these bars of the song."""
        known = (self._song.time_map, self._song.sections, self._bars)
        self._song, self._bars = song, bars
        if known != (song.time_map, song.sections, bars):
            self._show_shape()

    def _changed(self) -> None:
        face = self.face
        of_parts: tuple[QWidget, ...] = (self.parts, self.instruments, self.density)
        of_restyling: tuple[QWidget, ...] = (self.feels, self.tempos, self.distance)
        for control in of_parts:
            self.show_row(control, face is Face.PART)
        self.show_row(self.density, face is Face.PART and self.role in HAVE_DENSITY)
        for control in of_restyling:
            self.show_row(control, face is Face.RESTYLE)
        self.show_row(self.shapes, face is Face.FORM)
        self.show_row(self.lengths, face is Face.SOUNDSCAPE)
        has_curve = face is Face.FORM and bool(self.curve.levels)
        self.curve.setVisible(has_curve)
        self.curve_title.setVisible(has_curve)
        self.question_changed.emit()

    def _part_changed(self) -> None:
        self._show_instruments()
        self._changed()

    def _shape_changed(self) -> None:
        self._show_shape()
        self._changed()

    def _show_instruments(self) -> None:
        self.instruments.clear()
        for word, name in (("", "As the style has it"), *INSTRUMENTS[self.role]):
            self.instruments.addItem(name, word)

    @property
    def _shape(self) -> Shape | None:
        style = style_meant(self.style_choice.asked())
        return shape_named(str(self.shapes.currentData() or ""), style.name if style else "")

    def _show_shape(self) -> None:
        shape, time_map = self._shape, self._song.time_map
        sections = shape.sections if shape else ()
        bars = bars_of(shape, self._song, self._bars) if shape else ()
        shown = [
            CurveSection(each.name, length, each.level) for each, length in zip(sections, bars, strict=True)
        ]
        self.curve.show_sections(shown)
        bar_s = time_map.seconds_at(time_map.bar_start(2)) - time_map.seconds_at(time_map.bar_start(1))
        self.shape_facts.setText(facts_of(bars, bar_s))
        self.shapes.setToolTip(shape.about if shape else "")

    def _style_changed(self) -> None:
        style = style_meant(self.style_choice.asked())
        words = style.feel.capitalize() if style and style.feel else "As your song sounds"
        self.feel_words.setText("" if self.style_choice.asked() and not style else f"{words}.")
        self._show_shape()
        self.question_changed.emit()


class StyleBox(DropDown):
    """The players' styles by their labels, or words typed: “bossa with brushes”."""

    words_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Style")
        self.setToolTip("Choose a style, or type what you have in mind. As it is: as your song sounds")
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.addItem("As it is", "")
        for style in choosable_styles():
            self.addItem(style.label, style.name)
        self.setMaxVisibleItems(18)
        self.setMinimumContentsLength(5)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        line = self.lineEdit()
        assert line is not None
        line.setAccessibleName("Style")
        line.setMaxLength(120)
        line.editingFinished.connect(self.words_changed)
        completer = self.completer()
        assert isinstance(completer, QCompleter)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.activated.connect(lambda _index: self._chosen())

    def _chosen(self) -> None:
        line = self.lineEdit()
        if line is not None:
            line.home(False)  # the beginning of a long name is what tells it
        self.words_changed.emit()

    def asked(self) -> str:
        """The name of the chosen style, else the words that were typed; empty for as it is."""
        place = self.findText(self.currentText(), Qt.MatchFlag.MatchFixedString)
        return str(self.itemData(place)) if place >= 0 else self.currentText().strip()


def _choice(name: str, options: Sequence[tuple[object, str]]) -> DropDown:
    made = DropDown()
    made.setAccessibleName(name)
    for value, text in options:
        made.addItem(text, value)
    made.setMaxVisibleItems(16)
    made.setMinimumContentsLength(8)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return made


def _shapes() -> list[tuple[object, str]]:
    return [(shape.name, shape.label) for shape in choosable_shapes()]


def _hear_button(key: str) -> QPushButton:
    made = button("▶", small=True)
    made.setAccessibleName("Hear this style at once")
    made.setToolTip(f"Ask for one idea in this style and hear it at once  {key}".rstrip())
    return made


def _minutes(minutes: int) -> str:
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
