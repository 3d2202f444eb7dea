#!/usr/bin/env python3
"""Writes src/main/engine/golden/metrics.json (scikit-learn's reports) and loss.json (PyTorch's cross-entropy and softmax)."""
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

import formula

KEYS = ("precision", "recall", "f1")


def report(case, classes, count, present, predictable):
    """Truths and predictions by formula: TypeScript makes the same from case, classes, count, present and predictable."""
    truths = formula.hashed(7000 + case, count) % present
    guesses = formula.hashed(8000 + case, count)
    predictions = np.where(guesses % 3 == 0, guesses // 3 % predictable, truths % predictable)
    labels = list(range(classes))
    each = precision_recall_fscore_support(truths, predictions, labels=labels, zero_division=0)
    averages = {}
    for average in ("macro", "weighted"):
        values = precision_recall_fscore_support(truths, predictions, average=average, zero_division=0)
        averages[average] = dict(zip(KEYS, map(float, values[:3])))
    matrix = confusion_matrix(truths, predictions, labels=labels)
    return {"case": case, "classes": classes, "count": count, "present": present, "predictable": predictable,
            "accuracy": float(accuracy_score(truths, predictions)), "matrixSquares": int((matrix.astype(np.int64) ** 2 * (1 + np.arange(matrix.size).reshape(matrix.shape))).sum()),
            **{key: [float(v) for v in each[i]][:6] for i, key in enumerate(KEYS)}, "support": [int(v) for v in each[3]][:6], **averages}  # fmt: skip


reports = []
for case in range(48):
    classes = 2 + case % 7 if case % 12 else 40
    count = (1, 7, 40, 333)[case // 7 % 4]
    present = max(1, classes - case % 3)  # the last classes do not occur
    predictable = max(1, classes - case // 3 % 4)  # or are never predicted
    reports.append(report(case, classes, count, present, predictable))
formula.write("metrics.json", reports)


def loss(case, rows, classes, size, smoothing):
    logits = formula.uniform(9000 + case, (rows, classes)) * np.float32(size)
    labels = formula.hashed(9500 + case, rows) % classes
    x = torch.tensor(logits).double().requires_grad_(True)
    each = F.cross_entropy(x, torch.tensor(labels.astype(np.int64)), reduction="none", label_smoothing=smoothing)
    each.mean().backward()
    rounded = [[float(f"{v:.12g}") for v in values.flatten().tolist()] for values in (each.detach(), F.softmax(x, 1).detach(), x.grad)]
    return {"case": case, "rows": rows, "classes": classes, "size": size, "smoothing": smoothing, "each": rounded[0], "softmax": rounded[1], "gradient": rounded[2]}


cases = [(3, 2, 1, 0), (4, 5, 4, 0.1), (5, 10, 30, 0), (3, 7, 1e4, 0), (3, 7, 1e4, 0.1), (2, 3, 1e4, 0.9), (6, 4, 1e-3, 0.3), (1, 12, 100, 0.05)]
formula.write("loss.json", [loss(i, *case) for i, case in enumerate(cases)])
