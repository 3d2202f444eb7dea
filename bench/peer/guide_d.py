"""Guide D leaves network and figures to its YAML; ours are EfficientNet-Lite0 from its published weights with the first .7 of its layers frozen,
Adam 1e-3 with weight decay 1e-4. Its plateau (min val loss, factor .5, patience 5) cannot fall within the few epochs compared here."""
import torch

from common import Stage, first_layers, main, trainable
from lite0 import lite0

POOLED_AT = ("_avg_pooling", "_dropout", "_fc")
stage = Stage(
    frozen=lambda net: first_layers(net, 0.7, POOLED_AT),
    optimizer=lambda net: torch.optim.Adam(trainable(net), 1e-3, weight_decay=1e-4),
)

if __name__ == "__main__":
    main(lite0, [stage], is_published=True)
