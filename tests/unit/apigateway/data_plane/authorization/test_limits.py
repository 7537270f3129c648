"""How often: API keys, usage plans, throttling."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from sagehen.api.bounded import budget
from sagehen.services.apigateway.data_plane.authorization.throttle import TokenBuckets
from sagehen.services.apigateway.snapshot.plans import Throttle
from sagehen.services.apigateway.snapshot.stages import MethodSettings
from tests.unit.apigateway.data_plane.house import (
    House,
    answer,
    api,
    integration,
    message_of,
    method,
)

MOCK = integration("MOCK", answer())


def keyed(**fields: Any) -> House:
    return House(api({"/pets": [method(MOCK, api_key_required=True)]}), **fields)


async def test_keys() -> None:
    running = keyed()
    running.add_key("good")
    running.add_key("off", enabled=False)
    for headers in ({}, {"x-api-key": "bad"}, {"x-api-key": "off"}):
        response = await running.call("GET", "/pets", headers=headers)
        assert (response.status, message_of(response)) == (403, {"message": "Forbidden"})
    assert (await running.call("GET", "/pets", headers={"X-Api-Key": "good"})).status == 200


async def test_a_spent_quota() -> None:
    running = keyed()
    running.add_key("good")
    running.quota_left = 1
    assert (await running.call("GET", "/pets", headers={"X-Api-Key": "good"})).status == 200
    response = await running.call("GET", "/pets", headers={"X-Api-Key": "good"})
    assert (response.status, message_of(response)) == (429, {"message": "Limit Exceeded"})


@pytest.mark.parametrize("where", ["plan", "plan method", "stage", "account"])
async def test_limits(where: str) -> None:
    limit = Throttle(1.0, 2)
    running = keyed(
        **({"method_settings": {"/pets/GET": MethodSettings(throttle=limit)}} if where == "stage" else {})
    )
    running.add_key(
        "good",
        throttle=limit if where == "plan" else None,
        methods={"/pets/GET": limit} if where == "plan method" else {},
    )
    if where == "account":
        running.account_view = dataclasses.replace(running.account_view, throttle=limit)

    async def statuses(count: int) -> list[int]:
        return [
            (await running.call("GET", "/pets", headers={"X-Api-Key": "good"})).status for _ in range(count)
        ]

    assert await statuses(4) == [200, 200, 429, 429]
    await running.clock.advance(1)
    assert await statuses(2) == [200, 429]
    response = await running.call("GET", "/pets", headers={"X-Api-Key": "good"})
    assert message_of(response) == {"message": "Too Many Requests"}


async def test_too_many_large_bodies_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the API's fault, so not a configuration error, and worth another try."""
    running = House(api({"/pets": [method(MOCK, "POST")]}))
    large = b'"' + b"x" * 300_000 + b'"'
    headers = {"Content-Type": "application/json"}
    monkeypatch.setattr(budget, "_MOST_WAITING", 0)
    response = await running.call("POST", "/pets", headers=headers, body=large)
    assert (response.status, message_of(response)) == (503, {"message": "Service Unavailable"})
    assert ("x-amzn-ErrorType", "ServiceUnavailableException") in response.headers
    assert (await running.call("POST", "/pets", headers=headers, body=b"{}")).status == 200
    monkeypatch.undo()
    assert (await running.call("POST", "/pets", headers=headers, body=large)).status == 200


async def test_what_was_throttled_leaves_the_quota_alone() -> None:
    running = keyed()
    running.add_key("good", throttle=Throttle(1.0, 1))
    running.quota_left = 10
    for _ in range(5):
        await running.call("GET", "/pets", headers={"X-Api-Key": "good"})
    assert running.quota_left == 9


async def test_a_bucket_fills_to_its_brim_only() -> None:
    running = keyed()
    buckets = TokenBuckets(running.clock)
    await running.clock.advance(1000)
    assert [buckets.take("k", Throttle(5.0, 2)) for _ in range(3)] == [True, True, False]
    await running.clock.advance(0.2)
    assert [buckets.take("k", Throttle(5.0, 2)) for _ in range(2)] == [True, False]
    assert buckets.take("none", Throttle(0.0, 0)) is False
