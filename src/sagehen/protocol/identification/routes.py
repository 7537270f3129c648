"""RouteTable: method, path and query to operation, for the REST services.

Source: https://smithy.io/2.0/spec/http-bindings.html#http-trait (greedy labels, query literals)
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from sagehen.protocol.models.description import Operation, ServiceDescription


@dataclass(frozen=True, slots=True)
class _Route:
    """An operation among those that share a path template.

    Args:
        literals: Query parameters that the template itself spells out (`?uploads`, `list-type=2`).
        query: Names of required members in the query.
        headers: Names of required members in headers; `x-amz-copy-source` tells CopyObject.
    """

    name: str
    literals: Mapping[str, str]
    query: frozenset[str]
    headers: frozenset[str]
    deprecated: bool

    def score(self, query: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, ...] | None:
        """Rate how specifically the route fits; None where it does not."""
        for name, value in self.literals.items():
            if name not in query or (value and query[name] != value):
                return None
        missing = sum(name not in query for name in self.query)
        missing += sum(name not in headers for name in self.headers)
        required = len(self.query) + len(self.headers)
        return (len(self.literals), -missing, required, -self.deprecated)


@dataclass(frozen=True, slots=True)
class _Template:
    pattern: re.Pattern[str]
    specificity: tuple[int, int]
    holes: tuple[str, ...]
    routes: list[_Route]


class RouteTable:
    """All routes of one service. Operations with the same path are told apart by query and headers."""

    def __init__(self, service: ServiceDescription) -> None:
        self._by_method: dict[str, list[_Template]] = {}
        found: dict[tuple[str, str], _Template] = {}
        for name in service.operation_names():
            operation = service.operation(name)
            path, _, literals = operation.request_uri.partition("?")
            template = found.get((operation.method, path))
            if template is None:
                template = _template(path)
                found[operation.method, path] = template
                self._by_method.setdefault(operation.method, []).append(template)
            template.routes.append(_route(operation, literals))
        for templates in self._by_method.values():
            templates.sort(key=lambda template: template.specificity, reverse=True)

    def match(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[str, dict[str, str]] | None:
        """Return the operation's name and the path's parameters, percent-decoded."""
        for template in self._by_method.get(method, ()):
            matched = template.pattern.fullmatch(path)
            if matched is None:
                continue
            scored = [
                (score, route)
                for route in template.routes
                if (score := route.score(query, headers)) is not None
            ]
            if scored:
                # Equal scores: the first in the model (ListBuckets before ListDirectoryBuckets).
                best = max(scored, key=lambda pair: pair[0])[1]
                values = zip(template.holes, matched.groups(), strict=True)
                return best.name, {name: unquote(value) for name, value in values}
        return None


@functools.cache
def routes_of(service: ServiceDescription) -> RouteTable:
    """Return the table of a service, made on its first request."""
    return RouteTable(service)


def _template(path: str) -> _Template:
    pattern = _compile(path)
    # Hole names such as `function-name` are no identifiers: groups carry them hex-encoded.
    holes = tuple(bytes.fromhex(group[1:]).decode() for group in pattern.groupindex)
    return _Template(pattern, _specificity(path), holes, [])


def _compile(path: str) -> re.Pattern[str]:
    parts = []
    for piece in re.split(r"(\{[^}]+\})", path):
        if piece.startswith("{"):
            greedy = piece.endswith("+}")
            name = piece[1:-2] if greedy else piece[1:-1]
            parts.append(f"(?P<h{name.encode().hex()}>{'.+' if greedy else '[^/]+'})")
        else:
            parts.append(re.escape(piece))
    # One trailing slash more is forgiven; a greedy hole takes it as its own.
    return re.compile("".join(parts).rstrip("/") + "/?", re.DOTALL)


def _specificity(path: str) -> tuple[int, int]:
    """Order templates: those with more literal text first, greedy ones last."""
    return (0 if "+}" in path else 1, len(re.sub(r"\{[^}]+\}", "", path)))


def _route(operation: Operation, literals: str) -> _Route:
    query, headers = set(), set()
    shape = operation.input
    for name in shape.required if shape else ():
        assert shape is not None
        member = shape.members[name]
        if member.location == "querystring":
            query.add(member.wire_name or name)
        elif member.location == "header":
            headers.add((member.wire_name or name).lower())
    pairs = (pair.partition("=") for pair in literals.split("&") if pair)
    return _Route(
        name=operation.name,
        literals={name: value for name, _, value in pairs},
        query=frozenset(query),
        headers=frozenset(headers),
        deprecated=bool(operation.traits.get("deprecated")),
    )
