"""ResNet-18, -34, -50 and -101 (He et al. 2015), with torchvision's parameter names.

The names matter: published weights and people's own checkpoints load as they are. As in
torchvision the stride of a bottleneck sits in its 3x3 convolution.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Blocks per stage, and whether they are bottlenecks.
RESNETS: dict[str, tuple[tuple[int, int, int, int], bool]] = {
    "resnet18": ((2, 2, 2, 2), False),
    "resnet34": ((3, 4, 6, 3), False),
    "resnet50": ((3, 4, 6, 3), True),
    "resnet101": ((3, 4, 23, 3), True),
}


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = _shortcut(inputs, width, stride)

    def forward(self, x_NCHW: Tensor) -> Tensor:
        y_NCHW = torch.relu_(self.bn1(self.conv1(x_NCHW)))
        y_NCHW = self.bn2(self.conv2(y_NCHW))
        shortcut = x_NCHW if self.downsample is None else self.downsample(x_NCHW)
        return torch.relu_(y_NCHW + shortcut)


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = _shortcut(inputs, 4 * width, stride)

    def forward(self, x_NCHW: Tensor) -> Tensor:
        y_NCHW = torch.relu_(self.bn1(self.conv1(x_NCHW)))
        y_NCHW = torch.relu_(self.bn2(self.conv2(y_NCHW)))
        y_NCHW = self.bn3(self.conv3(y_NCHW))
        shortcut = x_NCHW if self.downsample is None else self.downsample(x_NCHW)
        return torch.relu_(y_NCHW + shortcut)


def _shortcut(inputs: int, outputs: int, stride: int) -> nn.Module | None:
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))


class ResNet(nn.Module):
    """Images (N, 3, H, W) to scores (N, classes); `features` stops before the last layer."""

    def __init__(self, name: str, classes: int) -> None:
        super().__init__()
        depths, bottlenecks = RESNETS[name]
        block = Bottleneck if bottlenecks else BasicBlock
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        inputs = 64
        for stage, depth in enumerate(depths):
            width = 64 * 2**stage
            blocks = []
            for index in range(depth):
                blocks.append(block(inputs, width, stride=2 if index == 0 and stage > 0 else 1))
                inputs = width * block.expansion
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(inputs, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def features(self, images_NCHW: Tensor) -> Tensor:
        x_NCHW = torch.relu_(self.bn1(self.conv1(images_NCHW)))
        x_NCHW = nn.functional.max_pool2d(x_NCHW, 3, stride=2, padding=1)
        x_NCHW = self.layer4(self.layer3(self.layer2(self.layer1(x_NCHW))))
        return x_NCHW.mean(dim=(2, 3))

    def forward(self, images_NCHW: Tensor) -> Tensor:
        return self.fc(self.features(images_NCHW))
