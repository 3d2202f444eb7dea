#!/usr/bin/env python3
"""Writes src/main/engine/golden/stages.json: trainings in stages as a plain script does them in PyTorch, in float64, on the whole batch at once:
optimizers begun afresh or carried on, rates that fall from layer to layer, schedules, warm-up, clipping, the best weights taken up again, and
batch norms of frozen layers in train() and in eval()."""
import math

import torch
import torch.nn.functional as F

import formula
from torch_network import formula_parameters, run

SIDE, CLASSES = 32, 3
TRAIN, VAL = [0, 1, 2, 0, 1, 0], [0, 1, 2, 1]


def conv(name, source, i, o, kernel, stride=1, groups=1):
    return {"kind": "conv", "name": name, "inputs": [source], "in": i, "out": o, "kernel": kernel, "stride": stride, "padding": (kernel - 1) // 2, "groups": groups, "bias": False}


def norm(name, source, channels):
    return {"kind": "batch_norm", "name": name, "inputs": [source], "channels": channels, "epsilon": 1e-5, "momentum": 0.1}


# The network of src/main/trainer/resume-matrix.examples.ts, without what is random.
LAYERS = [
    conv("conv1", "input", 3, 4, 3, 4), norm("bn1", "conv1", 4), {"kind": "activation", "name": "a", "inputs": ["bn1"], "activation": "relu"},
    conv("layer1.0", "a", 4, 4, 3, 1, 4), norm("layer1.1", "layer1.0", 4), {"kind": "activation", "name": "b", "inputs": ["layer1.1"], "activation": "hard_swish"},
    conv("layer2.0", "b", 4, 4, 1), norm("layer2.1", "layer2.0", 4), {"kind": "add", "name": "c", "inputs": ["layer2.1", "b"]},
    conv("layer3.0", "c", 4, 8, 3, 2), norm("layer3.1", "layer3.0", 8), {"kind": "activation", "name": "d", "inputs": ["layer3.1"], "activation": "relu"},
    {"kind": "global_average_pool", "name": "pool", "inputs": ["d"]},
    {"kind": "linear", "name": "fc", "inputs": ["pool"], "in": 8, "out": CLASSES, "start": "pytorch"},
]  # fmt: skip
CHILDREN = {"conv1": "conv1", "bn1": "conv1", "layer1.0": "layer1", "layer1.1": "layer1", "layer2.0": "layer2", "layer2.1": "layer2", "layer3.0": "layer3", "layer3.1": "layer3"}
ORDER = ["conv1", "layer1", "layer2", "layer3"]
FIRST_TRAINED = {"all": len(ORDER), "stage": 2, "none": 0}
BASE = {"optimizer": "adam", "weight_decay": 0.01, "gradient_clipping": None, "momentum": 0.9, "frozen_batch_norm": "keep", "monitor": "val_loss"}
STAGE = {"freeze": "none", "learning_rate": 0.01, "backbone_learning_rate": None, "layer_decay": 1, "scheduler": "none", "minimum_learning_rate": 0, "scheduler_factor": 0.5,
         "scheduler_patience": 3, "scheduler_step_size": 10, "scheduler_gamma": 0.1, "warmup_steps": 0, "start_from": "best", "optimizer_state": "restart"}  # fmt: skip
CASES = [
    {"name": "Adam carried on, rates by layer, cosine and steps, warm-up", "stages": [
        {"epochs": 20, "freeze": "all", "scheduler": "cosine", "minimum_learning_rate": 1e-4, "warmup_steps": 5},
        {"epochs": 20, "freeze": "stage", "learning_rate": 0.008, "backbone_learning_rate": 0.004, "layer_decay": 0.7, "scheduler": "step", "scheduler_step_size": 6, "scheduler_gamma": 0.5, "start_from": "last", "optimizer_state": "carry", "warmup_steps": 3},
        {"epochs": 20, "freeze": "none", "learning_rate": 0.005, "scheduler": "cosine", "start_from": "last", "optimizer_state": "carry"},
    ]},
    {"name": "AdamW begun afresh from the best, clipped", "optimizer": "adamw", "weight_decay": 0.05, "gradient_clipping": 0.5, "stages": [
        {"epochs": 10, "freeze": "all", "learning_rate": 0.15},
        {"epochs": 15, "freeze": "stage", "learning_rate": 0.02, "backbone_learning_rate": 0.01, "scheduler": "plateau", "scheduler_patience": 0},
        {"epochs": 15, "freeze": "none", "learning_rate": 0.005, "backbone_learning_rate": 0.001, "scheduler": "cosine", "minimum_learning_rate": 1e-5},
    ]},
    {"name": "SGD carried on from the best", "optimizer": "sgd", "stages": [
        {"epochs": 6, "freeze": "stage", "learning_rate": 0.4}, {"epochs": 12, "freeze": "none", "learning_rate": 0.02, "optimizer_state": "carry"},
    ]},
    {"name": "Frozen batch norms in train()", "frozen_batch_norm": "update", "stages": [{"epochs": 25, "freeze": "all"}, {"epochs": 10, "freeze": "stage"}]},
]  # fmt: skip


def pictures(first, labels):
    rows = []
    for index, label in enumerate(labels):
        noise = formula.pixels(first + index, (SIDE * SIDE, 3)).astype("float64") / 2
        noise[:, label] = (noise[:, label] + 100).clip(0, 255)
        rows.append(torch.tensor(noise.astype("uint8")))  # cut off, as a typed array does
    x = torch.stack(rows).reshape(len(labels), SIDE, SIDE, 3).permute(0, 3, 1, 2).double() / 255
    return (x - 0.5) / 0.25, torch.tensor(labels)


def child_of(parameter):
    return CHILDREN.get(parameter.rsplit(".", 1)[0])


def groups_of(names, stage, parameters):
    """A group for each name, with its rate: `backbone` or the child where rates fall by layer, and `head`."""
    rate = stage["backbone_learning_rate"] or stage["learning_rate"]
    found = {}
    for name in names:
        child = child_of(name)
        if child is None:
            key, lr = "head", stage["learning_rate"]
        elif stage["layer_decay"] < 1:
            key, lr = child, rate * stage["layer_decay"] ** (len(ORDER) - ORDER.index(child))
        else:
            key, lr = "backbone", rate
        found.setdefault(key, {"params": [], "lr": lr, "key": key})["params"].append(parameters[name])
    return list(found.values())


def scheduled(stage, base, epoch, plateau):
    """torch's schedules in closed form; each is held against torch itself in schedules.json."""
    if stage["scheduler"] == "cosine":
        low = stage["minimum_learning_rate"]
        return low + (base - low) * (1 + math.cos(math.pi * epoch / stage["epochs"])) / 2
    if stage["scheduler"] == "step":
        return base * stage["scheduler_gamma"] ** (epoch // stage["scheduler_step_size"])
    return base


def train(case):
    case = {**BASE, **case}
    parameters = formula_parameters(LAYERS)
    x, labels = pictures(7200, TRAIN)
    val_x, val_labels = pictures(7300, VAL)
    best, best_parameters, epochs, old = None, None, [], None
    for number, given in enumerate(case["stages"]):
        stage = {**STAGE, **given}
        if number > 0 and stage["start_from"] == "best":
            for name, value in best_parameters.items():
                parameters[name].data.copy_(value)
        first = FIRST_TRAINED[stage["freeze"]]
        trains = lambda name: child_of(name) is None or ORDER.index(child_of(name)) >= first
        names = [name for name in parameters if "running" not in name and trains(name)]
        for name, value in parameters.items():
            value.requires_grad_(name in names)
        norms = {name for name in CHILDREN if f"{name}.running_mean" in parameters and (trains(f"{name}.weight") or case["frozen_batch_norm"] == "update")}
        groups = groups_of(names, stage, parameters)
        options = {"weight_decay": case["weight_decay"]}
        optimizer = {"sgd": lambda: torch.optim.SGD(groups, 0.1, momentum=case["momentum"], **options), "adam": lambda: torch.optim.Adam(groups, **options),
                     "adamw": lambda: torch.optim.AdamW(groups, **options)}[case["optimizer"]]()  # fmt: skip
        if number > 0 and stage["optimizer_state"] == "carry":
            # What the optimizer has known goes on with its averages and its own count of steps; what is new begins.
            for value, kept in old.state.items():
                optimizer.state[value] = kept
        old = optimizer
        plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=stage["scheduler_factor"], patience=stage["scheduler_patience"], min_lr=stage["minimum_learning_rate"]) if stage["scheduler"] == "plateau" else None  # fmt: skip
        base = [group["lr"] for group in optimizer.param_groups]
        for epoch in range(stage["epochs"]):
            rates = [group["lr"] for group in optimizer.param_groups]
            warm_up = min(1, (epoch + 1) / stage["warmup_steps"]) if stage["warmup_steps"] else 1
            for group, rate in zip(optimizer.param_groups, rates):
                group["lr"] = rate * warm_up
            optimizer.zero_grad()
            loss = F.cross_entropy(run(LAYERS, "fc", parameters, x, norms), labels)
            loss.backward()
            if case["gradient_clipping"]:
                torch.nn.utils.clip_grad_norm_([parameters[name] for name in names], case["gradient_clipping"])
            optimizer.step()
            with torch.no_grad():
                val_loss = F.cross_entropy(run(LAYERS, "fc", parameters, val_x, set()), val_labels).item()
            if best is None or val_loss < best:
                best, best_parameters = val_loss, {name: value.detach().clone() for name, value in parameters.items()}
            told = {group["key"]: rate for group, rate in zip(optimizer.param_groups, rates)}
            epochs.append({"stage": number + 1, "train_loss": float(f"{loss.item():.8g}"), "val_loss": float(f"{val_loss:.8g}"), "learning_rates": told, "is_best": best == val_loss})
            for i, group in enumerate(optimizer.param_groups):
                group["lr"] = rates[i]
            if plateau:
                plateau.step(val_loss)
            else:
                for i, group in enumerate(optimizer.param_groups):
                    group["lr"] = scheduled(stage, base[i], epoch + 1, plateau)
    final = {n: [float(f"{x:.7g}") for x in v.detach().flatten().tolist()] for n, v in parameters.items()}
    return {**case, "stages": [{k: v for k, v in stage.items() if v is not None} for stage in case["stages"]], "expected": epochs, "final": final}


formula.write("stages.json", {"train": TRAIN, "val": VAL, "cases": [train(case) for case in CASES]})
