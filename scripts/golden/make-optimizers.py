#!/usr/bin/env python3
"""Writes src/main/engine/golden/optimizers.json (200 steps of torch.optim on a small network) and schedules.json."""
import json

import torch
import torch.nn.functional as F

import formula
from torch_network import formula_parameters, run

STEPS = 200
SIDE, BATCH, CLASSES = 6, 4, 3
LAYERS = [
    {"kind": "conv", "name": "conv", "inputs": ["input"], "in": 3, "out": 6, "kernel": 3, "stride": 1, "padding": 1, "groups": 1, "bias": False},
    {"kind": "batch_norm", "name": "bn", "inputs": ["conv"], "channels": 6, "epsilon": 1e-5, "momentum": 0.1},
    {"kind": "activation", "name": "bend", "inputs": ["bn"], "activation": "hard_swish"},
    {"kind": "global_average_pool", "name": "pool", "inputs": ["bend"]},
    {"kind": "linear", "name": "fc", "inputs": ["pool"], "in": 6, "out": CLASSES, "start": "pytorch"},
]
CASES = [
    {"name": "SGD", "optimizer": "sgd", "learningRate": 0.05, "weightDecay": 0, "momentum": 0, "nesterov": False},
    {"name": "SGD with momentum and decay", "optimizer": "sgd", "learningRate": 0.02, "weightDecay": 0.01, "momentum": 0.9, "nesterov": False},
    {"name": "SGD with Nesterov's momentum", "optimizer": "sgd", "learningRate": 0.02, "weightDecay": 0.001, "momentum": 0.9, "nesterov": True},
    {"name": "Adam", "optimizer": "adam", "learningRate": 0.001, "weightDecay": 0, "momentum": 0.9, "nesterov": False},
    {"name": "Adam with L2", "optimizer": "adam", "learningRate": 0.002, "weightDecay": 0.01, "momentum": 0.9, "nesterov": False},
    {"name": "AdamW", "optimizer": "adamw", "learningRate": 0.002, "weightDecay": 0.05, "momentum": 0.9, "nesterov": False},
]


def batch(step):
    """Pictures and labels that change from step to step, with a period of 10."""
    x = torch.tensor(formula.pixels(6000 + step % 10, (BATCH, SIDE, SIDE, 3))).permute(0, 3, 1, 2).double() / 255
    return (x - 0.5) / 0.25, torch.tensor([(step + i) % CLASSES for i in range(BATCH)])


def optimize(case):
    parameters = formula_parameters(LAYERS)
    trained = [v.requires_grad_(True) for n, v in parameters.items() if "running" not in n]
    lr, decay = case["learningRate"], case["weightDecay"]
    optimizer = {
        "sgd": lambda: torch.optim.SGD(trained, lr, momentum=case["momentum"], weight_decay=decay, nesterov=case["nesterov"]),
        "adam": lambda: torch.optim.Adam(trained, lr, weight_decay=decay),
        "adamw": lambda: torch.optim.AdamW(trained, lr, weight_decay=decay),
    }[case["optimizer"]]()
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        x, labels = batch(step)
        loss = F.cross_entropy(run(LAYERS, "fc", parameters, x, {"bn"}), labels)
        loss.backward()
        optimizer.step()
        if step % 20 == 19:
            losses.append(round(loss.item(), 8))
    final = {n: [float(f"{x:.8g}") for x in v.detach().flatten().tolist()] for n, v in parameters.items()}
    return {**case, "losses": losses, "final": final}


