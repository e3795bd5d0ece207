"""Run by torchrun: six steps of the small run, half of the shards in each process."""

import sys
from pathlib import Path

import torch

from engine.training.infill.feeding import DirectFeed
from engine.training.infill.trainer import Trainer, together
from tests.engine.infill_training.small import pool, small_run

if __name__ == "__main__":
    torch.set_num_threads(1)
    with together():
        Trainer(small_run(shards=2), Path(sys.argv[1]), DirectFeed(pool)).learn(most_steps=6)
