"""Which environment an invocation gets, and when it gets none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.lambda_.conftest import (
    FakeEnvironment,
    FakeEnvironments,
    FakeMetrics,
    Lambda,
    package,
    until,
)

from sagehen.concurrency.limits import Limits
from sagehen.domain.clock import ManualClock
from sagehen.services.lambda_.errors import (
    EnvironmentStartException,
    ResourceConflictException,
    ResourceNotFoundException,
    TooManyRequestsException,
)
from sagehen.services.lambda_.service import LambdaService


async def test_an_idle_environment_is_used_again(lambda_: Lambda, environments: FakeEnvironments) -> None:
    await lambda_.create()
    assert [await lambda_.invoke(event=number) for number in (1, 2, 3)] == [1, 2, 3]
    assert len(environments.started) == 1
    assert environments.started[0].kind == "on-demand"


async def test_the_most_recently_used_one_comes_first(
    lambda_: Lambda, environments: FakeEnvironments
) -> None:
    await lambda_.create()
    environments.gate.clear()
    both = [asyncio.create_task(lambda_.invoke(event=number)) for number in range(2)]
    # Not before both run: the first one to be free would be given the second event too.
    await until(lambda: sum(len(one.invocations) for one in environments.started) == 2)
    environments.gate.set()
    await asyncio.gather(*both)
    last = max(environments.started, key=lambda one: one.invocations[-1].payload)
    for _ in range(3):
        await lambda_.invoke()
    assert len(last.invocations) == 4


async def test_a_burst_of_short_invocations_needs_few_environments(
    lambda_: Lambda, environments: FakeEnvironments
) -> None:
    await lambda_.create()
    start = environments.start

    async def slow_start(*arguments: Any) -> Any:
        await asyncio.sleep(0.01)
        return await start(*arguments)

    environments.start = slow_start  # type: ignore[method-assign]
    await asyncio.gather(*(lambda_.invoke(event=number) for number in range(60)))
    assert len(environments.started) < 20


async def test_idle_environments_end_after_ten_minutes(
    lambda_: Lambda, environments: FakeEnvironments, clock: ManualClock
) -> None:
    await lambda_.create()
    await lambda_.invoke()

    async def advance(minutes: int) -> None:
        for _ in range(2 * minutes):
            await clock.advance(30)
            await asyncio.sleep(0.01)  # the sweep of old code takes a thread now and then

    await advance(9)
    assert len(environments.alive) == 1
    await advance(2)
    await until(lambda: not environments.alive)
    assert await lambda_.invoke(event=1) == 1


@pytest.mark.parametrize("what", ["code", "configuration"])
async def test_an_update_ends_the_environments_of_the_old_revision(
    lambda_: Lambda, environments: FakeEnvironments, what: str
) -> None:
    await lambda_.create()
    environments.gate.clear()
    running = asyncio.create_task(lambda_.invoke(event="old"))
    await until(lambda: environments.started and environments.started[0].invocations)
    if what == "code":
        await lambda_("UpdateFunctionCode", FunctionName="f", ZipFile=package(**{"code.py": "new"}))
    else:
        await lambda_("UpdateFunctionConfiguration", FunctionName="f", Timeout=20)
    await lambda_.settled()
    environments.gate.set()
    assert await running == "old"
    await lambda_.invoke()
    await until(lambda: environments.started[0].is_ended)
    assert len(environments.alive) == 1
    assert environments.alive[0].function.revision != environments.started[0].function.revision


async def test_a_crashed_environment_is_not_used_again(
    lambda_: Lambda, environments: FakeEnvironments, metrics: FakeMetrics
) -> None:
    def crash(function: Any, event: Any) -> Any:
        raise SystemExit(1)

    await lambda_.create()
    environments.code = crash
    answer = await lambda_("Invoke", FunctionName="f", Payload=b"1")
    assert answer["FunctionError"] == "Unhandled"
    await until(lambda: environments.started[0].is_ended)
    environments.code = lambda function, event: event
    assert await lambda_.invoke(event=2) == 2
    assert len(environments.started) == 2
    assert metrics.total("Errors", FunctionName="f") == 1
    assert metrics.total("Invocations", FunctionName="f") == 2
    assert metrics.total("Invocations") == 2


async def test_reserved_concurrency_is_a_ceiling(
    lambda_: Lambda, environments: FakeEnvironments, metrics: FakeMetrics
) -> None:
    await lambda_.create()
    await lambda_("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=2)
    environments.gate.clear()
    running = [asyncio.create_task(lambda_.invoke(event=number)) for number in range(2)]
    await until(lambda: len(environments.started) == 2)
    with pytest.raises(TooManyRequestsException) as error:
        await lambda_.invoke()
    assert error.value.reason == "ReservedFunctionConcurrentInvocationLimitExceeded"
    environments.gate.set()
    await asyncio.gather(*running)
    assert await lambda_.invoke(event=7) == 7
    assert metrics.total("Throttles", FunctionName="f") == 1
    assert metrics.total("Invocations", FunctionName="f") == 3


async def test_extensions_at_work_after_the_answer_hold_the_concurrency_alone(
    lambda_: Lambda, environments: FakeEnvironments, metrics: FakeMetrics
) -> None:
    await lambda_.create()
    await lambda_("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=1)
    environments.extensions = asyncio.Event()
    assert await lambda_.invoke(event=1) == 1
    with pytest.raises(TooManyRequestsException):
        await lambda_.invoke(event=2)
    assert metrics.total("Invocations", FunctionName="f") == 0
    environments.extensions.set()
    await until(lambda: metrics.total("Invocations", FunctionName="f") == 1)
    # Who wants the log waits for its last line.
    environments.extensions.clear()
    waits = asyncio.create_task(lambda_.invoke(event=3, LogType="Tail"))
    await until(lambda: len(environments.started[0].invocations) == 2)
    assert not waits.done()
    environments.extensions.set()
    assert await waits == 3


class TestSmallAccount:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(concurrency=3, minimum_unreserved=1)

    async def test_functions_without_a_reservation_share_what_is_left(
        self, lambda_: Lambda, environments: FakeEnvironments
    ) -> None:
        for name in ("a", "b", "c"):
            await lambda_.create(name)
        await lambda_("PutFunctionConcurrency", FunctionName="c", ReservedConcurrentExecutions=1)
        environments.gate.clear()
        running = [asyncio.create_task(lambda_.invoke(name)) for name in ("a", "b", "c")]
        await until(lambda: len(environments.started) == 3)
        with pytest.raises(TooManyRequestsException) as error:
            await lambda_.invoke("a")
        assert error.value.reason == "ConcurrentInvocationLimitExceeded"
        environments.gate.set()
        await asyncio.gather(*running)

    async def test_the_request_rate_is_ten_times_the_concurrency(
        self, lambda_: Lambda, clock: ManualClock
    ) -> None:
        await lambda_.create()
        for _ in range(30):
            await lambda_.invoke()
        with pytest.raises(TooManyRequestsException) as error:
            await lambda_.invoke()
        assert error.value.reason == "FunctionInvocationRateLimitExceeded"
        await clock.advance(0.1)
        for _ in range(3):
            await lambda_.invoke()


async def test_an_invocation_goes_on_when_its_caller_goes_away(
    lambda_: Lambda, environments: FakeEnvironments
) -> None:
    await lambda_.create()
    environments.gate.clear()
    running = asyncio.create_task(lambda_.invoke(event=1))
    await until(lambda: environments.started and environments.started[0].invocations)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert not environments.started[0].is_ended
    environments.gate.set()
    await asyncio.sleep(0.01)
    assert await lambda_.invoke(event=2) == 2
    assert len(environments.started) == 1


async def test_an_environment_that_cannot_start(lambda_: Lambda, environments: FakeEnvironments) -> None:
    await lambda_.create()
    environments.start_fails = True
    with pytest.raises(EnvironmentStartException):
        await lambda_.invoke()
    environments.start_fails = False
    assert await lambda_.invoke(event=1) == 1


async def test_a_deleted_function_ends_its_environments(
    lambda_: Lambda, environments: FakeEnvironments
) -> None:
    await lambda_.create()
    await lambda_.invoke()
    await lambda_("DeleteFunction", FunctionName="f")
    await until(lambda: not environments.alive)
    with pytest.raises(ResourceNotFoundException):
        await lambda_.invoke()


class TestProvisioned:
    async def ready(self, lambda_: Lambda, qualifier: str = "1") -> dict[str, Any]:
        while True:
            found = await lambda_("GetProvisionedConcurrencyConfig", FunctionName="f", Qualifier=qualifier)
            if found["Status"] != "IN_PROGRESS":
                return found
            await asyncio.sleep(0.002)

    async def provision(self, lambda_: Lambda, count: int, qualifier: str = "1") -> dict[str, Any]:
        return await lambda_(
            "PutProvisionedConcurrencyConfig",
            FunctionName="f",
            Qualifier=qualifier,
            ProvisionedConcurrentExecutions=count,
        )

    async def test_all_or_none_then_spillover(
        self, lambda_: Lambda, environments: FakeEnvironments, metrics: FakeMetrics
    ) -> None:
        await lambda_.create(Publish=True)
        environments.gate.clear()
        await self.provision(lambda_, 2)
        await until(lambda: len(environments.started) == 2)
        found = await lambda_("GetProvisionedConcurrencyConfig", FunctionName="f", Qualifier="1")
        assert (found["Status"], found["AllocatedProvisionedConcurrentExecutions"]) == ("IN_PROGRESS", 0)
        environments.gate.set()
        assert (await self.ready(lambda_))["AvailableProvisionedConcurrentExecutions"] == 2
        environments.gate.clear()
        running = [asyncio.create_task(lambda_.invoke(Qualifier="1")) for _ in range(3)]
        await until(lambda: len(environments.started) == 3)
        environments.gate.set()
        await asyncio.gather(*running)
        assert [one.kind for one in environments.started] == ["provisioned-concurrency"] * 2 + ["on-demand"]
        resource = {"FunctionName": "f", "Resource": "f:1"}
        assert metrics.total("ProvisionedConcurrencyInvocations", **resource) == 2
        assert metrics.total("ProvisionedConcurrencySpilloverInvocations", **resource) == 1
        # All of them ran at once, in environments of either kind.
        for dimensions in ({"FunctionName": "f"}, {}):
            counted = [
                one.value
                for one in metrics.values
                if (one.name, one.dimensions) == ("ConcurrentExecutions", dimensions)
            ]
            assert max(counted) == 3

    async def test_failed_init(self, lambda_: Lambda, environments: FakeEnvironments) -> None:
        await lambda_.create(Publish=True)
        environments.init_fails = True
        await self.provision(lambda_, 2)
        found = await self.ready(lambda_)
        assert (found["Status"], found["StatusReason"]) == ("FAILED", "FUNCTION_ERROR_INIT_FAILURE")
        await until(lambda: not environments.alive)
        environments.init_fails = False
        await lambda_.clock.advance(30)
        while found["Status"] != "READY":
            await asyncio.sleep(0.002)
            found = await self.ready(lambda_)
        assert len(environments.alive) == 2
        assert "StatusReason" not in found

    async def test_a_spent_environment_is_replaced(
        self, lambda_: Lambda, environments: FakeEnvironments
    ) -> None:
        await lambda_.create(Publish=True)
        await self.provision(lambda_, 1)
        await self.ready(lambda_)
        environments.started[0].is_usable = False
        await lambda_.invoke(Qualifier="1")
        await until(lambda: environments.started[0].is_ended)
        await self.ready(lambda_)
        await until(lambda: environments.alive == environments.started[1:])
        assert [one.function.version for one in environments.alive] == ["1"]

    async def test_an_alias_takes_its_environments_along(
        self, lambda_: Lambda, environments: FakeEnvironments
    ) -> None:
        await lambda_.create(Publish=True)
        await lambda_("UpdateFunctionConfiguration", FunctionName="f", Timeout=9)
        await lambda_.settled()
        await lambda_("PublishVersion", FunctionName="f")
        await lambda_("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
        await self.provision(lambda_, 2, "live")
        await self.ready(lambda_, "live")
        await lambda_("UpdateAlias", FunctionName="f", Name="live", FunctionVersion="2")
        await self.ready(lambda_, "live")
        await until(lambda: [one.function.version for one in environments.alive] == ["2", "2"])
        await lambda_("DeleteProvisionedConcurrencyConfig", FunctionName="f", Qualifier="live")
        await until(lambda: not environments.alive)
        assert [one.function.version for one in environments.started] == ["1", "1", "2", "2"]

    async def test_it_is_there_again_after_a_restart(
        self,
        make_service: Callable[[], LambdaService],
        clock: ManualClock,
        environments: FakeEnvironments,
    ) -> None:
        service = make_service()
        await service.start()
        first = Lambda(service, clock, environments)
        await first.create(Publish=True)
        await self.provision(first, 2)
        await self.ready(first)
        await service.stop()
        assert environments.alive == []
        service = make_service()
        await service.start()
        assert (await self.ready(Lambda(service, clock, environments)))["Status"] == "READY"
        assert len(environments.alive) == 2
        await service.stop()

    async def test_rules(self, lambda_: Lambda) -> None:
        await lambda_.create(Publish=True)
        await lambda_("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=3)
        with pytest.raises(Exception, match="should not be greater than the reservedConcurrentExecution"):
            await self.provision(lambda_, 4)
        await lambda_("DeleteFunctionConcurrency", FunctionName="f")
        with pytest.raises(Exception, match=r"below its minimum value of \[100\]"):
            await self.provision(lambda_, 901)
        with pytest.raises(Exception, match=r"greater than account's unreserved concurrency \[1000\]"):
            await self.provision(lambda_, 1001)
        await lambda_("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
        await self.provision(lambda_, 1, "live")
        with pytest.raises(ResourceConflictException, match="Version is pointed by a Provisioned"):
            await self.provision(lambda_, 1)


async def test_nobody_waits_for_an_environment_for_ever(
    lambda_: Lambda, environments: FakeEnvironments, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lambda_.create()
    hangs = asyncio.Event()
    start = environments.start

    async def slow(function: Any, kind: Any) -> Any:
        await hangs.wait()
        return await start(function, kind)

    monkeypatch.setattr("sagehen.services.lambda_.invocations.cold_starts._PATIENCE_S", 0.05)
    monkeypatch.setattr(environments, "start", slow)
    with pytest.raises(EnvironmentStartException, match="No execution environment was ready within"):
        await lambda_.invoke()
    hangs.set()
    monkeypatch.setattr("sagehen.services.lambda_.invocations.cold_starts._PATIENCE_S", 60)
    assert await lambda_.invoke(event=1) == 1, "its seat and its place in the queue of starts are free again"


async def test_an_environment_that_is_given_up_in_its_init_is_ended(
    lambda_: Lambda, environments: FakeEnvironments, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lambda_.create()
    monkeypatch.setattr("sagehen.services.lambda_.invocations.cold_starts._PATIENCE_S", 0.05)
    monkeypatch.setattr("sagehen.services.lambda_.invocations.cold_starts._INIT_ALONE_S", 60)
    monkeypatch.setattr(FakeEnvironment, "init_over", lambda self: asyncio.Event().wait())
    with pytest.raises(EnvironmentStartException):
        await lambda_.invoke()
    assert len(environments.started) == 1
    await until(lambda: not environments.alive)
