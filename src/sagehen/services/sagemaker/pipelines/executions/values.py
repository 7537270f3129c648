"""Values: arguments with every Get, Std:Join and Std:JsonGet in them replaced by what it comes to. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sagehen.api.bounded.budget import spend
from sagehen.api.bounded.room import Room, RoomTaken
from sagehen.services.sagemaker.pipelines.definition.expressions import (
    GET,
    JOIN,
    JSON_GET,
    Reference,
    function_of,
    json_gets,
    reference,
)
from sagehen.services.sagemaker.pipelines.definition.paths import NoSuchPath, follow, pieces
from sagehen.services.sagemaker.pipelines.definition.step import Step

# Ours, of all that expressions bring into the arguments of one step: a definition of 1 MB may name a large
# value thousands of times.
_MOST_TEXT = 1 << 20
# A bucket's name and a key's 1,024 bytes.
_MOST_URI = 2048


class Unresolved(Exception):
    """A value that is not there. The message is the step's failure reason."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where values are found.

    Args:
        execution: `Execution.X`.
        properties: What Describe operations answered, by step.
        steps: The definition's.
        files: What is in JSON files, by their URIs.
    """

    parameters: Mapping[str, Any]
    execution: Mapping[str, str]
    properties: Mapping[str, Any]
    steps: Mapping[str, Step] = field(default_factory=dict)
    files: Mapping[str, Any] = field(default_factory=dict)

    def with_files(self, files: Mapping[str, Any]) -> Sources:
        """Return them with the content of files."""
        return replace(self, files=files)


def evaluate(node: Any, sources: Sources) -> Any:
    """Return an argument's value.

    Raises:
        Unresolved
        BudgetSpent: Where the work has a budget.
    """
    return _within(node, sources, _MOST_TEXT)


def files_of(node: Any, sources: Sources) -> Iterator[str]:
    """Yield the URIs of the files that must be read before an argument can be evaluated.

    Raises:
        Unresolved
    """
    for given in json_gets(node):
        yield _uri(given, sources)


def _within(node: Any, sources: Sources, most: int) -> Any:
    try:
        return _value(node, sources, Room(most))
    except RoomTaken:
        raise Unresolved("ClientError: What the arguments of the step refer to is too long.") from None


def _value(node: Any, sources: Sources, room: Room) -> Any:
    spend()
    match function_of(node):
        case "Get":
            return room.take_value(_get(reference(node[GET]), node[GET], sources))
        case "Std:Join":
            return _join(node[JOIN], sources, room)
        case "Std:JsonGet":
            return room.take_value(_json_get(node[JSON_GET], sources))
    if isinstance(node, dict):
        return {name: _value(value, sources, room) for name, value in node.items()}
    if isinstance(node, list):
        return [_value(value, sources, room) for value in node]
    return node


def _get(found: Reference, text: str, sources: Sources) -> Any:
    if found.root == "Parameters":
        return sources.parameters[found.name]
    if found.root == "Execution":
        return sources.execution.get(found.name, "")
    try:
        return follow(sources.properties.get(found.name), found.path)
    except NoSuchPath:
        raise Unresolved(f"ClientError: The value of {text} is undefined.") from None


def _join(given: Mapping[str, Any], sources: Sources, room: Room) -> str:
    parts = [_text(_value(one, sources, room)) for one in given["Values"]]
    on = str(given.get("On", ""))
    room.take(len(on) * max(0, len(parts) - 1) + sum(map(len, parts)))  # before it is made
    return on.join(parts)


def _text(value: Any) -> str:
    """As JSON spells it, but a string for itself."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _json_get(given: Mapping[str, Any], sources: Sources) -> Any:
    uri = _uri(given, sources)
    path = str(given["Path"]).removeprefix("$.")
    try:
        return follow(sources.files[uri], pieces(path))
    except (KeyError, NoSuchPath):
        raise Unresolved(f"ClientError: Invalid json path '{given['Path']}' in {uri}.") from None


def _uri(given: Mapping[str, Any], sources: Sources) -> str:
    if "S3Uri" in given:
        return _text(_within(given["S3Uri"], sources, _MOST_URI))
    found = reference(given["PropertyFile"][GET])
    file = sources.steps[found.name].files[str(found.property_file)]
    path = ("ProcessingOutputConfig", "Outputs", file.output, "S3Output", "S3Uri")
    try:
        prefix = follow(sources.properties.get(found.name), path)
    except NoSuchPath:
        raise Unresolved(
            f"ClientError: Step '{found.name}' has no output '{file.output}' for its property file."
        ) from None
    return f"{str(prefix).rstrip('/')}/{file.path.lstrip('/')}"
