"""How does the infilling model learn? Windows of songs become questions, a small decoder learns to answer."""
