"""Where do the players' hands go for each chord, and how do they get from one to the next?

`voice(steps, player, key)` finds, among everything the player's hands can reach, the voicings that cost
least together: the costs are written out in `costs.py`, the hands in `players.py`.
"""

from engine.arrangement.voicing.path import Step, voice
from engine.arrangement.voicing.players import Instrument, Manner, Player, player_for
from engine.arrangement.voicing.shapes import Voicing

__all__ = ["Instrument", "Manner", "Player", "Step", "Voicing", "player_for", "voice"]
