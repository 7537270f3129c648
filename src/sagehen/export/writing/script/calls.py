"""Calls: the operations that make a node, as statements."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from botocore import xform_name

from sagehen.export.graph.exported import Exported
from sagehen.export.graph.names import snake
from sagehen.export.graph.node import Node, references
from sagehen.export.graph.values import Key, Place, Ref, Setting
from sagehen.export.writing.script.expressions import Expressions
from sagehen.export.writing.script.marks import Marked, Marks
from sagehen.protocol.models.catalog import Catalog
from sagehen.protocol.validation.shaping import ModelShapes
from sagehen.services.cloudformation.running.changes import applies, each
from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.requests import filled, request_of
from sagehen.services.cloudformation.types.resource_type import ResourceType, Step, resource_types

_ROLE = "AWS::IAM::Role"
_RESULT = re.compile(r"\$(?:\w+:)?result\.([A-Za-z0-9_.]+)|\{result\.([A-Za-z0-9_.]+)\}")
# Of a resource's own answer, in requests of its later steps.
_ANSWER = "an answer:"


def client_name(service: str) -> str:
    """Return the name of a service's client in the script."""
    return {"lambda": "lambda_"}.get(service, service.replace("-", "_"))


class Calls:
    """Writes nodes, one after the other.

    Args:
        told: What is written.
    """

    def __init__(self, told: Exported) -> None:
        kinds = resource_types().values()
        services = {kind.service for kind in kinds} | {
            step["service"] for kind in kinds for step in kind.create if "service" in step
        }
        self._shapes = ModelShapes(Catalog(sorted(services)))
        self._names = told.names
        self._marks = Marks(repr([node.properties for node in told.nodes]), self._resolved)
        self._expressions = Expressions(self._marks, self._spoken)
        self._known: dict[Key, Known] = {}
        self.services: dict[str, None] = {}

    def of(self, node: Node) -> Iterator[str]:
        """Yield the statements that make a node."""
        kind = resource_types()[node.type]
        known = self._about(kind, node)
        self._known[node.key] = known
        for place, step in enumerate(kind.create):
            if not applies(step, known):
                continue
            for one in each(step, known):
                yield self._statement(kind, step, one, node, is_first=place == 0)
            if "wait" in step:
                yield self._waiting(kind, step, known)

    def expression(self, value: Any) -> str:
        """Return a value of nodes that were made as an expression."""
        return self._expressions.of(self._marks.put(value))

    def _about(self, kind: ResourceType, node: Node) -> Known:
        properties = {name: self._marks.put(one) for name, one in node.properties.items()}
        if kind.naming and kind.naming["property"] not in properties:
            properties[kind.naming["property"]] = self._names[node.key]
        places = {"region": self._marks.mark(Place.REGION), "account": self._marks.mark(Place.ACCOUNT)}
        answered = self._answer(node.key, json.dumps([kind.create, kind.identity, kind.attributes]))
        known = Known(properties, None, answered, None, places)
        identity = filled(kind.identity, known)
        return Known(properties, identity, answered, None, places)

    def _answer(self, key: Key, steps: str) -> dict[str, Any]:
        """Return an answer in which a mark stands for whatever the steps read of it."""
        found: dict[str, Any] = {}
        for match in _RESULT.finditer(steps):
            *path, last = (match[1] or match[2]).split(".")
            place = found
            for part in path:
                place = place.setdefault(part, {})
            place[last] = self._marks.mark(Ref(key, f"{_ANSWER}{match[1] or match[2]}"))
        return found

    def _statement(self, kind: ResourceType, step: Step, known: Known, node: Node, *, is_first: bool) -> str:
        service = step.get("service", kind.service)
        self.services[service] = None
        request = self._shapes.shaped(service, step["call"], request_of(kind, step, known))
        # What says which one it is comes first, then all that a table passes on as it is.
        named = {name.lower() for name in step.get("with") or {}}
        request = dict(sorted(request.items(), key=lambda item: item[0].lower() not in named))
        operation = f"{client_name(service)}.{xform_name(step['call'])}"
        if step["call"] == "CreateBucket":
            request.pop("CreateBucketConfiguration", None)
            operation = "make_bucket"
        elif any(key.type == _ROLE for key in references(node)):
            operation = f"with_role({operation})"
        head = f"{self._variable(node.key)} = " if is_first and self._is_read(kind) else ""
        return f"{head}{self._called(operation, request)}"

    def _called(self, operation: str, request: Mapping[str, Any]) -> str:
        arguments = [f"{name}={self._expressions.of(one, 1, len(name) + 1)}" for name, one in request.items()]
        short = f"{operation}({', '.join(arguments)})"
        if len(short) <= 100 and "\n" not in short:
            return short
        return f"{operation}(\n" + "".join(f"    {one},\n" for one in arguments) + ")"

    def _waiting(self, kind: ResourceType, step: Step, known: Known) -> str:
        wait = step["wait"]
        service = step.get("service", kind.service)
        request = {name: filled(template, known) for name, template in (wait.get("with") or {}).items()}
        told = self._expressions.of(self._shapes.shaped(service, wait["call"], request))
        operation = f"{client_name(service)}.{xform_name(wait['call'])}"
        ends = f"{tuple(wait['until'])!r}, {tuple(wait.get('failed', ()))!r}, {wait.get('reason', '')!r}"
        return f"wait_for({operation}, {told}, {wait['path']!r}, {ends})"

    @staticmethod
    def _is_read(kind: ResourceType) -> bool:
        return _RESULT.search(json.dumps([kind.create, kind.identity, kind.attributes])) is not None

    def _variable(self, key: Key) -> str:
        return snake(self._names[key])

    def _spoken(self, marked: Marked) -> str:
        """Return an expression for a reference, without quotes."""
        if isinstance(marked, Setting):
            return f"given.{snake(marked.name)}"
        if isinstance(marked, Place):
            return {Place.REGION: "REGION", Place.ACCOUNT: "ACCOUNT"}[marked]
        assert isinstance(marked, Ref)
        path = marked.attribute.removeprefix(_ANSWER).split(".")
        return self._variable(marked.key) + "".join(f"['{part}']" for part in path)

    def _resolved(self, ref: Ref) -> str:
        """Return an attribute of what was made before."""
        kind = resource_types()[ref.key.type]
        return str(
            filled(kind.attributes[ref.attribute] if ref.attribute else kind.identity, self._known[ref.key])
        )
