"""One picture from its file to the answer, with a model that is loaded: the median in milliseconds, as one JSON line."""
import argparse
import json
import statistics
import time

import torch
import torchvision
import torchvision.transforms as T
from PIL import Image

parser = argparse.ArgumentParser()
parser.add_argument("--backbone", required=True)
parser.add_argument("files", nargs="+")
options = parser.parse_args()

network = torchvision.models.get_model(options.backbone, num_classes=2).eval()
prepare = T.Compose([T.Resize((224, 224)), T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
times = []
with torch.inference_mode():
    for file in options.files:
        started = time.perf_counter()
        torch.softmax(network(prepare(Image.open(file).convert("RGB")).unsqueeze(0)), 1).tolist()
        times.append(1000 * (time.perf_counter() - started))
print(json.dumps({"backbone": options.backbone, "ms": statistics.median(times[10:])}))
