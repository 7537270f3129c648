"""Waiting for what comes true by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(what: Callable[[], T], timeout_s: float = 60) -> T:
    """Ask until the answer is true, and return it.

    Raises:
        AssertionError: The time is over.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {timeout_s} s; the last answer: {found!r}"
        time.sleep(0.05)
