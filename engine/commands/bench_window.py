"""How soon is the window there, and how long does it hold still while the artist works?"""

from typing import Any

from engine.commands.child import told_by

NEEDS = ("PySide6",)


def run() -> dict[str, Any]:
    """What `app.bench_window` measures, in a process of its own: the engine knows no window."""
    return told_by("app.bench_window")
