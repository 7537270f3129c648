"""A request as nearly all are: `POST /invocations`, whole in one piece, with a length, others to follow.

Whatever is written in any other way is for the front's parser, which reads all of HTTP. What is taken here
must mean the same there: `tests/unit/modelserver/lanes/test_plain_request.py` compares the two.
"""

from __future__ import annotations

import re

from sagehen.modelserver.messages import Call
from sagehen.modelserver.sessions.headers import SESSION_ID

# A head, its names of the characters that RFC 9110 (5.6.2) has for tokens, its values without controls.
_HEAD = re.compile(
    rb"POST /invocations HTTP/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)+)\r\n"
)
# What changes how a connection goes on, how a body is read, or who has to answer.
_UNUSUAL = frozenset(("connection", "expect", "transfer-encoding", "upgrade", SESSION_ID))
_DIGITS = re.compile(r"[0-9]{1,9}")


class Incomplete(Exception):
    """The beginning of such a request: the rest is still on its way."""


def parse(data: bytes) -> Call | None:
    """Return the call; None where the request is of another form, or more follows it.

    Raises:
        Incomplete
    """
    matched = _HEAD.match(data)
    if matched is None:
        if b"\r\n\r\n" not in data:
            raise Incomplete
        return None
    headers: dict[str, str] = {}
    for line in matched[1].decode("latin-1").split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        name = name.lower()
        if name in _UNUSUAL or (name == "content-length" and name in headers):
            return None
        headers[name] = value.lstrip(" \t")  # its end is left as it is, as by the front's parser
    length = headers.get("content-length", "")
    if not _DIGITS.fullmatch(length):
        return None
    missing = int(length) - (len(data) - matched.end())
    if missing > 0:
        raise Incomplete
    return Call(data[matched.end() :], headers) if missing == 0 else None
