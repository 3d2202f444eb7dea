#!/usr/bin/env python3
"""Checks exported ONNX models with Python: the ONNX checker, onnxruntime, and torchvision's own networks with the same weights.

    GRAFT_KEEP_ONNX=FOLDER npx vitest run src/main/engine/compile/onnx.test.ts
    python scripts/golden/check-onnx.py FOLDER [--time]

The first writes models with weights by formula and what they should answer; the second reads them.
"""
import argparse
import json
import pathlib
import statistics
import sys
import time

import numpy as np
import onnx
import onnxruntime
import torch
import torchvision

import formula

BOUND = 1e-4


def answers(path, pixels):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(["probabilities"], {"pictures": pixels})[0].astype(np.float64)


def of_torchvision(case, pixels):
    """torchvision's probabilities in float64, or None where it has no such network."""
    if case["head"] != "linear" or case["name"] not in torchvision.models.list_models(torchvision.models):
        return None
    model = torchvision.models.get_model(case["name"], num_classes=case["classes"]).eval()
    names = [n for n in model.state_dict() if not n.endswith("num_batches_tracked")]
    for t, name in enumerate(names):
        value = model.state_dict()[name]
        value.copy_(torch.tensor(formula.weight(t, name, tuple(value.shape), case["gain"])))
    mean, std = (torch.tensor(case["preprocessing"][k], dtype=torch.float64).view(1, 3, 1, 1) for k in ("mean", "std"))
    x = torch.tensor(pixels).permute(0, 3, 1, 2).double() / 255
    with torch.no_grad():
        return torch.softmax(model.double()((x - mean) / std), 1).numpy()


def milliseconds(path, side):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    pixels = formula.pixels(1, (1, side, side, 3))
    times = []
    for _ in range(30):
        started = time.perf_counter()
        session.run(None, {"pictures": pixels})
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times[5:])


def check(path, with_time):
    case = json.loads(path.with_suffix(".json").read_text())
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    pixels = formula.pixels(case["pixels"], (case["count"], case["side"], case["side"], 3))
    got = answers(path, pixels)
    expected = np.array(case["probabilities"]).reshape(case["count"], case["classes"])
    differences = {"Graft": np.abs(got - expected).max()}
    theirs = of_torchvision(case, pixels)
    if theirs is not None:
        differences["torchvision"] = np.abs(got - theirs).max()
    parts = [f"{who} {value:.1e}" for who, value in differences.items()]
    if with_time:
        parts.append(f"{milliseconds(path, case['side']):.1f} ms a picture")
    nodes = f"{len(model.graph.node)} nodes, opset {model.opset_import[0].version}"
    good = all(value <= BOUND for value in differences.values())
    print(f"{'ok  ' if good else 'FAIL'} {path.stem}: {', '.join(parts)} ({nodes}, {path.stat().st_size / 1e6:.1f} MB)")
    return good


arguments = argparse.ArgumentParser()
arguments.add_argument("folder", type=pathlib.Path)
arguments.add_argument("--time", action="store_true", help="also measure milliseconds a picture")
given = arguments.parse_args()
print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}, torchvision {torchvision.__version__}")
paths = sorted(given.folder.glob("*.onnx"))
failed = [path for path in paths if not check(path, given.time)]
print(f"{len(paths) - len(failed)} of {len(paths)} within {BOUND}")
sys.exit(1 if failed or not paths else 0)
