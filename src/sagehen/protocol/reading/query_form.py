"""The query and ec2 protocols: a form whose dotted names spell the tree (`Tags.member.1.Key=a`).

Sources: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html,
https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from sagehen.api.bounded.budget import spend
from sagehen.protocol.errors import MalformedInput, UnknownParameter
from sagehen.protocol.http import HttpRequest
from sagehen.protocol.models.description import Operation, Shape
from sagehen.protocol.reading.text_values import text_reader

# Deeper than any model; a guard for the stack.
_MAX_DEPTH = 64
# 1,000 metrics with 150 values and their counts.
_MAX_FIELDS = 320_000

# What every request may have: the operation, and a signature of version 2.
_COMMON = frozenset(
    (
        *("Action", "Version", "AWSAccessKeyId", "Signature", "SignatureVersion", "SignatureMethod"),
        *("Timestamp", "Expires", "SecurityToken"),
    )
)
Node = dict[str, Any]  # the text of a node is under the key ""
Reader = Callable[[Node], Any]


def query_parser(
    operation: Operation, protocol: str
) -> Callable[[HttpRequest, Mapping[str, str]], dict[str, Any]]:
    """Return what reads a request of an operation that has input, from its query and its form together.

    Raises (when called):
        MalformedInput: Not a form, names nested too deeply, or a value that its type does not have.
        UnknownParameter: In ec2, a parameter that the operation does not have.
    """
    assert operation.input is not None
    readers = _Ec2Readers() if protocol == "ec2" else _QueryReaders()
    read = readers.reader(operation.input)
    known = _COMMON | {
        wire
        for name, member in operation.input.members.items()
        for wire in readers.member_names(name, member)
    }

    def parse(request: HttpRequest, path_parameters: Mapping[str, str]) -> dict[str, Any]:
        assert isinstance(request.body, bytes)
        tree = _tree(request.query, request.body)
        if protocol == "ec2":  # documented in its list of error codes; the others drop what they do not know
            for name in tree:
                if name not in known and not name.startswith("X-Amz-"):
                    raise UnknownParameter(f"The parameter {name[:100]} is not recognized")
        result: dict[str, Any] = read(tree)
        return result

    return parse


def _tree(query: str, body: bytes) -> Node:
    root: Node = {}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict")
        pairs += parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise MalformedInput("The request is not a UTF-8 form.") from None
    for name, value in pairs:
        spend()
        parts = name.split(".")
        if len(parts) > _MAX_DEPTH:
            raise MalformedInput(f"Parameter name is nested too deeply: {name[:100]}...")
        node = root
        for part in parts:
            node = node.setdefault(part, {})
        node[""] = value
    return root


class _QueryReaders:
    def __init__(self) -> None:
        self._readers: dict[Shape, Reader] = {}

    def reader(self, shape: Shape) -> Reader:
        found = self._readers.get(shape)
        if found is None:
            make = {"structure": self._structure, "list": self._list, "map": self._map}
            found = self._readers[shape] = make.get(shape.type, self._scalar)(shape)
        return found

    def member_names(self, name: str, shape: Shape) -> tuple[str, ...]:
        return (shape.element_name(name),)

    def _structure(self, shape: Shape) -> Reader:
        fields: list[tuple[str, tuple[str, ...], Reader]] = []

        def read(node: Node) -> dict[str, Any]:
            return {
                name: field(node[wire]) for name, wires, field in fields for wire in wires if wire in node
            }

        self._readers[shape] = read
        for name, member in shape.members.items():
            fields.append((name, self.member_names(name, member), self.reader(member)))
        return read

    def _list(self, shape: Shape) -> Reader:
        item_reader = self.reader(shape.member)
        wrapper = self.list_wrapper(shape)

        def read(node: Node) -> list[Any]:
            if wrapper is not None:
                node = node.get(wrapper, {})
            return [item_reader(node[index]) for index in _indexes(node)]

        return read

    def list_wrapper(self, shape: Shape) -> str | None:
        return None if shape.traits.get("flattened") else shape.member.wire_name or "member"

    def _map(self, shape: Shape) -> Reader:
        key_reader, value_reader = self.reader(shape.key), self.reader(shape.value)
        key_name, value_name = shape.key.wire_name or "key", shape.value.wire_name or "value"
        flattened = shape.traits.get("flattened")

        def read(node: Node) -> dict[str, Any]:
            if not flattened:
                node = node.get("entry", {})
            entries = [node[index] for index in _indexes(node)]
            return {
                key_reader(entry[key_name]): value_reader(entry[value_name])
                for entry in entries
                if key_name in entry and value_name in entry
            }

        return read

    def _scalar(self, shape: Shape) -> Reader:
        convert = text_reader(shape)

        def read(node: Node) -> Any:
            text = node.get("")
            if text is None:
                raise MalformedInput("Unexpected complex element termination")
            try:
                return convert(text)
            except ValueError:
                raise MalformedInput(f"Invalid {shape.type} value: {text[:100]}") from None

        return read


class _Ec2Readers(_QueryReaders):
    """EC2 capitalizes names, and its lists have no inner name."""

    def member_names(self, name: str, shape: Shape) -> tuple[str, ...]:
        query_name: str | None = shape.traits.get("queryName")
        if query_name:
            return (query_name,)
        if wire := shape.wire_name:
            return (wire[0].upper() + wire[1:],)
        # botocore leaves such a name as it is, Smithy's clients capitalize it.
        return tuple(dict.fromkeys((name, name[0].upper() + name[1:])))

    def list_wrapper(self, shape: Shape) -> str | None:
        return None


def _indexes(node: Node) -> list[str]:
    try:
        return sorted((index for index in node if index), key=int)
    except ValueError:
        raise MalformedInput("Expected a list index in a parameter name.") from None
