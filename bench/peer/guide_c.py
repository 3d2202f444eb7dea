"""Guide C: ResNet50 with one hidden layer of 512; AdamW with weight decay 1e-4, label smoothing .1, gradients clipped at 1. Three stages, each with
an optimizer of its own and a cosine to 1e-7: the head (1e-3), layer3 and layer4 as well (1e-4), everything (backbone 1e-5, head 5e-5)."""
import torch
import torchvision
from torch import nn

from common import Stage, main


def build(classes):
    net = torchvision.models.resnet50()
    net.fc = nn.Sequential(nn.Dropout(0.3), nn.Linear(net.fc.in_features, 512), nn.ReLU(), nn.Dropout(0.15), nn.Linear(512, classes))
    return net


def adamw(net, backbone, head):
    of = lambda is_head: [p for n, p in net.named_parameters() if n.startswith("fc.") == is_head and p.requires_grad]
    groups = [{"params": of(False), "lr": backbone}, {"params": of(True), "lr": head}]
    return torch.optim.AdamW([group for group in groups if group["params"]], betas=(0.9, 0.999), weight_decay=1e-4)


def cosine(optimizer, epochs):
    return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs, eta_min=1e-7)


def children(net, *names):
    return [module for name in names for module in getattr(net, name).modules()]


stages = [
    Stage(lambda net: children(net, "conv1", "bn1", "layer1", "layer2", "layer3", "layer4"), lambda net: adamw(net, 1e-3, 1e-3), cosine, clip=1.0),
    Stage(lambda net: children(net, "conv1", "bn1", "layer1", "layer2"), lambda net: adamw(net, 1e-4, 1e-4), cosine, clip=1.0),
    Stage(lambda net: [], lambda net: adamw(net, 1e-5, 5e-5), cosine, clip=1.0),
]

if __name__ == "__main__":
    main(build, stages, nn.CrossEntropyLoss(label_smoothing=0.1))
