"""What a model must be: checked when it is made, patched and imported."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.services.apigateway.definition.models.schema_rules import bad_patterns, dangling_references
from sagehen.services.apigateway.documents.definition import Definition, Document
from sagehen.services.apigateway.errors import BadRequestException

# More faults of one schema are not named.
_MOST_FAULTS = 10


def check_model(definition: Definition, document: Document) -> None:
    """Check a model: JSON, and references to what is there.

    Raises:
        BadRequestException
    """
    schema = document.get("schema") or ""
    parsed = _parsed(schema) if schema.strip() else None
    if not parsed:  # whatever the content type (recorded)
        raise BadRequestException("Model schema must have at least 1 property or array items defined")
    url = definition.model_url("")

    def knows_model(reference: str) -> bool:
        name = reference.removeprefix(url)
        return reference.startswith(url) and (name in definition.models or name == document["name"])

    _refuse(dangling_references(parsed, knows_model))


def check_patterns(schema: str | None) -> None:
    """Check that the patterns of a schema can be used: what is never enforced is not accepted.

    Apart from `check_model`, since it may take a while; nobody else's writes should wait for it.

    Raises:
        BadRequestException
        BudgetSpent: They are too much work.
    """
    if schema and "attern" in schema:
        _refuse(bad_patterns(_parsed(schema)))


def _parsed(schema: str) -> Any:
    try:
        return read_json(schema)
    except NotJson as error:
        raise invalid_model(f"Invalid model schema specified. Unsupported schema: {error}") from None


def _refuse(found: Iterator[str]) -> None:
    if faults := list(itertools.islice(found, _MOST_FAULTS)):
        raise invalid_model(", ".join(faults))


def invalid_model(fault: str) -> BadRequestException:
    """Return the refusal of a model; the words around the fault are AWS's (recorded)."""
    return BadRequestException(
        f"Invalid model specified: Validation Result: warnings : [], errors : [{fault}]"
    )
