"""Bodies: a text, a file, or the files of a folder in turn."""

from __future__ import annotations

import json
import mimetypes
from dataclasses import dataclass
from pathlib import Path

# All of them are held in memory, by each process that sends.
_MOST_FILES = 10_000
_MOST_BYTES = 256 * 1024 * 1024


class PayloadError(ValueError):
    """What was to be sent cannot be; the message says why."""


@dataclass(frozen=True, slots=True)
class Body:
    """One body and its content type."""

    content: bytes
    content_type: str


def from_text(text: str, content_type: str | None) -> Body:
    """Return a body of the command line: JSON where it is JSON, else plain text."""
    if content_type is None:
        try:
            json.loads(text)
            content_type = "application/json"
        except (ValueError, RecursionError):
            content_type = "text/plain"
    return Body(text.encode("utf-8", "surrogateescape"), content_type)


def from_file(path: Path, content_type: str | None, left: int = _MOST_BYTES) -> Body:
    """Read a file; its name tells the content type.

    Raises:
        PayloadError: It cannot be read, or is larger than `left` bytes.
    """
    try:
        with path.open("rb") as file:
            content = file.read(left + 1)
    except OSError as error:
        raise PayloadError(f"{path}: {error.strerror}") from None
    if len(content) > left:
        raise PayloadError(f"{path}: bodies of more than {_MOST_BYTES // 1024**2} MiB together")
    guessed = content_type or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Body(content, guessed)


def from_folder(folder: Path, content_type: str | None) -> list[Body]:
    """Read all files below a folder, in the order of their paths; hidden ones are left out.

    Raises:
        PayloadError: There are none, or too many, or they are too large.
    """
    paths: list[Path] = []
    try:
        for path in folder.rglob("*"):
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
                paths.append(path)
                if len(paths) > _MOST_FILES:
                    raise PayloadError(f"{folder}: more than {_MOST_FILES:,} files")
    except OSError as error:
        raise PayloadError(f"{error.filename}: {error.strerror}") from None
    if not paths:
        raise PayloadError(f"{folder}: there is no file in it")
    bodies, left = [], _MOST_BYTES
    for path in sorted(paths):
        body = from_file(path, content_type, left)
        left -= len(body.content)
        bodies.append(body)
    return bodies
