"""Guide A: ResNet18 with a deep head, everything trains; Adam 1e-3 with weight decay 1e-4, cosine."""
import torch
import torchvision
from torch import nn

from common import Stage, main


def build(classes):
    net = torchvision.models.resnet18()
    net.fc = nn.Sequential(
        nn.Dropout(0.5), nn.Linear(net.fc.in_features, 512), nn.ReLU(), nn.BatchNorm1d(512),
        nn.Dropout(0.25), nn.Linear(512, 128), nn.ReLU(), nn.BatchNorm1d(128), nn.Dropout(0.25), nn.Linear(128, classes),
    )  # fmt: skip
    return net


stage = Stage(
    frozen=lambda net: [],
    optimizer=lambda net: torch.optim.Adam(net.parameters(), 1e-3, weight_decay=1e-4),
    schedule=lambda optimizer, epochs: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs),
)

if __name__ == "__main__":
    main(build, [stage])
