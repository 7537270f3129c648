"""Marks: references as texts while requests are made of properties; they become expressions after."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sagehen.export.graph.values import Package, Place, PolicyDocument, Ref, Setting, Text

Marked = Ref | Place | Setting | Package


class JsonText(str):
    """A document as JSON, that the script writes as what it is."""

    document: Any

    def __str__(self) -> str:
        return self  # not a copy without the document

    @classmethod
    def of(cls, document: Any) -> JsonText:
        """Return a document's text."""
        found = cls(json.dumps(document))
        found.document = document
        return found


class Marks:
    """Puts marks into values and finds them again.

    Args:
        texts: All of the graph: no mark is in any of them.
        resolve: Returns what a reference to another resource is: a text of its properties, or of its answer.
    """

    def __init__(self, texts: str, resolve: Callable[[Ref], str]) -> None:
        self._resolve = resolve
        number = 0
        while f"mark{number}of" in texts:
            number += 1
        self._start = f"mark{number}of"
        self._numbers: dict[Marked, int] = {}
        self._marked: list[Marked] = []
        self._pattern = re.compile(rf"{self._start}(\d+)end")

    def mark(self, marked: Marked) -> str:
        """Return the text that stands for something."""
        if marked not in self._numbers:
            self._numbers[marked] = len(self._marked)
            self._marked.append(marked)
        return f"{self._start}{self._numbers[marked]}end"

    def put(self, value: Any) -> Any:
        """Return a value of plain ones and marks."""
        if isinstance(value, PolicyDocument):
            return JsonText.of({name: self.put(one) for name, one in value.items()})
        if isinstance(value, Mapping):
            return {name: self.put(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.put(one) for one in value]
        if isinstance(value, Text):
            return "".join(part if isinstance(part, str) else self.put(part) for part in value.parts)
        if isinstance(value, Package):
            # The properties' names; the script reads the file.
            return {"S3Bucket": self.mark(value), "S3Key": self.mark(value)}
        if isinstance(value, Ref):
            return self._resolve(value)
        return self.mark(value) if isinstance(value, Place | Setting) else value

    def parts(self, text: str) -> Iterator[str | Marked]:
        """Yield the pieces of a text, and what its marks stand for."""
        position = 0
        for match in self._pattern.finditer(text):
            if match.start() > position:
                yield text[position : match.start()]
            yield self._marked[int(match[1])]
            position = match.end()
        if position < len(text):
            yield text[position:]

    def package(self, value: Any) -> Package | None:
        """Return the package that a request's code is."""
        if not isinstance(value, Mapping) or not isinstance(value.get("S3Key"), str):
            return None
        found = [*self.parts(value["S3Key"])]
        return found[0] if len(found) == 1 and isinstance(found[0], Package) else None
