"""Patch operations: one engine, and for every resource a table of the paths that it lets be changed.

A table is tried from top to bottom. Each row names a path, the operations allowed there, and what
they do to the document. The `{hole}` segments of a path stand for names from the request (`{hole*}`
for one of several segments, where clients leave its slashes unescaped). Names come unescaped (`~1`
is `/`, `~0` is `~`). The caller checks the document as a whole afterwards.

Source: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.errors import BadRequestException

Effect = Callable[[Document, "Patch"], None]

REPLACE = ("replace",)
ADD_REMOVE = ("add", "remove")
ADD_REMOVE_REPLACE = ("add", "remove", "replace")


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
        refusals: AWS words them in three ways, by resource: it names the operations that the path
            allows, lists the paths that the operation allows, or names the path alone.
    """

    def __init__(self, *rows: Row, refusals: Literal["operations", "paths", "path"] = "operations") -> None:
        self._rows = rows
        self._refusals = refusals

    def apply(self, document: Document, operations: Sequence[Mapping[str, str]] | None) -> None:
        """Change `document` by each operation in turn.

        Raises:
            BadRequestException: An operation or path that is not in the table, or a bad value.
            NotFoundException: Something to be removed is not there.
        """
        for operation in operations or ():
            op, path = operation.get("op", ""), operation.get("path")
            # From memory: a path that is missing is told as `null`.
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
            # A later row may allow the operation on the same path: a `{hole}` fits many.
            if op in row.ops:
                return row, names
            other_ops = row.ops
        raise BadRequestException(self._refusal(op, path, other_ops))

    def _refusal(self, op: str, path: str, other_ops: tuple[str, ...]) -> str:
        # All three recorded, down to the two blanks before the path.
        if self._refusals == "paths":
            paths = [row.path for row in self._rows if op in row.ops]
            hint = f"Must be one of: [{', '.join(paths)}]" if paths else "Please choose supported operations"
            return f"Invalid patch path  '{path}' specified for op '{op}'. {hint}"
        if not other_ops or self._refusals == "path":
            return f"Invalid patch path {path}"
        if len(other_ops) == 1:
            return f"Invalid patch operation specified. Must be one of: [{other_ops[0]}]"
        return f"Invalid patch operation specified. Must be {'|'.join(repr(op) for op in other_ops)}"
