"""Parts for a song from patterns: bass, drums, comping, pads, counter-melodies and form."""
