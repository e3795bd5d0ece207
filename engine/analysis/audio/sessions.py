"""How is a listening model that comes as an ONNX file run?

The file lies in assets/models/listening beside its card and must be the one the card describes. onnxruntime
is imported at the first question and uses one thread: an artist's machine has better things to do.
"""

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from engine.analysis.audio.weights import LISTENING
from engine.api.errors import ModelError

_QUIET = 3  # errors only


def run_model(
    name: str, inputs: dict[str, np.ndarray], outputs: Sequence[str], folder: Path = LISTENING
) -> list[Any]:
    """The named outputs of a listening model. Raises ModelError, one sentence, when it cannot be used."""
    path = folder / f"{name}.onnx"
    try:
        changed_ns = path.stat().st_mtime_ns
    except OSError as error:
        raise ModelError(f"The listening model “{name}” is missing; reinstall Understudy.") from error
    session = _session(path, changed_ns)
    try:
        return list(session.run(list(outputs), inputs))
    except Exception as error:  # onnxruntime's own exceptions have no common base that can be named here
        raise ModelError(f"The listening model “{name}” is damaged; reinstall Understudy.") from error


@lru_cache(maxsize=4)
def _session(path: Path, changed_ns: int) -> Any:
    """`changed_ns` is part of the key so that a replaced file is read anew."""
    content = _checked(path)
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError("onnxruntime is not installed, so recordings cannot be listened to.") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _QUIET
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(f"The listening model “{path.stem}” is damaged; reinstall Understudy.") from error


def _checked(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        card = json.loads(path.with_suffix(".json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"The listening model “{path.stem}” is missing; reinstall Understudy.") from error
    if not isinstance(card, dict) or card.get("sha256") != hashlib.sha256(content).hexdigest():
        raise ModelError(f"The listening model “{path.stem}” does not match its card; reinstall Understudy.")
    return content
