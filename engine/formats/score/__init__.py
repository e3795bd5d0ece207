"""Written music of any format: its values, the order it is played in, and the song it becomes."""
