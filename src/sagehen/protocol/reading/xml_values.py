"""Readers: an XML element to Python values, one closure per shape."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element  # the type only

from sagehen.api.bounded.xml_text import MAX_ELEMENTS, read_xml
from sagehen.protocol.errors import MalformedXML
from sagehen.protocol.models.description import ServiceDescription, Shape
from sagehen.protocol.reading.text_values import text_reader

# The elements of one name: repeated where a list is flattened.
Reader = Callable[[list[Element]], Any]


def load_xml(body: bytes, elements: int = MAX_ELEMENTS) -> Element:
    """Parse a document without DTDs and entities.

    Raises:
        MalformedXML: Not well-formed, more than data, or more than `elements`.
    """
    try:
        return read_xml(body, elements)
    except ValueError:
        raise MalformedXML() from None


class XmlReaders:
    """Compiles readers for one service and keeps them; namespaces are not looked at."""

    def __init__(self) -> None:
        self._readers: dict[Shape, Reader] = {}

    def reader(self, shape: Shape) -> Reader:
        """Return a shape's reader, compiled once; it takes elements of one name and raises MalformedXML."""
        found = self._readers.get(shape)
        if found is None:
            make = {"structure": self._structure, "list": self._list, "map": self._map}
            found = self._readers[shape] = make.get(shape.type, self._scalar)(shape)
        return found

    def _structure(self, shape: Shape) -> Reader:
        fields: list[tuple[str, str, Reader]] = []
        attributes: list[tuple[str, str]] = []

        def read(nodes: list[Element]) -> dict[str, Any]:
            children = _by_name(nodes[0])
            result = {name: field(children[wire]) for name, wire, field in fields if wire in children}
            for name, local in attributes:
                for key, text in nodes[0].attrib.items():
                    if key.rpartition("}")[2] == local:
                        result[name] = text
            return result

        self._readers[shape] = read
        for name, member in shape.members.items():
            wire = member.wire_name or name
            if member.traits.get("xmlAttribute"):
                attributes.append((name, wire.rpartition(":")[2]))
            elif member.location is None:
                fields.append((name, member.element_name(name), self.reader(member)))
        return read

    def _list(self, shape: Shape) -> Reader:
        item_reader = self.reader(shape.member)
        if shape.traits.get("flattened"):
            return lambda nodes: [item_reader([node]) for node in nodes]
        # Whatever the items are called: S3's own clients differ in it.
        return lambda nodes: [item_reader([child]) for child in nodes[0]]

    def _map(self, shape: Shape) -> Reader:
        key_reader, value_reader = self.reader(shape.key), self.reader(shape.value)
        key_name, value_name = shape.key.wire_name or "key", shape.value.wire_name or "value"
        flattened = shape.traits.get("flattened")

        def read(nodes: list[Element]) -> dict[str, Any]:
            entries = [_by_name(entry) for entry in (nodes if flattened else list(nodes[0]))]
            return {
                key_reader(entry[key_name]): value_reader(entry[value_name])
                for entry in entries
                if key_name in entry and value_name in entry
            }

        return read

    def _scalar(self, shape: Shape) -> Reader:
        convert = text_reader(shape)

        def read(nodes: list[Element]) -> Any:
            try:
                return convert(nodes[0].text or "")
            except ValueError:
                raise MalformedXML() from None

        return read


@functools.cache
def xml_readers(service: ServiceDescription) -> XmlReaders:
    """Return the readers of a service, the same for all its operations."""
    return XmlReaders()


def _by_name(element: Element) -> dict[str, list[Element]]:
    children: dict[str, list[Element]] = {}
    for child in element:
        children.setdefault(child.tag.rpartition("}")[2], []).append(child)
    return children
