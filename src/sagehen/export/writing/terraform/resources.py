"""Resources: parts as HCL's blocks, by the table of arguments."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from sagehen.export.graph.names import snake
from sagehen.export.graph.values import Package, Ref
from sagehen.export.writing.terraform.expressions import expression

Spec = Mapping[str, Any]
_TAGS = "Tags"


@cache
def arguments() -> Mapping[str, Spec]:
    """Return the table: of each resource `same` (properties whose argument is their name in snake case),
    `names`, `maps`, `blocks` (`as` is another name, `like` another entry) and `attributes`."""
    found: Mapping[str, Spec] = json.loads(
        (files("sagehen.export.writing.terraform") / "arguments.json").read_text()
    )
    return found


class Resources:
    """Writes blocks.

    Args:
        spoken: What refers to an attribute of another resource.

    Attributes:
        lacking: Properties that have no argument, as `aws_lambda_function: SnapStart`.
    """

    def __init__(self, spoken: Callable[[Ref], str]) -> None:
        self._spoken = spoken
        self.lacking: list[str] = []

    def block(self, resource: str, name: str, properties: Mapping[str, Any], after: Sequence[str]) -> str:
        """Return a resource's block.

        Args:
            after: Addresses of what must be there before.
        """
        lines = [*self._body(arguments()[resource], properties, resource, 1)]
        if after:
            lines.append(f"  depends_on = [{', '.join(after)}]")
        return "\n".join([f'resource "{resource}" "{name}" {{', *lines, "}"])

    def _body(self, spec: Spec, properties: Mapping[str, Any], where: str, depth: int) -> Iterator[str]:
        if "like" in spec:
            spec = {**arguments()[spec["like"]], **{"as": spec.get("as")}}
        indent = "  " * depth
        same, maps = spec.get("same", "").split(), spec.get("maps", "").split()
        names, blocks = spec.get("names", {}), spec.get("blocks", {})
        nested = []
        for name, value in properties.items():
            if name == _TAGS and depth == 1:
                tags = {one["Key"]: one["Value"] for one in value} if isinstance(value, list) else value
                yield f"{indent}tags = {expression(tags, self._spoken, depth)}"
            elif name in blocks:
                nested.append((name, value))
            elif name in names or name in same or name in maps:
                yield f"{indent}{names.get(name) or snake(name)} = {self._value(name, value, depth)}"
            else:
                self.lacking.append(f"{where}: {name}")
        for name, value in nested:
            inner = blocks[name]
            for one in value if isinstance(value, list) else [value]:
                yield f"{indent}{inner.get('as') or snake(name)} {{"
                yield from self._body(inner, one, f"{where}: {name}", depth + 1)
                yield f"{indent}}}"

    def _value(self, name: str, value: Any, depth: int) -> str:
        told = expression(value, self._spoken, depth)
        if isinstance(value, Package) and name == "SourceCodeHash":
            return f"filebase64sha256({told})"
        # A schema, a dashboard: a document where a text is wanted.
        if isinstance(value, Mapping) and name in ("Schema", "DashboardBody"):
            return f"jsonencode({told})"
        return told
