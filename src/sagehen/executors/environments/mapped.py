"""What the operator mapped: patterns of image names, and the virtual environments that stand for them.

They are kept in the data folder, and written by the command line alone: nothing of a user's request gets
here.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sagehen.executors.environments.interpreter import InterpreterFacts

# What an image's name may hold, and the wildcards of a shell.
_PATTERN = re.compile(r"[A-Za-z0-9._/:@*?\[\]!-]{1,512}", re.ASCII)
_MOST = 200
_REGISTRY = re.compile(r"^[0-9]{12}\.dkr\.ecr[^/]*/", re.ASCII)


class InvalidPattern(ValueError):
    """It is no pattern; the message says what is."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A pattern of image names, and the environment that stands for them.

    Args:
        pattern: With `*`, `?` and `[...]`; of the whole name, or of what follows the registry.
        facts: What the interpreter told when it was mapped.
    """

    pattern: str
    facts: InterpreterFacts


def matches(pattern: str, uri: str) -> bool:
    """Tell whether a pattern means an image: by its whole name, or without registry, or without tag."""
    bare = _REGISTRY.sub("", uri)
    names = (uri, bare, bare.partition(":")[0])
    return any(fnmatchcase(name, pattern) for name in names)


def require_pattern(pattern: str) -> None:
    """Check a pattern.

    Raises:
        InvalidPattern
    """
    if not _PATTERN.fullmatch(pattern) or pattern.startswith("-"):
        raise InvalidPattern(
            f"{pattern!r} is no pattern of an image's name: letters, digits, . _ / : @ - and * ? [ ]"
        )


class MappedEnvironments:
    """The operator's mappings.

    Args:
        folder: Of environments, in the data folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "mapped.json"
        self._read: tuple[int, tuple[Mapping, ...]] = (-1, ())

    def all(self) -> tuple[Mapping, ...]:
        """Return them, the last made first: it wins. Reads the file where it has changed."""
        try:
            changed = self._file.stat().st_mtime_ns
        except OSError:
            return ()
        if changed != self._read[0]:
            self._read = (changed, tuple(self._parsed()))
        return self._read[1]

    def find(self, uri: str) -> Mapping | None:
        """Return the mapping that an image's name falls under, or None."""
        return next((mapping for mapping in self.all() if matches(mapping.pattern, uri)), None)

    def add(self, pattern: str, facts: InterpreterFacts) -> None:
        """Map a pattern; one that is mapped already is mapped anew.

        Raises:
            InvalidPattern: It is none, or there are too many.
        """
        require_pattern(pattern)
        with self._locked():
            others = [mapping for mapping in self._parsed() if mapping.pattern != pattern]
            if len(others) >= _MOST:
                raise InvalidPattern(f"there are {_MOST} mappings already: `sagehen images remove PATTERN`")
            self._write([Mapping(pattern, facts), *others])

    def remove(self, pattern: str) -> bool:
        """Forget a pattern; return whether it was mapped. The environment itself stays."""
        with self._locked():
            before = list(self._parsed())
            after = [mapping for mapping in before if mapping.pattern != pattern]
            if len(after) < len(before):
                self._write(after)
            return len(after) < len(before)

    def _parsed(self) -> Iterator[Mapping]:
        try:
            entries: list[dict[str, Any]] = json.loads(self._file.read_text())["mappings"]
            for entry in entries[:_MOST]:
                yield Mapping(entry["pattern"], InterpreterFacts.from_json(entry["facts"]))
        except (OSError, ValueError, KeyError, TypeError):
            return

    def _write(self, mappings: list[Mapping]) -> None:
        entries = [{"pattern": m.pattern, "facts": m.facts.as_json()} for m in mappings]
        replace_file(self._file, json.dumps({"mappings": entries}, indent=1))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._folder / "mapped.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def replace_file(path: Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    with temporary.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
