"""Learning the harmoniser: chords under melodies, from everything that has both."""
