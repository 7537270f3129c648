"""Headers as bytes that HTTP can carry: whatever a user stored, an answer can be sent."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable

_METADATA = "x-amz-meta-"
_MISSING = "x-amz-missing-meta"
# RFC 9110: a name is a token; a value holds no control character but the tab.
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def header_lines(named: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer as they are sent.

    User metadata that no header can carry comes in RFC 2047's dress, as S3 answers it; what has a name
    that is none is left out, and counted in `x-amz-missing-meta` (both documented).
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
    """
    lines = []
    missing = 0
    for name, value in named:
        if _NAME.fullmatch(name) is None:
            missing += name.lower().startswith(_METADATA)
            continue
        lines.append((name.encode("ascii"), _carried(name, value)))
    if missing:
        lines.append((_MISSING.encode(), str(missing).encode()))
    return lines


def _carried(name: str, value: str) -> bytes:
    if _CONTROL.search(value) is None:
        try:
            return value.encode("latin-1")
        except UnicodeEncodeError:
            pass
    if name.lower().startswith(_METADATA):
        return b"=?UTF-8?B?" + base64.b64encode(value.encode("utf-8", "replace")) + b"?="
    # Nothing of S3's own comes here, it refuses such values; an API's backend may have sent anything.
    return _CONTROL.sub(" ", value).encode("latin-1", "replace")
