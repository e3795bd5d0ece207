"""Teaches the network that hears the key of loops and other short excerpts, from the data of the corpus.

    python packaging/train_keys.py --data DATA [--seed 1]

Writes loopkeys.safetensors and sets hash, size and the number of excerpts in its card.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

from safetensors.numpy import save_file

sys.path.insert(0, str(Path(__file__).parents[1]))

from engine.analysis.audio.weights import LISTENING
from engine.analysis.keyear import TOGETHER
from engine.training.hearing.keyexcerpts import taught_excerpts
from engine.training.hearing.keylearning import key_arrays, learn_keys


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    excerpts = list(taught_excerpts(args.data))
    arrays = key_arrays([learn_keys(excerpts, args.seed + more) for more in range(TOGETHER)])
    path = LISTENING / "loopkeys.safetensors"
    save_file(arrays, path)
    card = json.loads(path.with_suffix(".json").read_text("utf-8"))
    card |= {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
    card |= {"excerpts": len(excerpts), "parameters": sum(array.size for array in arrays.values())}
    path.with_suffix(".json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
