"""What the product hears of rendered performances: packaging/hear_performances.py FOLDER [--mode MODE]
[--fit]

FOLDER was filled by packaging/render_hearing.py. Prints F1 of beginnings and of beginnings and ends for
each family of the test part; --fit first fits the strokes of assets/models/listening/ear.json anew to the
tuning part (its candidates are fitted by train_notes.py).
Needs mir_eval.
"""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))


def main() -> None:
    from engine.analysis.audio.learnt import EAR
    from engine.api.audio import ListeningMode
    from engine.training.hearing.notescores import fitted_strokes, note_scores

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mode", choices=[mode.value for mode in ListeningMode], default="auto")
    parser.add_argument("--fit", action="store_true")
    args = parser.parse_args()
    if args.fit:
        card = json.loads(EAR.read_text("utf-8"))
        card["nets"]["strokes"] = fitted_strokes(args.folder)
        EAR.write_text(json.dumps(card, ensure_ascii=False) + "\n", "utf-8")
    for family, (begun, whole) in note_scores(args.folder, ListeningMode(args.mode)).items():
        print(f"{family:8} beginnings {begun:.3f}  with ends {whole:.3f}")


if __name__ == "__main__":
    main()
