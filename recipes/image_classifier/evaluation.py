"""Evaluation: loss and accuracy over a split, the work shared by all ranks."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch
import torch.nn.functional as F
from splits import Split, batches
from torch import Tensor, nn
from world import World

_BATCH = 128  # images in one forward pass


@torch.inference_mode()
def evaluate(
    learner: nn.Module, split: Split, autocast: AbstractContextManager[object], world: World
) -> tuple[float, float]:
    """Return (mean loss, accuracy) over a whole split, each rank working on its share."""
    learner.eval()
    sums = torch.zeros(2, dtype=torch.float64)
    share = world.shard(torch.arange(len(split)))
    parts = list(share.split(_BATCH)) if len(share) else []
    for inputs, labels_B in batches(split, parts, epoch=0):
        with autocast:
            scores_BC: Tensor = learner(inputs)
        sums[0] += F.cross_entropy(scores_BC.float(), labels_B, reduction="sum").item()
        sums[1] += (scores_BC.argmax(1) == labels_B).sum().item()
    loss, correct = world.sum(sums).tolist()
    return loss / len(split), correct / len(split)
