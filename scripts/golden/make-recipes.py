#!/usr/bin/env python3
"""Writes src/main/engine/golden/recipes.json: 200 steps of torch.optim, in float64, with parameter groups, decay on weights alone, other betas,
clipping, gradients gathered over passes, warm-up and an exponential moving average of the weights."""
import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

import formula

STEPS = 200
SIDE, BATCH, CLASSES = 6, 4, 3
LAYERS = [
    {"kind": "conv", "name": "conv", "inputs": ["input"], "in": 3, "out": 6, "kernel": 3, "stride": 1, "padding": 1, "groups": 1, "bias": False},
    {"kind": "batch_norm", "name": "bn", "inputs": ["conv"], "channels": 6, "epsilon": 1e-5, "momentum": 0.1},
    {"kind": "activation", "name": "bend", "inputs": ["bn"], "activation": "hard_swish"},
    {"kind": "global_average_pool", "name": "pool", "inputs": ["bend"]},
    {"kind": "linear", "name": "fc", "inputs": ["pool"], "in": 6, "out": CLASSES, "start": "pytorch"},
]
DEFAULT = {"optimizer": "adam", "headRate": 0.002, "backboneRate": 0.002, "weightDecay": 0, "decaysAll": True, "beta1": 0.9, "beta2": 0.999, "momentum": 0.9,
           "nesterov": False, "clipping": None, "passes": 1, "warmUp": 0, "average": None}  # fmt: skip
CASES = [
    {"name": "Adam, two groups", "backboneRate": 0.0004, "weightDecay": 0.01},
    {"name": "AdamW, two groups, decay on weights alone, other betas", "optimizer": "adamw", "backboneRate": 0.0005, "weightDecay": 0.1, "decaysAll": False, "beta1": 0.85, "beta2": 0.97},
    {"name": "Adam, decay on weights alone", "weightDecay": 0.05, "decaysAll": False},
    {"name": "SGD, Nesterov, two groups, decay on weights alone, clipped", "optimizer": "sgd", "headRate": 0.02, "backboneRate": 0.005, "weightDecay": 0.01, "decaysAll": False, "nesterov": True, "clipping": 0.3},
    {"name": "Adam, clipped, other betas", "clipping": 0.1, "beta1": 0.8, "beta2": 0.9},
    {"name": "Adam, two passes a step", "passes": 2, "weightDecay": 0.01},
    {"name": "SGD, four passes a step, clipped", "optimizer": "sgd", "headRate": 0.02, "backboneRate": 0.02, "passes": 4, "clipping": 0.3},
    {"name": "AdamW, averaged", "optimizer": "adamw", "weightDecay": 0.05, "average": 0.95},
    {"name": "SGD, averaged, two passes a step", "optimizer": "sgd", "headRate": 0.02, "backboneRate": 0.02, "average": 0.9, "passes": 2},
    {"name": "AdamW, two groups, warm-up over 40 steps", "optimizer": "adamw", "backboneRate": 0.001, "headRate": 0.003, "weightDecay": 0.05, "warmUp": 40},
]


def network():
    """The layers as modules; `formula` names tensors in this order."""
    net = nn.Sequential()
    net.add_module("conv", nn.Conv2d(3, 6, 3, padding=1, bias=False))
    net.add_module("bn", nn.BatchNorm2d(6))
    net.add_module("bend", nn.Hardswish())
    net.add_module("pool", nn.AdaptiveAvgPool2d(1))
    net.add_module("flat", nn.Flatten())
    net.add_module("fc", nn.Linear(6, CLASSES))
    names = [name for name in net.state_dict() if not name.endswith("num_batches_tracked")]
    state = {name: torch.tensor(formula.weight(t, name, tuple(net.state_dict()[name].shape))) for t, name in enumerate(names)}
    net.load_state_dict({**state, "bn.num_batches_tracked": torch.tensor(0)})
    return net.double()


def batch(number):
    """Pictures and labels that change from pass to pass, with a period of 10."""
    x = torch.tensor(formula.pixels(6000 + number % 10, (BATCH, SIDE, SIDE, 3))).permute(0, 3, 1, 2).double() / 255
    return (x - 0.5) / 0.25, torch.tensor([(number + i) % CLASSES for i in range(BATCH)])


def train(case):
    case = {**DEFAULT, **case}
    net = network().train()
    groups = []
    for rate, head in ((case["headRate"], True), (case["backboneRate"], False)):
        for decays in (True, False):
            chosen = [p for n, p in net.named_parameters() if n.startswith("fc") == head and (case["decaysAll"] or n in ("conv.weight", "fc.weight")) == decays]
            if chosen:
                groups.append({"params": chosen, "lr": rate, "weight_decay": case["weightDecay"] if decays else 0})
    betas = (case["beta1"], case["beta2"])
    optimizer = {
        "sgd": lambda: torch.optim.SGD(groups, momentum=case["momentum"], nesterov=case["nesterov"]),
        "adam": lambda: torch.optim.Adam(groups, betas=betas),
        "adamw": lambda: torch.optim.AdamW(groups, betas=betas),
    }[case["optimizer"]]()
    warm_up = torch.optim.lr_scheduler.LinearLR(optimizer, 1 / case["warmUp"], 1, case["warmUp"] - 1) if case["warmUp"] else None
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(case["average"]), use_buffers=True) if case["average"] else None
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        total = 0
        for part in range(case["passes"]):
            x, labels = batch(step * case["passes"] + part)
            loss = F.cross_entropy(net(x), labels) / case["passes"]
            loss.backward()
            total += loss.item()
        if case["clipping"]:
            nn.utils.clip_grad_norm_(net.parameters(), case["clipping"])
        optimizer.step()
        if warm_up:
            warm_up.step()
        if average:
            average.update_parameters(net)
        if step % 20 == 19:
            losses.append(round(total, 8))
    digits = lambda tensors: {n: [float(f"{x:.8g}") for x in v.flatten().tolist()] for n, v in tensors if not n.endswith("num_batches_tracked")}
    averages = digits(average.module.state_dict().items()) if average else None
    return {**case, "losses": losses, "final": digits(net.state_dict().items()), "averages": averages}


formula.write("recipes.json", {"layers": LAYERS, "steps": STEPS, "cases": [train(case) for case in CASES]})
