"""The index of known works: built from the corpus, its limits measured on what people do."""
