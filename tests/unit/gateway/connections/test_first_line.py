"""What the first bytes of a connection say."""

from __future__ import annotations

import pytest

from sagehen.gateway.connections.first_line import BadProxyRequest, is_proxy_request, read_proxy_request


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"G", None), (b"CONN", None), (b"GET ", None), (b"GET htt", None), (b"CONNECT a", True),
        (b"GET /", False), (b"HELLO\r\n", False), (b"GET http://a", True),
        (b"OPTIONS * HTTP/1.1\r\n", False), (b"x" * 40, False),
    ],
)  # fmt: skip
def test_first_bytes(data: bytes, expected: bool | None) -> None:
    assert is_proxy_request(data) is expected


def test_malformed_proxy_requests() -> None:
    for line in (b"CONNECT :443 HTTP/1.1", b"CONNECT a:x HTTP/1.1", b"CONNECT a HTTP/1.1",
                 b"GET http:///x HTTP/1.1", b"CONNECT a:99999 HTTP/1.1"):  # fmt: skip
        with pytest.raises(BadProxyRequest):
            read_proxy_request(line + b"\r\n\r\n")
    assert read_proxy_request(b"CONNECT a:443 HTTP/1.1\r\n") is None
