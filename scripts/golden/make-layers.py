#!/usr/bin/env python3
"""Writes src/main/engine/golden/layers-*.json: PyTorch's values and gradients of one small network for each layer kind and shape."""
import itertools

import torch
import torch.nn.functional as F

import formula
from torch_network import channels_last, formula_parameters, run

MEAN, STD = 0.5, 0.25
CLASSES = 3
BATCH = 3
CHANNELS = 4


def conv(name, source, inputs, out, kernel, stride=1, padding=0, groups=1, bias=True):
    return {"kind": "conv", "name": name, "inputs": [source], "in": inputs, "out": out, "kernel": kernel, "stride": stride,
            "padding": padding, "groups": groups, "bias": bias}  # fmt: skip


def batch_norm(name, source, channels=CHANNELS, epsilon=1e-3, momentum=0.1):
    return {"kind": "batch_norm", "name": name, "inputs": [source], "channels": channels, "epsilon": epsilon, "momentum": momentum}


def simple(kind, name, *inputs, **rest):
    return {"kind": kind, "name": name, "inputs": list(inputs), **rest}


def linear(name, source, inputs, out):
    return simple("linear", name, source, **{"in": inputs, "out": out, "start": "pytorch"})


def activation(name, source, which):
    return simple("activation", name, source, activation=which)


PROBE = conv("probe", "input", 3, CHANNELS, 1)  # its gradient shows the gradient by the subject's input


def with_head(layers, last, channels=CHANNELS, pooled=False):
    """An uneven gradient comes back through hard_swish; the pooled values become logits."""
    layers = [*layers, activation("bend", last, "hard_swish")]
    if not pooled:
        layers.append(simple("global_average_pool", "pool", "bend"))
    return [*layers, linear("fc", "bend" if pooled else "pool", channels, CLASSES)]


def case(name, layers, side=6, value="subject", frozen=(), steps=1, binary=False, threes=(), batch=BATCH):
    index = sum(map(ord, name)) % 97
    pictures = formula.pixels(3000 + index, (batch, side, side, 3))
    if binary:
        pictures = (pictures >> 7) * 255
    x = torch.tensor(pictures).permute(0, 3, 1, 2).double() / 255
    if not binary:
        x = (x - MEAN) / STD
    labels = torch.tensor([(index + i) % CLASSES for i in range(batch)])
    parameters = formula_parameters(layers)
    for layer in threes:  # values that land on the kinks of the activations
        parameters[f"{layer}.weight"] = (parameters[f"{layer}.weight"] * 2).round() * 3
        parameters[f"{layer}.bias"] *= 0
    last = layers[-1]["name"]
    expected = {"value": formula.digest(channels_last(run(layers, value, parameters, x, ())))}
    trained = {l["name"] for l in layers} - set(frozen)
    names = [n for n in parameters if n.rsplit(".", 1)[0] in trained and "running" not in n]
    for n in names:
        parameters[n].requires_grad_(True)
    for step in range(steps):
        logits = run(layers, last, parameters, x, trained)
        loss = F.cross_entropy(logits, labels)
        gradients = dict(zip(names, torch.autograd.grad(loss, [parameters[n] for n in names])))
        if step == 0:
            expected["logits"] = formula.digest(logits.detach())
            expected["loss"] = loss.item()
            expected["gradients"] = {n: formula.digest(g) for n, g in gradients.items()}
        with torch.no_grad():
            for n in names:
                parameters[n] -= 0.1 * gradients[n]
    expected["after"] = {n: formula.digest(v.detach()) for n, v in parameters.items() if "running" in n or (steps > 1 and n in names)}
    return {"name": name, "pixels": 3000 + index, "side": side, "binary": binary, "threes": list(threes), "frozen": list(frozen),
            "steps": steps, "value": value, "labels": labels.tolist(), "layers": layers, "expected": expected}  # fmt: skip


