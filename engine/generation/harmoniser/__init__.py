"""Which chords would people put under this melody? A small network that hears the whole of it at once."""
