"""Router: from a path and a verb to a method of a resource.

A static segment goes before `{param}`, and `{param}` before `{proxy+}`, segment by segment; a branch
that ends without a fitting method is given up for the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from sagehen.services.apigateway.snapshot.apis import Method, Resource


@dataclass(frozen=True, slots=True)
class Route:
    """A match. `path_parameters` hold text as it was sent, percent-encoded: events show it so."""

    resource: Resource
    method: Method
    path_parameters: Mapping[str, str]


@dataclass(slots=True)
class _Node:
    static: dict[str, _Node] = field(default_factory=dict)
    parameter: tuple[str, _Node] | None = None
    proxy: tuple[str, Resource] | None = None
    resource: Resource | None = None


class Router:
    """The resources of one deployment as a tree.

    Args:
        resources: By path, such as `/pets/{id}`.
    """

    def __init__(self, resources: Mapping[str, Resource]) -> None:
        self._root = _Node()
        for resource in resources.values():
            self._add(resource)

    def _add(self, resource: Resource) -> None:
        node = self._root
        for part in _segments(resource.path):
            # Documented: a greedy variable takes the rest, and has no children.
            if part.startswith("{") and part.endswith("+}"):
                node.proxy = (part[1:-2], resource)
                return
            if part.startswith("{") and part.endswith("}"):
                if node.parameter is None:  # AWS allows one variable child per resource
                    node.parameter = (part[1:-1], _Node())
                node = node.parameter[1]
            else:
                node = node.static.setdefault(part, _Node())
        node.resource = resource

    def find(self, path: str, verb: str) -> Route | None:
        """Return the method that answers, or None.

        Args:
            path: Percent-encoded, below the stage; a slash at its end makes no difference.
            verb: Upper case.
        """
        segments = _segments(path)
        for resource, parameters in _walk(self._root, segments, 0):
            # From memory: a method of its own goes before ANY.
            method = resource.methods.get(verb) or resource.methods.get("ANY")
            if method is not None:
                return Route(resource, method, dict(parameters))
        return None


_Found = tuple[Resource, tuple[tuple[str, str], ...]]


def _walk(node: _Node, segments: list[str], depth: int) -> Iterator[_Found]:
    """Yield what fits in order of precedence. As deep as the tree of resources, not as the path."""
    if depth == len(segments):
        if node.resource is not None:
            yield node.resource, ()
        return
    part = segments[depth]
    if (child := node.static.get(unquote(part) if "%" in part else part)) is not None:
        yield from _walk(child, segments, depth + 1)
    # From memory that `//` fits no variable.
    if node.parameter is not None and part:
        name, child = node.parameter
        for resource, rest in _walk(child, segments, depth + 1):
            yield resource, ((name, part), *rest)
    if node.proxy is not None:
        name, resource = node.proxy
        yield resource, ((name, "/".join(segments[depth:])),)


def _segments(path: str) -> list[str]:
    trimmed = path.strip("/")
    return trimmed.split("/") if trimmed else []
