#!/usr/bin/env python3
"""Writes src/main/engine/golden/heatmaps.json: Grad-CAM (Selvaraju et al. 2017) of torchvision's networks, by hooks on the last feature map.

Weights and their gains are those of make-networks.py, read from network-*.json; pictures are by formula.
"""
import json

import torch
import torchvision

import formula

CLASSES = 10
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
# The module that gives what the global pooling reads. Networks of depthwise convolutions are turned half around on even sides.
LAST_MAP = {"resnet18": "layer4", "resnet50": "layer4", "mobilenet_v2": "features", "mobilenet_v3_small": "features",
            "mobilenet_v3_large": "features", "efficientnet_b0": "features", "efficientnet_b2": "features"}  # fmt: skip
SIDES = (128, 97)
PICTURES = 2
A_PICTURE = 2


def build(name):
    golden = json.loads((formula.GOLDEN / f"network-{name}.json").read_text())
    model = torchvision.models.get_model(name, num_classes=CLASSES)
    state = model.state_dict()
    endings, by = tuple(golden["damped"]["endings"]), golden["damped"]["by"]
    names = [n for n in state if not n.endswith("num_batches_tracked")]
    for t, key in enumerate(names):
        value = torch.tensor(formula.weight(t, key, tuple(state[key].shape), golden["gain"]))
        state[key].copy_(value * by if endings and key.endswith(endings) else value)
    return model.double().eval()


def grad_cam(model, module, picture, chosen):
    """ReLU of the last feature map's channels, each weighed by the mean of the class's gradient by it."""
    kept = []
    hook = model.get_submodule(module).register_forward_hook(lambda _m, _i, output: kept.append(output))
    logits = model(picture[None])
    hook.remove()
    (gradient,) = torch.autograd.grad(logits[0, chosen], kept[0])
    weights = gradient.mean((2, 3), keepdim=True)
    return torch.relu((weights * kept[0]).sum(1))[0].detach(), kept[0].mean((2, 3))[0].detach()


def of_network(name):
    model = build(name)
    mean, std = (torch.tensor(v, dtype=torch.float64).view(1, 3, 1, 1) for v in IMAGENET)
    result = []
    for side in SIDES:
        pixels = formula.pixels(6100 + side, (PICTURES, side, side, 3))
        x = (torch.tensor(pixels).permute(0, 3, 1, 2).double() / 255 - mean) / std
        maps = []
        for row in range(PICTURES):
            # Classes that something in the picture speaks for; a map of nothing but zeros compares nothing.
            spoken = [c for c in range(CLASSES) if (grad_cam(model, LAST_MAP[name], x[row], c)[0] > 0).sum() > 2][:A_PICTURE]
            assert len(spoken) == A_PICTURE, (name, side, row)
            for chosen in spoken:
                map_, pooled = grad_cam(model, LAST_MAP[name], x[row], chosen)
                maps.append({"picture": row, "class": chosen, "size": list(map_.shape), "values": [float(f"{v:.8g}") for v in map_.flatten().tolist()]})
        pooled = model_pooled(model, LAST_MAP[name], x)
        result.append({"side": side, "maps": maps, "pooled": formula.digest(pooled.numpy())})
    return {"sides": result}


def model_pooled(model, module, x):
    return torch.stack([grad_cam(model, module, row, 0)[1] for row in x])


def enlarged():
    """A map of 3 × 5 at other sizes, as torch.nn.functional.interpolate(mode="bilinear", align_corners=False) has it."""
    values = torch.tensor(formula.uniform(7, (3, 5))).double().abs()
    sizes = [[3, 5], [7, 9], [12, 10]]
    return {
        "height": 3, "width": 5, "values": [round(v, 7) for v in values.flatten().tolist()],
        "sizes": [{"height": h, "width": w, "values": [round(v, 6) for v in torch.nn.functional.interpolate(
            values[None, None], size=(h, w), mode="bilinear", align_corners=False).flatten().tolist()]} for h, w in sizes],
    }  # fmt: skip


torch.set_num_threads(1)
formula.write("heatmaps.json", {"torchvision": torchvision.__version__.split("+")[0], "networks": {name: of_network(name) for name in LAST_MAP}, "enlarged": enlarged()})
