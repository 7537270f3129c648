"""Bounds: the work of one rendering, and all that it makes.

Ours: AWS documents none but those of #foreach and of a template's size.
"""

from __future__ import annotations

import sys
from typing import Any

from sagehen.api.bounded.budget import spend
from sagehen.services.apigateway.data_plane.velocity.parser import TemplateError

_MAX_STEPS = 250_000
# Bytes of all texts and lists that one rendering makes: it may hold on to each of them.
_MAX_MADE = 128 * 1024 * 1024
ITEM_BYTES = 64


class Bounds:
    """Counts what one rendering has done and made."""

    def __init__(self) -> None:
        self._steps = 0
        self._made = 0

    def step(self) -> None:
        """Count a step.

        Raises:
            TemplateError: There were too many.
            BudgetSpent: Of the budget that it is rendered in.
        """
        spend()
        self._steps += 1
        if self._steps > _MAX_STEPS:
            raise TemplateError("the template takes too long")

    def made(self, size: int) -> None:
        """Count bytes that were made. The clock is looked at the sooner the more they are.

        Raises:
            TemplateError, BudgetSpent
        """
        spend(size >> 12)
        self._made += size
        if self._made > _MAX_MADE:
            raise TemplateError("the template makes too much")


def size_of(value: Any) -> int:
    """Return about how many bytes a new value takes, without what it refers to."""
    if isinstance(value, str):
        return sys.getsizeof(value)
    return ITEM_BYTES * (1 + len(value)) if isinstance(value, list | dict) else 0
