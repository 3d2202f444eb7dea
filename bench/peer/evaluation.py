"""Seconds to evaluate one batch of random pictures in eval() and inference mode, float32: the median, as one JSON line."""
import argparse
import json
import statistics
import time

import torch
import torchvision

parser = argparse.ArgumentParser()
parser.add_argument("--backbone", required=True)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--steps", type=int, default=15)
parser.add_argument("--layout", choices=["nchw", "nhwc"], default="nchw")
options = parser.parse_args()

network = torchvision.models.get_model(options.backbone, num_classes=10).eval()
pictures = torch.randn(options.batch, 3, 224, 224)
if options.layout == "nhwc":
    network = network.to(memory_format=torch.channels_last)
    pictures = pictures.to(memory_format=torch.channels_last)

seconds = []
with torch.inference_mode():
    for _ in range(options.steps + 1):
        started = time.perf_counter()
        network(pictures)
        seconds.append(time.perf_counter() - started)
print(json.dumps({"backbone": options.backbone, "layout": options.layout, "seconds": statistics.median(seconds[1:]), "threads": torch.get_num_threads()}))
