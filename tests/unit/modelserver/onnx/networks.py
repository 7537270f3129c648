"""Networks that ONNX Runtime can serve, and some that it cannot."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Turning(nn.Module):
    """Goes one way or another by its input."""

    def forward(self, x: Tensor) -> Tensor:
        return x * 2 if x.sum() > 0 else x


class Noisy(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + torch.rand_like(x)


class Twofold(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x, x


class Sized(nn.Module):
    """Its answer depends on the size of the batch."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sum(dim=0, keepdim=True).expand(x.shape[0], -1) / x.shape[0]


class Counted(nn.Linear):
    """A layer that knows how often it was asked itself."""

    asked = 0

    def forward(self, x: Tensor) -> Tensor:
        self.asked += 1
        return super().forward(x)


def network(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 3)).eval()


def linear() -> nn.Module:
    return nn.Linear(4, 2).eval()
