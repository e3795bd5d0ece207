"""What can be wrong with music as a value.

MusicError
├── ChordSyntaxError   a chord label that no grammar here can read
└── EditError          an edit that the song cannot take
"""


class MusicError(ValueError):
    """Base of everything this package refuses, with one sentence for people."""


class ChordSyntaxError(MusicError):
    """A chord label could not be read."""

    def __init__(self, label: str) -> None:
        super().__init__(f"“{label}” is not a chord this program can read.")
        self.label = label


class EditError(MusicError):
    """An edit was asked for that the song cannot take; the song is unchanged."""
