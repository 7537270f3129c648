"""What the tests of function URLs share: requests and configurations with everything in its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.lambda_.names import FunctionReference
from sagehen.services.lambda_.urls.messages import UrlRequest
from sagehen.services.lambda_.urls.records import UrlConfig

ID = "abcdefghijklmnopqrstuvwxyz012345"
AT = datetime(2026, 11, 29, 1, 2, 3, 456000, UTC)
CONFIG = UrlConfig(
    FunctionReference(Scope("123456789012", "eu-west-1"), "shop"), ID, "NONE", created_at=AT, modified_at=AT
)


def request(*headers: tuple[str, str], **more: Any) -> UrlRequest:
    made = UrlRequest(
        request_id="request-1",
        url_id=ID,
        region="eu-west-1",
        domain=f"{ID}.lambda-url.eu-west-1.localhost",
        method="GET",
        path="/",
        query="",
        headers=headers,
        body=b"",
        source_ip="127.0.0.1",
        port="4566",
        received_at=AT,
    )
    return replace(made, **more)
