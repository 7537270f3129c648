"""Which headers go through an API, in which direction, and under which name.

Recorded of AWS for HTTP, HTTP_PROXY, AWS and AWS_PROXY, both without mappings and with one for each header.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sagehen.services.apigateway.data_plane.failures import ConfigurationError
from sagehen.services.apigateway.snapshot.apis import IntegrationType

# What a client says to API Gateway alone: no backend, mapping, template or authorizer hears of it.
FOR_THE_GATEWAY = frozenset(
    (
        "connection", "content-length", "content-md5", "expect", "max-forwards", "proxy-authenticate",
        "server", "te", "trailer", "transfer-encoding", "upgrade", "www-authenticate",
    )
)  # fmt: skip
# Not handed on by HTTP_PROXY besides, though a mapping may say them; the host is the backend's.
NOT_PROXIED = frozenset(("content-encoding", "via", "host"))

# What a mapping may say in vain, and what it may not say: such a request is answered with 500.
_UNHEARD = frozenset(("connection", "expect", "proxy-authenticate", "te", "via"))
_REFUSED = frozenset(("content-length", "transfer-encoding"))
_REFUSED_BY_SERVICES = _REFUSED | frozenset(
    ("authorization", "connection", "expect", "proxy-authenticate", "te")
)

_REMAPPED_OF_PROXIES = frozenset(
    ("connection", "content-length", "date", "server", "www-authenticate", "x-amzn-requestid")
)
_REMAPPED_OF_MAPPINGS = _REMAPPED_OF_PROXIES | frozenset(
    (
        "authorization", "content-md5", "expect", "host", "max-forwards", "proxy-authenticate", "trailer",
        "upgrade", "user-agent",
    )
)  # fmt: skip
_DROPPED = frozenset(("transfer-encoding", "keep-alive", "x-amz-apigw-id"))
# Of a gateway response's headers, what would be about the connection.
_NOT_ANSWERED = frozenset(("connection", "content-length", "transfer-encoding", "keep-alive", "upgrade"))


def check_mapped(name: str, kind: IntegrationType) -> bool:
    """Tell whether a header that a mapping sets goes to the backend.

    Raises:
        ConfigurationError: Nothing may go there with such a header.
    """
    lowered = name.lower()
    refused = _REFUSED_BY_SERVICES if kind in ("AWS", "AWS_PROXY") else _REFUSED
    if lowered in refused:
        raise ConfigurationError(f"Invalid header mapping: an integration request may not set {name}")
    return lowered not in _UNHEARD


def remapped(headers: Iterable[tuple[str, str]], kind: IntegrationType) -> list[tuple[str, str]]:
    """Return the headers of a method response under the names by which API Gateway hands them on."""
    table = _REMAPPED_OF_MAPPINGS if kind in ("AWS", "HTTP") else _REMAPPED_OF_PROXIES
    kept = []
    for name, value in headers:
        lowered = name.lower()
        if lowered in table:
            kept.append((f"x-amzn-Remapped-{name}", value))
        elif lowered not in _DROPPED:
            kept.append((name, value))
    return kept


def answered(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the headers of a gateway response that are sent: they are the API owner's own."""
    return [pair for pair in headers if pair[0].lower() not in _NOT_ANSWERED]


def tells_trace(kind: IntegrationType) -> bool:
    """Whether API Gateway adds X-Amzn-Trace-Id to such an integration's answers (recorded)."""
    return kind not in ("MOCK", "HTTP_PROXY")


def without(headers: Mapping[str, list[str]], names: frozenset[str]) -> dict[str, list[str]]:
    """Return headers less those of some names, which are in lower case."""
    return {name: values for name, values in headers.items() if name.lower() not in names}
