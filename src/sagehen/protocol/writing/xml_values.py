"""Writers: Python values to XML text, one closure per shape; for query, ec2 and rest-xml."""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sagehen.protocol.models.description import ServiceDescription, Shape
from sagehen.protocol.timestamps import write_timestamp

Parts = list[str]
# Appends an element of the given name (more, where a list is flattened) to the parts.
Writer = Callable[[Any, str, Parts], None]

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
# XML 1.0 cannot carry these, not even escaped.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def escape(text: str) -> str:
    """Escape text for an element or an attribute; a carriage return would be read as a newline."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = text.replace('"', "&quot;").replace("\r", "&#13;")
    return _FORBIDDEN.sub("\ufffd", text)


class XmlWriters:
    """Compiles writers for one service and keeps them."""

    def __init__(self, *, ec2: bool = False) -> None:
        self._ec2 = ec2
        self._writers: dict[Shape, Writer] = {}
        self._contents: dict[Shape, Callable[[Mapping[str, Any], Parts], None]] = {}

    def writer(self, shape: Shape) -> Writer:
        """Return the writer of a shape, compiled once; it takes a value, a name, and parts to append to."""
        found = self._writers.get(shape)
        if found is None:
            make = {"structure": self._structure, "list": self._list, "map": self._map}
            found = self._writers[shape] = make.get(shape.type, self._scalar)(shape)
        return found

    def contents(self, shape: Shape) -> Callable[[Mapping[str, Any], Parts], None]:
        """Return what writes a structure's members without an element around them."""
        found = self._contents.get(shape)
        if found is None:
            fields: list[tuple[str, str, Writer]] = []

            def write(value: Mapping[str, Any], parts: Parts) -> None:
                for name, wire, field in fields:
                    item = value.get(name)
                    if item is not None:
                        field(item, wire, parts)

            self._contents[shape] = found = write
            for name, member in shape.members.items():
                if member.location is None and not member.traits.get("xmlAttribute"):
                    fields.append((name, member.element_name(name), self.writer(member)))
        return found

    def attributes(self, shape: Shape) -> Callable[[Mapping[str, Any]], str]:
        """Return what writes a structure's attributes, with a space before each."""
        known = [
            (name, member.wire_name or name)
            for name, member in shape.members.items()
            if member.traits.get("xmlAttribute")
        ]
        if not known:
            return lambda value: ""
        return lambda value: "".join(
            f' {wire}="{escape(str(value[key]))}"' for key, wire in known if value.get(key) is not None
        )

    def _structure(self, shape: Shape) -> Writer:
        attributes = self.attributes(shape)
        namespace = namespace_of(shape.traits.get("xmlNamespace"))

        def write(value: Mapping[str, Any], name: str, parts: Parts) -> None:
            parts.append(f"<{name}{namespace}{attributes(value)}>")
            contents(value, parts)
            parts.append(f"</{name}>")

        self._writers[shape] = write
        contents = self.contents(shape)
        return write

    def _list(self, shape: Shape) -> Writer:
        item_writer = self.writer(shape.member)
        if shape.traits.get("flattened"):

            def write_flattened(value: Any, name: str, parts: Parts) -> None:
                for item in value:
                    item_writer(item, name, parts)

            return write_flattened
        item_name = shape.member.wire_name or ("item" if self._ec2 else "member")

        def write(value: Any, name: str, parts: Parts) -> None:
            parts.append(f"<{name}>")
            for item in value:
                item_writer(item, item_name, parts)
            parts.append(f"</{name}>")

        return write

    def _map(self, shape: Shape) -> Writer:
        key_writer, value_writer = self.writer(shape.key), self.writer(shape.value)
        key_name, value_name = shape.key.wire_name or "key", shape.value.wire_name or "value"
        flattened = shape.traits.get("flattened")

        def write(value: Mapping[str, Any], name: str, parts: Parts) -> None:
            entry = name if flattened else "entry"
            if not flattened:
                parts.append(f"<{name}>")
            for key, item in value.items():
                if item is not None:
                    parts.append(f"<{entry}>")
                    key_writer(key, key_name, parts)
                    value_writer(item, value_name, parts)
                    parts.append(f"</{entry}>")
            if not flattened:
                parts.append(f"</{name}>")

        return write

    def _scalar(self, shape: Shape) -> Writer:
        # S3's listings always show milliseconds, though they are 000 (recorded); Java's clients expect them.
        form = "iso8601_ms" if shape.service.name == "s3" else "iso8601"
        text = scalar_text(shape, default_timestamp=form)

        def write(value: Any, name: str, parts: Parts) -> None:
            parts.append(f"<{name}>{escape(text(value))}</{name}>")

        return write


def scalar_text(shape: Shape, *, default_timestamp: str) -> Callable[[Any], str]:
    """Return what writes a scalar as text, for XML elements and headers alike."""
    if shape.type == "boolean":
        return lambda value: "true" if value else "false"
    if shape.type == "blob":
        return lambda value: base64.b64encode(value).decode()
    if shape.type == "timestamp":
        form = shape.traits.get("timestampFormat", default_timestamp)
        return lambda value: write_timestamp(value, form) if isinstance(value, datetime) else str(value)
    if shape.type in ("float", "double"):
        specials = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
        return lambda value: specials.get(repr(float(value)), repr(float(value)))
    return str


def namespace_of(trait: Any) -> str:
    """Write an xmlNamespace trait as an attribute, with a space before it; `""` for none."""
    if isinstance(trait, str):
        return f' xmlns="{trait}"'
    if isinstance(trait, dict):
        prefix = f":{trait['prefix']}" if trait.get("prefix") else ""
        return f' xmlns{prefix}="{trait["uri"]}"'
    return ""


@functools.cache
def xml_writers(service: ServiceDescription) -> XmlWriters:
    """Return the writers of a service, the same for all its operations."""
    return XmlWriters(ec2="ec2" in service.protocols)
