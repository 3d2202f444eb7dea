#!/usr/bin/env python3
"""Writes src/main/trainer/self-test-expected.ts: what PyTorch gives for the self-test's network. Needs torch."""
import pathlib
import numpy as np
import torch
from torch import nn

SIDE, CLASSES = 16, 3


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, 2, 1, bias=False)
        self.bn = nn.BatchNorm2d(16)
        self.depthwise = nn.Conv2d(16, 16, 3, 1, 1, groups=16, bias=False)
        self.bn2 = nn.BatchNorm2d(16)
        self.fc = nn.Linear(16, CLASSES)

    def forward(self, x):
        x = torch.relu(self.bn(self.conv(x)))
        x = nn.functional.hardswish(self.bn2(self.depthwise(x)))
        return self.fc(x.mean((2, 3)))


net = Net()
names = [name for name in net.state_dict() if not name.endswith("num_batches_tracked")]
for t, name in enumerate(names):
    value = net.state_dict()[name]
    i = np.arange(value.numel())
    data = ((i * 7 + t * 13) % 17 - 8) / 20 + (1 if name.endswith("running_var") else 0)
    value.copy_(torch.tensor(data.reshape(value.shape), dtype=torch.float32))

i = np.arange(4 * SIDE * SIDE * 3)
pixels = ((i * 37 + 11 * (i // 768)) % 256).astype(np.float32).reshape(4, SIDE, SIDE, 3)
x = (torch.tensor(pixels).permute(0, 3, 1, 2) / 255 - 0.5) / 0.5
net.eval()
with torch.no_grad():
    evaluation = net(x).flatten().tolist()
net.train()
optimizer = torch.optim.SGD(net.parameters(), 0.1)
loss = nn.functional.cross_entropy(net(x), torch.tensor([0, 1, 2, 1]))
loss.backward()
norm = torch.sqrt(sum((p.grad**2).sum() for p in net.parameters()))
optimizer.step()
total = sum(float(net.state_dict()[name].double().sum()) for name in names)

values = ", ".join(f"{v:.7g}" for v in evaluation)
target = pathlib.Path(__file__).parents[2] / "src/main/trainer/self-test-expected.ts"
target.write_text(
    "/** What PyTorch gives for the self-test's network; made by scripts/golden/make-self-test.py. */\n"
    "export const SELF_TEST_EXPECTED = {\n"
    f"  evaluation: [{values}],\n"
    f"  loss: {loss.item():.7g},\n"
    f"  gradientNorm: {norm.item():.7g},\n"
    f"  weightSum: {total:.7g},\n"
    "}\n"
)
