"""What reader and writer must agree on: meta event types, and what this program writes for itself.

Key signatures cannot say a mode other than major and minor, and no MIDI event says "pickup"; both are
written as a text event that people can read too.
"""

import re

META = 0xFF
TEXT, COPYRIGHT, TRACK_NAME, INSTRUMENT_NAME, LYRIC, MARKER, CUE = range(0x01, 0x08)
CHANNEL_PREFIX, PORT, END_OF_TRACK = 0x20, 0x21, 0x2F
SET_TEMPO, TIME_SIGNATURE, KEY_SIGNATURE = 0x51, 0x58, 0x59

CARRIER_NAME = "Tempo carrier"
CHORDS_NAME = "Chords"
CHORD_END_TEXT = "Chord ends"
KEY_PATTERN = re.compile(r"Key: (.+)")
PICKUP_PATTERN = re.compile(r"Pickup: (\d{1,6}) ticks")

DRUM_CHANNEL = 9
MELODIC_CHANNELS = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)
