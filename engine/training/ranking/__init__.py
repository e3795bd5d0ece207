"""How the re-ranker learns what people would have written."""
