#!/usr/bin/env python3
"""Writes src/main/engine/golden/augmentation*.json: what torchvision's transforms give for formula pictures."""
import base64
import zlib

import numpy as np
import scipy.stats
import torch
import torchvision.transforms.functional as T
from PIL import Image
from torchvision.transforms import InterpolationMode, RandAugment, autoaugment
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
