"""Writes the small golden files of src/main/engine/formats/goldens: run with a Python that has torch and safetensors.

Each file comes with what PyTorch itself reads back from it, in expected.json. Usage: python scripts/golden/make-formats.py
"""

import collections
import json
import pathlib

import torch
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "src/main/engine/formats/goldens"


def plain():
    generator = torch.Generator().manual_seed(1)
    state = collections.OrderedDict()
    state["conv.weight"] = torch.randn(2, 3, 2, 2, generator=generator)
    state["norm.running_mean"] = torch.tensor([0.5, -1.25])
    state["norm.num_batches_tracked"] = torch.tensor(7)
    state["empty"] = torch.zeros(0, 3)
    return state


def dtypes():
    values = torch.tensor([0.0, 1.0, -2.5, 0.1, 6e-6, 65504.0])
    state = {str(kind).split(".")[1]: values.to(kind) for kind in (torch.float16, torch.bfloat16, torch.float64)}
    state["special"] = torch.tensor([float("inf"), float("-inf"), 2.0**-24, -0.0]).half()
    for kind in (torch.int64, torch.int32, torch.int16, torch.int8):
        state[str(kind).split(".")[1]] = torch.tensor([-3, 0, 100]).to(kind)
    state["uint8"] = torch.tensor([0, 200], dtype=torch.uint8)
    state["bool"] = torch.tensor([True, False, True])
    return state


def windows():
    base = torch.arange(24.0)
    return {
        "base": base,
        "transposed": base.view(4, 6).t(),
        "slice": base[5:11],
        "strided": base.view(2, 3, 4)[:, 1:, ::2],
        "expanded": torch.tensor([3.0]).expand(2, 2),
        "one": base.as_strided((1, 2), (1000, 3), 4),
    }


def nested():
    # A training checkpoint as the ImageNet example writes it: a tensor beside the state dict, and numbers of other kinds.
    wrapped = {"module." + name: value for name, value in plain().items()}
    optimizer = {"state": {0: {"step": torch.tensor(3.0)}}, "param_groups": [{"lr": 0.1, "betas": (0.9, 0.999), "params": [0]}]}
    return {"epoch": 90, "arch": "resnet18", "state_dict": wrapped, "best_acc1": torch.tensor(76.1), "optimizer": optimizer}


def module_state():
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    torch.manual_seed(2)
    torch.nn.init.normal_(model[0].weight)
    torch.nn.init.normal_(model[0].bias)
    return model.state_dict(keep_vars=True)


def describe(state):
    return {
        name: {"shape": list(value.shape), "values": [repr(number) for number in value.detach().float().flatten().tolist()]}
        for name, value in state.items()
    }


def main():
    FOLDER.mkdir(exist_ok=True)
    expected = {}
    cases = {"plain": plain(), "dtypes": dtypes(), "windows": windows(), "nested": nested(), "module-state": module_state()}
    for name, value in cases.items():
        weights = {key.removeprefix("module."): each for key, each in value.get("state_dict", value).items()}
        for kind, is_zip in (("zip", True), ("legacy", False)):
            torch.save(value, FOLDER / f"{name}-{kind}.pth", _use_new_zipfile_serialization=is_zip)
            expected[f"{name}-{kind}.pth"] = describe(weights)
    for name in ("plain", "dtypes"):
        state = {key: value.contiguous() for key, value in cases[name].items()}
        save_file(state, FOLDER / f"{name}.safetensors", metadata={"source": "golden"})
        expected[f"{name}.safetensors"] = describe(state)
    torch.save(torch.nn.Sequential(torch.nn.Linear(1, 1)), FOLDER / "whole-model-zip.pth")
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
