"""What UpdateUsagePlan makes of a plan, path by path."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sagehen.services.apigateway.errors import BadRequestException, ConflictException, NotFoundException
from sagehen.services.apigateway.plans.patches import PATCHES

PROD = {"apiId": "api", "stage": "prod"}
LIMITED = {**PROD, "throttle": {"/pets/GET": {"rateLimit": 1.0, "burstLimit": 2}}}
PLAN: dict[str, Any] = {"id": "plan", "name": "p", "apiStages": [PROD]}
HELD: dict[str, Any] = {
    "id": "plan",
    "name": "p",
    "productCode": "x",
    "apiStages": [LIMITED],
    "quota": {"limit": 5, "period": "DAY"},
    "throttle": {"rateLimit": 1.0, "burstLimit": 2},
}


def patch(op: str, path: str, value: str | None = None) -> dict[str, str]:
    return {"op": op, "path": path} | ({} if value is None else {"value": value})


@pytest.mark.parametrize(
    ("before", "operations", "changed"),
    [
        (PLAN, [patch("replace", "/name", "q")], {"name": "q"}),
        (PLAN, [patch("replace", "/description", "d")], {"description": "d"}),
        (PLAN, [patch("replace", "/productCode", "c")], {"productCode": "c"}),
        (HELD, [patch("replace", "/productCode", "")], {"productCode": None}),
        (HELD, [patch("remove", "/productCode")], {"productCode": None}),
        (PLAN, [patch("add", "/throttle/rateLimit", "0.5")], {"throttle": {"rateLimit": 0.5}}),
        (
            HELD,
            [patch("replace", "/throttle/burstLimit", "9")],
            {"throttle": {"rateLimit": 1.0, "burstLimit": 9}},
        ),
        (HELD, [patch("remove", "/throttle/burstLimit")], {"throttle": {"rateLimit": 1.0}}),
        # A structure of which nothing is left goes away.
        (
            HELD,
            [patch("remove", "/throttle/burstLimit"), patch("remove", "/throttle/rateLimit")],
            {"throttle": None},
        ),
        (HELD, [patch("remove", "/throttle")], {"throttle": None}),
        (HELD, [patch("remove", "/quota")], {"quota": None}),
        (
            PLAN,
            [patch("add", "/quota/limit", "7"), patch("add", "/quota/period", "WEEK")],
            {"quota": {"limit": 7, "period": "WEEK"}},
        ),
        (
            HELD,
            [patch("replace", "/quota/offset", "2")],
            {"quota": {"limit": 5, "period": "DAY", "offset": 2}},
        ),
        (
            PLAN,
            [patch("add", "/apiStages", "api:dev")],
            {"apiStages": [PROD, {"apiId": "api", "stage": "dev"}]},
        ),
        (PLAN, [patch("remove", "/apiStages", "api:prod")], {"apiStages": []}),
        # A method's key may be escaped, or stand there as it is; AWS shows it with a slash before it.
        *(
            (
                PLAN,
                [patch("replace", f"/apiStages/api:prod/throttle/{key}/rateLimit", "3")],
                {"apiStages": [{**PROD, "throttle": {"/pets/GET": {"rateLimit": 3.0}}}]},
            )
            for key in ("~1pets~1GET", "~1pets/GET", "/pets/GET", "pets~1GET")
        ),
        (
            HELD,
            [patch("add", "/apiStages/api:prod/throttle/~1pets~1GET/burstLimit", "8")],
            {"apiStages": [{**PROD, "throttle": {"/pets/GET": {"rateLimit": 1.0, "burstLimit": 8}}}]},
        ),
        (HELD, [patch("remove", "/apiStages/api:prod/throttle/~1pets~1GET")], {"apiStages": [PROD]}),
        (HELD, [patch("remove", "/apiStages/api:prod/throttle")], {"apiStages": [PROD]}),
        (HELD, [patch("remove", "/apiStages/api:prod/throttle/~1none~1GET")], {}),
    ],
)
def test_what_is_changed(
    before: dict[str, Any], operations: list[dict[str, str]], changed: dict[str, Any]
) -> None:
    after = copy.deepcopy(before)
    PATCHES.apply(after, operations)
    assert after == {key: value for key, value in {**before, **changed}.items() if value is not None}


@pytest.mark.parametrize(
    ("operation", "kind", "message"),
    [
        (
            patch("add", "/apiStages", "api:prod"),
            ConflictException,
            "API Stage already in the usage plan: api:prod",
        ),
        (
            patch("remove", "/apiStages", "api:dev"),
            NotFoundException,
            "Invalid API Stage {api: api, stage: dev} specified for usageplan plan",
        ),
        (
            patch("replace", "/apiStages/api:dev/throttle/~1~1GET/rateLimit", "1"),
            NotFoundException,
            "Invalid API Stage {api: api, stage: dev} specified for usageplan plan",
        ),
        (
            patch("remove", "/apiStages/api:dev/throttle"),
            NotFoundException,
            "Invalid API Stage {api: api, stage: dev} specified for usageplan plan",
        ),
        *(
            (patch("add", "/apiStages", value), BadRequestException, "Invalid API Stage specified")
            for value in ("", "api", "api:", ":prod", "a:b:c")
        ),
        (
            patch("replace", "/quota/limit", "many"),
            BadRequestException,
            "Invalid number specified: many",
        ),
        (
            patch("replace", "/quota"),
            BadRequestException,
            "Invalid patch operation specified. Must be one of: [remove]",
        ),
        (patch("replace", "/id", "x"), BadRequestException, "Invalid patch path /id"),
    ],
)
def test_what_is_refused(operation: dict[str, str], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as raised:
        PATCHES.apply(copy.deepcopy(PLAN), [operation])
    assert str(getattr(raised.value, "message", "")) == message
