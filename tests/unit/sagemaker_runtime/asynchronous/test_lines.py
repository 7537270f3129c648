"""What may be under way, who is asked, when an endpoint is gone; the metrics of that."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from sagehen.domain.ids import Ids
from sagehen.services.sagemaker_runtime.asynchronous.lines import Line, instances, room, variant_for
from sagehen.services.sagemaker_runtime.asynchronous.metrics import Measured, backlog, processed
from sagehen.serving.asynchronous import AsyncSettings, Place
from sagehen.serving.directory import ServedEndpoint
from sagehen.serving.router import Router, WeightedVariant


class Replicas:
    def __init__(self, variant: str, count: int) -> None:
        self.variant = variant
        self.replica_ids = tuple(f"i-{number}" for number in range(count))

    def put_in_rotation(self, in_rotation: bool) -> None: ...


def endpoint(counts: dict[str, int], status: str = "InService", at: float = 1.0) -> ServedEndpoint:
    router = Router(Ids())
    variants = {n: WeightedVariant(cast(Any, Replicas(n, count)), 1.0) for n, count in counts.items()}
    router.replace(variants)
    return ServedEndpoint("e", status, router, None, AsyncSettings(Place("b", ""), None, 4), at)


@pytest.mark.parametrize(
    ("counts", "under_way", "free"),
    [({"a": 0}, 0, 0), ({"a": 1}, 0, 4), ({"a": 1}, 4, 0), ({"a": 2, "b": 1}, 5, 7), ({"a": 1}, 6, -2)],
)
def test_room(counts: dict[str, int], under_way: int, free: int) -> None:
    assert room(endpoint(counts), under_way) == free
    assert room(None, 0) == 0 and instances(None) == {}


def test_only_variants_with_instances_are_asked() -> None:
    for draw in (0.0, 0.5, 0.99):
        assert variant_for(endpoint({"a": 0, "b": 1}), draw) == "b"
    assert variant_for(endpoint({"a": 0}), 0.5) is None


def test_an_endpoint_is_gone_when_it_is_deleted_replaced_or_missing_for_long() -> None:
    line = Line()
    assert not line.is_gone(endpoint({"a": 1}), 1.0, 0.0)
    assert line.is_gone(endpoint({"a": 1}, "Deleting"), 1.0, 0.0)
    assert line.is_gone(endpoint({"a": 1}, at=2.0), 1.0, 0.0)
    assert [line.is_gone(None, 1.0, now) for now in (10.0, 39.0, 40.0)] == [False, False, True]
    assert not line.is_gone(endpoint({"a": 1}), 1.0, 41.0)
    assert not line.is_gone(None, 1.0, 42.0)


async def test_what_is_asked_again_waits_its_time_and_is_not_under_way_twice() -> None:
    line = Line()
    line.put_back(1, 5.0)
    line.put_back(2, 3.0)
    assert line.due_again(2.0) is None
    task = asyncio.create_task(asyncio.sleep(0))
    line.under_way[2] = task
    assert line.due_again(9.0) == 1
    assert line.due_again(9.0) is None
    await task


@pytest.mark.parametrize(
    ("waiting", "there", "lonely", "each"),
    [(0, 0, 0.0, None), (3, 0, 1.0, None), (3, 2, 0.0, 1.5), (0, 2, 0.0, 0.0)],
)
def test_an_endpoint_s_metrics(waiting: int, there: int, lonely: float, each: float | None) -> None:
    values = {value.name: value for value in backlog("e", waiting, there, None)}
    assert values["ApproximateBacklogSize"].value == waiting
    assert values["HasBacklogWithoutCapacity"].value == lonely
    one = values.get("ApproximateBacklogSizePerInstance")
    assert (one.value if one else None) == each
    assert {tuple(value.dimensions) for value in values.values()} == {("EndpointName",)}


def test_a_request_s_metrics_have_what_it_came_to() -> None:
    values = {v.name: (v.value, v.unit) for v in processed("e", "v", Measured(1.0, 2.0, failed=True))}
    assert values["InvocationsProcessed"] == (1.0, "Count") and values["InvocationFailures"][0] == 1.0
    assert values["TimeInBacklog"] == (1e6, "Microseconds")
    assert values["TotalProcessingTime"] == (2000.0, "Milliseconds")
    assert "ModelLatency" not in values and "Invocation5XXErrors" not in values
    whole = Measured(download_s=0.1, model_s=0.2, upload_s=0.3, status=503)
    values = {v.name: (v.value, v.unit) for v in processed("e", "v", whole)}
    assert values["ModelLatency"] == (0.2e6, "Microseconds") and values["Invocation5XXErrors"][0] == 1.0
    assert not {"Invocations", "InvocationsPerInstance", "OverheadLatency"} & set(values)
