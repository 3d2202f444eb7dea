#!/usr/bin/env python3
"""Writes src/main/dataset/golden/heic.json: tiny HEIC pictures, and some of the pixels that pillow_heif reads from them.

Set-up: any Python with numpy, Pillow and pillow-heif.      Use: python scripts/golden/make-heic.py
"""
import base64
import io
import json
import pathlib

import numpy
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()
WIDTH, HEIGHT = 36, 20
STEP = 11  # every eleventh byte of the pixels is kept
y, x = numpy.mgrid[0:HEIGHT, 0:WIDTH]
gradients = numpy.stack([x * 7, y * 12, (x + y) * 4], -1).astype(numpy.uint8)
picture = Image.fromarray(gradients, "RGB")
transparent = picture.copy()
transparent.putalpha(Image.fromarray((x * 7).astype(numpy.uint8), "L"))


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return {"exif": exif.tobytes()}


def ten_bits(out):
    values = (gradients.astype("<u2") << 8).tobytes()
    pillow_heif.from_bytes("RGB;16", (WIDTH, HEIGHT), values).save(out, quality=60)


variants = [
    ("plain", lambda out: picture.save(out, "HEIF", quality=60)),
    ("mirrored", lambda out: picture.save(out, "HEIF", quality=60, **turned(2))),
    ("turned as a phone held upright", lambda out: picture.save(out, "HEIF", quality=60, **turned(6))),
    ("turned and mirrored", lambda out: picture.save(out, "HEIF", quality=60, **turned(7))),
    ("chroma in full", lambda out: picture.save(out, "HEIF", quality=60, chroma=444)),
    ("transparent", lambda out: transparent.save(out, "HEIF", quality=60)),
    ("grey", lambda out: picture.convert("L").save(out, "HEIF", quality=60)),
    ("10 bits", ten_bits),
]
cases = []
for name, save in variants:
    out = io.BytesIO()
    save(out)
    read = Image.open(io.BytesIO(out.getvalue())).convert("RGB")
    samples = numpy.asarray(read).reshape(-1)[::STEP]
    code = lambda b: base64.b64encode(b).decode()
    cases.append({"name": name, "file": code(out.getvalue()), "width": read.width, "height": read.height, "samples": code(samples.tobytes())})
path = pathlib.Path(__file__).parents[2] / "src/main/dataset/golden/heic.json"
made_with = f"pillow_heif {pillow_heif.__version__}, {pillow_heif.libheif_info()['HEIF']}"
path.write_text(json.dumps({"madeWith": made_with, "step": STEP, "cases": cases}, separators=(",", ":")) + "\n")
print(path, len(cases), path.stat().st_size, "bytes")
