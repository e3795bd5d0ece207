"""The only talker to the engine: start it, ask, listen, cancel, and start it again when it dies.

link       EngineLink, the window's view of the engine
channel    the child process as a pipe of messages, in slices short enough for a GUI thread
lifeline   when is the engine dead, hung or restarted too often (no Qt)
"""

from app.enginelink.link import EngineLink, EngineState

__all__ = ["EngineLink", "EngineState"]
