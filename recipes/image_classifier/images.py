"""Images: folders of files as tensors. Layout: `<split>/<class>/<any name>.jpg|jpeg|png`."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

try:
    import simplejpeg
except ImportError:  # Pillow decodes as well, at about half the speed
    simplejpeg = None

_SUFFIXES = (".jpg", ".jpeg", ".png")
# Larger ones are refused before they are decoded: 100 megapixels are 300 MB in memory.
_MAX_PIXELS = 100_000_000
_MEGABYTE = 2**20


class NotAnImage(ValueError):
    """Bytes that cannot be decoded. The model server answers it with this status."""

    status_code = 400


def decode_image(data: bytes, size: int) -> np.ndarray:
    """Return the centre square of a JPEG or PNG, scaled to `size`: uint8, (size, size, 3), RGB.

    JPEGs are decoded at the smallest of their eighths that is still large enough, which makes the
    decoding of a 12-megapixel photo ten times as fast.

    Raises:
        NotAnImage: The bytes are no image, or one of absurd size.
    """
    try:
        if simplejpeg is not None and data[:2] == b"\xff\xd8":
            image = _decode_jpeg(data, size)
        else:
            image = _decode_any(data, size)
        width, height = image.size
        if (width, height) == (size, size):
            return np.asarray(image)
        side = min(width, height)
        left, top = (width - side) / 2, (height - side) / 2
        box = (left, top, left + side, top + side)
        return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, box=box))
    except NotAnImage:
        raise
    except (ValueError, KeyError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        # KeyError is how simplejpeg stumbles over a header without a colour space.
        raise NotAnImage(f"The image cannot be decoded: {error}") from error


def _decode_jpeg(data: bytes, size: int) -> Image.Image:
    height, width, colorspace, _ = simplejpeg.decode_jpeg_header(data, strict=False)
    _check_size(width, height)
    if colorspace in ("CMYK", "YCCK"):
        return _decode_any(data, size)
    pixels = simplejpeg.decode_jpeg(
        data, "RGB", fastdct=True, fastupsample=True, min_height=size, min_width=size, strict=False
    )
    return Image.fromarray(pixels)


def _decode_any(data: bytes, size: int) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
    _check_size(*image.size)
    image.draft("RGB", (size, size))
    return image.convert("RGB")


def _check_size(width: int, height: int) -> None:
    if width * height > _MAX_PIXELS:
        raise NotAnImage(f"The image has {width} x {height} pixels; at most {_MAX_PIXELS} are taken.")


def split_folder(data: Path | None, split: str) -> Path | None:
    """Return where the images of `train`, `valid` or `test` lie, or None.

    Three ways: `--data` names a folder that holds the splits; SageMaker has a channel for each
    split; or one channel (`training`, `data`, ...) holds them all.
    """
    if data is not None:
        places = [data / split]
    else:  # SageMaker's channels
        channels = {key: Path(value) for key, value in os.environ.items() if key.startswith("SM_CHANNEL_")}
        own = channels.get(f"SM_CHANNEL_{split.upper()}")
        other = channels.get(
            {"valid": "SM_CHANNEL_VALIDATION", "train": "SM_CHANNEL_TRAINING"}.get(split, "")
        )
        # A channel that holds the splits comes first: `training` is what SDK v2 calls a single one.
        places = [channel / split for channel in channels.values()]
        places += [channel for channel in (own, other) if channel is not None]
    return next((place for place in places if place.is_dir()), None)


def class_names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir())


class Images:
    """The images of one split.

    Each is read when it is first asked for, and kept, as long as all fit into a quarter of the
    memory; otherwise every epoch reads them anew.

    Attributes:
        labels_N: Class of each image, int64.
    """

    def __init__(self, folder: Path, classes: Sequence[str], stored_size: int, workers: int) -> None:
        self.paths: list[Path] = []
        labels = []
        for label, name in enumerate(classes):
            # Sorted, so that an index means the same image on every rank and after a restart.
            for path in sorted((folder / name).glob("*")):
                if path.suffix.lower() in _SUFFIXES:
                    self.paths.append(path)
                    labels.append(label)
        if not self.paths:
            raise SystemExit(f"no images: expected {folder}/<class>/*.jpg or *.png")
        self.labels_N = torch.tensor(labels)
        self._size = stored_size
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="decode")
        shape = (len(self.paths), 3, stored_size, stored_size)
        # numpy's memory, because torch would copy with all cores while the training needs them.
        self._stored_NCHW: np.ndarray | None = None
        if np.prod(shape) < memory_bytes() / 4:
            self._stored_NCHW = np.empty(shape, dtype=np.uint8)
        self._is_stored = np.zeros(len(self.paths), dtype=bool)

    def __len__(self) -> int:
        return len(self.paths)

    def load(self, indices_B: Tensor) -> Tensor:
        """Return images as uint8 of shape (B, 3, stored size, stored size)."""
        indices = indices_B.numpy()
        if self._stored_NCHW is None:
            return torch.from_numpy(np.stack(list(self._pool.map(self._read, indices))))
        missing = indices[~self._is_stored[indices]]
        for index, image_CHW in zip(missing, self._pool.map(self._read, missing), strict=True):
            self._stored_NCHW[index] = image_CHW
        self._is_stored[indices] = True
        return torch.from_numpy(self._stored_NCHW[indices])

    def _read(self, index: int) -> np.ndarray:
        try:
            image_HWC = decode_image(self.paths[index].read_bytes(), self._size)
        except NotAnImage as error:
            raise SystemExit(f"{self.paths[index]}: {error}") from error
        return image_HWC.transpose(2, 0, 1)


def memory_bytes() -> int:
    """Return the memory of this machine, or of this container where that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(Path(limit).read_text()))
        except (OSError, ValueError):
            continue
    if instance := os.environ.get("SAGEHEN_MEMORY_MIB"):
        total = min(total, int(instance) * _MEGABYTE)
    return total
