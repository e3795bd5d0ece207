"""What does the engine answer to a request? The same object serves the pipe, the command line and the tests.

`handle` emits any number of replies and then exactly one of Done, Failed and Cancelled; it never raises on
account of a request. The work calls `checkpoint` often; one that raises Interrupted ends it with Cancelled.

>>> replies = []
>>> Engine().handle(ListModels(), replies.append)
>>> type(replies[-1]).__name__
'Done'
"""

import time
from collections.abc import Callable
from pathlib import Path

from engine.api.audio import HeardNote
from engine.api.errors import EngineError, Reason
from engine.api.messages import (
    AddFolder,
    Analyse,
    Analysed,
    Cancelled,
    Done,
    Failed,
    FindSimilar,
    ForgetFolder,
    HeardSoFar,
    ImportSketch,
    ListFolders,
    ListModels,
    Models,
    NextChords,
    Partial,
    PredictNextChord,
    Progress,
    Reply,
    Request,
    SketchImported,
    SolveBeats,
    Suggest,
    TakeReady,
)
from engine.api.suggestion import Kind, SuggestionRequest
from engine.generation.registry import Remark
from engine.music import Aspect, Chord, ChordSpan, MusicError, Note, Region, Role, Song, Track
from engine.service.logs import log_unexpected
from engine.service.rooms import import_for

Emit = Callable[[Reply], None]
Checkpoint = Callable[[], None]

FIRST_LOOK_S = 6.0
OUT_OF_MEMORY = "The engine ran out of memory on this. Your song is untouched; fewer bars may help."
UNEXPECTED = "Something went wrong inside the engine; its log has the details. Your song is untouched."


class Interrupted(BaseException):
    """Raised by a checkpoint when the request was cancelled; no `except Exception` can swallow it."""


def go_on() -> None:
    """The checkpoint of work that nobody can cancel."""


class Engine:
    """Answers requests in this process. Holds nothing between requests but what the modules cache."""

    device = "CPU"

    def warm_up(self) -> None:
        """Read what the first question will need, so that it does not wait."""
        try:
            import_for(ImportSketch, PredictNextChord, Suggest)
            warm_up()
        except EngineError:
            return  # a kind or model that is not there; whoever asks for it is told
        except Exception:  # the first question will meet the same trouble and say so
            log_unexpected("While warming up")

    def handle(self, request: Request, emit: Emit, checkpoint: Checkpoint = go_on) -> None:
        """Answer one request through `emit`; the last reply is a Done, Failed or Cancelled."""
        started = time.perf_counter()
        try:
            said = _answer(request, emit, checkpoint) or Remark()
            emit(Done(time.perf_counter() - started, said.withheld, said.notice))
        except Interrupted:
            emit(Cancelled())
        except EngineError as error:
            emit(Failed(error.reason, str(error)))
        except MusicError as error:
            emit(Failed(Reason.BAD_REQUEST, str(error)))
        except MemoryError:
            emit(Failed(Reason.INTERNAL, OUT_OF_MEMORY))
        except (
            Exception,
            SystemExit,
        ):  # whatever it was, the artist gets a sentence and the log the traceback
            log_unexpected(f"While answering {type(request).__name__}")
            emit(Failed(Reason.INTERNAL, UNEXPECTED))


def warm_up() -> None:
    """Ask each learned model something small: what it imports and reads is there from then on."""
    chord = ChordSpan(1, 0, 3840, Chord(0))
    melody = Track(2, "", Role.MELODY, notes=tuple(Note(3 + i, i * 480, 480, 60 + i) for i in range(8)))
    song = Song(chords=(chord,), tracks=(melody,), next_id=20)
    region = Region(0, 2, (melody.id,))
    for request in (
        PredictNextChord(("C",)),
        Suggest(SuggestionRequest(Kind.VARY, song, region, Role.MELODY, melody.id, takes=1)),
    ):
        _answer(request, lambda _: None, go_on)


def _answer(request: Request, emit: Emit, checkpoint: Checkpoint) -> Remark | None:
    """Do what is asked; what there is to say at the end, if anything."""
    import_for(type(request), checkpoint=checkpoint)
    match request:
        case ImportSketch():
            _import_sketch(request, emit, checkpoint)
        case Analyse():
            _analyse(request, emit)
        case SolveBeats():
            _solve_beats(request, emit, checkpoint)
        case Suggest():
            return _suggest(request, emit, checkpoint)
        case PredictNextChord():
            _predict_next_chord(request, emit)
        case ListModels():
            _list_models(emit)
        case AddFolder() | ForgetFolder() | ListFolders():
            _care_for_folders(request, emit, checkpoint)
        case FindSimilar():
            _find_similar(request, emit, checkpoint)
        case _:
            raise EngineError(f"{type(request).__name__} is not work for the engine.")
    return None


