"""Uploaded OpenAPI documents: JSON or YAML, made plain dictionaries within bounds."""

from __future__ import annotations

import re
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.documents.records import MAX_CONTENT_BYTES, definition_too_large
from sagehen.services.apigateway.errors import BadRequestException

# From memory: AWS imports definitions of up to 6 MB.
MAX_BYTES = 6 * 1024 * 1024


def parse_openapi(body: bytes) -> Document:
    """Return an OpenAPI document. Slow for large YAML: not for the event loop.

    Raises:
        BadRequestException: It is neither JSON nor YAML, no object, or too large.
    """
    if len(body) > MAX_BYTES:
        raise BadRequestException(f"API definition must not be larger than {MAX_BYTES} bytes")
    try:
        document = read_json(body)
    except NotJson:  # nested too deep it is neither, and the other says so
        document = _yaml(body)
    if not isinstance(document, dict):
        raise _unreadable("it is not an object")
    return document


def _yaml(body: bytes) -> Any:
    # Here, since every start of the platform would pay for it.
    from sagehen.api.bounded.yaml_text import NotYaml, read_yaml

    try:
        return read_yaml(body)
    except NotYaml as error:
        raise _unreadable(str(error)) from None


def _unreadable(fault: str) -> BadRequestException:
    # Recorded: AWS does not tell more than this. The fault is for whoever looks into the exception.
    error = BadRequestException("Invalid OpenAPI input.")
    error.add_note(fault)
    return error


# --- references ------------------------------------------------------------------------------

_POINTER = re.compile(r"#/(.+)")
_MAX_HOPS = 20  # references of references; more than any author needs, and circles end


def resolved(document: Document, node: Any) -> Document:
    """Return a node with its reference into the document followed.

    Raises:
        BadRequestException: The reference leads nowhere.
    """
    for _ in range(_MAX_HOPS):
        if not isinstance(node, dict):
            raise BadRequestException("Invalid OpenAPI input.")
        reference = node.get("$ref")
        if reference is None:
            return node
        match = _POINTER.fullmatch(str(reference))
        target: Any = document if match else None
        for part in match[1].split("/") if match else ():
            name = part.replace("~1", "/").replace("~0", "~")
            target = target.get(name) if isinstance(target, dict) else None
        if target is None:
            raise BadRequestException(f"Invalid OpenAPI input: unable to resolve reference {reference}")
        node = target
    raise BadRequestException("Invalid OpenAPI input: references go in a circle")


_PER_VALUE = 8  # characters of JSON that any value takes at the least, about


class Unfolded:
    """What a document comes to where everything stands that it refers to, as it is stored.

    One response of a megabyte, named by a thousand methods, is a definition of a gigabyte.
    """

    def __init__(self) -> None:
        self._room = MAX_CONTENT_BYTES

    def add(self, *nodes: Any) -> None:
        """Count nodes with all that is in them.

        Raises:
            LimitExceededException: A definition of the API would be too large.
        """
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            self._room -= _PER_VALUE + (len(node) if isinstance(node, str) else 0)
            if self._room < 0:
                raise definition_too_large()
            if isinstance(node, dict):
                waiting.extend(node)
                waiting.extend(node.values())
            elif isinstance(node, list):
                waiting.extend(node)
