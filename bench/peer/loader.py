"""The peer of bench/parts/pictures.mjs: JPEG files to normalised batches by torchvision's ImageFolder and DataLoader, one JSON line with pictures a
second for each number of workers. The fastest of three passes counts: a first one that starts the workers and two in which they are kept."""
import argparse
import json
import time

import torch
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

parser = argparse.ArgumentParser()
parser.add_argument("folder", help="one sub-folder a class")
parser.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2, 4])
parser.add_argument("--side", type=int, default=224)
parser.add_argument("--batch", type=int, default=32)
options = parser.parse_args()

transform = transforms.Compose(
    [
        transforms.Resize((options.side, options.side)),
        transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ]
)
pictures = ImageFolder(options.folder, transform)
for path, _ in pictures.samples:
    with open(path, "rb") as file:
        file.read()
for workers in options.workers:
    torch.set_num_threads(1 if workers > 0 else torch.get_num_threads())
    loader = DataLoader(pictures, batch_size=options.batch, shuffle=True, num_workers=workers, persistent_workers=workers > 0)
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        count = sum(len(labels) for _, labels in loader)
        seconds.append(time.perf_counter() - started)
    print(json.dumps({"workers": workers, "pictures": count, "per_second": count / min(seconds), "first_per_second": count / seconds[0]}), flush=True)
