"""Everything the models learn from, as Sheets: pieces of all allowed sets, their clusters and their split."""
