"""Losses: what a job says of its losses, in its log or by its metric definitions."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Mapping

# Of each kind; a job that prints more has its older values thinned out, every second one.
_MOST_VALUES = 20_000
# A line's beginning is looked at; a longer one is data.
_LINE_CHARACTERS = 2_000
# `Loss: 0.52`, `train_loss=0.4`, `Average loss: 4.99`, `'loss': 1e-3`, `loss is 0.2`. Every repetition is
# bounded.
_LOSS = re.compile(
    r"loss\w{0,20}[\"']?\s{0,4}(?:[:=]|\bis\b)?\s{0,4}([-+]?(?:\d{1,30}(?:\.\d{0,30})?(?:e[-+]?\d{1,3})?|nan|inf))",
    re.IGNORECASE,
)
# Who reports a validation loss calls it one of these, or prints it in a line that does.
_VALIDATION = re.compile(
    r"(?:^|[^a-z])(?:val|valid|validation|test|testing|eval|evaluation|dev)(?:[^a-z]|$)", re.IGNORECASE
)


class Series:
    """Values in the order they came; of a series that is too long, every second one is dropped."""

    def __init__(self) -> None:
        self.values = array("d")
        self._stride = 1
        self._count = 0

    def add(self, value: float) -> None:
        """Take the next value."""
        if self._count % self._stride == 0:
            self.values.append(value)
            if len(self.values) >= _MOST_VALUES:
                self.values = self.values[::2]
                self._stride *= 2
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def step(self, index: int) -> int:
        """Return which value of all, from 0, the one at `index` of `values` was."""
        return index * self._stride


class Losses:
    """Training and validation losses.

    Args:
        from_metrics: Whether metric definitions say what the losses are, so that the log is not searched.
        source: What to call where they come from; None: the log, or metric definitions.
    """

    def __init__(self, *, from_metrics: bool, source: str | None = None) -> None:
        self.training, self.validation = Series(), Series()
        # Validation loss -> mean of the training losses since the one before: what Overfit compares.
        self.pairs: list[tuple[int, float, float]] = []
        self.from_metrics = from_metrics
        self._since: list[float] = []
        self.first_at: float | None = None
        self.source = source or ("metric definitions" if from_metrics else "the log")

    @property
    def count(self) -> int:
        """How many losses there are."""
        return len(self.training) + len(self.validation)

    def line(self, text: str, at: float) -> None:
        """Search a line of a job's log."""
        if self.from_metrics or "loss" not in text[:_LINE_CHARACTERS].lower():
            return
        for name, value in losses_in(text):
            self._take(name, value, at)

    def measured(self, values: Mapping[str, float], at: float) -> None:
        """Take what metric definitions found in a line."""
        if self.from_metrics:
            for name, value in values.items():
                if is_loss(name):
                    self._take(name, value, at)

    def _take(self, name: str, value: float, at: float) -> None:
        if self.first_at is None:
            self.first_at = at
        if _VALIDATION.search(name.replace("_", " ")):
            self.validation.add(value)
            if self._since and len(self.pairs) < _MOST_VALUES:
                mean = sum(self._since) / len(self._since)
                self.pairs.append((len(self.training), mean, value))
                self._since = []
        else:
            self.training.add(value)
            if len(self._since) < _MOST_VALUES and math.isfinite(value):
                self._since.append(value)


def is_loss(name: str) -> bool:
    """Tell whether a metric is a loss, by its name."""
    return "loss" in name.lower()


def losses_in(text: str) -> list[tuple[str, float]]:
    """Return (what stands before it, value) of each loss in a line."""
    found, end = [], 0
    text = text[:_LINE_CHARACTERS]
    for match in _LOSS.finditer(text):
        # The words before it, as far as the loss before: `train_loss=0.3 val_loss=0.4` has one of each kind.
        found.append((text[max(end, match.start() - 80) : match.start(1)], float(match[1])))
        end = match.end()
    return found
