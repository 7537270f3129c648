"""A handler that does nothing: what remains is the server."""

from __future__ import annotations


def load() -> None:
    """Load nothing."""


def predict(model: None, body: bytes) -> bytes:
    """Return the body."""
    return body
