"""What services declare, as data: a platform tells it without loading what they are made of.

Written by `scripts/operations`, with docs/operations.md; a test keeps it true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import orjson

OPERATIONS = Path(__file__).parent / "operations.json"
SCHEMAS = Path(__file__).parent / "schemas.json"


@cache
def declared_operations() -> Mapping[str, Sequence[str]]:
    """Return the names of the declared operations, in order, by service."""
    found: Mapping[str, Sequence[str]] = orjson.loads(OPERATIONS.read_bytes())
    return found


@cache
def declared_schemas() -> Mapping[str, int]:
    """Return how many steps the tables of each component take; see `Database.migrate`."""
    found: Mapping[str, int] = orjson.loads(SCHEMAS.read_bytes())
    return found
