#!/usr/bin/env python3
"""Writes src/main/engine/golden/metrics.json (scikit-learn's reports), evaluation-*.json (all that an evaluation tells, by scikit-learn, SciPy and Guo et al.'s
own formula) and loss.json (PyTorch's cross-entropy and softmax)."""
import numpy as np
import torch
import torch.nn.functional as F
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.metrics import (accuracy_score, average_precision_score, balanced_accuracy_score, confusion_matrix, f1_score, precision_recall_curve,
                             precision_recall_fscore_support, precision_score, recall_score, roc_auc_score)  # fmt: skip

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


def digest(values):
    """One number that an error in any of the values changes; what cannot be told is left out."""
    return float(sum(v * (1 + i) for i, v in enumerate(values) if v is not None))


def calibration_error(probabilities, truths):
    """Expected calibration error over 15 bins, as in the code of Guo et al. 2017: (low, high], likeliest class."""
    confidences, predictions = probabilities.max(1), probabilities.argmax(1)
    error, edges = 0.0, np.arange(16) / 15
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidences > low) & (confidences <= high)
        if inside.any():
            error += abs((predictions[inside] == truths[inside]).mean() - confidences[inside].mean()) * inside.mean()
    return float(error)


def temperature_of(probabilities, truths):
    """Where the mean negative log-likelihood is smallest; null at the ends of the range."""
    logs = np.log(probabilities)

    def loss(log_temperature):
        return -log_softmax(logs / np.exp(log_temperature), axis=1)[np.arange(len(truths)), truths].mean()

    found = np.exp(minimize_scalar(loss, bounds=np.log((0.05, 20)), method="bounded", options={"xatol": 1e-12, "maxiter": 2000}).x)
    return float(found) if 0.06 < found < 19 else None


def evaluation(case, classes, count, present, levels):
    """Probabilities by formula: whole numbers from 1 to `levels` over their sum, so that few levels make many ties; the truth's is raised in most rows.

    The first half of the rows is what temperature and thresholds are fitted on, the second half what is measured."""
    rows = 2 * count
    truths = (formula.hashed(10000 + case, rows) % present).astype(np.int64)
    parts = (1 + formula.hashed(11000 + case, rows * classes) % levels).astype(np.int64).reshape(rows, classes)
    if case % 5 == 4 and classes > 1:
        parts[:, 0] = 0  # never predicted, and logarithms of nothing
        truths = np.maximum(truths, min(1, present - 1))
    helped = formula.hashed(12000 + case, rows) % 4 != 0
    parts[np.arange(rows), truths] += np.where(helped, levels, 0).astype(np.int64) * (parts[np.arange(rows), truths] > 0)
    probabilities = parts / parts.sum(1, keepdims=True)
    fit_p, fit_t, p, t = probabilities[:count], truths[:count], probabilities[count:], truths[count:]
    guesses = p.argmax(1)
    labels = list(range(classes))
    each = precision_recall_fscore_support(t, guesses, labels=labels, zero_division=0)
    auc = [roc_auc_score(t == c, p[:, c]) if 0 < (t == c).sum() < count else None for c in labels]
    average = [average_precision_score(t == c, p[:, c]) if (t == c).any() else None for c in labels]
    thresholds, at = [], []
    for c in labels:
        if not (fit_t == c).any():
            thresholds.append(None)
            continue
        precision, recall, scores = precision_recall_curve(fit_t == c, fit_p[:, c])
        f1 = np.divide(2 * precision * recall, precision + recall, out=np.zeros_like(recall), where=precision + recall > 0)[:-1]
        # Equal in fractions, apart in rounding: the lowest score of those that are the largest.
        thresholds.append(float(scores[np.flatnonzero(f1 >= f1.max() - 1e-12)[0]]))
        said = p[:, c] >= thresholds[-1]
        at += [score(t == c, said, zero_division=0) for score in (precision_score, recall_score, f1_score)]
    macro, weighted = (precision_recall_fscore_support(t, guesses, average=kind, zero_division=0)[:3] for kind in ("macro", "weighted"))
    temperature = temperature_of(fit_p, fit_t) if (fit_p > 0).all() else None
    numbers = [accuracy_score(t, guesses), balanced_accuracy_score(t, guesses), digest(macro), digest(weighted), digest(np.concatenate(each[:3])), digest(auc),
               digest(average), digest(thresholds), digest(at), calibration_error(p, t)]  # fmt: skip
    missing = [sum(v is None for v in values) for values in (auc, average, thresholds)]
    return [case, classes, count, present, levels, missing, [float(f"{v:.13g}") for v in numbers], temperature and float(f"{temperature:.7g}")]


CASES_A_FILE = 120
every = []
for case in range(240):
    classes = (1 + case % 9) if case % 10 else (20, 40, 100)[case // 10 % 3]
    count = (1, 2, 9, 40, 150)[case // 3 % 5]
    present = max(1, classes - case // 4 % 3)  # the last classes do not occur
    levels = (2, 3, 10, 1000)[case // 2 % 4]
    every.append(evaluation(case, classes, count, present, levels))
for part in range(0, len(every), CASES_A_FILE):
    formula.write(f"evaluation-{1 + part // CASES_A_FILE}.json", every[part : part + CASES_A_FILE])
