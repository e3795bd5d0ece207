"""Builds MIDI files byte by byte, right or wrong, for the tests."""

END = "00 ff 2f 00"
ONE_NOTE = "00 90 3c 40 83 60 80 3c 40"  # middle C for a quarter at 480


def track(*events: str, end: str = END, length: int | None = None) -> bytes:
    """A track block from events written in hex; `length` overrides the stated length."""
    body = bytes.fromhex(" ".join((*events, end)))
    return b"MTrk" + (len(body) if length is None else length).to_bytes(4) + body


def header(file_type: int = 1, tracks: int = 1, division: int = 480) -> bytes:
    return b"MThd\0\0\0\6" + file_type.to_bytes(2) + tracks.to_bytes(2) + (division & 0xFFFF).to_bytes(2)


def smf(*tracks: bytes, file_type: int = 1, count: int | None = None, division: int = 480) -> bytes:
    """A file of track blocks; `count` overrides the stated number of tracks."""
    return header(file_type, len(tracks) if count is None else count, division) + b"".join(tracks)


def text(kind: int, content: str | bytes, delta: str = "00") -> str:
    """A meta event with text, in hex."""
    raw = content if isinstance(content, bytes) else content.encode()
    return f"{delta} ff {kind:02x} {len(raw):02x} {raw.hex()}"
