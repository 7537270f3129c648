"""What single values of a plan may be."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

from sagehen.traffic.durations import parse_duration

_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*(MB|MiB|GB|GiB)?", re.IGNORECASE)


def seconds(text: str) -> float:
    """Read a time; `0` and `0s` are none."""
    return 0.0 if text in ("0", "0s", "0ms") else parse_duration(text)


def count(least: int, most: int) -> Callable[[str], int]:
    """Return a reader of whole numbers within bounds."""

    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"{text[:40]!r}: a whole number from {least} to {most} belongs here")
        return int(text)

    return read


def number(least: float, most: float) -> Callable[[str], float]:
    """Return a reader of numbers within bounds."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise ValueError(f"{text[:40]!r}: a number from {least:g} to {most:g} belongs here")
        return value

    return read


def label(text: str) -> str:
    """Read a name that a table shows."""
    if not 0 < len(text) <= 80 or not text.isprintable():
        raise ValueError("a name has 1 to 80 printable characters")
    return text


def one_of(words: Sequence[str]) -> Callable[[str], str]:
    """Return a reader of one of some words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"{text[:40]!r}: one of {', '.join(words)} belongs here")
        return text

    return read


def yes_or_no(text: str) -> bool:
    """Read a truth as YAML writes it."""
    if text.lower() not in ("true", "false", "yes", "no", "on", "off"):
        raise ValueError(f"{text[:40]!r}: yes or no belongs here")
    return text.lower() in ("true", "yes", "on")


def memory_mib(text: str) -> int:
    """Read a function's memory: `512`, `1024MB`, `2GB`. Documented: 128 to 10,240 MB."""
    found = _MEMORY.fullmatch(text)
    size = float(found[1]) * (1024 if (found[2] or "").lower().startswith("g") else 1) if found else 0.0
    if not 128 <= size <= 10_240:
        raise ValueError(f"{text[:40]!r}: a memory from 128MB to 10240MB belongs here")
    return round(size)
