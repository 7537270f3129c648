"""Manifest files: S3DataType ManifestFile, a prefix and the names below it, read piece by piece.

A parser of JSON holds the interpreter for as long as it parses, 0.2 s for 300,000 names, and with it all
others. So a manifest is cut where a name ends, and a piece of it is parsed at a time.
"""

from __future__ import annotations

import re
from types import TracebackType
from typing import Any, BinaryIO, Self

from sagehen.api.bounded.json_text import NotJson, read_json

# Parsed in less than 1 ms. The longest key (documented: S3's User Guide, 1,024 bytes) takes a tenth of it
# where each of its bytes is escaped.
_PIECE_BYTES = 1 << 16
# No group is repeated possessively: before 3.11.5, Python's engine then takes a match's end from an attempt
# that failed (https://github.com/python/cpython/issues/106052). Nothing here matches in two ways: going
# back is linear.
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*"'
_PREFIX = re.compile(rb'\s*+\[\s*+(\{(?:[^"{}]|%s)*\})\s*+(?:,|(?=\]))' % _STRING, re.DOTALL)
_NAMES = re.compile(rb"(?:\s*+%s\s*+,)+" % _STRING, re.DOTALL)
_LAST = re.compile(rb"\s*+(?:(%s)\s*+)?\]\s*+\Z" % _STRING, re.DOTALL)


class Manifest:
    """A manifest, `[{"prefix": "s3://..."}, "name", ...]`. All methods block for reads of the disk.

    AWS documents no limit of its size, and there is none here: a piece of it is in memory.

    Args:
        file: At its beginning; closed at the context's end.

    Raises:
        ValueError: It does not begin as a manifest does.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._rest = b""
        self._ended = False
        self._may_end = True  # not behind a comma
        try:
            self.prefix = self._read_prefix()
        except BaseException:
            file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def names(self) -> list[str]:
        """Return the next names below the prefix, some of them; none at the end.

        Raises:
            ValueError: What follows is no name.
        """
        if self._ended:
            return []
        self._fill()
        if some := _NAMES.match(self._rest):
            self._rest, self._may_end = self._rest[some.end() :], False
            return self._parsed(some[0][:-1])
        last = _LAST.match(self._rest)
        if last is None or not (last[1] or self._may_end):
            raise ValueError("it lists something that is not a name")
        self._ended = True
        return self._parsed(last[1]) if last[1] else []

    def _read_prefix(self) -> str:
        self._fill()
        begin = _PREFIX.match(self._rest)
        # Documented: S3DataSource's model, S3Uri; a prefix without names is an empty channel here.
        prefix = _read(begin[1]).get("prefix") if begin else None
        if begin is None or not isinstance(prefix, str):
            raise ValueError("no prefix is given")
        self._rest = self._rest[begin.end() :]
        self._may_end = not begin[0].endswith(b",")
        return prefix

    def _parsed(self, names: bytes) -> list[str]:
        found: list[str] = _read(b"[" + names + b"]")
        return found

    def _fill(self) -> None:
        """Have the next piece at hand, or all that is left."""
        while len(self._rest) < _PIECE_BYTES and (more := self._file.read(_PIECE_BYTES - len(self._rest))):
            self._rest += more


def _read(piece: bytes) -> Any:
    try:
        return read_json(piece)
    except NotJson as error:
        raise ValueError(f"it cannot be read as JSON: {error}") from None
