"""No display is needed to talk to the engine."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
