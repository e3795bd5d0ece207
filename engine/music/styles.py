"""Which styles of music can be asked for, and which words mean them?

A style is a name of the engine's vocabulary with a label for people; words of a request are matched loosely.

>>> style_named("Bossa nova").name, style_named("80s synthwave").name, style_named("")
('latin', 'electronic', None)
"""

from typing import NamedTuple


class Style(NamedTuple):
    """`name` as the engine and its models know it, `label` for people, `words` that mean it too."""

    name: str
    label: str
    words: tuple[str, ...] = ()


STYLES = (
    Style("pop", "Pop", ("disco", "k-pop", "dance")),
    Style("rock", "Rock", ("punk", "metal", "grunge", "indie", "alternative")),
    Style("soul", "Soul, R&B", ("r&b", "rnb", "motown", "neo")),
    Style("funk", "Funk"),
    Style("gospel", "Gospel"),
    Style("blues", "Blues", ("boogie",)),
    Style("jazz", "Jazz", ("swing", "bebop", "standard")),
    Style("latin", "Latin, bossa", ("bossa", "samba", "tango", "salsa", "cuban", "son", "bolero")),
    Style("reggae", "Reggae, ska", ("ska", "dub")),
    Style("hip-hop", "Hip-hop, lo-fi", ("hip hop", "trap", "boom bap", "lo-fi", "lofi", "rap", "loop")),
    Style("electronic", "Electronic", ("house", "techno", "drum and bass", "synthwave", "edm", "trance")),
    Style("cinematic", "Cinematic, ambient", ("film", "ambient", "score", "strings", "game")),
    Style("folk", "Folk", ("celtic", "irish", "session", "jig", "reel", "hornpipe", "polka")),
    Style("country", "Country", ("bluegrass", "americana")),
    Style("song", "Theatre, ballad", ("musical", "theatre", "ballad", "ragtime", "march", "waltz")),
    Style("hymn", "Hymn, chorale", ("chorale", "church")),
    Style("classical", "Classical", ("lied", "art song", "quartet", "baroque", "romantic", "piano")),
)


def style_named(text: str) -> Style | None:
    """The style that the words of a request mean; None for none or an unknown one."""
    text = text.strip().lower()
    if not text:
        return None
    exact = next((style for style in STYLES if text in (style.name, style.label.lower())), None)
    named = (style for style in STYLES if style.name in text or any(word in text for word in style.words))
    return exact or next(named, None)
