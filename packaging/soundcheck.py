"""How fast and how safe is the sound on this machine? Prints numbers; nothing is asserted.

    python packaging/soundcheck.py [SECONDS]     # default 20; needs jackd2 for the real-time part

Bank load and memory, rendering against real time, compiling 20,000 notes, and underflows while a child
process and a thread of this process keep the machine busy, through a JACK server with a dummy driver.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from app.playback.player import Player
from app.playback.score import compile_song
from app.playback.synth import Bank, default_bank_path
from engine.music.note import Note
from engine.music.song import Song
from engine.music.track import Role, Track

RATE = 48000
SERVER_START_S = 4.0
JACK = ["jackd", "--no-realtime", "-d", "dummy", "-r", str(RATE), "-p", "1024"]


def rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def band(bars: int) -> Song:
    """Eight tracks of held chords and moving lines, 16 to 25 notes at a time."""
    tracks = []
    for index, program in enumerate((0, 4, 24, 33, 48, 52, 73)):
        notes = [
            Note(index * 100_000 + i, i * 240, 960, 40 + 5 * index + (i * 7) % 12, 70)
            for i in range(bars * 8)
        ]
        tracks.append(Track(index + 1, "part", Role.OTHER, program, tuple(notes)))
    drums = tuple(Note(900_000 + i, i * 240, 120, (36, 42, 38, 42)[i % 4], 90) for i in range(bars * 8))
    return Song(tracks=(*tracks, Track(8, "drums", Role.DRUMS, 0, drums)), next_id=1_000_000)


def check_bank() -> None:
    before, start = rss_mb(), time.perf_counter()
    bank = Bank.load(default_bank_path(), RATE)
    elapsed_ms = (time.perf_counter() - start) * 1000
    print(f"bank: {elapsed_ms:.0f} ms to load, {rss_mb() - before:.0f} MB")
    for notes in (1, 16, 64):
        synth = bank.synth()
        synth.program(0, 48, False)
        for i in range(notes):
            synth.note_on(0, 36 + i, 80)
        block = np.zeros((512, 2), dtype=np.float32)
        start = time.process_time()
        for _ in range(400):
            synth.render(block)
        print(f"{notes:3} notes: {400 * 512 / RATE / (time.process_time() - start):6.0f} x real time")


def check_compile() -> None:
    notes = tuple(Note(i, i * 60, 60, 60 + i % 24) for i in range(20_000))
    start = time.perf_counter()
    first = compile_song(Song(tracks=(Track(1, "long", notes=notes),)), RATE)
    elapsed_ms = (time.perf_counter() - start) * 1000
    start = time.perf_counter()
    compile_song(Song(tracks=(Track(1, "long", notes=notes, muted=True),)), RATE, first)
    again_ms = (time.perf_counter() - start) * 1000
    print(f"compile 20,000 notes: {elapsed_ms:.0f} ms, after a mute {again_ms:.1f} ms")


def work_for_ever() -> None:
    while True:
        sum(i * i for i in range(1000))


def paint_for_ever(stop: threading.Event) -> None:
    """What a window does at worst: 12 ms of Python, 4 ms of rest."""
    while not stop.is_set():
        end = time.perf_counter() + 0.012
        while time.perf_counter() < end:
            sum(i * i for i in range(100))
        time.sleep(0.004)


def check_real_time(seconds: float) -> None:
    if shutil.which("jackd") is None:
        print("real time: jackd is not installed")
        return
    server = subprocess.Popen(JACK, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(server.terminate)  # after PortAudio, which aborts when it ends later than its server
    time.sleep(SERVER_START_S)
    child = multiprocessing.get_context("spawn").Process(target=work_for_ever, daemon=True)
    child.start()
    try:
        for is_painting in (False, True):
            play_for(seconds, is_painting)
    finally:
        child.kill()


def play_for(seconds: float, is_painting: bool) -> None:
    stop = threading.Event()
    if is_painting:
        threading.Thread(target=paint_for_ever, args=(stop,), daemon=True).start()
    player = Player()
    player.wait_until_ready()
    song = band(int(seconds / 2) + 4)
    player.set_song(song)
    player.play()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        time.sleep(1.0)
        player.audition(song if not player.is_auditioning else None)
    stop.set()
    who = "busy child and busy window thread" if is_painting else "busy child"
    result = player.sound_problem or f"{player.underflows} underflows"
    print(f"{who}, {seconds:.0f} s: {result}, {rss_mb():.0f} MB")
    player.close()


def main() -> None:
    check_bank()
    check_compile()
    check_real_time(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0)


if __name__ == "__main__":
    main()
