"""The infilling model at work: its weights, decoded on the processor without torch, and the search over
it."""
