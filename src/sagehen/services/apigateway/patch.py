"""Patch operations: one engine, and for every resource a table of the paths that it lets be changed.

A table is tried from top to bottom. Each row names a path, whose `{hole}` segments stand for a name
from the request (`{hole*}` for one of several segments, which clients leave unescaped), the operations allowed there, and what they do to the document. Names come
unescaped (`~1` is `/`, `~0` is `~`). The caller checks the document as a whole afterwards.

Source: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagehen.services.apigateway.definition import Document
from sagehen.services.apigateway.errors import BadRequestException, NotFoundException

Cast = Callable[[str | None], Any]
Effect = Callable[[Document, "Patch"], None]


@dataclass(frozen=True, slots=True)
class Patch:
    """One operation, matched to its row. `name`: what stood for the path's last hole."""

    op: str
    path: str
    value: str | None
    source: str | None
    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.names[-1]

    @property
    def text(self) -> str:
        """The value, '' where the client left it out."""
        return self.value or ""


@dataclass(frozen=True, slots=True)
class Row:
    """One path of a table."""

    path: str
    ops: tuple[str, ...]
    effect: Effect

    def names(self, segments: Sequence[str]) -> tuple[str, ...] | None:
        """Return what stands for the holes, or None where the path is another one."""
        expected = self.path.split("/")[1:]
        segments = _joined(expected, segments)
        if len(expected) != len(segments):
            return None
        names: list[str] = []
        for wanted, found in zip(expected, segments, strict=True):
            if wanted.startswith("{"):
                names.append(found.replace("~1", "/").replace("~0", "~"))
            elif wanted != found:
                return None
        return tuple(names)


def _joined(expected: Sequence[str], segments: Sequence[str]) -> Sequence[str]:
    """Return the segments with those that a `{hole*}` stands for made one."""
    surplus = len(segments) - len(expected)
    for index, wanted in enumerate(expected):
        if wanted.endswith("*}") and surplus > 0:
            end = index + surplus + 1
            return [*segments[:index], "/".join(segments[index:end]), *segments[end:]]
    return segments


class PatchTable:
    """What may be patched in one kind of resource.

    Args:
        rows: In the order in which refusals list them.
        lists_paths: AWS words refusals in two ways; true for the resources whose refusal lists
            the paths that would have been right.
    """

    def __init__(self, *rows: Row, lists_paths: bool = False) -> None:
        self._rows = rows
        self._lists_paths = lists_paths

    def apply(self, document: Document, operations: Sequence[Mapping[str, str]] | None) -> None:
        """Change `document` by each operation in turn.

        Raises:
            BadRequestException: An operation or path that is not in the table, or a bad value.
            NotFoundException: Something to be removed is not there.
        """
        for operation in operations or ():
            op, path = operation.get("op", ""), operation.get("path")
            if not path or not path.startswith("/"):
                raise BadRequestException(f"Invalid patch path {path or 'null'}")
            row, names = self._row(op, path)
            patch = Patch(op, path, operation.get("value"), operation.get("from"), names)
            row.effect(document, patch)

    def _row(self, op: str, path: str) -> tuple[Row, tuple[str, ...]]:
        segments = path.split("/")[1:]
        other_ops: tuple[str, ...] = ()
        for row in self._rows:
            names = row.names(segments)
            if names is None:
                continue
            if op in row.ops:
                return row, names
            other_ops = row.ops
        raise BadRequestException(self._refusal(op, path, other_ops))

    def _refusal(self, op: str, path: str, other_ops: tuple[str, ...]) -> str:
        if self._lists_paths:
            paths = [row.path for row in self._rows if op in row.ops]
            hint = f"Must be one of: [{', '.join(paths)}]" if paths else "Please choose supported operations"
            return f"Invalid patch path  '{path}' specified for op '{op}'. {hint}"
        if len(other_ops) == 1:
            return f"Invalid patch operation specified. Must be one of: [{other_ops[0]}]"
        if other_ops:
            return f"Invalid patch operation specified. Must be {'|'.join(repr(op) for op in other_ops)}"
        return f"Invalid patch path {path}"


# --- values ------------------------------------------------------------------------------------


def text(value: str | None) -> str | None:
    return value


def boolean(value: str | None) -> bool:
    """Return what AWS takes for a boolean: anything but `true` is false, also nothing."""
    return (value or "").lower() == "true"


def integer(value: str | None) -> int:
    """Return a whole number, or refuse."""
    try:
        return int(value or "")
    except ValueError:
        raise BadRequestException(f"Invalid number specified: {value}") from None


def number(value: str | None) -> float:
    """Return a number, or refuse."""
    try:
        return float(value or "")
    except ValueError:
        raise BadRequestException(f"Invalid number specified: {value}") from None


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


REPLACE = ("replace",)
ADD_REMOVE = ("add", "remove")
ADD_REMOVE_REPLACE = ("add", "remove", "replace")
