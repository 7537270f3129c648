"""What a model's schema must keep to: what can be seen when it is put, no request should fail of later."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from sagehen.api.bounded.budget import spend
from sagehen.services.apigateway.patterns import UnsafePattern, compile_pattern

# Steps of a budget that a pattern counts for: it looks at the clock after each.
_COMPILING = 32
# Keywords whose value is a table of schemas: their names are nobody's keywords.
_TABLES = ("properties", "patternProperties", "definitions", "dependencies")
# Neither `²`, which is a digit to Python, nor more of them than it reads.
_INDEX = re.compile(r"[0-9]{1,9}")
# Keywords whose value is data.
_DATA = ("enum", "default", "example", "examples", "const")


def bad_patterns(schema: Any) -> Iterator[str]:
    """Yield, in words, the patterns of a schema that cannot be used. Spends of a budget.

    Args:
        schema: Parsed, and no deeper than `sagehen.api.bounded` lets it be.

    Raises:
        BudgetSpent: They are too much work.
    """
    for node in _schemas(schema):
        patterns = [node["pattern"]] if isinstance(node.get("pattern"), str) else []
        by_pattern = node.get("patternProperties")
        patterns += by_pattern if isinstance(by_pattern, dict) else []
        for pattern in patterns:
            spend(_COMPILING)
            if fault := pattern_fault(pattern):
                yield f"Invalid pattern '{pattern[:200]}' specified: {fault}"


def dangling_references(schema: Any, knows_model: Callable[[str], bool]) -> Iterator[str]:
    """Yield, in words, the references of a schema that lead neither into itself nor to a model.

    Args:
        schema: As above.
        knows_model: Whether a URL is the one of a model that is there.
    """
    for node in _schemas(schema):
        reference = node.get("$ref")
        if isinstance(reference, str) and not (_leads(schema, reference) or knows_model(reference)):
            yield f"Invalid model reference specified: {reference[:200]}"


def pattern_fault(pattern: str) -> str | None:
    """Return why a pattern cannot be used, or None."""
    try:
        compile_pattern(pattern)
    except UnsafePattern as error:
        return str(error)
    return None


def _schemas(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every schema within a schema, itself first."""
    if isinstance(schema, list):
        for item in schema:
            yield from _schemas(item)
    elif isinstance(schema, dict):
        yield schema
        for keyword, value in schema.items():
            if keyword in _TABLES and isinstance(value, dict):
                for inner in value.values():
                    yield from _schemas(inner)
            elif keyword not in _DATA:
                yield from _schemas(value)


def _leads(schema: Any, reference: str) -> bool:
    """Whether a JSON pointer (`#/definitions/x`) leads to something in the schema."""
    if not reference.startswith("#"):
        return False
    node = schema
    for part in reference[1:].split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and key in node:
            node = node[key]
        elif isinstance(node, list) and _INDEX.fullmatch(key) and int(key) < len(node):
            node = node[int(key)]
        else:
            return False
    return reference in ("#", "#/") or reference.startswith("#/")
