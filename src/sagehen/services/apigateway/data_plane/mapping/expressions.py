"""Parameter mappings: `integration.request.header.X` from `method.request.querystring.y`, and back.

An expression is compiled once per deployment into a function of the sources.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.api.bounded.budget import spend
from sagehen.api.bounded.json_text import NotJson
from sagehen.services.apigateway.data_plane.failures import ConfigurationError
from sagehen.services.apigateway.data_plane.mapping.json_values import (
    TooLarge,
    check_size,
    parse_json,
)
from sagehen.services.apigateway.data_plane.mapping.jsonpath import InvalidJsonPath, compile_path
from sagehen.services.apigateway.data_plane.messages.parameters import MethodParameters

Values = list[str] | None
_METHOD_BODY = "method.request.body"
# What mappings or overrides may come to: more than any web server takes in its headers or its URL.
MAX_MAPPED = 64 * 1024
# Characters of a body that are a step of a budget: 4 kB are as many as there are between two looks at the
# clock.
_PER_STEP = 128


@dataclass(slots=True)
class Sources:
    """What expressions read.

    Args:
        parameters: Of the method request.
        body: Of the method request.
        stage_variables, context: As templates see them.
        headers: Of the integration's answer, lower-case names; empty on the way in.
        answer: Body of the integration's answer.
    """

    parameters: MethodParameters
    body: str
    stage_variables: Mapping[str, str]
    context: Mapping[str, Any]
    headers: Mapping[str, list[str]]
    answer: str = ""


Read = Callable[[Sources], Values]


@dataclass(frozen=True, slots=True)
class Mapped:
    """One mapping: where to (`header`, `querystring`, `path`), under which name, and from what.

    `of_body`: it reads the method request's body.
    """

    place: str
    name: str
    read: Read
    of_body: bool = False


def compile_mappings(mappings: Mapping[str, str]) -> tuple[Mapped, ...]:
    """Compile the request or response parameters of an integration or gateway response.

    Keys are `integration.request.PLACE.NAME`, `method.response.header.NAME` or
    `gatewayresponse.header.NAME`. What cannot be read yields nothing, as in AWS.
    """
    compiled = []
    for target, expression in mappings.items():
        parts = target.split(".", 1 if target.startswith("gatewayresponse.") else 2)[-1]
        place, _, name = parts.partition(".")
        if name and isinstance(expression, str):
            of_body = expression.startswith(_METHOD_BODY)
            compiled.append(Mapped(place, name, compile_expression(expression), of_body))
    return tuple(compiled)


def read_mappings(mappings: Iterable[Mapped], sources: Sources) -> Iterator[tuple[Mapped, list[str]]]:
    """Yield what mappings come to; nothing of those whose source is not there. Spends of a budget.

    Raises:
        ConfigurationError: They are more than `MAX_MAPPED` characters.
    """
    room = MAX_MAPPED
    for mapping in mappings:
        values = mapping.read(sources)
        if values is None:
            continue
        room -= len(mapping.name) + sum(map(len, values))
        if room < 0:
            raise ConfigurationError("Invalid mapping: the headers and parameters are too large")
        yield mapping, values


def compile_expression(expression: str) -> Read:
    """Compile a source such as `method.request.path.id`, `context.stage` or `'text'`."""
    if len(expression) >= 2 and expression[0] == expression[-1] == "'":
        static = [expression[1:-1]]
        return lambda sources: static
    if expression.startswith("stageVariables."):
        name = expression[15:]
        return lambda sources: _one(sources.stage_variables.get(name))
    if expression.startswith("context."):
        path = expression[8:].split(".")
        return lambda sources: _one(_walk(sources.context, path))
    for prefix, make in _PREFIXES:
        if expression.startswith(prefix):
            return make(expression[len(prefix) :])
    return lambda sources: None


def _one(value: Any) -> Values:
    return None if value is None else [_text(value)]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    check_size(value)
    return json.dumps(value, separators=(",", ":"))


def _walk(context: Any, path: list[str]) -> Any:
    for part in path:
        context = context.get(part) if isinstance(context, Mapping) else None
    return context


def _body(path: str, answer: bool) -> Read:
    """`body` itself, or `body.JSONPATH` (`method.request.body.$.a` is spelled with `$` or without)."""
    inner = path.removeprefix(".")

    def read(sources: Sources) -> Values:
        # No body is an empty object, as to templates (recorded).
        text = sources.answer if answer else sources.body or "{}"
        spend(1 + len(text) // _PER_STEP)
        if not inner:
            return [text]
        try:
            return _one(compile_path(inner).find(parse_json(text)))
        except (NotJson, InvalidJsonPath, TooLarge):
            return None

    return read


def _list(values: list[str] | None) -> Values:
    # From memory: of several headers of one name a mapping reads the last; multivalueheader reads all.
    return values[-1:] if values else None


_PREFIXES: tuple[tuple[str, Callable[[str], Read]], ...] = (
    ("method.request.path.", lambda name: lambda s: _one(s.parameters.path.get(name))),
    ("method.request.querystring.", lambda name: lambda s: _one(s.parameters.query.get(name))),
    ("method.request.multivaluequerystring.", lambda name: lambda s: s.parameters.query_lists.get(name)),
    ("method.request.header.", lambda name: lambda s: _one(s.parameters.header(name))),
    ("method.request.multivalueheader.", lambda name: lambda s: s.parameters.header_values(name)),
    (_METHOD_BODY, lambda path: _body(path, answer=False)),
    ("integration.response.header.", lambda name: lambda s: _list(s.headers.get(name.lower()))),
    ("integration.response.multivalueheader.", lambda name: lambda s: s.headers.get(name.lower())),
    ("integration.response.body", lambda path: _body(path, answer=True)),
)
