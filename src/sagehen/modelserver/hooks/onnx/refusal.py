"""StaysOnPyTorch: the reason, for the log."""

from __future__ import annotations


class StaysOnPyTorch(Exception):
    """The model is served as it is."""


def first_line(error: Exception) -> str:
    """Return what an exception is, and how what it says begins."""
    said = str(error).strip() or "\n"
    return f"{type(error).__name__}: {said.splitlines()[0][:300]}"
