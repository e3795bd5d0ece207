"""Several hands write with the infilling model, the best of what they write is shown."""
