"""Small readers of score formats for the corpora: one common value, ScorePart; own code, no score library."""
