"""Which sounds are in a SoundFont file? Reads .sf2 and .sf3, writes .sf2.

A SoundFont is a RIFF file: presets (what a program change selects) hold zones that point to instruments,
instruments hold zones that point to samples; a zone is a small set of numbered generators (SoundFont 2.04,
section 8.1.2) over a key and velocity range. In .sf3 each sample is an Ogg Vorbis stream of its own.
Modulators are dropped on reading: the synthesizer that plays the bank does not know them.

Example: `font = read_soundfont(path); write_soundfont(font, out_path, {"INAM": "Small"})`.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

KEY_RANGE, VELOCITY_RANGE = 43, 44
PAN, HOLD_ENV, DECAY_ENV, SUSTAIN_ENV, ATTENUATION = 17, 35, 36, 37, 48
INSTRUMENT, COARSE_TUNE, SAMPLE, SAMPLE_MODES, ROOT_KEY = 41, 51, 53, 54, 58
OFFSET_GENERATORS = {0: 1, 1: 1, 2: 1, 3: 1, 4: 32768, 12: 32768, 45: 32768, 50: 32768}
VORBIS_FLAG = 0x10
GUARD_FRAMES = 46  # zeros the format asks for after each sample


@dataclass
class Sample:
    """One recorded sound: mono float samples, its rate, root key and loop (frames; end exclusive)."""

    name: str
    frames: np.ndarray
    rate: int
    root: int
    correction: int
    loop_start: int
    loop_end: int


@dataclass
class Zone:
    """Generators (number -> signed value), and what they apply to (none: defaults for the other zones)."""

    generators: dict[int, int]
    target: int | None = None

    def span(self, generator: int) -> tuple[int, int]:
        """(low, high) of a range generator; the whole range if it is not given."""
        value = self.generators.get(generator)
        return (0, 127) if value is None else (value & 255, value >> 8 & 255)


@dataclass
class Instrument:
    """A name and zones whose targets are samples."""

    name: str
    zones: list[Zone]


@dataclass
class Preset:
    """What a program change selects; zone targets are instruments."""

    name: str
    bank: int
    program: int
    zones: list[Zone]


@dataclass
class SoundFont:
    """Presets, instruments and samples; targets are indices into the two lists."""

    presets: list[Preset] = field(default_factory=list)
    instruments: list[Instrument] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)


def _chunks(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while start + 8 <= end:
        name, size = struct.unpack_from("<4sI", data, start)
        yield name, start + 8, size
        start += 8 + size
        if size & 1 and data[start : start + 1] == b"\0":  # sf3 writers forget the pad byte
            start += 1


def _lists(data: bytes) -> dict[bytes, tuple[int, int]]:
    found = {}
    for name, start, size in _chunks(data, 12, len(data)):
        if name == b"LIST":
            for inner, inner_start, inner_size in _chunks(data, start + 4, start + size):
                found[inner] = (inner_start, inner_size)
    return found


def _text(raw: bytes) -> str:
    return raw.split(b"\0")[0].decode("latin-1").strip()


def _signed(generator: int, value: int) -> int:
    if generator in (KEY_RANGE, VELOCITY_RANGE, INSTRUMENT, SAMPLE):
        return value
    return value - 65536 if value > 32767 else value


def _decoded(vorbis: bytes) -> np.ndarray:
    import soundfile  # only .sf3 needs it

    return soundfile.read(io.BytesIO(vorbis), dtype="float32")[0]


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.parts = data, _lists(data)

    def records(self, name: bytes, layout: str) -> list[tuple]:
        start, size = self.parts[name]
        return list(struct.iter_unpack(layout, self.data[start : start + size]))

    def zones(self, bags: list[tuple], gens: list[tuple], first: int, last: int, target: int) -> list[Zone]:
        zones = []
        for bag in range(first, last):
            values = {g: _signed(g, v) for g, v in gens[bags[bag][0] : bags[bag + 1][0]]}
            zones.append(Zone(values, values.pop(target, None)))
        return zones

    def sample(self, header: tuple) -> Sample:
        name, start, end, loop_start, loop_end, rate, root, correction, _, kind = header
        pool = self.parts[b"smpl"][0]
        if kind & VORBIS_FLAG:
            frames = _decoded(self.data[pool + start : pool + end])
        else:
            raw = np.frombuffer(self.data, "<i2", end - start, pool + 2 * start)
            frames = raw.astype(np.float32) / 32768
            loop_start, loop_end = loop_start - start, loop_end - start
        return Sample(_text(name), frames, rate, root, correction, loop_start, loop_end)


def read_soundfont(path: Path) -> SoundFont:
    """The presets, instruments and samples of an .sf2 or .sf3 file (samples decoded to float32)."""
    reader = _Reader(path.read_bytes())
    headers, names = reader.records(b"phdr", "<20sHHHIII"), reader.records(b"inst", "<20sH")
    preset_bags, preset_gens = reader.records(b"pbag", "<HH"), reader.records(b"pgen", "<HH")
    bags, gens = reader.records(b"ibag", "<HH"), reader.records(b"igen", "<HH")
    font = SoundFont()
    for this, following in pairwise(headers):
        zones = reader.zones(preset_bags, preset_gens, this[3], following[3], INSTRUMENT)
        font.presets.append(Preset(_text(this[0]), this[2], this[1], zones))
    for this, following in pairwise(names):
        font.instruments.append(
            Instrument(_text(this[0]), reader.zones(bags, gens, this[1], following[1], SAMPLE))
        )
    font.samples = [reader.sample(header) for header in reader.records(b"shdr", "<20sIIIIIBbHH")[:-1]]
    return font


def _chunk(name: str, body: bytes) -> bytes:
    return name.encode() + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1)


def _list(kind: str, *chunks: bytes) -> bytes:
    return _chunk("LIST", kind.encode() + b"".join(chunks))


def _name(text: str) -> bytes:
    return text.encode("latin-1", "replace")[:19]


def _generators(zone: Zone, target: int) -> bytes:
    """Key range first, then velocity range, the target last: the order the format demands."""
    order = sorted(zone.generators, key=lambda g: (g != KEY_RANGE, g != VELOCITY_RANGE, g))
    body = b"".join(struct.pack("<HH", g, zone.generators[g] & 0xFFFF) for g in order)
    return body if zone.target is None else body + struct.pack("<HH", target, zone.target)


def _zone_tables(owners: list[list[Zone]], target: int) -> tuple[list[int], bytes, bytes]:
    """First bag of each owner (and the terminal one), the bag table, the generator table."""
    firsts, bags, gens = [], b"", b""
    for zones in owners:
        firsts.append(len(bags) // 4)
        for zone in zones:
            bags += struct.pack("<HH", len(gens) // 4, 0)
            gens += _generators(zone, target)
    firsts.append(len(bags) // 4)
    return firsts, bags + struct.pack("<HH", len(gens) // 4, 0), gens + b"\0" * 4


def _sample_tables(samples: list[Sample]) -> tuple[bytes, bytes]:
    pool, headers = bytearray(), b""
    for sample in samples:
        start = len(pool) // 2
        pcm = np.clip(np.round(sample.frames * 32768), -32768, 32767).astype("<i2")
        pool += pcm.tobytes() + b"\0\0" * GUARD_FRAMES
        loop = (start + sample.loop_start, start + sample.loop_end)
        headers += struct.pack(
            "<20sIIIIIBbHH", _name(sample.name), start, start + len(pcm), *loop, sample.rate, sample.root,
            sample.correction, 0, 1,
        )  # fmt: skip
    return bytes(pool), headers + struct.pack("<20sIIIIIBbHH", b"EOS", *[0] * 9)


def _preset_headers(presets: list[Preset], firsts: list[int]) -> bytes:
    body = b"".join(
        struct.pack("<20sHHHIII", _name(p.name), p.program, p.bank, first, 0, 0, 0)
        for p, first in zip(presets, firsts, strict=False)
    )
    return body + struct.pack("<20sHHHIII", b"EOP", 0, 0, firsts[-1], 0, 0, 0)


def _instrument_headers(instruments: list[Instrument], firsts: list[int]) -> bytes:
    names = [_name(i.name) for i in instruments] + [b"EOI"]
    return b"".join(struct.pack("<20sH", name, first) for name, first in zip(names, firsts, strict=True))


def _info_list(info: dict[str, str]) -> bytes:
    texts = [_chunk(key, value.encode("latin-1", "replace") + b"\0") for key, value in info.items()]
    return _list("INFO", _chunk("ifil", struct.pack("<HH", 2, 4)), _chunk("isng", b"EMU8000\0"), *texts)


def write_soundfont(font: SoundFont, path: Path, info: dict[str, str]) -> None:
    """Writes a plain .sf2 (16-bit samples); the same font gives the same bytes."""
    presets = sorted(font.presets, key=lambda p: (p.bank, p.program))
    preset_firsts, preset_bags, preset_gens = _zone_tables([p.zones for p in presets], INSTRUMENT)
    firsts, bags, gens = _zone_tables([i.zones for i in font.instruments], SAMPLE)
    pool, headers = _sample_tables(font.samples)
    no_modulator = b"\0" * 10
    tables = [
        _chunk("phdr", _preset_headers(presets, preset_firsts)), _chunk("pbag", preset_bags),
        _chunk("pmod", no_modulator), _chunk("pgen", preset_gens),
        _chunk("inst", _instrument_headers(font.instruments, firsts)), _chunk("ibag", bags),
        _chunk("imod", no_modulator), _chunk("igen", gens), _chunk("shdr", headers),
    ]  # fmt: skip
    body = b"sfbk" + _info_list(info) + _list("sdta", _chunk("smpl", pool)) + _list("pdta", *tables)
    path.write_bytes(_chunk("RIFF", body))
