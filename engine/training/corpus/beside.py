"""What is not in the cache yet, read side by side on all processor cores.

Each core has a process that is told the name of one set after another (or that of `earlier`, for what earlier
models were tested on) and leaves what it found in the cache. What such a process could not read is left to
the caller, who will say why.
"""

import gc
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue

WORTH_BYTES = 2_000_000
"""Less than this is read sooner than a process is started."""


def read_beside(sizes: Sequence[tuple[int, str]], data: Path, cache: Path) -> None:
    """Fills the cache with the sets of these sizes (bytes to be read) and names, the largest first."""
    workers = min(_cores(), len(sizes))
    if workers < 2 or sum(size for size, _ in sizes) < WORTH_BYTES:
        return
    waiting: SimpleQueue[str] = SimpleQueue()
    for _, name in sorted(sizes, reverse=True):
        waiting.put(name)
    with ThreadPoolExecutor(workers) as pool:
        for _ in range(workers):
            pool.submit(_served, waiting, data, cache)


def _cores() -> int:
    """Those this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _served(waiting: "SimpleQueue[str]", data: Path, cache: Path) -> None:
    """One process works until nothing is waiting or something goes wrong."""
    command = [sys.executable, "-m", __name__, str(data), str(cache)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        is_alive = True
        while is_alive:
            try:
                process.stdin.write(waiting.get_nowait() + "\n")
                process.stdin.flush()
            except (Empty, OSError):
                break
            is_alive = bool(process.stdout.readline())


def main(data: str, cache: str) -> None:
    """Reads the sets named on the input, one a line, and says when each is done."""
    from engine.training.chords.allow import AllowList
    from engine.training.corpus import earlier
    from engine.training.corpus.corpus import kept_set, kept_tests
    from engine.training.corpus.sets import readers

    allow, by_name = AllowList(Path(data)), {reader.__name__: reader for reader in readers()}
    gc.disable()  # what is read holds no cycles
    for line in sys.stdin:
        name = line.strip()
        if name == earlier.__name__:
            kept_tests(Path(data), Path(cache))
        else:
            kept_set(by_name[name], allow, Path(data), Path(cache))
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
