"""Slow music without end, made of a sketch's chords and tune."""
