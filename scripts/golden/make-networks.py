#!/usr/bin/env python3
"""Writes src/main/engine/golden/network-*.json and lite0.json: torchvision's and efficientnet_lite_pytorch's numbers for whole networks.

Weights come from formula.py; Lite0's own are read from its file (--weights), and photographs from --photographs.
"""
import argparse
import pathlib

import efficientnet_lite_pytorch
import numpy as np
import torch
import torchvision
from PIL import Image, ImageOps

import formula

CLASSES = 10
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALF = ((0.5,) * 3, (0.5,) * 3)
STEPS = 3


def pictures(seed, count, side, preprocessing, dtype):
    mean, std = (torch.tensor(v, dtype=torch.float64).view(1, 3, 1, 1) for v in preprocessing)
    x = torch.tensor(formula.pixels(seed, (count, side, side, 3))).permute(0, 3, 1, 2).double() / 255
    return ((x - mean) / std).to(dtype)


def with_formula_weights(model, gain=1):
    names = [n for n in model.state_dict() if not n.endswith("num_batches_tracked")]
    for t, name in enumerate(names):
        value = model.state_dict()[name]
        value.copy_(torch.tensor(formula.weight(t, name, tuple(value.shape), gain)))
    return model


def network(name, gain):
    torch.manual_seed(0)
    model = with_formula_weights(getattr(torchvision.models, name)(num_classes=CLASSES), gain)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0
    model = model.double()
    expected = {"evaluation": []}
    model.eval()
    for side in (64, 97):
        with torch.no_grad():
            logits = model(pictures(5100 + side, 2, side, IMAGENET, torch.float64))
        expected["evaluation"].append({"side": side, "logits": [round(v, 7) for v in logits.flatten().tolist()]})
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), 1e-3)
    # With these pictures no activation lies so near a kink that rounding decides: PyTorch in float32 differs by 1e-5 too.
    x = pictures(4001, 4, 64, IMAGENET, torch.float64)
    labels = torch.tensor([1, 7, 0, 4])
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), labels, label_smoothing=0.1)
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            gradients = {n: formula.digest(p.grad.numpy()) for n, p in model.named_parameters()}
        optimizer.step()
    statistics = {n: formula.digest(v.numpy()) for n, v in model.state_dict().items() if "running" in n}
    formula.write(f"network-{name}.json", {**expected, "labels": labels.tolist(), "losses": losses, "gradients": gradients, "statistics": statistics})


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
arguments.add_argument("--weights", type=pathlib.Path, required=True)
arguments.add_argument("--photographs", type=pathlib.Path, required=True)
given = arguments.parse_args()
torch.set_num_threads(2)
network("resnet18", 1)
network("mobilenet_v3_small", 1.4)  # its activations shrink what passes; so the logits depend on the picture
lite0(given.weights, given.photographs)
