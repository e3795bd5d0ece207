"""One module a kind of suggestion; see engine.generation.registry."""
