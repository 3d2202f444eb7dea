"""Guide B: MobileNetV2 with its features frozen and the published head; Adam 1e-3 without weight decay. Its plateau (max val accuracy, factor .5,
patience 3) cannot fall within the few epochs compared here. With --plain the frozen batch norms follow the pictures, as the guide's own script has it."""
import torch
import torchvision
from torch import nn

from common import Stage, main, trainable


def build(classes):
    net = torchvision.models.mobilenet_v2()
    net.classifier[1] = nn.Linear(net.last_channel, classes)
    return net


stage = Stage(
    frozen=lambda net: list(net.features.modules()),
    optimizer=lambda net: torch.optim.Adam(trainable(net), 1e-3),
)

if __name__ == "__main__":
    main(build, [stage])
