"""Which parts has a drum kit, which key of General MIDI is each, and which limb plays it?

Keys are those of the General MIDI percussion map (MMA, General MIDI System Level 1, 1991).

>>> DrumVoice.SNARE.key, DrumVoice.SNARE.limb
(38, <Limb.HAND: 'hand'>)
"""

from enum import Enum, StrEnum


class Limb(Enum):
    """What strikes: a drummer has two hands and two feet; a percussionist stands beside the kit."""

    HAND = "hand"
    RIGHT_FOOT = "right foot"
    LEFT_FOOT = "left foot"
    BESIDE = "beside"


class DrumVoice(StrEnum):
    """A drum or cymbal by the name pattern files use; `hat` is closed, `pedal` the hat shut by the foot."""

    KICK = "kick"
    SNARE = "snare"
    RIM = "rim"
    CLAP = "clap"
    HAT = "hat"
    PEDAL = "pedal"
    OPEN = "open"
    RIDE = "ride"
    BELL = "bell"
    CRASH = "crash"
    CRASH2 = "crash2"
    CHINA = "china"
    SPLASH = "splash"
    TOM1 = "tom1"
    TOM2 = "tom2"
    TOM3 = "tom3"
    TAMBOURINE = "tambourine"
    SHAKER = "shaker"
    COWBELL = "cowbell"
    CONGA = "conga"
    CONGA_MUTE = "congamute"
    CONGA_LOW = "congalow"
    BONGO = "bongo"
    BONGO_LOW = "bongolow"
    TIMBALE = "timbale"
    TIMBALE_LOW = "timbalelow"
    AGOGO = "agogo"
    AGOGO_LOW = "agogolow"
    CABASA = "cabasa"
    GUIRO = "guiro"
    GUIRO_LONG = "guirolong"
    CLAVES = "claves"
    BLOCK = "block"
    BLOCK_LOW = "blocklow"
    TRIANGLE = "triangle"
    TRIANGLE_MUTE = "trianglemute"

    @property
    def key(self) -> int:
        """The MIDI note of General MIDI."""
        return _KEYS[self]

    @property
    def limb(self) -> Limb:
        return _LIMBS.get(self, Limb.HAND if self in _OF_THE_KIT else Limb.BESIDE)


_KEYS = {
    DrumVoice.KICK: 36,
    DrumVoice.SNARE: 38,
    DrumVoice.RIM: 37,
    DrumVoice.CLAP: 39,
    DrumVoice.HAT: 42,
    DrumVoice.PEDAL: 44,
    DrumVoice.OPEN: 46,
    DrumVoice.RIDE: 51,
    DrumVoice.BELL: 53,
    DrumVoice.CRASH: 49,
    DrumVoice.CRASH2: 57,
    DrumVoice.CHINA: 52,
    DrumVoice.SPLASH: 55,
    DrumVoice.TOM1: 48,
    DrumVoice.TOM2: 45,
    DrumVoice.TOM3: 43,
    DrumVoice.TAMBOURINE: 54,
    DrumVoice.SHAKER: 70,
    DrumVoice.COWBELL: 56,
    DrumVoice.CONGA: 63,
    DrumVoice.CONGA_MUTE: 62,
    DrumVoice.CONGA_LOW: 64,
    DrumVoice.BONGO: 60,
    DrumVoice.BONGO_LOW: 61,
    DrumVoice.TIMBALE: 65,
    DrumVoice.TIMBALE_LOW: 66,
    DrumVoice.AGOGO: 67,
    DrumVoice.AGOGO_LOW: 68,
    DrumVoice.CABASA: 69,
    DrumVoice.GUIRO: 73,
    DrumVoice.GUIRO_LONG: 74,
    DrumVoice.CLAVES: 75,
    DrumVoice.BLOCK: 76,
    DrumVoice.BLOCK_LOW: 77,
    DrumVoice.TRIANGLE: 81,
    DrumVoice.TRIANGLE_MUTE: 80,
}
_LIMBS = {
    DrumVoice.KICK: Limb.RIGHT_FOOT,
    DrumVoice.PEDAL: Limb.LEFT_FOOT,
    DrumVoice.CLAP: Limb.BESIDE,
}
_OF_THE_KIT = frozenset(
    {
        DrumVoice.SNARE,
        DrumVoice.RIM,
        DrumVoice.HAT,
        DrumVoice.OPEN,
        DrumVoice.RIDE,
        DrumVoice.BELL,
        DrumVoice.CRASH,
        DrumVoice.CRASH2,
        DrumVoice.CHINA,
        DrumVoice.SPLASH,
        DrumVoice.TOM1,
        DrumVoice.TOM2,
        DrumVoice.TOM3,
    }
)
VOICE_OF_KEY = {key: voice for voice, key in _KEYS.items()}
