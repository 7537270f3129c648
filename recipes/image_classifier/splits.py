"""Splits: what the training loop asks for inputs and labels: images, or a frozen backbone's features."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import torch
from augmentation import Augmentation, normalise
from images import Images, class_names, split_folder
from settings import Settings
from torch import Tensor, nn

# How many batches are decoded ahead of the one that is computed.
_AHEAD = 3
# Length of a feature vector after scaling: logistic regression on vectors of length 8 is stable up
# to a learning rate of some 0.2 with momentum 0.9 (its curvature is at most 64 / 4).
_NORM = 8.0


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

    def standardised(self, scale: FeatureScale) -> FeatureSplit:
        return FeatureSplit(self.labels_N, (self._features_VNF - scale.mean_F) / scale.deviation_F)

    def scale(self) -> FeatureScale:
        flat_MF = self._features_VNF.flatten(0, 1)
        deviation_F = flat_MF.std(dim=0, correction=0)
        # A feature that hardly ever moves is not blown up to the size of the others.
        deviation_F = deviation_F.clamp_min(0.1 * deviation_F.mean().item() + 1e-12)
        return FeatureScale(flat_MF.mean(dim=0), deviation_F * (flat_MF.shape[1] ** 0.5 / _NORM))


@dataclass(frozen=True)
class FeatureScale:
    """Centres features and brings them to one length, so that one learning rate suits every backbone.

    The last layer learns on scaled features; `fold` writes the scaling into it for use without.
    """

    mean_F: Tensor
    deviation_F: Tensor

    @torch.no_grad()
    def unfold(self, fc: nn.Linear, keep: bool) -> None:
        """Make a layer for raw features one for scaled features; a fresh one begins with zeros.

        Zeros are the best start of a problem without local minima, and the same on every rank.
        """
        if not keep:
            fc.weight.zero_()
            fc.bias.zero_()
        fc.bias.add_(fc.weight @ self.mean_F)
        fc.weight.mul_(self.deviation_F)

    @torch.no_grad()
    def fold(self, fc: nn.Linear) -> None:
        """Make a layer for scaled features one for raw features."""
        fc.weight.div_(self.deviation_F)
        fc.bias.sub_(fc.weight @ self.mean_F)


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


def open_splits(settings: Settings, device: torch.device) -> tuple[dict[str, Split], list[str]]:
    """Find train, valid and test; the classes are the folders of train."""
    folders = {name: split_folder(settings.data, name) for name in ("train", "valid", "test")}
    train = folders["train"]
    if train is None:
        raise SystemExit("no training images: give --data FOLDER (with train/ in it) or a channel `train`")
    classes = class_names(train)
    splits: dict[str, Split] = {}
    for name, folder in folders.items():
        if folder is None:
            continue
        images = Images(folder, classes, settings.stored_size, settings.workers)
        # A frozen backbone with a single view sees the images as they are.
        augmented = name == "train" and (settings.tune == "full" or settings.views > 1)
        augmentation = (
            Augmentation(len(images), settings.image_size, settings.flip, settings.seed)
            if augmented
            else None
        )
        splits[name] = ImageSplit(images, settings.image_size, device, augmentation)
    return splits, classes
