"""Numbers by formula, the same here and in src/main/engine/golden/formula.ts, so that golden files need not store inputs.

Value i of tensor t is a 32-bit hash of (t, i) spread over [-1, 1). Golden files hold digests of results: the norm, dot products
with formula vectors (an error anywhere changes them) and a few entries.
"""
import json
import pathlib

import numpy as np

GOLDEN = pathlib.Path(__file__).parents[2] / "src/main/engine/golden"
PROJECTIONS = 2
ENTRIES = 4


def hashed(tensor, count):
    """uint32 hashes of (tensor, 0 … count − 1): murmur3's finaliser over a mix of the two."""
    with np.errstate(over="ignore"):
        h = (np.arange(count, dtype=np.uint32) + np.uint32(1)) * np.uint32(0x9E3779B1)
        h ^= np.uint32((tensor + 1) * 0x85EBCA77 & 0xFFFFFFFF)
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x85EBCA6B)
        h ^= h >> np.uint32(13)
        h *= np.uint32(0xC2B2AE35)
        h ^= h >> np.uint32(16)
    return h


def uniform(tensor, shape):
    """float32 values in [-1, 1)."""
    return (hashed(tensor, int(np.prod(shape))).astype(np.float64) / 2**31 - 1).astype(np.float32).reshape(shape)


def pixels(tensor, shape):
    """uint8 values."""
    return (hashed(tensor, int(np.prod(shape))) >> np.uint32(24)).astype(np.uint8).reshape(shape)


def weight(tensor, name, shape, gain=1):
    """A parameter: matrices scaled by gain and fan-in, vectors near what they start from, variances positive."""
    return scaled(uniform(tensor, shape).astype(np.float64), name, gain)


def scaled(u, name, gain):
    """A parameter from its uniform values."""
    if u.ndim > 1:
        value = u * (gain * np.sqrt(3 / np.prod(u.shape[1:])))
    elif name.endswith("running_var"):
        value = 1 + 0.5 * u
    elif name.endswith("weight"):
        value = 1 + 0.25 * u
    else:
        value = 0.25 * u
    return value.astype(np.float32)


def digest(value):
    """[norm, projections…, entries…] of an array in PyTorch's layout."""
    flat = np.asarray(value, dtype=np.float64).ravel()
    projections = [float(flat @ uniform(1000 + p, flat.size).astype(np.float64)) for p in range(PROJECTIONS)]
    entries = [float(flat[i]) for i in hashed(2000, ENTRIES) % flat.size]
    return [float(f"{v:.8g}") for v in [float(np.sqrt(flat @ flat)), *projections, *entries]]


def write(name, content):
    GOLDEN.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, separators=(",", ":"))
    assert len(text) < 50_000, (name, len(text))
    (GOLDEN / name).write_text(text + "\n")
    print(name, len(text))
