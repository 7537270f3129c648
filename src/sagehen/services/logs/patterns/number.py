"""Numbers in log lines and patterns."""

from __future__ import annotations

import math
import re

# Python reads more: `1_000`, `nan`, `infinity`, digits of other scripts.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_MOST_CHARACTERS = 400  # as many as the largest float has, and some


def number_of(text: str) -> float | None:
    """Return the number that a text reads as; None where it is none."""
    if len(text) > _MOST_CHARACTERS or not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None
