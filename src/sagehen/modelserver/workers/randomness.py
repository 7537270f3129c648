"""Randomness of worker processes, which are forks: each as random as one that was started by itself."""

from __future__ import annotations

import contextlib
import importlib
import random
import sys
from typing import Any


def start_anew() -> None:
    """Draw the seeds of a fresh process; nothing of the user's has run yet."""
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    if torch := sys.modules.get("torch"):
        torch.default_generator.seed()


class Seeds:
    """Tells, in a clone of a worker that has loaded its model, which seeds the user's code has set.

    Where each worker loads the model itself, as in AWS's containers, a seed that `model_fn` sets is the
    same in all of them, and what it leaves alone differs.

    Args:
        framework: Whose handlers use numpy: it is imported now, to know its state before the user's code.
    """

    def __init__(self, framework: str) -> None:
        if framework in ("pytorch", "sklearn"):
            with contextlib.suppress(ImportError):
                importlib.import_module("numpy")
        self._before = _seeds()

    def part(self) -> None:
        """Draw new ones for what was not set, in a fork. `random` does so by itself."""
        now = _seeds()
        if now["numpy"] is not None and _same(now["numpy"], self._before["numpy"]):
            sys.modules["numpy"].random.seed()
        torch, before = now["torch"], self._before["torch"]
        # Torch draws one of 64 bits when it is imported; what people choose is small.
        if torch is not None and (torch == before if before is not None else torch >= 2**32):
            sys.modules["torch"].default_generator.seed()


def _seeds() -> dict[str, Any]:
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    return {
        # The key changes after 624 draws too: such a state is taken for the user's.
        "numpy": None if numpy is None else numpy.random.get_state(legacy=False)["state"]["key"].tolist(),
        "torch": None if torch is None else torch.initial_seed(),
    }


def _same(now: object, before: object) -> bool:
    # Imported by the user's code: drawn in this very process, and the same in every clone.
    return before is None or now == before
