"""The declared operations, by service, as data: a platform tells them without loading what performs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import orjson

# Written by `scripts/operations`, with docs/operations.md; a test keeps it true.
OPERATIONS = Path(__file__).parent / "operations.json"


@cache
def declared_operations() -> Mapping[str, Sequence[str]]:
    """Return the names of the declared operations, in order, by service."""
    found: Mapping[str, Sequence[str]] = orjson.loads(OPERATIONS.read_bytes())
    return found
