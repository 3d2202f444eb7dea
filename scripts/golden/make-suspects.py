#!/usr/bin/env python3
"""Writes src/main/engine/golden/suspects.json: scikit-learn's LogisticRegression, and cleanlab's find_label_issues and confident joint on its out-of-fold answers.
Wants scikit-learn and cleanlab 2.9 (pip install cleanlab)."""
import numpy as np
from cleanlab.count import compute_confident_joint
from cleanlab.filter import find_label_issues
from sklearn.linear_model import LogisticRegression

import formula

COUNT, SIZE = 180, 12


def rows(case):
    return formula.hashed(9000 + case, COUNT * SIZE).reshape(COUNT, SIZE) % 2001 / 1000.0 - 1


def given_labels(case, classes, x):
    """The class whose first coordinates are largest, every ninth one wrong. TypeScript makes the same."""
    labels = np.argmax(x[:, :classes], axis=1)
    wrong = np.arange(COUNT) % 9 == 4
    return np.where(wrong, (labels + 1 + np.arange(COUNT) % (classes - 1)) % classes, labels)


def fitted(x, y, c):
    return LogisticRegression(C=c, tol=1e-12, max_iter=100_000).fit(x, y)


cases = []
for case, (classes, c) in enumerate([(2, 1.0), (3, 0.1), (5, 10.0), (2, 100.0), (4, 1.0)]):
    x = rows(case)
    y = given_labels(case, classes, x)
    whole = fitted(x, y, c).predict_proba(x)
    fold = np.arange(COUNT) % 5
    out = np.zeros((COUNT, classes))
    for k in range(5):
        out[fold == k] = fitted(x[fold != k], y[fold != k], c).predict_proba(x[fold == k])
    issues = find_label_issues(y, out, filter_by="confident_learning", return_indices_ranked_by="normalized_margin", n_jobs=1)
    joint = compute_confident_joint(y, out, calibrate=False)
    cases.append({"case": case, "classes": classes, "c": c, "labels": y.tolist(), "whole": np.round(whole[::7], 9).tolist(), "outOfFold": np.round(out, 9).tolist(), "joint": joint.tolist(), "issues": [int(i) for i in issues]})

formula.write("suspects.json", {"count": COUNT, "size": SIZE, "cases": cases})
