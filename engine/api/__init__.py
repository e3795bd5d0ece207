"""The narrow door: what may be asked of the engine and what it answers. Standard library only."""
