"""Writes the small golden files of src/main/engine/formats/goldens: run with a Python that has torch and safetensors.

Each file comes with what PyTorch itself reads back from it, in expected.json. Usage: python scripts/golden/make-formats.py
"""

import collections
import json
import pathlib

import numpy
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


def script_checkpoint():
    # What training scripts write: the weights among their own notes, an optimizer with state, a schedule.
    torch.manual_seed(3)
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Flatten(), torch.nn.Linear(4, 2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
    model(torch.randn(2, 3, 3, 3)).sum().backward()
    optimizer.step()
    return {
        "epoch": 12,
        "model_state_dict": model.state_dict(),
        "optimizer_state_dict": optimizer.state_dict(),
        "scheduler_state_dict": scheduler.state_dict(),
        "val_f1": 0.9375,
        "best_loss": float("inf"),
        "best_accuracy": torch.tensor(0.75),
        "model_name": "resnet18",
        "num_classes": 2,
        "class_names": ["dandelion", "grass"],
        "class_to_idx": {"dandelion": 0, "grass": 1},
        "idx_to_class": {0: "dandelion", 1: "grass"},
        "image_size": (224, 224),
        "normalization": {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
        "pretrained": True,
        "note": None,
        "config": {"optimizer": "adamw", "dtype": torch.float32, "layers": [[1, 2], []]},
        "seed": 2**60 + 1,
        "confusion_matrix": torch.tensor([[5, 1], [0, 6]]),
    }


def compiled():
    # A compiled model inside DataParallel, both averaged: what swa_utils.AveragedModel saves.
    state = {"n_averaged": torch.tensor(3), **{"module._orig_mod.module." + name: value for name, value in plain().items()}}
    return {"ema": state, "model": {"_orig_mod." + name: value + 1 for name, value in plain().items()}}


def half_windows():
    state = {}
    for kind in (torch.float16, torch.bfloat16, torch.float64, torch.int16):
        base = (torch.arange(24.0) - 7.5).to(kind)
        name = str(kind).split(".")[1]
        state[f"{name}.channels_last"] = base.view(1, 2, 3, 4).contiguous(memory_format=torch.channels_last)
        state[f"{name}.transposed"] = base.view(4, 6).t()
        state[f"{name}.strided"] = base.view(2, 3, 4)[:, 1:, ::2]
        state[f"{name}.expanded"] = base[3:5].expand(2, 2)
        state[f"{name}.tied"] = base
        state[f"{name}.empty"] = base[24:].view(0, 3)
        state[f"{name}.scalar"] = base[9]
    return state


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
    cases = {
        "plain": plain(),
        "dtypes": dtypes(),
        "windows": windows(),
        "half-windows": half_windows(),
        "nested": nested(),
        "script-checkpoint": script_checkpoint(),
        "compiled": compiled(),
        "module-state": module_state(),
    }
    for name, value in cases.items():
        state = next((value[key] for key in ("state_dict", "model_state_dict", "model") if key in value), value)
        weights = {key.removeprefix("_orig_mod.").removeprefix("module."): each for key, each in state.items()}
        for kind, is_zip in (("zip", True), ("legacy", False)):
            torch.save(value, FOLDER / f"{name}-{kind}.pth", _use_new_zipfile_serialization=is_zip)
            expected[f"{name}-{kind}.pth"] = describe(weights)
    for name in ("plain", "dtypes"):
        state = {key: value.contiguous() for key, value in cases[name].items()}
        save_file(state, FOLDER / f"{name}.safetensors", metadata={"source": "golden"})
        expected[f"{name}.safetensors"] = describe(state)
    torch.save(torch.nn.Sequential(torch.nn.Linear(1, 1)), FOLDER / "whole-model-zip.pth")
    torch.save({"state_dict": plain(), "val_f1": numpy.float64(0.5)}, FOLDER / "numpy-metric-zip.pth")
    torch.save(torch.optim.swa_utils.AveragedModel(torch.nn.Linear(2, 1)).state_dict(), FOLDER / "averaged-zip.pth")
    torch.export.save(torch.export.export(torch.nn.Linear(2, 2), (torch.zeros(1, 2),)), FOLDER / "program.pt2")
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
