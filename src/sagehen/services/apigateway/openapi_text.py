"""Uploaded OpenAPI documents: JSON or YAML, made plain dictionaries within bounds."""

from __future__ import annotations

import re
from typing import Any

import orjson
import yaml  # type: ignore[import-untyped, unused-ignore]

from sagehen.services.apigateway.definition import Document
from sagehen.services.apigateway.errors import BadRequestException

# AWS's limit of an API definition.
MAX_BYTES = 6 * 1024 * 1024
# YAML's aliases can make much of little: what a document may come to, in values, and how deep.
_MAX_VALUES = 500_000
_MAX_DEPTH = 100

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_LOADER):  # type: ignore[misc, unused-ignore]
    """A safe loader to whom `2020-01-01` is a text: versions often look like dates."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _LOADER.yaml_implicit_resolvers.items()
}


def parse_openapi(body: bytes) -> Document:
    """Return an OpenAPI document. Slow for large YAML: not for the event loop.

    Raises:
        BadRequestException: It is neither JSON nor YAML, no object, or too large.
    """
    if len(body) > MAX_BYTES:
        raise BadRequestException(f"API definition must not be larger than {MAX_BYTES} bytes")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = _yaml(body)
    if not isinstance(document, dict):
        raise _unreadable("it is not an object")
    return document


def _yaml(body: bytes) -> Any:
    try:
        document = yaml.load(body, Loader=_Loader)  # noqa: S506 — a subclass of the safe loader
        return _plain(document, _Budget(), 0)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise _unreadable(" ".join(str(error).split())) from None


class _Budget:
    def __init__(self) -> None:
        self.left = _MAX_VALUES

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise ValueError("it holds too many values")


def _plain(value: Any, budget: _Budget, depth: int) -> Any:
    """Return a value as JSON would have it: texts for keys (`200:` is a number to YAML)."""
    budget.spend()
    if depth > _MAX_DEPTH:
        raise ValueError("it is nested too deep")
    if isinstance(value, dict):
        return {_key(key): _plain(inner, budget, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, budget, depth + 1) for inner in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise ValueError(f"a value of type {type(value).__name__} has no place in it")


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _unreadable(fault: str) -> BadRequestException:
    # Recorded: AWS does not tell more than this. The fault is for whoever looks into the exception.
    error = BadRequestException("Invalid OpenAPI input.")
    error.add_note(fault)
    return error


# --- references ------------------------------------------------------------------------------

_POINTER = re.compile(r"#/(.+)")
_MAX_HOPS = 20


def resolved(document: Document, node: Any) -> Document:
    """Return a node with its reference into the document followed.

    Raises:
        BadRequestException: The reference leads nowhere.
    """
    for _ in range(_MAX_HOPS):
        if not isinstance(node, dict):
            raise BadRequestException("Invalid OpenAPI input.")
        reference = node.get("$ref")
        if reference is None:
            return node
        match = _POINTER.fullmatch(str(reference))
        target: Any = document if match else None
        for part in match[1].split("/") if match else ():
            name = part.replace("~1", "/").replace("~0", "~")
            target = target.get(name) if isinstance(target, dict) else None
        if target is None:
            raise BadRequestException(f"Invalid OpenAPI input: unable to resolve reference {reference}")
        node = target
    raise BadRequestException("Invalid OpenAPI input: references go in a circle")
