"""Understudy's engine: hears a sketch and proposes music. No Qt, no sound card, no network."""
