"""Guide C's three stages by a plain PyTorch script, timed as a whole: bench/parts/recipes.mjs runs it beside ours.

  stages.py FOLDER [--backbone resnet50] [--epochs 2] [--batch 32] [--workers 2]

FOLDER has train/ and val/. Head alone, then `layer3`, `layer4` and head, then everything; AdamW, cosine, clipping, label smoothing, augmentation in
nine steps. As in most such scripts only weights freeze. Prints one JSON line.
"""
import argparse
import json
import os
import time

import torch
import torchvision
import torchvision.transforms as T
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--backbone", default="resnet50")
parser.add_argument("--epochs", type=int, default=2)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--workers", type=int, default=2)
options = parser.parse_args()

started = time.perf_counter()
torch.manual_seed(42)
normalise = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
augmented = T.Compose([
    T.RandomResizedCrop(224, scale=(0.8, 1)), T.RandomHorizontalFlip(), T.RandomVerticalFlip(), T.RandomRotation(15),
    T.RandomAffine(0, translate=(0.1, 0.1), scale=(0.9, 1.1)), T.ColorJitter(0.2, 0.2, 0.2), T.ToTensor(), normalise, T.RandomErasing(0.1),
])  # fmt: skip
plain = T.Compose([T.Resize((224, 224)), T.ToTensor(), normalise])
train_pictures = ImageFolder(os.path.join(options.folder, "train"), augmented)
val_pictures = ImageFolder(os.path.join(options.folder, "val"), plain)
train_batches = DataLoader(train_pictures, options.batch, shuffle=True, num_workers=options.workers)
val_batches = DataLoader(val_pictures, options.batch, num_workers=options.workers)

net = torchvision.models.get_model(options.backbone)
classes = len(train_pictures.classes)
net.fc = nn.Sequential(nn.Dropout(0.3), nn.Linear(net.fc.in_features, 512), nn.ReLU(), nn.Dropout(0.15), nn.Linear(512, classes))
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)


def groups_of(stage):
    """Parameters that train, with their learning rates."""
    late = [parameter for name, parameter in net.named_parameters() if name.startswith(("layer3", "layer4"))]
    if stage == 1:
        return [{"params": list(net.fc.parameters()), "lr": 1e-3}]
    if stage == 2:
        return [{"params": [*late, *net.fc.parameters()], "lr": 1e-4}]
    return [{"params": [p for name, p in net.named_parameters() if not name.startswith("fc.")], "lr": 1e-5}, {"params": list(net.fc.parameters()), "lr": 5e-5}]


seconds = []
for stage in (1, 2, 3):
    for parameter in net.parameters():
        parameter.requires_grad = False
    groups = groups_of(stage)
    for group in groups:
        for parameter in group["params"]:
            parameter.requires_grad = True
    optimizer = torch.optim.AdamW(groups, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, options.epochs, eta_min=1e-7)
    for _ in range(options.epochs):
        epoch_started = time.perf_counter()
        net.train()
        for pictures, labels in train_batches:
            optimizer.zero_grad()
            loss = criterion(net(pictures), labels)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            loss.item()
        net.eval()
        right = 0
        with torch.no_grad():
            for pictures, labels in val_batches:
                right += (net(pictures).argmax(1) == labels).sum().item()
        schedule.step()
        seconds.append(round(time.perf_counter() - epoch_started, 2))
print(json.dumps({"epochs": seconds, "total_s": round(time.perf_counter() - started, 2), "val_accuracy": right / len(val_pictures)}))
