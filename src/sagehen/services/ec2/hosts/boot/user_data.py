"""User data taken apart: a script, a cloud-config, a MIME message of several, gzipped or not.

What begins how: cloud-init's documentation, "User data formats".
"""

from __future__ import annotations

import email
import email.policy
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import Enum

# RunInstances takes 16 kB; compressed they may hold more.
MOST_BYTES = 4 << 20
_MOST_PARTS = 100
_MOST_DEPTH = 5
_GZIP = b"\x1f\x8b"


class Kind(Enum):
    """What a part is, by cloud-init's MIME types."""

    SCRIPT = "text/x-shellscript"
    SCRIPT_PER_BOOT = "text/x-shellscript-per-boot"
    SCRIPT_ONCE = "text/x-shellscript-per-once"
    SCRIPT_PER_INSTANCE = "text/x-shellscript-per-instance"
    CONFIG = "text/cloud-config"
    BOOTHOOK = "text/cloud-boothook"
    INCLUDE = "text/x-include-url"
    INCLUDE_ONCE = "text/x-include-once-url"
    ARCHIVE = "text/cloud-config-archive"
    TEMPLATE = "text/jinja2"
    PART_HANDLER = "text/part-handler"
    UNKNOWN = "text/x-not-multipart"


_BEGINNINGS = (
    (b"#!", Kind.SCRIPT),
    (b"#cloud-config-archive", Kind.ARCHIVE),
    (b"#cloud-config", Kind.CONFIG),
    (b"#cloud-boothook", Kind.BOOTHOOK),
    (b"#include-once", Kind.INCLUDE_ONCE),
    (b"#include", Kind.INCLUDE),
    (b"#part-handler", Kind.PART_HANDLER),
    (b"## template: jinja", Kind.TEMPLATE),
)
_BY_TYPE = {kind.value: kind for kind in Kind}
_MULTIPART = (b"content-type: multipart/", b"mime-version:")


@dataclass(frozen=True, slots=True)
class Part:
    """One part.

    Args:
        kind: What is done with it.
        content: As it was, without its transfer encoding and compression.
        name: What its file is called: `part-001`, or the attachment's own name.
    """

    kind: Kind
    content: bytes
    name: str


class UserDataUnreadable(ValueError):
    """Too large unpacked, too many or too deep parts, or broken compression; the text says which."""


def parts_of(user_data: bytes) -> list[Part]:
    """Return the parts in their order; none for empty user data.

    Raises:
        UserDataUnreadable
    """
    return list(_parts(_unpacked(user_data), iter(range(1, _MOST_PARTS + 1)), 0)) if user_data else []


def _unpacked(content: bytes) -> bytes:
    """Undo gzip, once; nothing else is compression here."""
    if not content.startswith(_GZIP):
        return content
    reader = zlib.decompressobj(wbits=31)
    try:
        plain = reader.decompress(content, MOST_BYTES)
        if not reader.eof:
            what = f"more than {MOST_BYTES} bytes" if reader.unconsumed_tail else "cut off"
            raise UserDataUnreadable(f"gzip: {what}")
    except zlib.error as error:
        raise UserDataUnreadable(f"gzip: {error}") from error
    return plain


def _parts(content: bytes, numbers: Iterator[int], depth: int) -> Iterator[Part]:
    if depth > _MOST_DEPTH:
        raise UserDataUnreadable(f"multipart messages in more than {_MOST_DEPTH} others")
    if not _is_multipart(content):
        yield _part(_kind_of(content), content, numbers)
        return
    for each in _leaves(email.message_from_bytes(content, policy=email.policy.compat32)):
        payload = each.get_payload(decode=True)
        inner = _unpacked(payload if isinstance(payload, bytes) else b"")
        if _is_multipart(inner):
            yield from _parts(inner, numbers, depth + 1)
            continue
        # What the content begins with says more than a type that says nothing (cloud-init does the same).
        kind = _BY_TYPE.get(each.get_content_type(), Kind.UNKNOWN)
        yield _part(_kind_of(inner) if kind is Kind.UNKNOWN else kind, inner, numbers, each.get_filename())


def _part(kind: Kind, content: bytes, numbers: Iterator[int], name: str | None = None) -> Part:
    number = next(numbers, None)
    if number is None:
        raise UserDataUnreadable(f"more than {_MOST_PARTS} parts")
    return Part(kind, content, _file_name(name) or f"part-{number:03d}")


def _leaves(message: Message) -> Iterator[Message]:
    for each in message.walk():
        if not each.is_multipart():
            yield each


def _is_multipart(content: bytes) -> bool:
    head = content[:4096].lstrip().lower()
    return any(head.startswith(each) for each in _MULTIPART)


def _kind_of(content: bytes) -> Kind:
    text = content.lstrip()
    return next((kind for beginning, kind in _BEGINNINGS if text.startswith(beginning)), Kind.UNKNOWN)


def _file_name(name: str | None) -> str:
    """Return an attachment's name as that of a file in one folder; '' where it is none."""
    if not name:
        return ""
    kept = "".join(each if each.isalnum() or each in "._-" else "_" for each in name.rsplit("/", 1)[-1])[:100]
    return "" if kept.strip("._") == "" else kept
