"""Lite0 trained by a plain PyTorch script, to compare final accuracies: the backbone frozen, .7 of it frozen, or in guide C's three stages.

  accuracy.py {frozen,ratio,stages} FOLDER --epochs N --seed S [--image-size 224]

FOLDER has train/, val/ and test/. `--epochs` are those of a stage where there are three. Prints one JSON line: accuracy of the best epoch (by val
accuracy) on val and test. Frozen modules are in eval(); pictures are augmented anew in every epoch.
"""
import argparse
import copy
import json
import random
import sys

import numpy as np
import torch
import torchvision.transforms as T
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder

from common import first_layers, parameters_of, trainable
from lite0 import lite0

POOLED_AT = ("_avg_pooling", "_dropout", "_fc")


def with_hidden_layer(net, classes):
    net._dropout = nn.Identity()
    net._fc = nn.Sequential(nn.Dropout(0.3), nn.Linear(net._fc.in_features, 512), nn.ReLU(), nn.Dropout(0.15), nn.Linear(512, classes))
    return net


def first_children(net):
    """The first ⌊.7·n⌋ children of the backbone: stem, blocks and head convolution."""
    count = int(0.7 * (len(net._blocks) + 2) + 1e-9)
    return [module for child in [nn.ModuleList([net._conv_stem, net._bn0]), *net._blocks][:count] for module in child.modules()]


def wholly_frozen(net, still):
    """Modules all of whose parameters are frozen: a block of them leaves out no branches either."""
    return [module for module in net.modules() if (own := parameters_of([module])) and own <= still]


def adam(rate):
    return lambda net: torch.optim.Adam(trainable(net), rate, weight_decay=1e-4)


def adamw(backbone, head):
    def make(net):
        of = lambda is_head: [p for n, p in net.named_parameters() if n.startswith("_fc.") == is_head and p.requires_grad]
        groups = [{"params": of(False), "lr": backbone}, {"params": of(True), "lr": head}]
        return torch.optim.AdamW([group for group in groups if group["params"]], weight_decay=1e-4)

    return make


plateau = lambda optimizer, epochs: torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=3, min_lr=1e-7)
cosine = lambda optimizer, epochs: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs, eta_min=1e-7)
RECIPES = {
    "frozen": {"batch": 32, "stages": [(lambda net: first_layers(net, 1, POOLED_AT), adam(1e-3), plateau)], "clip": None, "smoothing": 0, "hidden": False},
    "ratio": {"batch": 16, "stages": [(lambda net: first_layers(net, 0.7, POOLED_AT), adam(5e-4), plateau)], "clip": None, "smoothing": 0, "hidden": False},
    "stages": {"batch": 16, "stages": [
        (lambda net: first_layers(net, 1, POOLED_AT), adamw(1e-3, 1e-3), cosine),
        (first_children, adamw(1e-4, 1e-4), cosine),
        (lambda net: [], adamw(1e-5, 5e-5), cosine),
    ], "clip": 1.0, "smoothing": 0.1, "hidden": True},
}  # fmt: skip


def evaluate(net, loader):
    net.eval()
    loss, hits, count = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            logits = net(x)
            loss += nn.functional.cross_entropy(logits, y).item() * len(y)
            hits += (logits.argmax(1) == y).sum().item()
            count += len(y)
    return loss / count, hits / count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("recipe", choices=RECIPES)
    parser.add_argument("folder")
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--image-size", type=int, default=224)
    options = parser.parse_args()
    recipe = RECIPES[options.recipe]
    random.seed(options.seed), np.random.seed(options.seed), torch.manual_seed(options.seed)
    size = (options.image_size, options.image_size)
    norm = T.Normalize([0.5] * 3, [0.5] * 3)
    augmented = T.Compose([T.Resize(size), T.RandomHorizontalFlip(), T.RandomRotation(10), T.ColorJitter(0.2, 0.2, 0.2), T.ToTensor(), norm])
    plain = T.Compose([T.Resize(size), T.ToTensor(), norm])
    train = DataLoader(ImageFolder(f"{options.folder}/train", augmented), recipe["batch"], shuffle=True)
    val, test = (DataLoader(ImageFolder(f"{options.folder}/{split}", plain), 32) for split in ("val", "test"))
    classes = len(train.dataset.classes)
    net = lite0(classes)
    if recipe["hidden"]:
        net = with_hidden_layer(net, classes)
    criterion = nn.CrossEntropyLoss(label_smoothing=recipe["smoothing"])
    best, best_state = -1.0, None
    for number, (freeze, make_optimizer, make_schedule) in enumerate(recipe["stages"]):
        if number > 0:
            net.load_state_dict(best_state)
        frozen = freeze(net)
        still = parameters_of(frozen)
        for p in net.parameters():
            p.requires_grad = id(p) not in still
        optimizer = make_optimizer(net)
        schedule = make_schedule(optimizer, options.epochs)
        for _ in range(options.epochs):
            net.train()
            for module in [*frozen, *wholly_frozen(net, still)]:
                module.eval()
            for x, y in train:
                optimizer.zero_grad()
                loss = criterion(net(x), y)
                loss.backward()
                if recipe["clip"]:
                    nn.utils.clip_grad_norm_(trainable(net), recipe["clip"])
                optimizer.step()
            val_loss, accuracy = evaluate(net, val)
            schedule.step(val_loss) if isinstance(schedule, torch.optim.lr_scheduler.ReduceLROnPlateau) else schedule.step()
            print(f"accuracy {accuracy:.4f}", file=sys.stderr)
            if accuracy > best:
                best, best_state = accuracy, copy.deepcopy(net.state_dict())
    net.load_state_dict(best_state)
    print(json.dumps({"val": best, "test": evaluate(net, test)[1]}))


if __name__ == "__main__":
    main()
