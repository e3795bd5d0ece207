"""How long does the piano roll take for a frame with 20,000 notes?"""

from typing import Any

from engine.commands.child import told_by

NEEDS = ("PySide6",)


def run() -> dict[str, Any]:
    """What `app.bench_roll` measures, in a process of its own: the engine knows no window."""
    return told_by("app.bench_roll")
