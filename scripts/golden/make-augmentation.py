#!/usr/bin/env python3
"""Writes src/main/engine/golden/augmentation*.json: what torchvision's transforms give for formula pictures."""
import base64
import zlib

import numpy as np
import scipy.stats
import torch
import torchvision.transforms.functional as T
from PIL import Image
from torchvision.transforms import InterpolationMode, RandAugment, RandomErasing, RandomResizedCrop, autoaugment
from torchvision.transforms.v2 import CutMix, MixUp

import formula

moves = []
STILL = ((0, 0), 1, 0)
for i, (side, mirrored, flipped, angle, (shift, scale, shear)) in enumerate((
    (15, True, False, 0, STILL), (24, False, True, 0, STILL), (24, False, False, 90, STILL), (15, False, False, 180, STILL), (24, False, False, 10, STILL),
    (24, False, False, -7.3, STILL), (15, False, False, 33.3, STILL), (24, True, False, 45, STILL), (15, False, True, -121, STILL), (24, True, True, 5.5, STILL),
    (15, False, False, 0, ((3, -2), 1, 0)), (15, False, False, 0, ((0, 0), 0.7, 0)), (16, False, False, 0, ((0, 0), 1.43, 0)), (15, False, False, 0, ((0, 0), 1, 21.7)),
    (16, False, False, 0, ((0, 0), 1, -12.4)), (16, True, False, 12.3, ((-2, 1), 1.13, 6.2)), (15, False, True, -33.9, ((1, 4), 0.82, -17.1)), (24, True, True, 71.2, ((5, 2), 1.31, 41)),
)):  # fmt: skip
    picture = torch.tensor(formula.pixels(11000 + i, (side, side, 3))).permute(2, 0, 1)
    if mirrored:
        picture = T.hflip(picture)
    if flipped:
        picture = T.vflip(picture)
    if (shift, scale, shear) != STILL:
        # RandomAffine turns clockwise.
        picture = T.affine(picture, -angle, list(shift), scale, [shear, 0.0], InterpolationMode.NEAREST)
    elif angle != 0:
        picture = T.rotate(picture, angle, InterpolationMode.NEAREST)
    data = base64.b64encode(picture.permute(1, 2, 0).numpy().tobytes()).decode()
    moves.append({"pixels": 11000 + i, "side": side, "mirrored": mirrored, "flipped": flipped, "angle": angle, "shift": shift, "scale": scale, "shear": shear, "result": data})

SIDE = 20
JITTERS = {"brightness": T.adjust_brightness, "contrast": T.adjust_contrast, "saturation": T.adjust_saturation, "hue": T.adjust_hue}
AMOUNTS = {"brightness": (0, 0.5, 1, 1.7), "contrast": (0, 0.4, 1, 1.9), "saturation": (0, 0.3, 1, 1.8), "hue": (-0.5, -0.1, 0, 0.03, 0.25, 0.5)}