def _import_sketch(request: ImportSketch, emit: Emit, checkpoint: Checkpoint) -> None:
    from engine.service.listening import listen_to, listen_to_recording
    from engine.service.sketch import read_sketch

    emit(Progress(0.1, "Reading the file"))
    known_s = _first_notes(request, emit, checkpoint)
    sketch = read_sketch(Path(request.path))
    checkpoint()
    emit(Progress(0.2, "Listening"))
    audio, sound = None, sketch.sound
    if sound is None:
        song, analysis = listen_to(sketch)
    else:

        def report(until_s: float, notes: list[HeardNote]) -> None:
            emit(HeardSoFar(tuple(note for note in notes if note.start_s >= known_s), until_s))
            emit(Progress(0.2 + 0.5 * until_s / sound.heard_s, "Listening"))

        song, analysis, audio = listen_to_recording(
            sketch.song.title, sound, request.mode, report, checkpoint, request.played_to
        )
    checkpoint()
    emit(SketchImported(song, analysis, sketch.warnings, sketch.sha256, sketch.format, audio))


def _first_notes(request: ImportSketch, emit: Emit, checkpoint: Checkpoint) -> float:
    """Something to look at before a long recording is read: notes of its first seconds. How many seconds."""
    from engine.formats.audio import is_recording
    from engine.service.sketch import read_sketch

    if not is_recording(Path(request.path), b""):
        return 0.0
    sound = read_sketch(Path(request.path), FIRST_LOOK_S).sound
    if sound is None or sound.duration_s < 2 * FIRST_LOOK_S:
        return 0.0
    from engine.analysis.audio.listen import listen

    heard = listen(sound, request.mode, checkpoint=checkpoint)
    emit(HeardSoFar(heard.notes, sound.heard_s))
    return sound.heard_s


def _analyse(request: Analyse, emit: Emit) -> None:
    from engine.analysis.hearing import hear

    emit(Progress(-1.0, "Listening"))
    song, analysis = hear(request.song, request.aspects)
    emit(Analysed(song, analysis))


def _solve_beats(request: SolveBeats, emit: Emit, checkpoint: Checkpoint) -> None:
    from engine.analysis.beatsolving import BeatsSaid, solved_again
    from engine.analysis.hearing import hear

    emit(Progress(-1.0, "Listening"))
    said = BeatsSaid(request.bpm, request.first_beats, request.beats, request.metre)
    solved = solved_again(request.song, said, checkpoint)
    checkpoint()
    emit(Analysed(*hear(solved, set(Aspect) - {Aspect.TEMPO, Aspect.METRE})))


def _suggest(request: Suggest, emit: Emit, checkpoint: Checkpoint) -> Remark:
    from engine.generation.registry import generator_for
    from engine.service.asking import refuse_nonsense
    from engine.service.likeness import unlike_known_works

    asked = request.request
    refuse_nonsense(asked)
    generator = generator_for(asked.kind, asked.role)
    withheld, notice = 0, ""
    for answer in unlike_known_works(generator.suggest, asked, checkpoint):
        checkpoint()
        match answer:
            case Remark():
                withheld, notice = withheld + answer.withheld, answer.notice or notice
            case Partial() | Progress():
                emit(answer)
            case _:
                emit(TakeReady(answer))
    return Remark(withheld, notice)


def _predict_next_chord(request: PredictNextChord, emit: Emit) -> None:
    from engine.api.errors import BadRequestError
    from engine.generation.chords import next_chords
    from engine.music import Chord

    if not 1 <= request.top <= 500:
        raise BadRequestError("Between 1 and 500 next chords can be asked for.")
    chords = [Chord.parse(label) for label in request.chords]
    emit(NextChords(tuple(next_chords(chords, request.key, request.top, request.song))))


def _list_models(emit: Emit) -> None:
    from engine.service.models import installed_index, installed_listeners, installed_models

    emit(Models((*installed_models(), *installed_listeners(), *installed_index())))


def _care_for_folders(
    request: AddFolder | ForgetFolder | ListFolders, emit: Emit, checkpoint: Checkpoint
) -> None:
    from engine.service.folders import folders_after

    emit(folders_after(request, emit, checkpoint))


def _find_similar(request: FindSimilar, emit: Emit, checkpoint: Checkpoint) -> None:
    from engine.service.sketchbook import similar_sketches

    for found in similar_sketches(request, checkpoint):
        emit(found)
