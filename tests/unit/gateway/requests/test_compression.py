"""Compressed bodies."""

from __future__ import annotations

import gzip

import pytest

from sagehen.api.errors import ServiceError
from sagehen.gateway.requests.body import RequestEntityTooLarge
from sagehen.gateway.requests.compression import decompressed


def test_gzip() -> None:
    headers = {"content-encoding": "gzip", "a": "b"}
    assert decompressed(headers, gzip.compress(b"x" * 1000), 1000) == ({"a": "b"}, b"x" * 1000)
    assert decompressed({}, b"plain", 1000) == ({}, b"plain")
    with pytest.raises(RequestEntityTooLarge):
        decompressed(headers, gzip.compress(b"x" * 1_000_000), 1000)
    for broken in (b"", b"nonsense", gzip.compress(b"abc")[:-4]):
        with pytest.raises(ServiceError, match="gzip"):
            decompressed(headers, broken, 1000)
