#!/usr/bin/env python3
"""Writes src/main/engine/golden/freezing.json: what PyTorch counts as trainable when torchvision's networks are frozen as Graft freezes them.

A layer is one convolution with its batch norm; the backbone is everything before the pooling. Heads are the linear one for two classes.
"""
import torch
import torchvision

import formula

NETWORKS = (
    "resnet18", "resnet34", "resnet50", "resnet101", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large",
    "efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_b3",
)  # fmt: skip
RATIOS = (0.3, 0.7, 0.9, 1)


def layers(model):
    """Each convolution with the batch norm that follows it, in definition order."""
    result = []
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d):
            result.append([module])
        elif isinstance(module, torch.nn.BatchNorm2d):
            result[-1].append(module)
    return result


def trainable(frozen, model):
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    for module in frozen:
        for parameter in module.parameters():
            parameter.requires_grad_(False)
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def early_stages(name, model):
    if name.startswith("resnet"):
        return [model.conv1, model.bn1, model.layer1, model.layer2]
    children = list(model.features.children())
    return children[: int(0.7 * len(children))]


result = {}
for name in NETWORKS:
    model = torchvision.models.get_model(name, num_classes=2)
    backbone = layers(model)
    count = lambda r: int(r * len(backbone) + 1e-9)  # noqa: E731
    result[name] = {
        "layers": len(backbone),
        "ratios": [[r, count(r), trainable([m for layer in backbone[: count(r)] for m in layer], model)] for r in RATIOS],
        "stage": trainable(early_stages(name, model), model),
    }
formula.write("freezing.json", result)
