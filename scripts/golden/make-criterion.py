#!/usr/bin/env python3
"""Writes src/main/engine/golden/criterion.json: losses and their gradients by the logits, in float64, of torch.nn.CrossEntropyLoss with class
weights, label smoothing and blended targets, and of focal loss (Lin et al. 2017), which PyTorch does not have over classes, by autograd."""
import torch
import torch.nn.functional as F

import formula

ROWS, CLASSES = 5, 4
WEIGHTS = [0.3, 1, 2.5, 0.7]


def focal(logits, targets, weight, gamma):
    """Mean over the pictures of Σ w·t·(1 − p)^γ·(−log p)."""
    log_p = F.log_softmax(logits, 1)
    rest = (-torch.expm1(log_p)).clamp_min(1e-300)  # where p is 1 the loss is 0 and so is its slope, not 0·∞
    return -(targets * weight * rest**gamma * log_p).sum(1).mean()


def case(number, size, kind="cross_entropy", weights=None, smoothing=0.0, share=None, gamma=0.0):
    """`share`: of each picture's own target where it is blended with the one before it; None: labels as they are."""
    logits = (torch.tensor(formula.uniform(9600 + number, (ROWS, CLASSES))) * size).double().requires_grad_(True)
    labels = torch.tensor(formula.hashed(9700 + number, ROWS).astype("int64") % CLASSES)
    weight = torch.tensor(weights or [1.0] * CLASSES, dtype=torch.float64)
    own = F.one_hot(labels, CLASSES).double()
    if kind == "focal":
        targets = own * (1 - smoothing) + smoothing / CLASSES
        loss = focal(logits, targets, weight, gamma)
    elif share is None:
        loss = torch.nn.CrossEntropyLoss(weight, label_smoothing=smoothing)(logits, labels)
    else:
        loss = torch.nn.CrossEntropyLoss(weight, label_smoothing=smoothing)(logits, share * own + (1 - share) * own.roll(1, 0))
    loss.backward()
    gradient = [float(f"{v:.10g}") for v in logits.grad.flatten().tolist()]
    return {"case": number, "size": size, "kind": kind, "weights": weights, "smoothing": smoothing, "share": share, "gamma": gamma, "loss": loss.item(), "gradient": gradient}


variants = []
for size in (1, 10, 1e4):
    for weights in (None, WEIGHTS):
        for smoothing in (0.0, 0.1):
            variants += [dict(size=size, weights=weights, smoothing=smoothing, share=share) for share in (None, 0.3, 1.0)]
            variants += [dict(size=size, weights=weights, smoothing=smoothing, kind="focal", gamma=gamma) for gamma in (0.0, 0.5, 2.0, 5.0)]
formula.write("criterion.json", {"rows": ROWS, "classes": CLASSES, "cases": [case(i, **v) for i, v in enumerate(variants)]})
