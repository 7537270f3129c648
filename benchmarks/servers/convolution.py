"""A small convolutional network on one 32x32 image: float32 bytes in, JSON scores out."""

from __future__ import annotations

import json

import torch
from torch import nn

SHAPE_NCHW = (1, 3, 32, 32)


def load() -> nn.Module:
    """Build the network; its weights are drawn from a fixed seed."""
    torch.set_num_threads(1)  # as many processes as cores, in every server
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.Linear(128, 10),
    ).eval()  # fmt: skip


def predict(model: nn.Module, body: bytes) -> bytes:
    """Return the ten scores of one image."""
    image_NCHW = torch.frombuffer(bytearray(body), dtype=torch.float32).reshape(SHAPE_NCHW)
    with torch.inference_mode():
        scores = model(image_NCHW)
    return json.dumps(scores[0].tolist()).encode()


def predict_batch(model: nn.Module, bodies: list[bytes]) -> list[bytes]:
    """Return the scores of several images, from one forward pass."""
    images_NCHW = torch.cat(
        [torch.frombuffer(bytearray(b), dtype=torch.float32).reshape(SHAPE_NCHW) for b in bodies]
    )
    with torch.inference_mode():
        scores = model(images_NCHW)
    return [json.dumps(row).encode() for row in scores.tolist()]
