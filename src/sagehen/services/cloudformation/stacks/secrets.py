"""Secrets: values of parameters with NoEcho, which nobody is shown. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

HIDDEN = "****"


def masked(value: Any, secrets: Sequence[str]) -> Any:
    """Return a value without the secrets that its texts hold."""
    if isinstance(value, Mapping):
        return {name: masked(one, secrets) for name, one in value.items()}
    if isinstance(value, list):
        return [masked(one, secrets) for one in value]
    text = hidden = str(value)
    for secret in secrets:
        hidden = hidden.replace(secret, HIDDEN) if secret else hidden
    return value if hidden == text else hidden
