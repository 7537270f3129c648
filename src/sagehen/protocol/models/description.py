"""Service models as botocore ships them: services, operations, shapes, read straight from the JSON.

botocore's own model classes would cost an import of ~150 ms and are untyped; the format itself is
stable and documented by use in every AWS SDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any


class Shape:
    """A shape as one member refers to it: the shape's traits overlaid with the reference's.

    Shapes are interned per service, so that identity is equality and compiled code can hang on them.
    """

    def __init__(
        self,
        service: ServiceDescription,
        name: str,
        traits: Mapping[str, Any],
        reference: Mapping[str, Any] | None = None,
    ) -> None:
        self.service = service
        self.name = name
        self.traits = traits
        self._reference = reference or {}
        self.type: str = traits["type"]

    def __repr__(self) -> str:
        return f"Shape({self.name}: {self.type})"

    @cached_property
    def members(self) -> dict[str, Shape]:
        """The members of a structure, by name, in the model's order."""
        return {name: self.service.shape(ref) for name, ref in self.traits.get("members", {}).items()}

    @cached_property
    def member(self) -> Shape:
        """The element of a list."""
        return self.service.shape(self.traits["member"])

    @cached_property
    def key(self) -> Shape:
        return self.service.shape(self.traits["key"])

    @cached_property
    def value(self) -> Shape:
        return self.service.shape(self.traits["value"])

    @cached_property
    def required(self) -> tuple[str, ...]:
        return tuple(self.traits.get("required", ()))

    @property
    def wire_name(self) -> str | None:
        """The member's name on the wire where the model gives one (`locationName`)."""
        return self.traits.get("locationName")

    def element_name(self, name: str) -> str:
        """Return how the member `name` is called in XML and forms.

        A flattened list is written as its items. Where the list itself is flat by nature (SimpleDB's,
        from before Smithy), these have the name that the list gives them; where a member flattens it,
        the member's.
        """
        if self.type == "list" and self.traits.get("flattened") and "locationName" not in self._reference:
            item = None if "flattened" in self._reference else self.member.wire_name
            return item or name
        return self.wire_name or name

    @property
    def location(self) -> str | None:
        """`header`, `headers`, `uri`, `querystring` or `statusCode`; None for the body."""
        return self.traits.get("location")

    @property
    def is_event_stream(self) -> bool:
        return bool(self.traits.get("eventstream"))

    @property
    def payload(self) -> str | None:
        """The member that is the whole body of a REST message."""
        name: str | None = self.traits.get("payload")
        if name is None:  # JSON protocols mark the event stream only at the member
            name = next((key for key, shape in self.members.items() if shape.is_event_stream), None)
        return name


class Operation:
    """One operation of a service."""

    def __init__(self, service: ServiceDescription, name: str, traits: Mapping[str, Any]) -> None:
        self.service = service
        self.name = name
        self.traits = traits
        http = traits.get("http", {})
        self.method: str = http.get("method", "POST")
        self.request_uri: str = http.get("requestUri", "/")
        self.response_code: int = http.get("responseCode", 200)

    def __repr__(self) -> str:
        return f"Operation({self.service.name}.{self.name})"

    @cached_property
    def input(self) -> Shape | None:
        return self.service.shape(self.traits["input"]) if "input" in self.traits else None

    @cached_property
    def output(self) -> Shape | None:
        return self.service.shape(self.traits["output"]) if "output" in self.traits else None

    @property
    def result_wrapper(self) -> str | None:
        wrapper: str | None = self.traits.get("output", {}).get("resultWrapper")
        return wrapper

    @cached_property
    def streams_input(self) -> bool:
        """Whether the request's body is a streaming blob: hand it to `parse` unread."""
        return _streams(self.input)


def _streams(shape: Shape | None) -> bool:
    if shape is None or shape.payload is None:
        return False
    payload = shape.members[shape.payload]
    return payload.type == "blob" and bool(payload.traits.get("streaming"))


class Metadata:
    """What tells a service from another.

    Args:
        metadata: The model's.
    """

    def __init__(self, metadata: Mapping[str, Any]) -> None:
        self.metadata = metadata

    @cached_property
    def protocols(self) -> tuple[str, ...]:
        """`json`, `query`, `ec2`, `rest-json`, `rest-xml`, `smithy-rpc-v2-cbor`; the preferred first."""
        return tuple(self.metadata.get("protocols") or [self.metadata["protocol"]])

    @property
    def signing_name(self) -> str:
        return str(self.metadata.get("signingName") or self.metadata["endpointPrefix"])

    @property
    def endpoint_prefix(self) -> str:
        return str(self.metadata["endpointPrefix"])

    @property
    def target_prefix(self) -> str | None:
        return self.metadata.get("targetPrefix")

    @property
    def api_version(self) -> str:
        return str(self.metadata["apiVersion"])


class ServiceDescription(Metadata):
    """A service's model: metadata, operations and shapes, made on first use."""

    def __init__(self, name: str, description: Mapping[str, Any]) -> None:
        super().__init__(description["metadata"])
        self.name = name
        self._operations: Mapping[str, Any] = description["operations"]
        self._shapes: Mapping[str, Any] = description["shapes"]
        self._interned: dict[tuple[str, str], Shape] = {}
        self._made: dict[str, Operation] = {}

    def __repr__(self) -> str:
        return f"ServiceDescription({self.name})"

    @cached_property
    def query_compatible(self) -> bool:
        """Whether clients that moved on from the query protocol expect its error codes."""
        return "awsQueryCompatible" in self.metadata

    def operation_names(self) -> tuple[str, ...]:
        """Return the operations of the model, in its order, without making their shapes."""
        return tuple(self._operations)

    def operation(self, name: str) -> Operation:
        """Return an operation.

        Raises:
            KeyError: The model has none of that name.
        """
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = Operation(self, name, self._operations[name])
        return made

    def shape(self, reference: Mapping[str, Any]) -> Shape:
        """Return the shape that a reference (`{"shape": name, traits…}`) stands for."""
        name = reference["shape"]
        overlay = {key: value for key, value in reference.items() if key not in ("shape", "documentation")}
        identity = (name, repr(overlay) if overlay else "")
        shape = self._interned.get(identity)
        if shape is None:
            traits = {**self._shapes[name], **overlay} if overlay else self._shapes[name]
            shape = self._interned[identity] = Shape(self, name, traits, overlay)
        return shape

    @cached_property
    def errors(self) -> dict[str, Shape]:
        """The error shapes, by error code and by shape name."""
        found: dict[str, Shape] = {}
        for name, traits in self._shapes.items():
            if traits.get("exception"):
                shape = self.shape({"shape": name})
                found[name] = shape
                found.setdefault(traits.get("error", {}).get("code", name), shape)
        return found
