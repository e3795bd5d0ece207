"""One module a kind of arrangement: what it SERVES, and suggest(request, checkpoint)."""
