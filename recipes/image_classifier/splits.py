"""Splits: what the training loop asks for inputs and labels: images, or a frozen backbone's features."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import torch
from augmentation import Augmentation, normalise
from images import Images
from progress import Progress
from resnet import ResNet
from small_network import SmallNetwork
from torch import Tensor
from world import World

# How many batches are decoded ahead of the one that is computed.
_AHEAD = 3


class ImageSplit:
    """Images as a network takes them; augmented where an augmentation is given."""

    def __init__(
        self, images: Images, image_size: int, device: torch.device, augmentation: Augmentation | None = None
    ) -> None:
        self.labels_N = images.labels_N
        self._images = images
        self._size = image_size
        self._device = device
        self._augmentation = augmentation

    def __len__(self) -> int:
        return len(self._images)

    def fetch(self, indices_B: Tensor) -> Tensor:
        """Return stored images, decoded where they are not yet. Runs ahead, in a thread."""
        return self._images.load(indices_B)

    def inputs(self, stored_NCHW: Tensor, indices_B: Tensor, epoch: int) -> Tensor:
        """Return float32 images of shape (B, 3, size, size) as epoch `epoch` shows them."""
        if self._augmentation is None:
            return normalise(stored_NCHW, self._size, self._device)
        return self._augmentation(stored_NCHW, indices_B, epoch, self._device)


class FeatureSplit:
    """Features of images, computed once by a frozen backbone: epochs then cost milliseconds.

    Several views make it aware of augmentation: epoch e sees view e modulo their number.
    """

    def __init__(self, labels_N: Tensor, features_VNF: Tensor) -> None:
        self.labels_N = labels_N
        self._features_VNF = features_VNF

    def __len__(self) -> int:
        return len(self.labels_N)

    def fetch(self, indices_B: Tensor) -> Tensor:
        return indices_B

    def inputs(self, fetched: Tensor, indices_B: Tensor, epoch: int) -> Tensor:
        """Return features of shape (B, F)."""
        return self._features_VNF[epoch % len(self._features_VNF)][fetched]


Split = ImageSplit | FeatureSplit


def batches(split: Split, parts: list[Tensor], epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield (inputs, labels) of each part, decoding the next ones while the caller computes."""
    with ThreadPoolExecutor(1, thread_name_prefix="prefetch") as thread:
        waiting = [thread.submit(split.fetch, part) for part in parts[:_AHEAD]]
        for index, part in enumerate(parts):
            inputs = split.inputs(waiting.pop(0).result(), part, epoch)
            if index + _AHEAD < len(parts):
                waiting.append(thread.submit(split.fetch, parts[index + _AHEAD]))
            yield inputs, split.labels_N[part].to(inputs.device, non_blocking=True)


@torch.inference_mode()
def compute_features(
    network: ResNet | SmallNetwork,
    split: ImageSplit,
    views: int,
    world: World,
    autocast: AbstractContextManager[object],
    progress: Progress,
) -> FeatureSplit:
    """Run every image through the backbone once for each view, each rank its share."""
    network.eval()
    share = world.shard(torch.arange(len(split)))
    parts = list(share.split(32))
    computed = []
    for view in range(views):
        rows = []
        for inputs, _ in batches(split, parts, view):
            with autocast:
                rows.append(network.features(inputs).float())
            progress.advance(len(inputs) * world.size)
        width = network.fc.in_features
        own_NF = torch.cat(rows) if rows else torch.empty(0, width, device=world.device)
        computed.append(world.gather_shards(own_NF, len(split)))
    # A copy: tensors made under inference_mode may not take part in training.
    return FeatureSplit(split.labels_N, torch.stack(computed).clone())
