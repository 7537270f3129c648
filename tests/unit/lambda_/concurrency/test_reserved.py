"""Reservations belong to functions as a whole."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.lambda_.conftest import Lambda

from sagehen.services.lambda_.errors import InvalidParameterValueException, ResourceNotFoundException


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("PutFunctionConcurrency", {"ReservedConcurrentExecutions": 5}),
        ("GetFunctionConcurrency", {}),
        ("DeleteFunctionConcurrency", {}),
    ],
)
async def test_versions_reserve_nothing(lambda_: Lambda, operation: str, request_: dict[str, Any]) -> None:
    with pytest.raises(ResourceNotFoundException):
        await lambda_(operation, FunctionName="f", **request_)
    await lambda_.create(Publish=True)
    await lambda_("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=5)
    with pytest.raises(InvalidParameterValueException, match="permitted on Lambda functions only"):
        await lambda_(operation, FunctionName="f:1", **request_)
    found = await lambda_("GetFunctionConcurrency", FunctionName="f")
    assert found == {"ReservedConcurrentExecutions": 5}
