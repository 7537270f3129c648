"""Writes scikit-learn's 1,797 handwritten digits as image files: `<folder>/train|valid|test/<digit>/*.jpg`.

Real images that need no download. 8 x 8 grey values become 32 x 32 JPEGs.

    python digits.py folder
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

_SIZE = 32
# Of ten consecutive images seven train, one validates, two test.
_SPLITS = ("train", "train", "train", "valid", "train", "test", "train", "train", "train", "test")


def write_digits(folder: Path) -> dict[str, int]:
    """Write the files; return how many each split has."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    counts: dict[str, int] = {}
    for index, (values_88, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        split = _SPLITS[index % len(_SPLITS)]
        path = folder / split / str(label) / f"{index:04d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        grey = Image.fromarray((values_88 / 16 * 255).astype(np.uint8))
        grey.resize((_SIZE, _SIZE), Image.Resampling.BICUBIC).convert("RGB").save(path, quality=92)
        counts[split] = counts.get(split, 0) + 1
    return counts


if __name__ == "__main__":
    print(write_digits(Path(sys.argv[1])))
