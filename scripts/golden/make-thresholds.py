#!/usr/bin/env python3
"""Writes src/shared/domain/thresholds.examples.ts: what thresholds do to pictures, by scikit-learn's confusion matrix, precision and recall at every
threshold of a grid and at every score, and the bootstrap's percentiles by numpy."""
import json
from pathlib import Path

import numpy as np
from sklearn.metrics import confusion_matrix, precision_score, recall_score

OUT = Path(__file__).resolve().parents[2] / "src/shared/domain/thresholds.examples.ts"


def case(seed, count, share, ties, cost):
    random = np.random.default_rng(seed)
    truth = random.random(count) < share
    scores = 1 / (1 + np.exp(-(2.2 * truth - 1.4 + random.normal(size=count))))
    scores = np.round(scores, 1 if ties else 6)  # one digit: most scores tie
    grid = sorted({0.05, 1 / (1 + cost), 0.5, 0.95, *scores.tolist()})
    rows = []
    for threshold in grid:
        said = scores >= threshold
        (passed, alarms), (missed, hits) = confusion_matrix(truth, said, labels=[False, True]).tolist()
        rows.append({"threshold": threshold, "hits": hits, "missed": missed, "false_alarms": alarms, "passed": passed,
                     "precision": float(precision_score(truth, said, zero_division=0)), "recall": float(recall_score(truth, said, zero_division=0)), "cost": cost * missed + alarms})  # fmt: skip
    everywhere = np.concatenate([scores[scores > 0], [1.0]])
    cheapest = min(cost * int((truth & (scores < t)).sum()) + int((~truth & (scores >= t)).sum()) for t in everywhere)
    return {"cost": cost, "truth": truth.astype(int).tolist(), "scores": scores.tolist(), "rows": rows, "cheapest": cheapest}


def bootstrap(hits, missed, alarms, passed, cost, draws=200_000):
    drawn = np.random.default_rng(5).multinomial(hits + missed + alarms + passed, np.array([hits, missed, alarms, passed]) / (hits + missed + alarms + passed), size=draws)
    recall = drawn[:, 0] / np.maximum(1, drawn[:, 0] + drawn[:, 1])
    precision = drawn[:, 0] / np.maximum(1, drawn[:, 0] + drawn[:, 2])
    costs = cost * drawn[:, 1] + drawn[:, 2]
    ends = lambda values: [float(v) for v in np.percentile(values, [2.5, 97.5])]
    return {"hits": hits, "missed": missed, "false_alarms": alarms, "passed": passed, "miss_cost": cost, "recall": ends(recall), "precision": ends(precision), "cost": ends(costs)}


cases = [case(seed, count, share, ties, cost) for seed, (count, share, ties, cost) in enumerate([(60, 0.4, True, 5), (30, 0.4, False, 5), (25, 0.2, True, 0.5), (120, 0.1, True, 20), (40, 0.5, False, 1), (40, 0.3, True, 2.5)])]
HEAD = "/** By scripts/golden/make-thresholds.py: what scikit-learn and numpy make of scores and truths. */\nexport const THRESHOLD_EXAMPLES = "
text = json.dumps({"cases": cases, "bootstrap": [bootstrap(40, 10, 20, 130, 5), bootstrap(9, 3, 2, 46, 2)]})
OUT.write_text(HEAD + text + "\n")
