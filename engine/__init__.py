"""Understudy's engine: hears a sketch and proposes music. No Qt, no sound card, no network."""

__version__ = "0.1.0"
