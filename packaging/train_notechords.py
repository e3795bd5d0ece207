"""Teaches the network that hears chords in notes, from the data of the corpus.

    python packaging/train_notechords.py --data DATA [--seed 1]

Writes notechords.safetensors and sets hash, size and the number of pieces in its card.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

from safetensors.numpy import save_file

sys.path.insert(0, str(Path(__file__).parents[1]))

from engine.analysis.audio.weights import LISTENING
from engine.training.hearing.chordlearning import NOTES, arrays_of, learn
from engine.training.hearing.notechords import taught_excerpts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    excerpts = list(taught_excerpts(args.data))
    network = learn(excerpts, args.seed, NOTES)
    path = LISTENING / "notechords.safetensors"
    save_file(arrays_of(network), path)
    card = json.loads(path.with_suffix(".json").read_text("utf-8"))
    card |= {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
    card |= {"pieces": len(excerpts), "beats": sum(len(each.chords) for each in excerpts)}
    path.with_suffix(".json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
