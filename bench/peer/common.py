"""What the guides' PyTorch scripts share: the plan they read, freezing, and a plain training loop. Each guide's own figures are in its guide_*.py.

A plan is a folder: plan.json (picture size, classes, normalisation; for each stage its epochs, the epoch whose weights it goes on from, and for
each step how many pictures and their labels), pictures.f32 (the pictures of all steps in their order, augmented, in 0…1, [n, side, side, 3]),
calibration.u8 (pictures that the running statistics of random weights come from) and weights.safetensors (what both sides start from).
"""
import argparse
import copy
import json
import pathlib

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn

CONVOLUTIONS = (nn.Conv2d,)
NORMS = (nn.BatchNorm2d, nn.BatchNorm1d)


class Stage:
    """`frozen(net)`: modules that keep their weights; `optimizer(net)`; `schedule(optimizer, epochs)` or None; `clip`: largest gradient norm."""

    def __init__(self, frozen, optimizer, schedule=None, clip=None):
        self.frozen, self.optimizer, self.schedule, self.clip = frozen, optimizer, schedule, clip


def backbone_layers(net, pooled_at):
    """The backbone's layers in definition order: (name of the convolution, it, its batch norm or None). `pooled_at`: child that ends the backbone."""
    found, last = [], None
    for name, module in net.named_modules():
        if name.split(".")[0] in pooled_at:
            break
        if isinstance(module, CONVOLUTIONS):
            found.append([name, module, None])
            last = module
        elif isinstance(module, NORMS) and last is not None:
            found[-1][2] = module
            last = None
    return found


def first_layers(net, ratio, pooled_at):
    """Modules of the first ⌊ratio·N⌋ layers."""
    layers = backbone_layers(net, pooled_at)
    return [part for _, conv, norm in layers[: int(ratio * len(layers) + 1e-9)] for part in (conv, norm) if part is not None]


def parameters_of(modules):
    return {id(p) for module in modules for p in module.parameters()}


def trainable(net):
    return [p for p in net.parameters() if p.requires_grad]


def without_chance(net):
    """No dropout and no stochastic depth: the two sides cannot draw the same numbers."""
    for module in net.modules():
        if isinstance(module, nn.Dropout) or type(module).__name__ == "StochasticDepth":
            module.p = 0.0
    if hasattr(net, "_global_params"):
        net._global_params = net._global_params._replace(drop_connect_rate=0)
    return net


def normalised(pictures, plan):
    mean, std = torch.tensor(plan["mean"]), torch.tensor(plan["std"])
    return ((torch.from_numpy(pictures) - mean) / std).permute(0, 3, 1, 2).contiguous()


def make_weights(folder, plan, build, is_published):
    """Random weights as torchvision makes them, with running statistics of real pictures: else a frozen network in eval() says nothing of them."""
    torch.manual_seed(plan["seed"])
    net = without_chance(build(len(plan["classes"])))
    if not is_published:
        side = plan["side"]
        pictures = np.fromfile(folder / "calibration.u8", np.uint8).reshape(-1, side, side, 3).astype(np.float32) / 255
        for module in net.modules():
            if isinstance(module, NORMS):
                module.momentum_before, module.momentum = module.momentum, 1.0
        with torch.no_grad():
            net.train()(normalised(pictures, plan))
    save_file({name: value.contiguous() for name, value in net.state_dict().items() if not name.endswith("num_batches_tracked")}, folder / "weights.safetensors")


def train(folder, plan, build, stages, loss, plain, rate_scale):
    """`plain`: as a script that only sets requires_grad: the batch norms of frozen modules stay in train()."""
    net = without_chance(build(len(plan["classes"])))
    missing, unexpected = net.load_state_dict(load_file(folder / "weights.safetensors"), strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), (missing, unexpected)
    net.to(plan["dtype"])
    side = plan["side"]
    pictures = np.memmap(folder / "pictures.f32", np.float32, "r").reshape(-1, side, side, 3)
    at, done, kept = 0, 0, {0: copy.deepcopy(net.state_dict())}
    for number, (stage, steps) in enumerate(zip(stages, plan["stages"], strict=True)):
        if steps["from_epoch"] is not None:
            net.load_state_dict(kept[steps["from_epoch"]])
        frozen = stage.frozen(net)
        still = parameters_of(frozen)
        for p in net.parameters():
            p.requires_grad = id(p) not in still
        optimizer = stage.optimizer(net)
        for group in optimizer.param_groups:
            group["lr"] *= rate_scale
        schedule = stage.schedule(optimizer, len(steps["epochs"])) if stage.schedule else None
        for epoch in steps["epochs"]:
            net.train()
            if not plain:
                for module in frozen:
                    module.eval()
            for labels in epoch:
                x = normalised(np.array(pictures[at : at + len(labels)]), plan).to(plan["dtype"])
                at += len(labels)
                optimizer.zero_grad()
                value = loss(net(x), torch.tensor(labels))
                value.backward()
                if stage.clip:
                    nn.utils.clip_grad_norm_(trainable(net), stage.clip)
                optimizer.step()
                print(json.dumps({"stage": number + 1, "loss": value.item()}), flush=True)
            if schedule:
                schedule.step()
            done += 1
            kept[done] = copy.deepcopy(net.state_dict())


def main(build, stages, loss=None, is_published=False):
    """`build(classes)` the network with its head; `stages` a list of Stage."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["weights", "train"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--plain", action="store_true", help="frozen modules stay in train()")
    parser.add_argument("--double", action="store_true", help="in float64")
    parser.add_argument("--rate-scale", type=float, default=1, help="what every learning rate is multiplied by")
    options = parser.parse_args()
    plan = json.loads((options.folder / "plan.json").read_text())
    plan["dtype"] = torch.float64 if options.double else torch.float32
    if options.what == "weights":
        make_weights(options.folder, plan, build, is_published)
    else:
        train(options.folder, plan, build, stages, loss or nn.CrossEntropyLoss(), options.plain, options.rate_scale)
