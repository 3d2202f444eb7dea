#!/usr/bin/env python3
"""Writes weights that torchvision makes, and what torchvision then says and learns, into a folder for the engine to be compared with.

Run by scripts/parity.mjs; the comparison is src/main/engine/zoo/live-torchvision.test.ts. All numbers are of float64 models.
"""
import argparse
import copy
import json
import pathlib

import torch
import torchvision
from safetensors.torch import save_file

import formula

CLASSES = 10
SIDES = (64, 97)
STEPS = 3
PICTURES = 4
TRIES = 30
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# Fresh residual networks magnify rounding; the last scale of each branch is made small, as training makes it.
DAMPED = {"resnet34": ("bn2.weight", 0.25), "resnet50": ("bn3.weight", 0.25), "resnet101": ("bn3.weight", 0.03)}


def pictures(seed, count, side, dtype=torch.float64):
    mean, std = (torch.tensor(v, dtype=torch.float64).view(1, 3, 1, 1) for v in (MEAN, STD))
    x = torch.tensor(formula.pixels(seed, (count, side, side, 3))).permute(0, 3, 1, 2).double() / 255
    return ((x - mean) / std).to(dtype)


def make(name, seed):
    """torchvision's own start, with running statistics of a few batches as if it had been trained."""
    torch.manual_seed(seed)
    model = torchvision.models.get_model(name, num_classes=CLASSES)
    for module in model.modules():
        if isinstance(module, (torch.nn.Dropout, torchvision.ops.StochasticDepth)):
            module.p = 0
    with torch.no_grad():
        for key, value in model.state_dict().items():
            ending, by = DAMPED.get(name, (None, 1))
            if ending is not None and key.endswith(ending):
                value.mul_(by)
        model.train()
        for batch in range(3):
            model(pictures(6000 + batch, 2 * PICTURES, 96, torch.float32))
    return model


def train(model, seed):
    """Losses and the first step's gradients of STEPS steps of plain SGD; the running statistics are left in the model."""
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), 1e-5)
    x = pictures(seed, PICTURES, SIDES[0], next(model.parameters()).dtype)
    losses, gradients = [], {}
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), torch.arange(PICTURES) % CLASSES, label_smoothing=0.1)
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            gradients = {n: p.grad.double().clone() for n, p in model.named_parameters()}
        optimizer.step()
    return losses, gradients


def difference(a, b):
    """The largest of all gradients, of the tensor's norm; tensors that are zero but for rounding are told by the size of the others."""
    largest = max(g.norm() for g in a.values())
    return max(((g - b[n]).norm() / max(g.norm(), 5e-3 * largest)).item() for n, g in a.items())


def expected(model):
    """What torchvision gives in float64, with pictures on which rounding does not decide: its own float32 agrees with it."""
    exact = copy.deepcopy(model).double().eval()
    with torch.no_grad():
        evaluation = [{"side": side, "pixels": 6100 + side, "count": 3, "logits": exact(pictures(6100 + side, 3, side)).flatten().tolist()} for side in SIDES]
    best = None
    for seed in range(6200, 6200 + TRIES):
        trained = copy.deepcopy(exact)
        losses, gradients = train(trained, seed)
        rounding = difference(gradients, train(copy.deepcopy(model), seed)[1])
        if best is None or rounding < best[0]:
            statistics = {n: v.float().clone() for n, v in trained.state_dict().items() if "running" in n}
            best = rounding, seed, losses, gradients, statistics
        if rounding < 1e-4:
            break
    rounding, seed, losses, gradients, statistics = best
    values = {"evaluation": evaluation, "pixels": seed, "labels": [i % CLASSES for i in range(PICTURES)], "losses": losses, "rounding": rounding}
    return values, {n: g.float() for n, g in gradients.items()}, statistics


arguments = argparse.ArgumentParser()
arguments.add_argument("folder", type=pathlib.Path)
arguments.add_argument("networks", nargs="+")
given = arguments.parse_args()
for name in given.networks:
    model = make(name, 7)
    torch.save(model.state_dict(), given.folder / f"{name}.pth")
    values, gradients, statistics = expected(model)
    (given.folder / f"{name}.json").write_text(json.dumps({"torchvision": torchvision.__version__, "torch": torch.__version__, **values}))
    save_file(gradients, given.folder / f"{name}-gradients.safetensors")
    save_file(statistics, given.folder / f"{name}-statistics.safetensors")
    print(f"{name}: made; float32 differs from float64 by {values['rounding']:.1e} within PyTorch", flush=True)
