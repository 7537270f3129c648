"""YAML, whose loader recurses in C and whose aliases make gigabytes of 500 bytes.

libyaml's event parser keeps its own stack: the events tell depth and size before anything is built.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import yaml  # type: ignore[import-untyped, unused-ignore]

from sagehen.api.bounded.json_text import MAX_DEPTH

# What a document may come to with all aliases followed: an OpenAPI definition of AWS's largest size
# (6 MB) holds some 300,000 values.
MAX_VALUES = 500_000
# Each `%TAG` is compared with all before it, in C, with the interpreter's lock held.
_MAX_DIRECTIVES = 16
# Longer digits are a text: `1:1:1:…` is a number in base 60, made in quadratic time.
_MAX_NUMBER = 64
_BITS = 1 << 64

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotYaml(ValueError):
    """A text is no YAML, is too deep, comes to too much, or holds what JSON has no name for."""


class _Loader(_LOADER):  # type: ignore[misc, unused-ignore]
    """A safe loader to whom `2020-01-01` is a text: versions often look like dates."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:
        """Make a mapping with texts for keys: of integers, anybody can choose ones of equal hash."""
        self.flatten_mapping(node)
        made = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise NotYaml("a key must be a scalar")
            made[_key(self.construct_object(key_node, deep=True))] = self.construct_object(value_node, deep)
        return made


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _LOADER.yaml_implicit_resolvers.items()
}


def _number(loader: Any, node: Any) -> Any:
    if len(node.value) > _MAX_NUMBER:
        return node.value
    make = loader.construct_yaml_int if node.tag.endswith(":int") else loader.construct_yaml_float
    return make(node)


for _tag in ("int", "float"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _number)


def read_yaml(body: bytes) -> Any:
    """Return a document as JSON would have it. Slow for large ones: not for the event loop.

    Raises:
        NotYaml: See there.
    """
    try:
        text = body.decode("utf-8-sig")
        if text.count("%TAG") > _MAX_DIRECTIVES:
            raise NotYaml("it holds too many directives")
        _measure(text)
        return _plain(yaml.load(text, Loader=_Loader), 0)  # noqa: S506 — a subclass of the safe loader
    except NotYaml:
        raise
    # Foreign text: beside its own errors the library raises what `int("")`, `{}["maybe"]` and a match
    # that is None raise (`!!int ''`, `!!bool maybe`, `!!timestamp x`).
    except Exception as error:
        raise NotYaml(" ".join(str(error).split())[:500] or type(error).__name__) from None


@dataclass(slots=True)
class _Open:
    """A list or mapping that has begun."""

    anchor: str | None
    values: int = 1


def _measure(text: str) -> None:
    """Follow a document's events: depth, and values with aliases counted as often as they are used."""
    sizes: dict[str, int] = {}
    opened = [_Open(None, 0)]
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.ScalarEvent):
            opened[-1].values += 1
            if event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            opened.append(_Open(event.anchor))
            sizes.pop(event.anchor or "", None)
            if len(opened) > MAX_DEPTH + 1:
                raise NotYaml("it is nested too deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            ended = opened.pop()
            opened[-1].values += ended.values
            if ended.anchor:
                sizes[ended.anchor] = ended.values
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise NotYaml(f"the alias {event.anchor} is undefined, or part of what it stands for")
            opened[-1].values += sizes[event.anchor]
        if opened[-1].values > MAX_VALUES:
            raise NotYaml("it holds too many values")


def _plain(value: Any, depth: int) -> Any:
    """Return a value as JSON would have it."""
    if depth > MAX_DEPTH:  # aliases inside of aliases
        raise NotYaml("it is nested too deep")
    if isinstance(value, dict):
        return {key: _plain(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, depth + 1) for inner in value]
    if isinstance(value, int) and abs(value) >= _BITS:
        value = float(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise NotYaml(f"{value} has no place in it")
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise NotYaml(f"a value of type {type(value).__name__} has no place in it")


def _key(key: Any) -> str:
    """Return a key as a text: `200:` is a number to YAML, `true:` a boolean."""
    return str(key).lower() if isinstance(key, bool) else str(key)
