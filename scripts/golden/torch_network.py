"""Runs a list of layers, as src/main/engine/layers/layer.ts defines them, in PyTorch: the other half of the layers' golden values."""
import math

import torch
import torch.nn.functional as F

import formula

ACTIVATIONS = {"relu": F.relu, "relu6": F.relu6, "hard_swish": F.hardswish, "hard_sigmoid": F.hardsigmoid,
               "silu": F.silu, "sigmoid": torch.sigmoid}  # fmt: skip


def parameter_shapes(layers):
    """(name, shape) in the engine's order."""
    result = []
    for layer in layers:
        name, kind = layer["name"], layer["kind"]
        if kind == "conv":
            result.append((f"{name}.weight", (layer["out"], layer["in"] // layer["groups"], layer["kernel"], layer["kernel"])))
            if layer["bias"]:
                result.append((f"{name}.bias", (layer["out"],)))
        elif kind == "batch_norm":
            result += [(f"{name}.{part}", (layer["channels"],)) for part in ("weight", "bias", "running_mean", "running_var")]
        elif kind == "linear":
            result += [(f"{name}.weight", (layer["out"], layer["in"])), (f"{name}.bias", (layer["out"],))]
    return result


def formula_parameters(layers, dtype=torch.float64):
    return {name: torch.tensor(formula.weight(t, name, shape)).to(dtype) for t, (name, shape) in enumerate(parameter_shapes(layers))}


def same_padding(size, kernel, stride):
    total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def run(layers, output, parameters, x, trained):
    """The value of layer `output`. Batch norms named in `trained` normalise by the batch and update `parameters` in place."""
    values = {"input": x}
    for layer in layers:
        name, kind = layer["name"], layer["kind"]
        inputs = [values[i] for i in layer["inputs"]]
        v = inputs[0]
        if kind == "conv":
            w, b = parameters[f"{name}.weight"], parameters.get(f"{name}.bias")
            if v.dim() == 2:
                v = F.linear(v, w.flatten(1), b)
            elif layer["padding"] == "same":
                top, bottom = same_padding(v.shape[2], layer["kernel"], layer["stride"])
                left, right = same_padding(v.shape[3], layer["kernel"], layer["stride"])
                v = F.conv2d(F.pad(v, (left, right, top, bottom)), w, b, layer["stride"], 0, 1, layer["groups"])
            else:
                v = F.conv2d(v, w, b, layer["stride"], layer["padding"], 1, layer["groups"])
        elif kind == "batch_norm":
            p = [parameters[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
            v = F.batch_norm(v, *p, training=name in trained, momentum=layer["momentum"], eps=layer["epsilon"])
        elif kind == "activation":
            v = ACTIVATIONS[layer["activation"]](v)
        elif kind == "max_pool":
            v = F.max_pool2d(v, layer["kernel"], layer["stride"], layer["padding"])
        elif kind == "add":
            v = inputs[0] + inputs[1]
        elif kind == "scale":
            v = inputs[0] * inputs[1][:, :, None, None]
        elif kind == "global_average_pool":
            v = v.mean((2, 3))
        elif kind == "linear":
            v = F.linear(v, parameters[f"{name}.weight"], parameters[f"{name}.bias"])
        elif kind not in ("dropout", "stochastic_depth"):
            raise ValueError(kind)
        values[name] = v
        if name == output:
            break
    return values[output]


def channels_last(value):
    """As the engine lays values out: [N, H, W, C]."""
    return value.permute(0, 2, 3, 1) if value.dim() == 4 else value
