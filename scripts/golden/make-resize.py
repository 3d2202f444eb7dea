#!/usr/bin/env python3
"""Writes src/main/dataset/golden/resize.json: Pillow's antialiased bilinear resize of generated pictures, sampled.

Set-up: any Python with numpy and Pillow.      Use: python scripts/golden/make-resize.py
The pictures are those of patternPixels in src/main/dataset/test-pictures.ts.
"""
import json
import pathlib

import numpy
import PIL
from PIL import Image

SIZES = [  # width, height, new width, new height
    (275, 183, 224, 224), (500, 375, 224, 224), (318, 159, 224, 224), (64, 48, 224, 224), (1200, 900, 160, 160), (7, 5, 32, 20),
    (224, 224, 224, 224), (224, 300, 224, 224), (300, 224, 224, 224), (1, 1, 8, 8), (3, 400, 50, 20), (2001, 13, 9, 40), (97, 101, 96, 102),
]
SAMPLES = 120


def pattern(width, height, seed):
    """Byte (x, y, channel) = (3x + 2y + 50 channel + top 6 bits of the generator's state) mod 256."""
    count = width * height * 3
    state, noise = seed, numpy.empty(count, dtype=numpy.int64)
    for i in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        noise[i] = state >> 26
    y, x, channel = numpy.mgrid[0:height, 0:width, 0:3]
    return ((3 * x + 2 * y + 50 * channel + noise.reshape(height, width, 3)) % 256).astype(numpy.uint8)


cases = []
for index, (width, height, new_width, new_height) in enumerate(SIZES):
    picture = Image.fromarray(pattern(width, height, index + 1), "RGB")
    resized = numpy.asarray(picture.resize((new_width, new_height), Image.BILINEAR)).reshape(-1).astype(int)
    step = max(1, len(resized) // SAMPLES)
    cases.append({
        "width": width, "height": height, "outWidth": new_width, "outHeight": new_height, "seed": index + 1, "step": step,
        "samples": resized[::step].tolist(), "sum": int(resized.sum()),
    })
path = pathlib.Path(__file__).parents[2] / "src/main/dataset/golden/resize.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps({"madeWith": f"Pillow {PIL.__version__}", "cases": cases}, separators=(",", ":")) + "\n")
print(path, path.stat().st_size, "bytes")
