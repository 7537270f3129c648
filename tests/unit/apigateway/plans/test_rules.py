"""What a usage plan may be."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.apigateway.errors import BadRequestException, NotFoundException
from sagehen.services.apigateway.plans.rules import check_plan

STAGE = {"apiId": "api", "stage": "prod"}


def plan(**members: Any) -> dict[str, Any]:
    return {"name": "p", "apiStages": [], **members}


def has_stage(api_id: str, stage: str) -> bool:
    return (api_id, stage) == ("api", "prod")


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"quota": {"limit": 1, "period": "DAY"}},
        {"quota": {"limit": 2**31 - 1, "period": "WEEK", "offset": 0}},
        {"quota": {"limit": 1, "period": "MONTH", "offset": 7}},  # more than the limit: nothing is left
        {"throttle": {"rateLimit": 0.0, "burstLimit": 0}},  # nothing goes through, which may be wanted
        {"throttle": {"rateLimit": 0.5}},
        {"throttle": {"burstLimit": 3}},
        {"apiStages": [STAGE]},
        {"apiStages": [{**STAGE, "throttle": {"/pets/GET": {"rateLimit": 1.0, "burstLimit": 2}}}]},
    ],
)
def test_what_is_taken(members: dict[str, Any]) -> None:
    checked = plan(**members)
    check_plan(checked, has_stage)
    if "quota" in members:
        assert checked["quota"]["offset"] == members["quota"].get("offset", 0)


_LIMIT = "Usage Plan quota limit must be a positive number"
_PERIOD = "Invalid Usage Plan quota period. Valid options are DAY,WEEK,MONTH"
_THROTTLE = "Usage Plan throttle limits must not be negative"


@pytest.mark.parametrize(
    ("members", "kind", "message"),
    [
        ({"name": ""}, BadRequestException, "Usage Plan name cannot be empty"),
        ({"quota": {"period": "DAY"}}, BadRequestException, _LIMIT),
        ({"quota": {"limit": 0, "period": "DAY"}}, BadRequestException, _LIMIT),
        ({"quota": {"limit": -1, "period": "DAY"}}, BadRequestException, _LIMIT),
        ({"quota": {"limit": 1}}, BadRequestException, _PERIOD),
        ({"quota": {"limit": 1, "period": "YEAR"}}, BadRequestException, _PERIOD),
        ({"quota": {"limit": 1, "period": "day"}}, BadRequestException, _PERIOD),
        (
            {"quota": {"limit": 1, "period": "DAY", "offset": -1}},
            BadRequestException,
            "Usage Plan quota offset must not be negative",
        ),
        ({"throttle": {"rateLimit": -0.1}}, BadRequestException, _THROTTLE),
        ({"throttle": {"burstLimit": -1}}, BadRequestException, _THROTTLE),
        (
            {"apiStages": [{**STAGE, "throttle": {"/pets/GET": {"burstLimit": -1}}}]},
            BadRequestException,
            _THROTTLE,
        ),
        ({"apiStages": [{"apiId": "api"}]}, BadRequestException, "Invalid API Stage specified"),
        ({"apiStages": [{"stage": "prod"}]}, BadRequestException, "Invalid API Stage specified"),
        (
            {"apiStages": [STAGE, {"apiId": "api", "stage": "dev"}]},
            NotFoundException,
            "API Stage not found: api:dev",
        ),
        (
            {"apiStages": [{"apiId": "no", "stage": "prod"}]},
            NotFoundException,
            "API Stage not found: no:prod",
        ),
    ],
)
def test_what_is_refused(members: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as raised:
        check_plan(plan(**members), has_stage)
    assert str(getattr(raised.value, "message", "")) == message
