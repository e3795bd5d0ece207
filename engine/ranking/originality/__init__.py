"""Does an idea sound like a work somebody made? Longest runs in common, in any key and tempo."""
