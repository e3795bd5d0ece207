"""What can go wrong with sound.

PlaybackError
├── NoSound       no library or no device: the transport runs in silence
└── BadSoundBank  a sound bank cannot be read
"""


class PlaybackError(Exception):
    """One sentence for the artist."""


class NoSound(PlaybackError):
    """There is nothing to play through."""


class BadSoundBank(PlaybackError):
    """The file is missing or holds no sounds."""
