"""Who made what? The ledger, the rule of origins, and the shares of a song. Standard library only.

ledger       hash-chained rows, and which of them was touched later
difference   which notes and chords an edit added, changed and removed
origins      a taken note that is changed is an edited idea, for ever
replay       each note's origin, from the ledger alone
shares       how much of a song is the artist's own
"""

from engine.provenance.difference import Difference, difference
from engine.provenance.ledger import Act, Actor, Entry, LedgerRow, next_row, verify
from engine.provenance.origins import settle_origins
from engine.provenance.replay import LedgerError, NoteOrigin, replay_origins
from engine.provenance.shares import Shares, shares

__all__ = [
    "Act",
    "Actor",
    "Difference",
    "Entry",
    "LedgerError",
    "LedgerRow",
    "NoteOrigin",
    "Shares",
    "difference",
    "next_row",
    "replay_origins",
    "settle_origins",
    "shares",
    "verify",
]
