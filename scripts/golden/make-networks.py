#!/usr/bin/env python3
"""Writes src/main/engine/golden/network-*.json and lite0.json: torchvision's and efficientnet_lite_pytorch's numbers for whole networks.

Weights come from formula.py; Lite0's own are read from its file (--weights), and photographs from --photographs.
"""
import argparse
import functools
import hashlib
import pathlib

import efficientnet_lite_pytorch
import numpy as np
import torch
import torchvision
from PIL import Image, ImageOps

import formula

NETWORKS = (
    "resnet18", "resnet34", "resnet50", "resnet101", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large",
    "efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_b3",
)  # fmt: skip
CLASSES = 10
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALF = ((0.5,) * 3, (0.5,) * 3)
SIDES = (64, 97)
STEPS = 3
DIGEST = 1 + formula.PROJECTIONS + formula.ENTRIES
FEW_TENSORS = 300
# The gradient tolerance of networks.test.ts.
FLOAT32_TOLERANCE = 1e-4
LABELS = (1, 7, 0, 4)
# Formula weights are scaled so that the logits depend on the picture and stay of the size that a trained network gives.
COARSE, FINE = [i / 10 for i in range(7, 31)], 50
# Deep residual networks with branches as strong as their shortcuts magnify rounding a hundred thousand times, which no trained
# network does: the last scale of each branch is made small. MobileNetV2's blocks without a shortcut keep theirs: there the next
# normalisation would only undo it.
DAMPED = {
    "mobilenet_v2": ([f"features.{block}.conv.3.weight" for block in (3, 5, 6, 8, 9, 10, 12, 13, 15, 16)], 0.25),
    "resnet34": (["bn2.weight"], 0.25),
    "resnet50": (["bn3.weight"], 0.25),
    "resnet101": (["bn3.weight"], 0.03),
}
NOT_DAMPED = ([], 1)


def pictures(seed, count, side, preprocessing, dtype):
    mean, std = (torch.tensor(v, dtype=torch.float64).view(1, 3, 1, 1) for v in preprocessing)
    x = torch.tensor(formula.pixels(seed, (count, side, side, 3))).permute(0, 3, 1, 2).double() / 255
    return ((x - mean) / std).to(dtype)


def state_names(model):
    return [n for n in model.state_dict() if not n.endswith("num_batches_tracked")]


@functools.lru_cache(maxsize=1)
def uniforms(name):
    """What formula.weight scales, by parameter: hashing tens of millions of places takes seconds, so it is done once a network."""
    model = torchvision.models.get_model(name, num_classes=CLASSES)
    return {key: formula.uniform(t, tuple(model.state_dict()[key].shape)).astype(np.float64) for t, key in enumerate(state_names(model))}


def with_formula_weights(model, name, gain):
    endings, by = DAMPED.get(name, NOT_DAMPED)
    for key, u in uniforms(name).items():
        value = torch.tensor(formula.scaled(u, key, gain))
        model.state_dict()[key].copy_(value * by if key.endswith(tuple(endings)) else value)
    return model


def without_chance(model):
    """Dropout and stochastic depth draw other numbers than the engine's: they are compared on their own."""
    for module in model.modules():
        if isinstance(module, (torch.nn.Dropout, torchvision.ops.StochasticDepth)):
            module.p = 0
    return model


def build(name, gain, dtype):
    torch.manual_seed(0)
    return without_chance(with_formula_weights(torchvision.models.get_model(name, num_classes=CLASSES), name, gain)).to(dtype)


def evaluate(model, side):
    model.eval()
    with torch.no_grad():
        return model(pictures(5100 + side, 2, side, IMAGENET, next(model.parameters()).dtype)).double()


def train(model, seed):
    """Losses of STEPS steps of plain SGD, and the first step's gradients."""
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), 1e-3)
    x = pictures(seed, len(LABELS), SIDES[0], IMAGENET, next(model.parameters()).dtype)
    losses, gradients = [], []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), torch.tensor(LABELS), label_smoothing=0.1)
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            gradients = [p.grad.double().clone() for p in model.parameters()]
        optimizer.step()
    return losses, gradients


def logits_of(name, gain):
    return [evaluate(build(name, gain, torch.float64), side) for side in SIDES]


def usable_gain(name):
    """The first gain whose logits differ between pictures and are of usual size; tried in finer steps where the coarse ones leap over it."""
    for gain in COARSE:
        logits = logits_of(name, gain)
        if any((l[0] - l[1]).abs().max() < 0.15 for l in logits):
            continue
        if max(l.abs().max() for l in logits) < 12:
            return gain
        break
    for step in range(1, FINE):
        finer = round(gain - 0.1 + step / (10 * FINE), 3)
        logits = logits_of(name, finer)
        if all((l[0] - l[1]).abs().max() > 0.15 for l in logits) and max(l.abs().max() for l in logits) < 24:
            return finer
    raise ValueError(f"no gain gives {name} usual logits")