def conv_cases(stride):
    cases = []
    for kernel, side, padding, depthwise in itertools.product((1, 3, 5, 7), (8, 9), ("number", "same"), (False, True)):
        bias = (kernel // 2 + side + depthwise) % 2 == 0
        amount = (kernel - 1) // 2 if padding == "number" else "same"
        subject = conv("subject", "probe", CHANNELS, CHANNELS if depthwise else 5, kernel, stride, amount, CHANNELS if depthwise else 1, bias)
        name = f"{'depthwise' if depthwise else 'full'} {kernel}x{kernel} stride {stride} side {side} padding {amount}{' bias' if bias else ''}"
        cases.append(case(name, with_head([PROBE, subject], "subject", subject["out"]), side))
    return cases


def other_cases():
    cases = []
    # Padding other than (kernel − 1) / 2, and windows that leave a rest.
    for padding in (0, 2):
        subject = conv("subject", "probe", CHANNELS, CHANNELS, 3, 2, padding)
        cases.append(case(f"full 3x3 stride 2 padding {padding}", with_head([PROBE, subject], "subject"), 8))
    pool = simple("global_average_pool", "pooled", "probe")
    cases.append(case("conv over pooled values", with_head([PROBE, pool, conv("subject", "pooled", CHANNELS, 5, 1)], "subject", 5, pooled=True)))
    cases.append(case("conv over pooled values without bias", with_head([PROBE, pool, conv("subject", "pooled", CHANNELS, 5, 1, bias=False)], "subject", 5, pooled=True)))
    cases.append(case("linear", with_head([PROBE, pool, linear("subject", "pooled", CHANNELS, 5)], "subject", 5, pooled=True)))
    cases.append(case("global average pool", with_head([PROBE, activation("uneven", "probe", "relu"), simple("global_average_pool", "subject", "uneven")], "subject", pooled=True)))
    for side in (6, 7):
        cases.append(case(f"batch norm trained, side {side}", with_head([PROBE, batch_norm("subject", "probe")], "subject"), side, steps=3))
    cases.append(case("batch norm trained, momentum .01, epsilon 1e-5", with_head([PROBE, batch_norm("subject", "probe", epsilon=1e-5, momentum=0.01)], "subject"), steps=3))
    cases.append(case("batch norm frozen behind a trained convolution", with_head([PROBE, batch_norm("subject", "probe")], "subject"), frozen=["subject"], steps=3))
    folded = [PROBE, conv("inner", "probe", CHANNELS, 5, 3, 1, 1), batch_norm("subject", "inner", 5)]
    cases.append(case("frozen convolution and batch norm as one", with_head(folded, "subject", 5), frozen=["inner", "subject"], steps=3))
    folded = [PROBE, conv("inner", "probe", CHANNELS, CHANNELS, 3, 2, 1, CHANNELS, bias=False), batch_norm("subject", "inner")]
    cases.append(case("frozen depthwise convolution and batch norm as one", with_head(folded, "subject"), frozen=["inner", "subject"], steps=3))
    half = [PROBE, conv("inner", "probe", CHANNELS, 5, 3, 1, 1), batch_norm("subject", "inner", 5)]
    cases.append(case("trained batch norm behind a frozen convolution", with_head(half, "subject", 5), frozen=["inner"], steps=3))
    for kernel, stride, padding, side in ((3, 2, 1, 8), (3, 2, 1, 9), (2, 2, 0, 9), (3, 1, 1, 6), (5, 3, 2, 9)):
        layers = [PROBE, activation("positive", "probe", "relu"), simple("max_pool", "subject", "positive", kernel=kernel, stride=stride, padding=padding)]
        cases.append(case(f"max pool {kernel}/{stride} padding {padding} side {side}", with_head(layers, "subject"), side))
    residual = [PROBE, activation("positive", "probe", "relu"), conv("inner", "positive", CHANNELS, CHANNELS, 3, 1, 1), simple("add", "subject", "inner", "positive")]
    cases.append(case("add", with_head(residual, "subject")))
    cases.append(case("add of a value to itself", with_head([PROBE, simple("add", "subject", "probe", "probe")], "subject")))
    squeeze = [PROBE, activation("positive", "probe", "relu"), simple("global_average_pool", "pooled", "positive"), conv("fc1", "pooled", CHANNELS, 2, 1),
               activation("fc1/relu", "fc1", "relu"), conv("fc2", "fc1/relu", 2, CHANNELS, 1), activation("gate", "fc2", "hard_sigmoid"),
               simple("scale", "subject", "positive", "gate")]  # fmt: skip
    cases.append(case("scale", with_head(squeeze, "subject")))
    return cases


def activation_cases():
    cases = []
    for which in ("relu", "relu6", "hard_swish", "hard_sigmoid", "silu", "sigmoid"):
        layers = with_head([conv("probe", "input", 3, CHANNELS, 1), activation("subject", "probe", which)], "subject")
        cases.append(case(which, layers))
        if which not in ("silu", "sigmoid"):
            cases.append(case(f"{which} at its kinks", layers, binary=True, threes=["probe"]))
    return cases


def vector_cases():
    """Batch norm over pooled features, as the deeper heads have it."""
    layers = [PROBE, simple("global_average_pool", "pooled", "probe"), linear("hidden", "pooled", CHANNELS, 6), activation("positive", "hidden", "relu")]
    layers = with_head([*layers, batch_norm("subject", "positive", 6)], "subject", 6, pooled=True)
    return [case("batch norm over a vector, trained", layers, steps=3, batch=8), case("batch norm over a vector, frozen", layers, frozen=["subject"], steps=3)]


for stride in (1, 2):
    formula.write(f"layers-conv-stride-{stride}.json", conv_cases(stride))
formula.write("layers-others.json", other_cases())
formula.write("layers-activations.json", activation_cases())
formula.write("layers-vectors.json", vector_cases())