def picture(seed):
    """The upper half is noise; below lie greys and full colours, where hue and saturation are edge cases."""
    pixels = formula.pixels(seed, (SIDE, SIDE, 3))
    pixels[SIDE // 2 : SIDE * 3 // 4] = pixels[SIDE // 2 : SIDE * 3 // 4, :, :1]
    pixels[SIDE * 3 // 4 :] = (pixels[SIDE * 3 // 4 :] >> 7) * 255
    return torch.tensor(pixels).permute(2, 0, 1).float() / 255


def digest(value):
    return formula.digest(value.permute(1, 2, 0).numpy())


jitters = []
for name, adjust in JITTERS.items():
    for amount in AMOUNTS[name]:
        seed = 12000 + len(jitters)
        jitters.append({"pixels": seed, "steps": [[name, amount]], "result": digest(adjust(picture(seed), amount))})
for steps in ([["hue", 0.1], ["contrast", 1.3], ["saturation", 0.7], ["brightness", 1.2]], [["brightness", 0.8], ["saturation", 1.4], ["hue", -0.07], ["contrast", 0.6]]):
    seed = 12000 + len(jitters)
    value = picture(seed)
    for name, amount in steps:
        value = JITTERS[name](value, amount)
    jitters.append({"pixels": seed, "steps": steps, "result": digest(value)})

formula.write("augmentation.json", {"moves": moves, "jitterSide": SIDE, "jitters": jitters})

MIX = {"count": 4, "side": 12, "classes": 3}


class Fixed:
    """Stands in for the Beta distribution: what is drawn is given."""

    def __init__(self, lam):
        self.lam = lam

    def sample(self, _):
        return torch.tensor([self.lam])


def mixed(seed, kind, lam):
    """One batch; the point that CutMix draws is what the same torch generator gives first."""
    batch = torch.tensor(formula.pixels(seed, (MIX["count"], MIX["side"], MIX["side"], 3))).permute(0, 3, 1, 2).float() / 255
    labels = torch.tensor([0, 1, 2, 2])
    transform = kind(alpha=1.0, num_classes=MIX["classes"])
    transform._dist = Fixed(lam)
    torch.manual_seed(seed)
    across, down = (int(torch.randint(MIX["side"], size=(1,))) for _ in range(2))
    torch.manual_seed(seed)
    pictures, targets = transform(batch, labels)
    kept = {"pictures": formula.digest(pictures.permute(0, 2, 3, 1).numpy()), "targets": targets.ravel().tolist()}
    return {"pixels": seed, "lambda": float(torch.tensor(lam)), "across": across, "down": down, **kept}


mixups = [mixed(13000 + i, MixUp, lam) for i, lam in enumerate((0.0, 0.3, 0.5, 0.85, 1.0))]
cutmixes = [mixed(13100 + i, CutMix, lam) for i, lam in enumerate((0.0, 0.1, 0.3, 0.5, 0.62, 0.85, 0.99, 1.0))]
POINTS = (1e-6, 1e-3, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
betas = [{"alpha": a, "points": POINTS, "shares": [float(f"{v:.10g}") for v in scipy.stats.beta.cdf(POINTS, a, a)]} for a in (0.05, 0.2, 0.4, 1, 2.5, 10)]
formula.write("augmentation-mix.json", {**MIX, "mixups": mixups, "cutmixes": cutmixes, "betas": betas})


def levels(seed, side):
    """Narrow levels above, so that there is something to spread; then noise; below greys and full colours."""
    pixels = formula.pixels(seed, (side, side, 3))
    pixels[: side // 4] = 60 + pixels[: side // 4] // 4
    pixels[side // 2 :] = pixels[side // 2 :] // 2 + 40
    pixels[side * 3 // 4 :] = pixels[side * 3 // 4 :, :, :1]
    return pixels


def operation(name, amount, seed, side):
    """CRC-32 of the pixels of a Pillow picture, changed as RandAugment does it."""
    picture = autoaugment._apply_op(Image.fromarray(levels(seed, side)), name, amount, InterpolationMode.NEAREST, None)
    return zlib.crc32(np.asarray(picture).tobytes())


operations = []
space = RandAugment()._augmentation_space
for o, (name, (_, signed)) in enumerate(space(31, (1, 1)).items()):
    results = []
    for b in range(31):
        side = 17 + b
        magnitudes = space(31, (side, side))[name][0]
        amount = float(magnitudes[b]) if magnitudes.ndim > 0 else 0.0
        results.append([amount, *(operation(name, sign * amount, 14000 + 31 * o + b, side) for sign in ((1, -1) if signed else (1,)))])
    operations.append({"name": name, "signed": signed, "results": results})
formula.write("augmentation-pixels.json", {"firstSide": 17, "operations": operations})


class Recorded:
    """While it is open, what torch draws is noted: numbers between bounds, and whole ones."""

    def __enter__(self):
        self.draws = []
        self.kept = torch.Tensor.uniform_, torch.randint

        def uniform(tensor, low, high):
            result = self.kept[0](tensor, low, high)
            self.draws.append(result.item())
            return result

        def randint(*arguments, **named):
            result = self.kept[1](*arguments, **named)
            self.draws.append(result.item())
            return result

        torch.Tensor.uniform_, torch.randint = uniform, randint
        return self.draws

    def __exit__(self, *_):
        torch.Tensor.uniform_, torch.randint = self.kept


def rectangles(get_params, cases, first_seed):
    """[left, top, width, height] of torchvision's get_params; null: its answer for "nothing fits" in random erasing."""
    rows = []
    for i, (width, height, scale, ratio) in enumerate(cases):
        torch.manual_seed(first_seed + i)
        with Recorded() as draws:
            top, left, h, w, *value = get_params(torch.zeros(3, height, width), scale, ratio)
        rows.append({"width": width, "height": height, "scale": scale, "ratio": ratio, "draws": draws, "result": None if value and value[0].ndim == 3 and value[0].shape[1] == height else [left, top, w, h]})
    return rows


USUAL = (0.08, 1.0), (3 / 4, 4 / 3)
crops = rectangles(
    RandomResizedCrop.get_params,
    [(w, h, *USUAL) for w, h in ((448, 448), (597, 448), (448, 796), (33, 20), (1, 1), (3, 90))]
    # A picture far from the ratios that are asked for has its middle shown after ten tries.
    + [(900, 100, (0.9, 1.0), (3 / 4, 4 / 3)), (100, 900, (0.9, 1.0), (3 / 4, 4 / 3)), (100, 100, (1.0, 1.0), (1.0, 1.0)), (101, 100, (1.0, 1.0), (0.5, 2.0))]
    + [(300 + 7 * i, 500 - 11 * i, (0.2, 0.7), (0.3, 2.0)) for i in range(10)],
    15000,
)
erased = rectangles(
    lambda *arguments: RandomErasing.get_params(*arguments, value=[0.0]),
    [(s, s, (0.02, 0.33), (0.3, 3.3)) for s in (224, 96, 32, 15, 224, 300)] + [(64, 64, (0.9, 1.0), (0.3, 3.3)), (64, 64, (1.0, 1.0), (1.0, 1.0)), (64, 64, (0.5, 1.0), (0.2, 5.0))],
    15100,
)
formula.write("augmentation-rectangles.json", {"crops": crops, "erased": erased})

resized = []
for i, (width, height, left, top, w, h, side) in enumerate((
    (50, 40, 7, 3, 30, 30, 16), (50, 40, 0, 0, 50, 40, 20), (33, 61, 11, 20, 9, 14, 24), (40, 40, 3, 5, 20, 20, 20), (64, 48, 60, 44, 4, 4, 15), (31, 31, 30, 0, 1, 31, 12),
)):  # fmt: skip
    picture = Image.fromarray(formula.pixels(16000 + i, (height, width, 3)))
    result = np.asarray(T.resized_crop(picture, top, left, h, w, [side, side], InterpolationMode.BILINEAR))
    resized.append({"pixels": 16000 + i, "width": width, "height": height, "box": {"left": left, "top": top, "width": w, "height": h}, "side": side, "checksum": zlib.crc32(result.tobytes())})
formula.write("augmentation-crops.json", {"crops": resized})
