"""Hearing recordings: notes, beats, chords and key from samples."""
