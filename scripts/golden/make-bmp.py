#!/usr/bin/env python3
"""Writes src/main/dataset/golden/bmp.json: tiny Windows bitmaps of every kind, and the pixels that Pillow reads from them.

Set-up: any Python with numpy and Pillow.      Use: python scripts/golden/make-bmp.py
"""
import base64
import io
import json
import pathlib
import struct

import numpy
import PIL
from PIL import Image

WIDTH, HEIGHT = 7, 5
random = numpy.random.default_rng(1)
cases = []


def add(name, data):
    picture = Image.open(io.BytesIO(data))
    assert picture.format == "BMP", name
    pixels = numpy.asarray(picture.convert("RGB"))
    code = lambda b: base64.b64encode(b).decode()
    cases.append({"name": name, "file": code(data), "width": picture.width, "height": picture.height, "pixels": code(pixels.tobytes())})


def file_of(header, between, data, offset=None):
    start = 14 + len(header) + len(between)
    return struct.pack("<2sIHHI", b"BM", start + len(data), 0, 0, start if offset is None else offset) + header + between + data


def header_of(bits, compression=0, size=40, height=HEIGHT, colours=0, masks=(0, 0, 0, 0), data_bytes=0):
    if size == 12:
        return struct.pack("<IHHHH", 12, WIDTH, height, 1, bits)
    fields = struct.pack("<IiiHHIIiiII", size, WIDTH, height, 1, bits, compression, data_bytes, 2835, 2835, colours, 0)
    return (fields + struct.pack("<4I", *masks)).ljust(size, b"\0")[:size]


def rows_of(bits):
    """Rows as they lie in the file: random, a filling of ones at the end."""
    rows = []
    for _ in range(HEIGHT):
        row = random.integers(0, 256, (WIDTH * bits + 7) // 8, dtype=numpy.uint8).tobytes()
        rows.append(row + b"\xff" * (-len(row) % 4))
    return b"".join(rows)


def palette_of(count, entry_bytes):
    return b"".join(random.integers(0, 256, 3, dtype=numpy.uint8).tobytes() + b"\0" * (entry_bytes - 3) for _ in range(count))


for bits in (1, 4):
    add(f"{bits} bits, OS/2 1", file_of(header_of(bits, size=12), palette_of(1 << bits, 3), rows_of(bits)))
    add(f"{bits} bits", file_of(header_of(bits), palette_of(1 << bits, 4), rows_of(bits)))
    add(f"{bits} bits, Windows 5", file_of(header_of(bits, size=124), palette_of(1 << bits, 4), rows_of(bits)))
few = bytes(random.integers(0, 9, 8 * HEIGHT, dtype=numpy.uint8))
add("8 bits, palette of 9", file_of(header_of(8, colours=9), palette_of(9, 4), few))
add("8 bits, from the top", file_of(header_of(8, colours=9, height=-HEIGHT), palette_of(9, 4), few))
add("8 bits, the palette forgotten in the offset", file_of(header_of(8, colours=9), palette_of(9, 4), few, offset=54))
add("8 bits, no offset", file_of(header_of(8, colours=9), palette_of(9, 4), few, offset=0))
add("8 bits, a gap before the pixels", file_of(header_of(8, colours=9), palette_of(9, 4) + b"\x77" * 10, few))
add("24 bits, OS/2 1", file_of(header_of(24, size=12), b"", rows_of(24)))
for size in (40, 52, 56, 64, 108, 124):
    add(f"24 bits, header of {size}", file_of(header_of(24, size=size), b"", rows_of(24)))
add("24 bits, from the top", file_of(header_of(24, height=-HEIGHT), b"", rows_of(24)))
add("24 bits, the last filling left out", file_of(header_of(24), b"", rows_of(24)[:-3]))
add("16 bits", file_of(header_of(16), b"", rows_of(16)))
add("32 bits", file_of(header_of(32), b"", rows_of(32)))
FIVES, SIX = (0x7C00, 0x3E0, 0x1F, 0), (0xF800, 0x7E0, 0x1F, 0)
for name, masks in (("555", FIVES), ("565", SIX)):
    add(f"16 bits, masks {name} behind the header", file_of(header_of(16, 3), struct.pack("<3I", *masks[:3]), rows_of(16)))
    add(f"16 bits, masks {name}, Windows 4", file_of(header_of(16, 3, size=108, masks=masks), b"", rows_of(16)))
for masks in ((0xFF0000, 0xFF00, 0xFF, 0), (0xFF000000, 0xFF0000, 0xFF00, 0), (0xFF000000, 0xFF0000, 0xFF00, 0xFF), (0xFF, 0xFF00, 0xFF0000, 0xFF000000),
              (0xFF0000, 0xFF00, 0xFF, 0xFF000000), (0, 0, 0, 0)):  # fmt: skip
    add("32 bits, masks " + " ".join(f"{m:x}" for m in masks), file_of(header_of(32, 3, size=124, masks=masks), b"", rows_of(32)))
# Runs, runs cut off by the row's end, literal stretches of odd and even length, skipped places, rows that end early.
RUNS_8 = bytes([3, 5, 4, 8, 0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 2, 1, 0, 2, 3, 1, 3, 6, 0, 0, 0, 4, 8, 7, 6, 5, 9, 2, 0, 0, 0, 1])
add("8 bits, run lengths", file_of(header_of(8, 1, colours=9, data_bytes=len(RUNS_8)), palette_of(9, 4), RUNS_8))
RUNS_4 = bytes([7, 0x1C, 0, 0, 0, 7, 0x12, 0x34, 0x56, 0x70, 0, 0, 2, 0x9A, 0, 2, 1, 2, 3, 0xBC, 0, 0, 0, 4, 0x81, 0x72, 9, 0xDE, 0, 0, 0, 1])
add("4 bits, run lengths", file_of(header_of(4, 2, data_bytes=len(RUNS_4)), palette_of(16, 4), RUNS_4))
photograph = Image.fromarray(random.integers(0, 256, (HEIGHT, WIDTH, 4), dtype=numpy.uint8), "RGBA")
for mode in ("1", "RGB", "RGBA"):
    out = io.BytesIO()
    photograph.convert(mode).save(out, "BMP")
    add(f"written by Pillow, {mode}", out.getvalue())

path = pathlib.Path(__file__).parents[2] / "src/main/dataset/golden/bmp.json"
path.write_text(json.dumps({"madeWith": f"Pillow {PIL.__version__}", "cases": cases}, separators=(",", ":")) + "\n")
print(path, len(cases), path.stat().st_size, "bytes")
