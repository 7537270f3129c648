"""Networks with random weights and images for them, as a model's archive has them and as files."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import simplejpeg

_REPOSITORY = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Case:
    """A network, and its images: `share` of those that are asked for, so many pixels wide."""

    name: str
    network: str
    pixels: int
    share: float = 1.0


CASES = (
    Case("the recipe's small network", "recipe", 32, share=0.3),
    Case("ResNet-18", "resnet18", 64),
    Case("ResNet-50", "resnet50", 224, share=0.01),
)


def draw(folder: Path, count: int, pixels: int) -> None:
    """Draw images that all differ."""
    folder.mkdir()
    draw = np.random.default_rng(0)
    for number in range(count):
        coarse = draw.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        image = np.ascontiguousarray(coarse.repeat(pixels // 8, 0).repeat(pixels // 8, 1))
        (folder / f"{number:05d}.jpg").write_bytes(simplejpeg.encode_jpeg(image, quality=90))


def make_model(folder: Path, case: Case) -> None:
    """Lay out a model's folder as its archive has it."""
    if case.network != "recipe":
        (folder / "code").mkdir(parents=True)
        hooks = (_REPOSITORY / "benchmarks" / "servers" / "image_hooks.py").read_text()
        (folder / "code" / "inference.py").write_text(hooks)
        (folder / "network.txt").write_text(case.network)
        return
    with _recipe():
        network: Any = importlib.import_module("network")
        names = [str(digit) for digit in range(10)]
        described = network.Description("small", names, image_size=case.pixels, stored_size=case.pixels)
        network.save_model(folder, network.build_network("small", len(names)), described)


@contextmanager
def _recipe() -> Iterator[None]:
    """Let the recipe's modules be imported by the names that they have in its folder."""
    sys.path.insert(0, str(_REPOSITORY / "recipes" / "image_classifier"))
    try:
        yield
    finally:
        del sys.path[0]
