"""Hyperparameters: strings in a file, values in SM_HPS, words on the script's command line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# These steer the container and never reach the script: script mode's and the tuner's own.
RESERVED_PREFIXES = ("sagemaker_", "_tuning_")


def decode(raw: Mapping[str, str]) -> dict[str, Any]:
    """Return the values: SDKs send each JSON-encoded inside its string, plain clients send it as it is."""
    return {name: _decoded(text) for name, text in raw.items()}


def split(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (the script's, the container's own)."""
    own = {name: value for name, value in values.items() if name.startswith(RESERVED_PREFIXES)}
    return {name: value for name, value in values.items() if name not in own}, own


def arguments(values: Mapping[str, Any]) -> list[str]:
    """Return the script's arguments in order of their names: `--name value`, `-n value` for one letter."""
    words: list[str] = []
    for name in sorted(values):
        words += [f"--{name}" if len(name) > 1 else f"-{name}", _word(values[name])]
    return words


def _decoded(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text


def _word(value: Any) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{key}={inner}" for key, inner in sorted(value.items()))
    return "" if value is None else str(value)
