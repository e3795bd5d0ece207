"""How well are the recordings of render_bands.py heard?

python packaging/measure_bands.py FOLDER      a line for each on stderr, one JSON object of means on stdout
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from engine.training.hearing.recordings import evaluate_recordings

if __name__ == "__main__":
    scores = evaluate_recordings(Path(sys.argv[1]), lambda line: print(line, file=sys.stderr, flush=True))
    print(json.dumps(scores, indent=1))
