"""The infilling language: a song as a grid of bars x streams, as tokens, and what may be written where."""
