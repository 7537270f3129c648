"""CBOR that claims, nests or means more than a request can."""

from __future__ import annotations

import pytest

from sagehen.protocol.errors import SerializationException
from sagehen.protocol.http import HttpRequest
from sagehen.protocol.reading.parse import parse
from tests.protocol.botocore_side import CATALOG

OPERATION = CATALOG.service("cloudwatch").operation("ListMetrics")


@pytest.mark.parametrize(
    "body",
    [
        b"\x81" * 50_000 + b"\x00",
        b"\xa1\x61a" * 50_000 + b"\x00",
        b"\x9b" + (1 << 40).to_bytes(8, "big"),
        b"\x5b" + (1 << 40).to_bytes(8, "big"),
        b"\xba" + (50_000).to_bytes(4, "big") + b"".join(
            b"\x1b" + (n * ((1 << 61) - 1) % (1 << 64)).to_bytes(8, "big") + b"\x00" for n in range(50_000)
        ),
        b"\xa1\x61a\xd8\x23\x63(a+",  # a regular expression
        b"\xa1\x61a\xc4\x82\x1a\x3b\x9a\xca\x00\x01",  # 1E+1000000000
        b"\xa1\x61a\xc2\x41\x01",  # a number of any size
        b"\xa1\x61a\xd8\x1c\x81\xd8\x1d\x00",  # a list that holds itself
        b"\xa1\x61a\xd9\x01\x02\x81\x01",  # a set
    ],
    ids=range(10),
)  # fmt: skip
def test_it_is_refused(body: bytes) -> None:
    with pytest.raises(SerializationException):
        parse(OPERATION, "smithy-rpc-v2-cbor", HttpRequest("POST", "/", body=body), {})
