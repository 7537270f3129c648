"""Settings: what a run is told, by SageMaker's environment and by options on the command line."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

CHECKPOINTS = "/opt/ml/checkpoints"  # synced with S3 by SageMaker where a job has a CheckpointConfig

# What differs between the two families where the command line does not say: (model family, tune).
_DEFAULTS: dict[tuple[str, str], dict[str, float]] = {
    ("small", "full"): {"epochs": 20, "batch_size": 128, "learning_rate": 0.05, "image_size": 32},
    ("resnet", "head"): {"epochs": 40, "batch_size": 64, "learning_rate": 0.05, "image_size": 224},
    ("resnet", "full"): {"epochs": 8, "batch_size": 32, "learning_rate": 0.005, "image_size": 224},
}


@dataclass(frozen=True)
class Settings:
    """One run. Sizes in pixels, memory in MiB."""

    model: str
    tune: str  # head: the backbone is frozen; full: everything learns
    weights: str  # hub, none, a file, or s3://bucket/key
    data: Path | None
    model_dir: Path
    checkpoint_dir: Path | None
    checkpoint_every_s: float
    epochs: int
    batch_size: int  # over all ranks together
    learning_rate: float
    weight_decay: float
    label_smoothing: float
    image_size: int
    flip: bool
    views: int  # with a frozen backbone: how many augmented views of each image are computed
    precision: str  # auto, float32, bfloat16
    seed: int
    workers: int

    @property
    def stored_size(self) -> int:
        """Images are kept this large; big ones a seventh larger, so that crops have room to move."""
        return self.image_size if self.image_size < 128 else self.image_size * 8 // 7

    def fingerprint(self) -> dict[str, object]:
        """What must not change between a checkpoint and the run that goes on from it."""
        places = {"data", "model_dir", "checkpoint_dir", "checkpoint_every_s", "weights", "workers"}
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in places}


def read_settings(arguments: Sequence[str]) -> Settings:
    """Read the command line over SageMaker's environment over the defaults.

    Hyperparameters arrive as options, in whichever spelling the job was given: `--batch-size` and
    `--batch_size` are one.
    """
    spelled = [
        re.sub("_", "-", word) if word.startswith("--") and "=" not in word else word for word in arguments
    ]
    options = _parser().parse_args(spelled)
    family = "small" if options.model == "small" else "resnet"
    tune = options.tune or ("full" if family == "small" else "head")
    if (family, tune) not in _DEFAULTS:
        raise SystemExit("--tune head needs a pretrained backbone: --model small is trained in full")
    values = vars(options) | {"tune": tune}
    for name, default in _DEFAULTS[family, tune].items():
        if values[name] is None:
            values[name] = default
    if values["flip"] is None:
        values["flip"] = family == "resnet"  # a mirrored dog is a dog, a mirrored 2 is not a 2
    if options.checkpoint_dir is None and Path(CHECKPOINTS).is_dir():
        values["checkpoint_dir"] = Path(CHECKPOINTS)
    return Settings(**values)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Train an image classifier on folders of images.")
    boolean = argparse.BooleanOptionalAction
    cpus = int(os.environ.get("SM_NUM_CPUS") or os.cpu_count() or 1)
    add = parser.add_argument
    add("--model", default="small", help="small, resnet18, resnet34, resnet50 or resnet101")
    add("--tune", choices=("head", "full"), help="head: frozen backbone (default for resnets); full: all")
    add("--weights", default="hub", help="of resnets: hub, none, a file, or s3://bucket/key")
    add("--data", type=Path, help="folder with train/, valid/, test/; default: SageMaker's channels")
    add("--model-dir", type=Path, default=Path(os.environ.get("SM_MODEL_DIR", "model")))
    add("--checkpoint-dir", type=Path, help=f"default: {CHECKPOINTS} where it exists")
    add("--checkpoint-every-s", type=float, default=10.0, help="at most one checkpoint in this many seconds")
    add("--epochs", type=int)
    add("--batch-size", type=int, help="images in an optimiser step, over all ranks together")
    add("--learning-rate", type=float, help="peak of the one cycle")
    add("--weight-decay", type=float, default=5e-4)
    add("--label-smoothing", type=float, default=0.05)
    add("--image-size", type=int)
    add("--flip", action=boolean, help="mirror images at random (default: for resnets)")
    add("--views", type=int, default=1, help="frozen backbone: augmented views of each training image")
    add("--precision", choices=("auto", "float32", "bfloat16"), default="auto")
    add("--seed", type=int, default=0)
    add("--workers", type=int, default=cpus, help="threads that decode images")
    return parser
