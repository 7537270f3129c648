"""What patch operations do: values from text, and changes to members, maps and lists of a document."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.documents.patches import Effect, Patch
from sagehen.services.apigateway.errors import BadRequestException, NotFoundException

Cast = Callable[[str | None], Any]

_INTEGER = re.compile(r"[+-]?[0-9]{1,10}")
_INT32 = 1 << 31  # botocore's model: Integer


# --- values ------------------------------------------------------------------------------------


def text(value: str | None) -> str | None:
    """Return the value as it was sent."""
    return value


def boolean(value: str | None) -> bool:
    """Return what AWS takes for a boolean: anything but `true` is false, also nothing."""
    return (value or "").lower() == "true"


def integer(value: str | None) -> int:
    """Return a whole number of the model's 32 bits, or refuse."""
    if not value or not _INTEGER.fullmatch(value) or not -_INT32 <= int(value) < _INT32:
        raise _bad_number(value)
    return int(value)


def number(value: str | None) -> float:
    """Return a number, or refuse; no JSON could hold one that is not finite."""
    try:
        result = float(value or "")
    except ValueError:
        raise _bad_number(value) from None
    if not math.isfinite(result):
        raise _bad_number(value)
    return result


def _bad_number(value: str | None) -> BadRequestException:
    return BadRequestException(f"Invalid number specified: {(value or 'null')[:200]}")


# --- effects -------------------------------------------------------------------------------------


def field(member: str, cast: Cast = text) -> Effect:
    """Set a member; `remove`, or a text of nothing, takes it away."""

    def effect(document: Document, patch: Patch) -> None:
        value = None if patch.op == "remove" else cast(patch.value)
        if value is None:
            document.pop(member, None)
        else:
            document[member] = value

    return effect


def nested(outer: str, member: str, cast: Cast = text) -> Effect:
    """Set a member of a structure, which is made where it is not there yet."""
    inner = field(member, cast)

    def effect(document: Document, patch: Patch) -> None:
        structure = document.setdefault(outer, {})
        inner(structure, patch)
        if not structure:
            document.pop(outer)

    return effect


def entry(
    member: str, cast: Cast = text, missing: str = "Invalid parameter name specified", known: bool = True
) -> Effect:
    """Set or remove the named entry of a map. An empty map goes away.

    Args:
        member: The map.
        cast: Of values.
        missing: Said where an entry to be removed or replaced is not there.
        known: `replace` needs the entry to be there, as AWS does for parameters and templates.
    """

    def effect(document: Document, patch: Patch) -> None:
        entries = document.setdefault(member, {})
        if patch.name not in entries and (patch.op == "remove" or (patch.op == "replace" and known)):
            if not entries:
                document.pop(member)
            raise NotFoundException(missing)
        if patch.op == "remove":
            del entries[patch.name]
        else:
            entries[patch.name] = cast(patch.value)
        if not entries:
            document.pop(member)

    return effect


def named_element(member: str) -> Effect:
    """Add, replace or remove the element that the path names, in a list of texts."""

    def effect(document: Document, patch: Patch) -> None:
        # From memory: what is there is not added twice, what is not there is removed without a word.
        elements = [element for element in document.get(member, ()) if element != patch.name]
        if patch.op == "add":
            elements.append(patch.name)
        elif patch.op == "replace":
            elements.append(patch.text)
        if elements:
            document[member] = elements
        else:
            document.pop(member, None)

    return effect


def valued_element(member: str) -> Effect:
    """Add or remove the element that the value names, in a list of texts."""

    def effect(document: Document, patch: Patch) -> None:
        elements = [element for element in document.get(member, ()) if element != patch.text]
        if patch.op != "remove":
            elements.append(patch.text)
        document[member] = elements

    return effect