def usable_pictures(name, gain, first):
    """The first pictures with which no activation lies so near a kink that rounding decides: PyTorch in float32 agrees with float64."""
    for seed in range(first, first + 40):
        exact, rounded = (train(build(name, gain, dtype), seed)[1] for dtype in (torch.float64, torch.float32))
        largest = max(g.norm() for g in exact)
        worst = max(((a - b).norm() / max(a.norm(), 5e-3 * largest)).item() for a, b in zip(exact, rounded))
        print(f"  {name}, pictures {seed}: float32 differs by {worst:.1e}")
        if worst < FLOAT32_TOLERANCE:
            return seed
    raise ValueError(f"{name}: every set of pictures has an activation at a kink")


def digests(tensors, length):
    """Six digits: enough for a relative error of 1e-5, and small with hundreds of tensors."""
    return [[float(f"{v:.6g}") for v in formula.digest(t.numpy())[:length]] for t in tensors]


def spread(tensor):
    """Standard deviation and, for tensors of one value, the value itself."""
    flat = tensor.double().flatten()
    return [float(f"{flat.mean():.4g}"), float(f"{flat.std(correction=0):.4g}")]


def network(name):
    published = torchvision.models.get_model(name)
    names = state_names(published)
    shapes = [f"{n}:{'x'.join(map(str, published.state_dict()[n].shape))}" for n in names]
    torch.manual_seed(0)
    fresh = torchvision.models.get_model(name, num_classes=CLASSES)
    gain = usable_gain(name)
    seed = usable_pictures(name, gain, given.first_pictures)
    model = build(name, gain, torch.float64)
    evaluation = [{"side": side, "logits": [round(v, 7) for v in evaluate(model, side).flatten().tolist()]} for side in SIDES]
    losses, gradients = train(model, seed)
    running = [model.state_dict()[n] for n in names if "running" in n]
    content = {
        "torchvision": torchvision.__version__.split("+")[0],
        "parameters": sum(p.numel() for p in published.parameters()),
        "names": hashlib.sha256("\n".join(shapes).encode()).hexdigest(),
        "count": len(names),
        "gain": gain,
        "damped": dict(zip(("endings", "by"), DAMPED.get(name, NOT_DAMPED))),
        "pictures": seed,
        "evaluation": evaluation,
        "labels": LABELS,
        "losses": losses,
        "start": [spread(fresh.state_dict()[n]) for n in names],
    }
    # Networks of few tensors keep entries too; of the others, norms and projections are what a small file holds.
    length = DIGEST if len(names) <= FEW_TENSORS else DIGEST - formula.ENTRIES
    formula.write(f"network-{name}.json", {**content, "gradients": digests(gradients, length), "statistics": digests(running, length)})


def sampled(logits):
    order = torch.topk(logits, 5)
    return {"top1": int(order.indices[0]), "topFive": [round(v, 5) for v in order.values.tolist()],
            "every40th": [round(v, 5) for v in logits[::40].tolist()]}  # fmt: skip


def lite0(weights, photographs):
    model = efficientnet_lite_pytorch.EfficientNet.from_name("efficientnet-lite0")
    model.load_state_dict(torch.load(weights, weights_only=True))
    model.eval()
    result = {"formula": [], "photographs": []}
    with torch.no_grad():
        for side, seed in ((224, 5000), (97, 5001)):
            # The peer pads for one image size, given when it is built.
            sized = efficientnet_lite_pytorch.EfficientNet.from_name("efficientnet-lite0", image_size=side)
            sized.load_state_dict(torch.load(weights, weights_only=True))
            sized.eval()
            x = pictures(seed, 1, side, HALF, torch.float32)
            result["formula"].append({"side": side, "pixels": seed, **sampled(sized(x)[0])})
        transform = torchvision.transforms.Compose([
            torchvision.transforms.Resize((224, 224)), torchvision.transforms.ToTensor(), torchvision.transforms.Normalize(*HALF),
        ])  # fmt: skip
        files = sorted(p for p in photographs.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png"))
        for path in [files[i] for i in np.linspace(0, len(files) - 1, 5).astype(int)]:
            x = transform(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))[None]
            result["photographs"].append({"file": path.relative_to(photographs).as_posix(), **sampled(model(x)[0])})
    formula.write("lite0.json", result)


arguments = argparse.ArgumentParser()
arguments.add_argument("--weights", type=pathlib.Path)
arguments.add_argument("--photographs", type=pathlib.Path)
# The engine rounds otherwise than PyTorch: another set of pictures where its activations lie at a kink.
arguments.add_argument("--first-pictures", type=int, default=4001)
arguments.add_argument("--threads", type=int, default=2)
arguments.add_argument("--only", nargs="*", choices=NETWORKS, help="these networks alone, without Lite0")
given = arguments.parse_args()
torch.set_num_threads(given.threads)
for each in given.only or NETWORKS:
    network(each)
if not given.only:
    lite0(given.weights, given.photographs)
