"""Hearing: from a sketch to an Analysis; it begins in `hearing.hear`.

Nothing is imported here, so that two threads that begin at different ends of this room do not wait for each
other in a circle.
"""
