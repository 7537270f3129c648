"""A small convolutional network for small images: 34,000 parameters, trained from nothing in seconds."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_PLACES = 4


class SmallNetwork(nn.Module):
    """Images (N, 3, H, W), best 16 to 64 pixels wide, to scores (N, classes).

    Groups are normalised, not batches: an image's result then does not depend on its neighbours,
    and a batch cut over many ranks gives the gradient that it gives on one.
    """

    def __init__(self, classes: int, width: int = 16) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, stride=2, padding=1, bias=False)
        self.norm1 = nn.GroupNorm(4, width)
        self.conv2 = nn.Conv2d(width, 2 * width, 3, padding=1, bias=False)
        self.norm2 = nn.GroupNorm(4, 2 * width)
        self.conv3 = nn.Conv2d(2 * width, 4 * width, 3, padding=1, bias=False)
        self.norm3 = nn.GroupNorm(8, 4 * width)
        self.fc = nn.Linear(4 * width * _PLACES**2, classes)

    def features(self, images_NCHW: Tensor) -> Tensor:
        x_NCHW = torch.relu_(self.norm1(self.conv1(images_NCHW)))
        x_NCHW = nn.functional.max_pool2d(torch.relu_(self.norm2(self.conv2(x_NCHW))), 2)
        x_NCHW = nn.functional.max_pool2d(torch.relu_(self.norm3(self.conv3(x_NCHW))), 2)
        # Not one mean over all places: where a stroke is tells a 6 from a 9.
        return nn.functional.adaptive_avg_pool2d(x_NCHW, _PLACES).flatten(1)

    def forward(self, images_NCHW: Tensor) -> Tensor:
        return self.fc(self.features(images_NCHW))
