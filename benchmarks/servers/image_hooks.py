"""A network of torchvision, as a serving script that a bare loop and a transform job share."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import simplejpeg
import torch
from torch import nn
from torchvision.models import get_model


def model_fn(model_dir: str) -> nn.Module:
    """Build the network that network.txt names; its weights are drawn from a fixed seed."""
    torch.manual_seed(0)
    network: nn.Module = get_model((Path(model_dir) / "network.txt").read_text(), num_classes=10).eval()
    network(torch.zeros(1, 3, 64, 64))
    return network


def input_fn(body: bytes, content_type: str) -> torch.Tensor:
    """Decode one image."""
    pixels = np.ascontiguousarray(simplejpeg.decode_jpeg(body).transpose(2, 0, 1))
    return torch.from_numpy(pixels).float().div_(255)


def predict_batch_fn(inputs: list[torch.Tensor], model: nn.Module) -> list[list[float]]:
    """Return the scores of several images, from one forward pass."""
    with torch.inference_mode():
        scores: list[list[float]] = model(torch.stack(inputs)).tolist()
    return scores


def output_fn(scores: list[float], accept: str) -> tuple[str, str]:
    """Encode the scores of one image."""
    return json.dumps(scores), "application/json"
