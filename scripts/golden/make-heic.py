#!/usr/bin/env python3
"""Writes src/main/dataset/golden/heic.json: tiny HEIC pictures, and some of the pixels that pillow_heif reads from them.

Set-up: any Python with numpy, Pillow and pillow-heif.      Use: python scripts/golden/make-heic.py
"""
import base64
import io
import json
import pathlib
import struct

import numpy
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()
WIDTH, HEIGHT = 36, 20
SAMPLES = 160  # bytes of the pixels that are kept
y, x = numpy.mgrid[0:HEIGHT, 0:WIDTH]
gradients = numpy.stack([x * 7, y * 12, (x + y) * 4], -1).astype(numpy.uint8)
picture = Image.fromarray(gradients, "RGB")
transparent = picture.copy()
transparent.putalpha(Image.fromarray((x * 7).astype(numpy.uint8), "L"))


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return {"exif": exif.tobytes()}


def boxes(data):
    """(kind, content) of the boxes in data."""
    at = 0
    while at < len(data):
        length = struct.unpack(">I", data[at:at + 4])[0]
        yield data[at + 4:at + 8], data[at + 8:at + length]
        at += length


def box(kind, *parts):
    content = b"".join(parts)
    return struct.pack(">I", 8 + len(content)) + kind + content


def full(kind, version, flags, *parts):
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def tiled(out):
    """As phones store them: tiles side by side, cut off at the right and below, turned. No encoder at hand writes this."""
    side, width, height = 64, 100, 80
    y, x = numpy.mgrid[0:2 * side, 0:2 * side]
    whole = Image.fromarray(numpy.stack([x * 2, y * 2, x + y], -1).clip(0, 255).astype(numpy.uint8), "RGB")
    settings, coded = set(), []
    for top in (0, side):
        for left in (0, side):
            tile = io.BytesIO()
            whole.crop((left, top, left + side, top + side)).save(tile, "HEIF", quality=60)
            top_level = dict(boxes(tile.getvalue()))
            properties = dict(boxes(dict(boxes(dict(boxes(top_level[b"meta"][4:]))[b"iprp"]))[b"ipco"]))
            settings.add(properties[b"hvcC"])
            coded.append(top_level[b"mdat"])
    assert len(settings) == 1
    grid = struct.pack(">BBBBHH", 0, 0, 1, 1, width, height)
    items = b"".join(full(b"infe", 2, 0, struct.pack(">HH", i, 0), b"hvc1" if i < 5 else b"grid", b"\0") for i in range(1, 6))
    size = lambda w, h: full(b"ispe", 0, 0, struct.pack(">II", w, h))
    properties = box(b"ipco", box(b"hvcC", settings.pop()), size(side, side), size(width, height), box(b"irot", b"\3"))
    uses = b"".join(struct.pack(">HBBB", i, 2, 0x81, 2) for i in range(1, 5)) + struct.pack(">HBBB", 5, 2, 3, 0x84)
    ftyp = box(b"ftyp", b"heic", bytes(4), b"mif1heic")

    def meta(start):
        places = b""
        for i, data in enumerate(coded):
            places += struct.pack(">HHHHII", i + 1, 0, 0, 1, start, len(data))
            start += len(data)
        places += struct.pack(">HHHHII", 5, 1, 0, 1, 0, len(grid))
        return full(b"meta", 0, 0, full(b"hdlr", 0, 0, bytes(4), b"pict", bytes(13)), full(b"pitm", 0, 0, struct.pack(">H", 5)),
                    full(b"iloc", 1, 0, struct.pack(">HH", 0x4400, 5), places), full(b"iinf", 0, 0, struct.pack(">H", 5), items),
                    full(b"iref", 0, 0, box(b"dimg", struct.pack(">HH4H", 5, 4, 1, 2, 3, 4))),
                    box(b"iprp", properties, full(b"ipma", 0, 0, struct.pack(">I", 5), uses)), box(b"idat", grid))  # fmt: skip

    out.write(ftyp + meta(len(ftyp) + len(meta(0)) + 8) + box(b"mdat", *coded))


def ten_bits(out):
    values = (gradients.astype("<u2") << 8).tobytes()
    pillow_heif.from_bytes("RGB;16", (WIDTH, HEIGHT), values).save(out, quality=60)


variants = [
    ("plain", lambda out: picture.save(out, "HEIF", quality=60)),
    ("mirrored", lambda out: picture.save(out, "HEIF", quality=60, **turned(2))),
    ("turned as a phone held upright", lambda out: picture.save(out, "HEIF", quality=60, **turned(6))),
    ("chroma in full", lambda out: picture.save(out, "HEIF", quality=60, chroma=444)),
    ("transparent", lambda out: transparent.save(out, "HEIF", quality=60)),
    ("grey", lambda out: picture.convert("L").save(out, "HEIF", quality=60)),
    ("10 bits", ten_bits),
    ("tiles", tiled),
]
cases = []
for name, save in variants:
    out = io.BytesIO()
    save(out)
    read = Image.open(io.BytesIO(out.getvalue())).convert("RGB")
    pixels = numpy.asarray(read).reshape(-1)
    step = len(pixels) // SAMPLES | 1
    code = lambda b: base64.b64encode(b).decode()
    cases.append({"name": name, "file": code(out.getvalue()), "width": read.width, "height": read.height,
                  "step": step, "samples": code(pixels[::step].tobytes())})  # fmt: skip
path = pathlib.Path(__file__).parents[2] / "src/main/dataset/golden/heic.json"
made_with = f"pillow_heif {pillow_heif.__version__}, {pillow_heif.libheif_info()['HEIF']}"
path.write_text(json.dumps({"madeWith": made_with, "cases": cases}, separators=(",", ":")) + "\n")
print(path, len(cases), path.stat().st_size, "bytes")
