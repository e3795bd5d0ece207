"""The same song in another style, feel or tempo, its melody still itself."""
