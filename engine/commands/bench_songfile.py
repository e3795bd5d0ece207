"""How fast is an edit on disk, and what does a killed program lose?

    python -c "from engine.commands import bench_songfile; print(bench_songfile.run())"

Times are wall milliseconds on the machine as it is. The kills are real: a child process edits as fast as it
can and says what was acknowledged; it is killed with SIGKILL at a random moment; then its file is opened and
held against what it said.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.formats.songfile import SongFile, SongFileError
from engine.music import Note, Origin, Role, Song, Track, edits
from engine.provenance import replay_origins

KILLS = 100
COMMITS = 1_000


def run() -> dict[str, Any]:
    """All figures of the song file: commits, opening with 1,000 undo steps, undo, copies, and 100 kills."""
    small, band, large = a_song(300), a_song(20_000, tracks=10), a_song(20_000)
    with tempfile.TemporaryDirectory() as folder:
        return {
            "commit_300_notes_ms": measure_commits(Path(folder) / "small.understudy", small),
            "commit_20000_notes_on_10_tracks_ms": measure_commits(Path(folder) / "band.understudy", band),
            "commit_20000_notes_on_1_track_ms": measure_commits(Path(folder) / "large.understudy", large),
            "open_300_notes_1000_steps_ms": measure_opening(Path(folder) / "small.understudy"),
            "open_20000_notes_1000_steps_ms": measure_opening(Path(folder) / "large.understudy"),
            **measure_large_acts(Path(folder) / "large.understudy"),
            "kills": measure_kills(Path(folder), KILLS),
        }


def a_song(notes: int, tracks: int = 1) -> Song:
    """Played tracks of sixteen notes a bar, with so many notes in all."""
    each = notes // tracks
    return Song("Bench", tracks=tuple(_a_track(number, each) for number in range(tracks)))


def _a_track(number: int, notes: int) -> Track:
    first = number * (notes + 1) + 1
    played = tuple(
        Note(first + 1 + i, i * 120, 110, 40 + i * 7 % 50, 60 + i % 40, Origin.PLAYED) for i in range(notes)
    )
    return Track(first, "Keys", Role.MELODY, notes=played)


def measure_commits(path: Path, song: Song, commits: int = COMMITS) -> dict[str, float]:
    """Percentiles of `commits` edits of one note each, settled once a second as the window does."""
    file = SongFile.create(path, song)
    chance, times, cpu, settled = random.Random(1), [], [], time.perf_counter()
    for number in range(commits):
        note = chance.choice(chance.choice(file.song.tracks).notes)
        edited = edits.transpose_notes(file.song, [note.id], 1 if note.pitch < 60 else -1)
        start, start_cpu = time.perf_counter(), time.thread_time()
        file.commit(f"Edit {number}", edited)
        cpu.append(time.thread_time() - start_cpu)
        times.append(time.perf_counter() - start)
        if time.perf_counter() - settled > 1:
            file.settle()
            settled = time.perf_counter()
    file.close()
    return {
        **_percentiles(times),
        "cpu_p50": _percentiles(cpu)["p50"],
        "file_kb": path.stat().st_size // 1024,
    }


def measure_opening(path: Path) -> float:
    """Milliseconds to open and check the file, best of three."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        file = SongFile.open(path)
        times.append(time.perf_counter() - start)
        file.close()
    return _ms(min(times))


def measure_large_acts(path: Path) -> dict[str, float]:
    """What a song of 20,000 notes costs when everything in it changes at once."""
    file = SongFile.open(path)
    everything = edits.transpose_notes(file.song, [note.id for note in file.song.notes()], 1)
    figures = {
        "undo_20000_notes_ms": _ms(_timed(file.undo)),
        "redo_20000_notes_ms": _ms(_timed(file.redo)),
        "transpose_all_20000_ms": _ms(_timed(lambda: file.commit("Transpose all", everything))),
        "undo_transpose_all_ms": _ms(_timed(file.undo)),
        "settle_ms": _ms(_timed(file.settle)),
        "save_as_ms": _ms(_timed(lambda: file.copy_to(path.with_name("copy.understudy")))),
        "ledger_rows": len(file.ledger()),
        "verify_ledger_ms": _ms(_timed(file.ledger_fault)),
    }
    file.close()
    return figures


def measure_kills(folder: Path, kills: int) -> dict[str, Any]:
    """Kills a writing child `kills` times, each at another moment, and opens what it left."""
    chance = random.Random(2)
    result = {"runs": kills, "acknowledged": 0, "edits_lost": 0, "files_unreadable": 0, "wrong": 0}
    for number in range(kills):
        path = folder / f"kill-{number}.understudy"
        told = killed_writer(path, chance.uniform(0.0, 0.3))
        result["acknowledged"] += len(told)
        for name, count in judge_survivor(path, told).items():
            result[name] += count
    return result


def killed_writer(path: Path, seconds: float) -> list[str]:
    """What a child acknowledged (one line an edit) before it was killed, `seconds` after its first."""
    child = subprocess.Popen(
        [sys.executable, "-m", "engine.commands.bench_songfile", str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert child.stdout is not None
    first = child.stdout.readline()
    time.sleep(seconds)
    child.kill()
    lines = (first + child.stdout.read()).split("\n")[:-1]  # the last may be cut short
    child.wait()
    child.stdout.close()
    return lines


def judge_survivor(path: Path, told: list[str]) -> dict[str, int]:
    """Counts of what is wrong with the file: lost edits, unreadable, or not what was acknowledged."""
    try:
        file = SongFile.open(path)
    except SongFileError:
        return {"files_unreadable": 1}
    try:
        rows = file.ledger()
        acknowledged = int(told[-1].split()[0])
        kept = [f"{row.seq} {row.after}" for row in rows[:acknowledged]]
        is_wrong = kept[1:] != told or not _is_sound(file)
        return {"edits_lost": max(0, acknowledged - len(rows)), "wrong": int(is_wrong)}
    finally:
        file.close()


def _is_sound(file: SongFile) -> bool:
    """The song is what the last row of the ledger says, undo goes back to the beginning, redo comes back."""
    now, last = file.song, file.ledger()[-1]
    told = {note: kept.origin for note, kept in replay_origins(file.ledger()).items()}
    is_right = last.after == file.content_hash and file.ledger_fault() is None
    is_right = is_right and told == {note.id: note.origin for note in now.notes()}
    steps = 0
    while file.undo():
        steps += 1
    for _ in range(steps):
        file.redo()
    return is_right and file.song == now


def keep_writing(path: Path) -> None:
    """Edits until it is killed; each line printed is an edit that is on disk: ledger row, content hash."""
    file = SongFile.create(path, a_song(200))
    for number in range(1_000_000):
        note = file.song.tracks[0].notes[number * 7 % 200]
        if number % 11 == 9:
            file.undo()
        elif number % 11 == 10:
            file.redo()
        else:
            shift = 1 if note.pitch < 64 else -1
            file.commit(f"Edit {number}", edits.transpose_notes(file.song, [note.id], shift))
        if number % 200 == 199:
            file.copy_to(path.with_suffix(".copy"))
        if number % 50 == 49:
            file.settle()
        print(number + 2, file.content_hash, flush=True)


def _timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _percentiles(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "p50": _ms(ordered[len(ordered) // 2]),
        "p99": _ms(ordered[len(ordered) * 99 // 100]),
        "max": _ms(ordered[-1]),
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1_000, 3)


if __name__ == "__main__":
    keep_writing(Path(sys.argv[1]))
