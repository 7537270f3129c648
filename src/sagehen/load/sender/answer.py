"""What an answer says: whether it is one, what kind of failure, whether it was cold."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass

# All that is looked at; everything else of a head is left where it is.
LOOKED_AT = frozenset({b"x-amzn-errortype", b"x-amz-function-error", b"x-amz-log-result"})
_INIT = re.compile(rb"\tInit Duration: (\d+(?:\.\d+)?) ms")
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_THROTTLES = ("throttl", "toomanyrequests", "limitexceeded", "slowdown")


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure's kind, whether it is a throttle, and what it said."""

    kind: str
    throttled: bool
    text: str


def fault_of(status: int, headers: dict[bytes, bytes], body: bytes) -> Fault | None:
    """Return what went wrong; None where nothing did.

    Args:
        headers: Those of LOOKED_AT, names in lower case.
        body: Its beginning.
    """
    if status < 400:
        # Lambda answers 200 for a function that has failed; so a fault of the function is told apart.
        error = headers.get(b"x-amz-function-error")
        return None if error is None else Fault(f"function error: {_word(error)}", False, _text(body))
    code = _code(headers, body)
    kind = f"{status} {code}".rstrip()
    throttled = status == 429 or any(word in code.lower() for word in _THROTTLES)
    return Fault(kind, throttled, _text(body))


def init_ms(headers: dict[bytes, bytes]) -> float | None:
    """Return the Init Duration in the log's tail: only a new environment's first invocation has one."""
    tail = headers.get(b"x-amz-log-result")
    if tail is None:
        return None
    try:
        found = _INIT.search(base64.b64decode(tail))
    except binascii.Error:
        return None
    return float(found[1]) if found else None


def _code(headers: dict[bytes, bytes], body: bytes) -> str:
    """Return AWS's error code: of the header, as the JSON protocols have it, or of the body."""
    if header := headers.get(b"x-amzn-errortype"):
        return _word(header)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(document, dict):
        return ""
    for name in ("__type", "code", "Code", "Type"):
        if isinstance(value := document.get(name), str):
            return _word(value.encode())
    return ""


def _word(raw: bytes) -> str:
    # com.amazonaws.sagemaker#ThrottlingException:http://... is what AWS may send (botocore cuts it likewise).
    text = raw.decode("latin-1").split(":")[0].split("#")[-1].strip()
    return text if _CODE.fullmatch(text) else ""


def _text(body: bytes) -> str:
    words = " ".join(body.decode("utf-8", "replace").split())
    # It is printed: a server may not speak to the terminal.
    return "".join(character if character.isprintable() else "?" for character in words)
