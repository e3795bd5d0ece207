"""Understudy's window: shows the song and the ideas, plays them, keeps them. No torch, no music21."""
