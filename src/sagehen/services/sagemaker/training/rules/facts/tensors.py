"""Tensors that a script's hook saved, as rules look at them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sagehen.services.sagemaker.training.rules.facts.losses import Losses

# smdebug's default collections: what of a module called Loss comes out; and what it calls gradients.
_LOSS = re.compile(r"[Ll]oss_(?!input).{0,100}output")
_GRADIENT = "gradient/"


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor at one step.

    Args:
        mode: TRAIN, EVAL, PREDICT or GLOBAL.
        step: Within the mode.
        numbers: As `hooks/reading.py` has them: count, nans, infinite, and of finite values mean, mean_abs,
            variance, zeros, p5, p95.
    """

    name: str
    mode: str
    step: int
    numbers: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Tensors:
    """All that were read.

    Args:
        all: In the order they were saved.
        cut: Whether there are more than were read.
    """

    all: Sequence[Tensor] = field(default_factory=tuple)
    cut: bool = False

    def gradients(self) -> list[Tensor]:
        """Return the gradients of training; of what has no mode, all."""
        return [t for t in self.all if t.name.startswith(_GRADIENT) and t.mode in ("TRAIN", "GLOBAL")]

    def matching(self, expression: str) -> list[Tensor]:
        """Return those whose name holds a text (`.*` at its ends is dropped)."""
        text = expression.removeprefix(".*").removesuffix(".*").lower()
        return [t for t in self.all if text in t.name.lower()]

    def losses(self) -> Losses | None:
        """Return the losses that were saved, or None where none was."""
        losses = Losses(from_metrics=True, source="tensors")
        for tensor in self.all:
            if _LOSS.search(tensor.name) and "mean" in tensor.numbers:
                kind = "val:loss" if tensor.mode == "EVAL" else "train:loss"
                losses.measured({kind: tensor.numbers["mean"]}, 0.0)
        return losses if losses.count else None
