"""What a path of the protocol means, and which bytes a header asks for. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from sagehen.services.ecr.repositories.repository import MAX_NAME, is_name

_UPLOAD = re.compile(r"[0-9a-f-]{36}")
_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")
_CONTENT_RANGE = re.compile(r"(?:bytes[ =])?(\d{1,19})-(\d{1,19})(?:/(?:\d{1,19}|\*))?")
# The longest path of the protocol: a repository's name, a word, a digest.
_LONGEST = 3 * MAX_NAME


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request points.

    Args:
        kind: `base`, `catalog`, `blob`, `uploads`, `upload`, `manifest`, `tags` or `referrers`.
        name: Of the repository.
        reference: A digest, a tag, or an upload's id.
    """

    kind: str
    name: str = ""
    reference: str = ""


def route_of(path: str) -> Route | None:
    """Return where a path points; None for one that the protocol does not have."""
    if len(path) > _LONGEST:
        return None
    words = [unquote(word) for word in path.split("/")[2:]]
    if words and words[-1] == "" and words[:-1]:  # uploads/ has a slash at its end
        words.pop()
    if words in ([], [""]):
        return Route("base")
    if words == ["_catalog"]:
        return Route("catalog")
    for kind, size, tail in (
        ("uploads", 2, ["blobs", "uploads"]), ("tags", 2, ["tags", "list"]),
        ("upload", 3, ["blobs", "uploads"]), ("blob", 2, ["blobs"]),
        ("manifest", 2, ["manifests"]), ("referrers", 2, ["referrers"]),
    ):  # fmt: skip
        if len(words) > size and words[-size:][: len(tail)] == tail:
            name, reference = "/".join(words[:-size]), "" if len(tail) == size else words[-1]
            if not is_name(name) or (kind == "upload" and not _UPLOAD.fullmatch(reference)):
                return None
            return Route(kind, name, reference)
    return None


def asked_bytes(header: str | None, size: int) -> tuple[int, int] | None:
    """Return offset and length of the one range that a header asks for, or None for everything.

    Raises:
        ValueError: There are no such bytes (416).
    """
    matched = _RANGE.fullmatch(header.strip()) if header else None
    if matched is None or matched.group(1) == matched.group(2) == "":
        return None  # RFC 9110, 14.2: what is not understood is ignored
    if matched.group(1) == "":
        length = min(int(matched.group(2)), size)
        if not length:
            raise ValueError
        return size - length, length
    first = int(matched.group(1))
    last = min(int(matched.group(2)), size - 1) if matched.group(2) else size - 1
    if first >= size or (matched.group(2) and int(matched.group(2)) < first):
        raise ValueError
    return first, last - first + 1


def sent_bytes(header: str | None) -> tuple[int, int] | None:
    """Return the first and the last byte that a Content-Range names, or None where there is none.

    Raises:
        ValueError: It is none.
    """
    if header is None:
        return None
    matched = _CONTENT_RANGE.fullmatch(header.strip())
    if matched is None or int(matched.group(2)) < int(matched.group(1)):
        raise ValueError
    return int(matched.group(1)), int(matched.group(2))
