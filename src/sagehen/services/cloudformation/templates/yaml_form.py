"""YAML with CloudFormation's short forms; imported with the first template that is YAML."""

from __future__ import annotations

import re
from typing import Any

import yaml

from sagehen.services.cloudformation.errors import ValidationError

# Of mappings, lists and scalars: what a template of a megabyte comes to, and not what one may be made to.
_MOST_NODES = 50_000
_DEEPEST = 100
_BOOLEAN = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")


# By libyaml where it is there: Python's own takes ten times as long, and every other thread waits.
_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Safe):  # type: ignore[misc]
    """SafeLoader with the short forms; dates stay text, and yes and no are words, as in CloudFormation."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith((":timestamp", ":bool"))]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", _BOOLEAN, list("tTfF"))


def _short(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


_Loader.add_multi_constructor("!", _short)


def document(text: str) -> Any:
    """Return the document. ValidationError where it is none."""
    try:
        _require_bounds(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506  a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise ValidationError(f"Template format error: YAML not well-formed.{where}") from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        raise ValidationError("Template format error: YAML not well-formed.") from None


def _require_bounds(text: str) -> None:
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_Safe)):
        if isinstance(event, yaml.AliasEvent):
            raise ValidationError("Template error: YAML aliases are not allowed in CloudFormation templates")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if number > _MOST_NODES or depth > _DEEPEST:
            raise ValidationError("Template format error: Template is too complex")
