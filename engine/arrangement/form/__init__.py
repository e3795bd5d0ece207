"""From some bars to a whole song: its shape, what each section is made of, and how one leads to the next."""