def schedules():
    result = {"cosine": [], "plateau": [], "step": [], "groups": [], "warmUp": []}
    for lr, low, epochs in ((0.1, 0, 10), (5e-4, 1e-7, 15), (1e-3, 1e-4, 1), (0.01, 0.001, 7)):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs, low)
        rates = []
        for _ in range(epochs):
            optimizer.step()
            schedule.step()
            rates.append(optimizer.param_groups[0]["lr"])
        result["cosine"].append({"learningRate": lr, "minimum": low, "epochs": epochs, "rates": rates})
    falling = [1, 0.9, 0.8, 0.8, 0.85, 0.79999, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.6, 0.65, 0.66, 0.67, 0.68, 0.69, 0.7, 0.71, 0.72]
    within = [1, 0.99995, 0.9999, 0.99985, 0.9998, 0.99975, 0.9997, 0.99965, 0.99, 0.98]  # gains below the threshold of 1e-4
    rising = [0.5, 0.6, 0.6, 0.60005, 0.6001, 0.61, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6]
    for mode, values, factor, patience, low in (
        ("min", falling, 0.5, 3, 0), ("min", falling, 0.1, 0, 1e-3), ("min", within, 0.5, 2, 0), ("max", rising, 0.5, 1, 0), ("max", rising, 0.3, 2, 0.02),
        ("min", [1.0] * 40, 0.1, 1, 1e-7), ("min", [0.5] * 30, 0.1, 0, 0), ("max", [0.0] * 8, 0.5, 1, 0), ("min", [1.0, float("nan"), 0.5, float("nan"), float("nan"), 0.4], 0.5, 1, 0),
        ("min", [float("nan")] * 3 + [0.5, 0.4, 0.45, 0.46, 0.47], 0.5, 1, 0), ("max", [float("nan"), 0.4, 0.5, 0.5, 0.5], 0.5, 0, 0),
    ):  # fmt: skip
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.1)
        schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode, factor, patience, min_lr=low)
        rates = []
        for value in values:
            optimizer.step()
            schedule.step(value)
            rates.append(optimizer.param_groups[0]["lr"])
        values = [None if v != v else v for v in values]
        result["plateau"].append({"mode": mode, "factor": factor, "patience": patience, "minimum": low, "values": values, "rates": rates})
    for lr, size, gamma, epochs in ((0.1, 10, 0.1, 35), (1e-3, 1, 0.5, 8), (0.02, 3, 0.9, 20), (5e-4, 7, 1.0, 9)):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr)
        result["step"].append({"learningRate": lr, "size": size, "gamma": gamma, "rates": run_schedule(optimizer, torch.optim.lr_scheduler.StepLR(optimizer, size, gamma), [None] * epochs)})
    rates = (1e-3, 1e-5, 4e-4)
    for name, schedule, series in (
        ("cosine", lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 12, 1e-7), [None] * 12),
        ("step", lambda o: torch.optim.lr_scheduler.StepLR(o, 4, 0.3), [None] * 12),
        ("plateau", lambda o: torch.optim.lr_scheduler.ReduceLROnPlateau(o, "min", 0.3, 1, min_lr=2e-6), falling + falling),
    ):  # fmt: skip
        optimizer = torch.optim.SGD([{"params": [torch.zeros(1, requires_grad=True)], "lr": lr} for lr in rates])
        result["groups"].append({"schedule": name, "learningRates": rates, "values": series, "rates": run_schedule(optimizer, schedule(optimizer), series)})
    for steps in (1, 2, 5, 100):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
        warm_up = torch.optim.lr_scheduler.LinearLR(optimizer, 1 / steps, 1, max(1, steps - 1))
        factors = [optimizer.param_groups[0]["lr"]] + [rate for [rate] in run_schedule(optimizer, warm_up, [None] * (steps + 3))]
        result["warmUp"].append({"steps": steps, "factors": factors})
    return result


def run_schedule(optimizer, schedule, series):
    """The rates of all groups after each epoch."""
    rates = []
    for value in series:
        optimizer.step()
        schedule.step() if value is None else schedule.step(value)
        rates.append([group["lr"] for group in optimizer.param_groups])
    return rates


formula.write("optimizers.json", {"layers": LAYERS, "steps": STEPS, "cases": [optimize(case) for case in CASES]})
formula.write("schedules.json", json.loads(json.dumps(schedules())))
