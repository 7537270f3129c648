"""The recipe against a naive script: a frozen ResNet-50 and a new last layer, to the same accuracy.

No pretrained weights can be fetched here. Both sides get one file of random weights instead, whose
batch norms have seen other images of the kind; random features tell digits apart well enough to
compare the time in which a last layer learns to. What is measured does not depend on the weights:
which passes through the network are made, and how fast images are read.
"""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from benchmarks.table import Row, Table
from benchmarks.training import RECIPE

_REPOSITORY = Path(__file__).parent.parent
_FILE_SIZE = 256  # pixels: files as large as small photos, so that decoding is part of it
_IMAGE_SIZE = 64  # pixels that the network sees; 224 would take the naive script a quarter of an hour
_EPOCHS = 4
_TRAIN, _VALID, _OTHER = range(300), range(300, 450), range(600, 664)
# Of each block's last batch norm: the shortcuts carry most, or fifty random layers would leave nothing.
_BRANCH = 0.1
_AIM = 5


@dataclass(frozen=True, slots=True)
class Epoch:
    """After an epoch: seconds since the process was started, and accuracy on the images held out."""

    seconds: float
    accuracy: float


def measure(say: Callable[[str], None]) -> Table:
    """Make the data and the backbone, run both, compare their times to the accuracy that both reach."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder / "digits", {"train": _TRAIN, "valid": _VALID})
        say("a backbone of random weights")
        weights = folder / "backbone.pth"
        _write_backbone(weights)
        sides: dict[str, list[Epoch]] = {}
        for side, command in _commands(folder, weights).items():
            say(side)
            sides[side] = _run(command, lambda text, side=side: say(f"{side}: {text}"))
    naive = sides.pop("naive")
    return Table(
        "The recipe against a naive script",
        peer="naive script",
        method=(
            f"ResNet-50 frozen but for its last layer, {len(_TRAIN)} training images and {len(_VALID)} held "
            f"out (scikit-learn's digits as JPEGs of {_FILE_SIZE} pixels, seen at {_IMAGE_SIZE}), batches of "
            "32, both cores. The backbone is random, its batch norms adjusted on other digits, the same file "
            "for both: no pretrained weights can be fetched here. `benchmarks/naive_classifier.py`: Pillow, "
            "DataLoader, every epoch through the whole network with its gradient graph, float32, "
            f"{_EPOCHS} epochs of Adam. Times are from the start of `python` to the first epoch that has the "
            "accuracy on the held-out images."
        ),
        rows=[row for side, epochs in sides.items() for row in _rows(side, epochs, naive)],
    )


def _commands(folder: Path, weights: Path) -> dict[str, list[str]]:
    data, size = str(folder / "digits"), str(_IMAGE_SIZE)
    recipe = [
        *(str(RECIPE / "train.py"), "--data", data, "--model", "resnet50", "--weights", str(weights)),
        *("--image-size", size, "--batch-size", "32", "--model-dir", str(folder / "model")),
    ]
    return {
        "recipe": recipe,
        "recipe, held to float32": [*recipe, "--precision", "float32"],
        "naive": ["-m", "benchmarks.naive_classifier", data, str(weights), str(_EPOCHS), size],
    }


def _rows(side: str, ours: list[Epoch], naive: list[Epoch]) -> list[Row]:
    # The accuracy that both reach: the better of the two is not asked for more than the other has.
    target = min(max(epoch.accuracy for epoch in epochs) for epochs in (ours, naive))
    seconds, peer = (
        next(epoch.seconds for epoch in epochs if epoch.accuracy >= target) for epochs in (ours, naive)
    )
    return [
        Row(
            f"{side}: time to {target:.1%}",
            f"{seconds:.1f} s",
            f"{peer:.1f} s",
            f"{peer / seconds:.1f} times",
            f"aim: {_AIM} times",
        ),
        Row(
            f"{side}: best accuracy",
            f"{max(epoch.accuracy for epoch in ours):.1%}",
            f"{max(epoch.accuracy for epoch in naive):.1%}",
            note=f"after {len(ours)} and {len(naive)} epochs, {ours[-1].seconds:.1f} and "
            f"{naive[-1].seconds:.1f} s",
        ),
    ]


def _run(command: list[str], say: Callable[[str], None]) -> list[Epoch]:
    began, epochs = time.perf_counter(), []
    with subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, text=True, env=_environment(), cwd=_REPOSITORY
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            say(line.strip())
            if found := re.match(r"epoch \d+ .*valid_accuracy=([0-9.]+)", line):
                epochs.append(Epoch(time.perf_counter() - began, float(found[1])))
    if process.returncode or not epochs:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return epochs


def _environment() -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SM_", "OMP_"))}
    # For both: threads that wait spinning would make the naive script's figure a measure of its neighbours.
    return clean | {"OMP_WAIT_POLICY": "PASSIVE", "PYTHONPATH": f"{RECIPE}"}


def _write_backbone(path: Path) -> None:
    import torch
    from recipes.image_classifier.resnet import Bottleneck, ResNet

    torch.manual_seed(0)
    network = ResNet("resnet50", 1000)  # as ImageNet: either side makes a last layer of its own
    for module in network.modules():
        if isinstance(module, Bottleneck):
            torch.nn.init.constant_(module.bn3.weight, _BRANCH)
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # the plain mean of what it sees
    images = np.stack([np.asarray(_image(index, _IMAGE_SIZE)) for index in _OTHER])
    images_NCHW = (torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255 - 0.45) / 0.225
    with torch.no_grad():
        for part_NCHW in images_NCHW.split(32):
            network.train()(part_NCHW)
    torch.save(network.state_dict(), path)


def _write(folder: Path, splits: dict[str, range]) -> None:
    for split, indices in splits.items():
        for index in indices:
            path = folder / split / str(_digits().target[index]) / f"{index:04d}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            _image(index, _FILE_SIZE).save(path, quality=92)


def _image(index: int, size: int) -> Image.Image:
    grey = Image.fromarray((_digits().images[index] / 16 * 255).astype(np.uint8))
    return grey.resize((size, size), Image.Resampling.BICUBIC).convert("RGB")


@functools.cache
def _digits() -> Any:
    return load_digits()
