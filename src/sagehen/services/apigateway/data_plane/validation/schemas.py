"""JSON Schema draft 4 for models, by `jsonschema`, every step of which spends of a budget.

Schemas and documents are both foreign: doubled references make 2^n steps of a kilobyte, a reference to
itself never ends, `uniqueItems` compares each with each, patterns backtrack. `jsonschema-rs` is faster
and linear in most of these, but runs to its end inside of Rust: nothing could break it off, and a
reference to itself overflows its stack, which is the platform's. `fastjsonschema` runs code that it
generates of the schema.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from jsonschema import Draft4Validator, validators
from jsonschema.exceptions import SchemaError, ValidationError

from sagehen.api.bounded.budget import spend
from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.api.user_patterns import PatternTooSlow
from sagehen.services.apigateway.patterns import UnsafePattern, compile_pattern

# Longer texts are judged by their beginning, by patterns that are not anchored to the end.
_SEARCHED = 1024 * 1024
_EXACT = 1 << 53

Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]


class UnusableSchema(ValueError):
    """A model's schema is none of draft 4, or holds a pattern that does not compile."""


def read_schema(text: str) -> Any:
    """Return a schema.

    Raises:
        UnusableSchema: See there.
        BudgetSpent: Checking it takes too long.
    """
    try:
        schema = _without_draft(read_json(text))
        _META.validate(schema)
        _check_patterns(schema)
    except (NotJson, ValidationError, SchemaError, UnsafePattern, RecursionError) as error:
        raise UnusableSchema(str(getattr(error, "message", error))[:300]) from None
    return schema


def _without_draft(schema: Any) -> Any:
    """Take `$schema` out: wherever it stands, jsonschema would go on with its own class of validators."""
    if isinstance(schema, list):
        return [_without_draft(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _without_draft(item)
        for name, item in schema.items()
        if name != "$schema" or not isinstance(item, str)
    }


def _check_patterns(schema: Any) -> None:
    if isinstance(schema, list):
        for item in schema:
            _check_patterns(item)
    elif isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            compile_pattern(schema["pattern"])
        by_pattern = schema.get("patternProperties")
        for pattern in by_pattern if isinstance(by_pattern, dict) else ():
            compile_pattern(pattern)
        for item in schema.values():
            _check_patterns(item)


# --- keywords --------------------------------------------------------------------------------


def _spending(keyword: Keyword) -> Keyword:
    @functools.wraps(keyword)
    def spent(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError] | None:
        spend()
        return keyword(validator, value, instance, schema)

    return spent


def _found(pattern: str, text: str) -> bool:
    try:
        return compile_pattern(pattern).search(text, _SEARCHED) is not None
    except PatternTooSlow:
        raise UnsafePattern(f"the search for {pattern[:100]} takes too long") from None


def _pattern(validator: Any, pattern: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _found(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, table: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for pattern, inner in table.items():
            for name, value in instance.items():
                if _found(pattern, name):
                    yield from validator.descend(value, inner, path=name, schema_path=pattern)


def _additional(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    extras = [
        name
        for name in instance
        if name not in known and not any(_found(pattern, name) for pattern in patterns)
    ]
    if isinstance(allowed, dict):
        for name in extras:
            yield from validator.descend(instance[name], allowed, path=name)
    elif not allowed and extras:
        named = ", ".join(repr(name) for name in sorted(extras)[:5])
        verb = "was" if len(extras) == 1 else "were"
        yield ValidationError(f"Additional properties are not allowed ({named} {verb} unexpected)")


def _unique(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if wanted and isinstance(instance, list):
        # As text: equal texts are equal values, and their hashes are nobody's to choose.
        texts = {orjson.dumps(_canonical(item), option=orjson.OPT_SORT_KEYS) for item in instance}
        if len(texts) < len(instance):
            yield ValidationError(f"{str(instance)[:100]} has non-unique elements")


def _canonical(value: Any) -> Any:
    """Return a value whose numbers have one spelling: 1.0 equals 1."""
    spend()
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if isinstance(value, dict):
        return {name: _canonical(item) for name, item in value.items()}
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return value


_OWN: dict[str, Keyword] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "uniqueItems": _unique,
}
_KEYWORDS: dict[str, Any] = {**Draft4Validator.VALIDATORS, **_OWN}
ModelValidator: Any = validators.extend(  # type: ignore[no-untyped-call]
    Draft4Validator, {name: _spending(keyword) for name, keyword in _KEYWORDS.items()}
)
_META = ModelValidator(_without_draft(Draft4Validator.META_SCHEMA))
