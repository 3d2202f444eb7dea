#!/usr/bin/env python3
"""Writes src/renderer/ui/class-order.examples.ts: confusion matrices with the least length that an order of SciPy's average-linkage tree can have, by trying
every pair of ends at every merge, and the length that SciPy's own optimal leaf ordering finds, which at times is a little more."""
import json
from pathlib import Path

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering, to_tree
from scipy.spatial.distance import squareform

OUT = Path(__file__).resolve().parents[2] / "src/renderer/ui/class-order.examples.ts"


def shortest(node, distances):
    """By (first leaf, last leaf), the least sum of the distances between neighbours."""
    if node.is_leaf():
        return {(node.id, node.id): 0.0}
    found = {}
    right = shortest(node.right, distances)
    for (first, end), left_length in shortest(node.left, distances).items():
        for (start, last), right_length in right.items():
            length = left_length + right_length + distances[end, start]
            for ends in ((first, last), (last, first)):
                found[ends] = min(length, found.get(ends, np.inf))
    return found


def example(seed, count):
    random = np.random.default_rng(seed)
    group = random.permutation(count) // 3  # three classes each that are taken for one another
    likely = 0.02 + 0.6 * (group[:, None] == group[None, :]) * random.random((count, count))
    # Many pictures and no two shares alike: a tie between distances may be broken either way.
    matrix = random.poisson(likely * random.integers(4000, 90000, count)[:, None]) + np.diag(random.integers(5000, 100000, count))
    rates = matrix / matrix.sum(axis=1, keepdims=True)
    distances = 1 - (rates + rates.T) / 2
    np.fill_diagonal(distances, 0)
    condensed = squareform(distances, checks=False)
    tree = linkage(condensed, method="average")
    order = leaves_list(optimal_leaf_ordering(tree, condensed))
    return {"matrix": matrix.tolist(), "length": float(min(shortest(to_tree(tree), distances).values())), "scipy": float(distances[order[:-1], order[1:]].sum())}


text = json.dumps([example(seed, count) for seed, count in enumerate((3, 4, 6, 9, 14, 21))])
OUT.write_text(f"/** By scripts/golden/make-class-order.py: the shortest orders of confusion matrices. */\nexport const CLASS_ORDER_EXAMPLES = {text}\n")
