"""An API to work on, through boto3 alone."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.apigateway.calls import Client


@pytest.fixture
def gateway(client: Client) -> Any:
    return client("apigateway")


@pytest.fixture
def api(gateway: Any) -> Iterator[dict[str, Any]]:
    """An API with nothing but its root: `id`, `root`."""
    made = gateway.create_rest_api(name=f"api-{uuid.uuid4().hex[:8]}")
    yield {"restApiId": made["id"], "root": made["rootResourceId"]}
    try:
        gateway.delete_rest_api(restApiId=made["id"])
    except gateway.exceptions.NotFoundException:
        pass
