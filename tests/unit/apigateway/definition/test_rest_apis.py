"""What an API's settings may be."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.apigateway.definition.rest_apis import check_settings
from sagehen.services.apigateway.errors import BadRequestException


def settings(types: list[str] | None = None, address: str = "ipv4", **members: Any) -> dict[str, Any]:
    endpoint = {"types": ["REGIONAL"] if types is None else types, "ipAddressType": address}
    return {"name": "a", "apiKeySource": "HEADER", "endpointConfiguration": endpoint, **members}


@pytest.mark.parametrize(
    "document",
    [
        settings(),
        settings(["EDGE"], "dualstack"),
        settings(apiKeySource="AUTHORIZER"),
        settings(minimumCompressionSize=0),
        settings(minimumCompressionSize=10_485_760),
    ],
)
def test_what_is_taken(document: dict[str, Any]) -> None:
    assert check_settings(document) is None


@pytest.mark.parametrize(
    ("document", "kind", "message"),
    [
        (settings(name=""), BadRequestException, "Api Name cannot be empty"),
        (
            settings(minimumCompressionSize=-1),
            BadRequestException,
            "Invalid minimum compression size, must be between 0 and 10485760",
        ),
        (
            settings(minimumCompressionSize=10_485_761),
            BadRequestException,
            "Invalid minimum compression size, must be between 0 and 10485760",
        ),
        (
            settings(apiKeySource="COOKIE"),
            BadRequestException,
            "Invalid API key source. Valid options are AUTHORIZER,HEADER",
        ),
        (
            settings([]),
            BadRequestException,
            "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.",
        ),
        (
            settings(["EDGE", "REGIONAL"]),
            BadRequestException,
            "Cannot create an api with multiple Endpoint Types.",
        ),
        (
            settings(["LOCAL"]),
            BadRequestException,
            "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE",
        ),
        (settings(address="ipv6"), BadRequestException, "ipAddressType must be either ipv4 or dualstack."),
        (
            settings(["PRIVATE"]),
            NotImplementedOperation,
            "Private APIs need a VPC, which Sagehen does not have.",
        ),
    ],
)
def test_what_is_refused(document: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as raised:
        check_settings(document)
    assert str(getattr(raised.value, "message", "")) == message
