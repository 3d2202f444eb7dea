"""Guide E: MobileNetV3-Small with the published head, the first .7 of its layers frozen; Adam 5e-4 with weight decay 1e-4. Its plateau (factor .5,
patience 3, not below 1e-7) cannot fall within the few epochs compared here."""
import torch
import torchvision
from torch import nn

from common import Stage, first_layers, main, trainable


def build(classes):
    net = torchvision.models.mobilenet_v3_small()
    net.classifier[3] = nn.Linear(net.classifier[3].in_features, classes)
    return net


stage = Stage(
    frozen=lambda net: first_layers(net, 0.7, ("avgpool", "classifier")),
    optimizer=lambda net: torch.optim.Adam(trainable(net), 5e-4, weight_decay=1e-4),
)

if __name__ == "__main__":
    main(build, [stage])
