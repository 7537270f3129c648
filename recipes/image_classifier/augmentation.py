"""Augmentation: random crops, shifts and mirror images, of a whole batch at once."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

# ImageNet's, because the pretrained weights saw images normalised with these.
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)


def normalise(images_NCHW: Tensor, image_size: int, device: torch.device) -> Tensor:
    """Cut the centre out of stored images (uint8) and return what a network takes (float32)."""
    margin = (images_NCHW.shape[-1] - image_size) // 2
    if margin > 0:
        images_NCHW = images_NCHW[:, :, margin : margin + image_size, margin : margin + image_size]
    return _floats(images_NCHW, device)


def _floats(images_NCHW: Tensor, device: torch.device) -> Tensor:
    images_NCHW = images_NCHW.to(device, non_blocking=True)
    images_NCHW = images_NCHW.to(torch.float32, memory_format=torch.channels_last)
    mean_C11 = 255 * torch.tensor(_MEAN, device=device).view(3, 1, 1)
    std_C11 = 255 * torch.tensor(_STD, device=device).view(3, 1, 1)
    return images_NCHW.sub_(mean_C11).div_(std_C11)


class Augmentation:
    """Draws a view of each image for each epoch.

    The draws belong to (seed, epoch, image), not to whoever asks: a batch looks the same on one
    rank and on many, and after a restart in the middle of an epoch.
    """

    def __init__(self, count: int, image_size: int, flip: bool, seed: int) -> None:
        self._count = count
        self._size = image_size
        self._flip = flip
        self._seed = seed
        self._drawn_epoch = -1
        self._draws_N4 = torch.empty(0)

    def __call__(self, images_NCHW: Tensor, indices_N: Tensor, epoch: int, device: torch.device) -> Tensor:
        """Return float32 of shape (N, 3, image size, image size)."""
        if epoch != self._drawn_epoch:
            generator = torch.Generator().manual_seed(self._seed * 1_000_003 + epoch)
            self._draws_N4 = torch.rand((self._count, 4), generator=generator)
            self._drawn_epoch = epoch
        draws_N4 = self._draws_N4[indices_N].to(device)
        # Small images keep nearly their whole area (digits lose their meaning in a crop); of large
        # ones a random 30 to 100 % is shown, as is usual for ImageNet's kind.
        if images_NCHW.shape[-1] < 128:
            scale_N = 0.9 + 0.2 * draws_N4[:, 0]
            room_N = torch.full_like(scale_N, 0.12)
        else:
            scale_N = (0.3 + 0.7 * draws_N4[:, 0]).sqrt()
            room_N = 1.0 - scale_N
        mirror_N = torch.ones_like(scale_N)
        if self._flip:
            mirror_N = torch.where(draws_N4[:, 3] < 0.5, -mirror_N, mirror_N)
        theta_N23 = torch.zeros(len(scale_N), 2, 3, device=device)
        theta_N23[:, 0, 0] = scale_N * mirror_N
        theta_N23[:, 1, 1] = scale_N
        theta_N23[:, :, 2] = (2 * draws_N4[:, 1:3] - 1) * room_N[:, None]
        grid_NHW2 = F.affine_grid(theta_N23, [len(scale_N), 3, self._size, self._size], align_corners=False)
        images = _floats(images_NCHW, device)
        return F.grid_sample(images, grid_NHW2, padding_mode="border", align_corners=False)
