"""A job carried out: its benchmarks one after the other, so that none is measured beside another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.ports.calls.operation_calls import OperationCalls
from sagehen.domain.ports.identity.roles import Roles
from sagehen.domain.ports.observing.log_sink import LogSink
from sagehen.domain.ports.storage.objects import Objects
from sagehen.executors.hardware import instance_types
from sagehen.services.sagemaker.recommender import job as states
from sagehen.services.sagemaker.recommender.benchmarks import Benchmark, benchmarks_of
from sagehen.services.sagemaker.recommender.endpoint import BenchmarkEndpoint, NotMade
from sagehen.services.sagemaker.recommender.job import RecommendationJob
from sagehen.services.sagemaker.recommender.log import JobLog
from sagehen.services.sagemaker.recommender.measuring.payloads import UnusablePayloads, payloads
from sagehen.services.sagemaker.recommender.measuring.results import (
    Conditions,
    StageResult,
    best_of,
    metrics_of,
)
from sagehen.services.sagemaker.recommender.measuring.users import NoAnswer, first_answer, run_stage
from sagehen.services.sagemaker.recommender.records import RecommendationRecords
from sagehen.services.sagemaker.recommender.traffic import is_flat, stages_of
from sagehen.services.sagemaker.roles import sessions
from sagehen.serving.directory import EndpointDirectory
from sagehen.serving.router import Router

_log = logging.getLogger(__name__)
_MOST_REASON = 1024


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run works with.

    Args:
        calls: Operations; None as long as there is no front door.
        folder: For sample payloads.
        directory: Where endpoints are asked.
        logs: Where it is told what a run does.
    """

    records: RecommendationRecords
    clock: Clock
    roles: Roles
    objects: Objects
    folder: Path
    directory: EndpointDirectory
    calls: OperationCalls
    logs: LogSink


class RecommendationRun:
    """Carries one job out."""

    def __init__(self, tools: Tools, job: RecommendationJob) -> None:
        self._tools = tools
        self._job = job
        self._log = JobLog(tools.logs, tools.clock, job, len(benchmarks_of(job)))
        self._stopped = asyncio.Event()
        if job.status == states.STOPPING:
            self._stopped.set()

    def poke(self) -> None:
        """Stop: the job's record says so."""
        self._stopped.set()

    async def carry_out(self) -> None:
        """Do what is left, and record the end."""
        work = asyncio.create_task(self._benchmarks())
        stop = asyncio.create_task(self._stopped.wait())
        try:
            await asyncio.wait((work, stop), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
                await self._clear()
                await self._end(states.STOPPED)
                return
            reason = _reason_of(work)
            await self._end(states.FAILED if reason else states.COMPLETED, reason)
        finally:
            for task in (work, stop):
                task.cancel()
            await asyncio.gather(work, stop, return_exceptions=True)

    async def _clear(self) -> None:
        """Take away the endpoint of a benchmark that was cut off, also by the end of an earlier life."""
        tools = self._tools
        for benchmark, step in zip(benchmarks_of(self._job), self._job.steps, strict=False):
            if step["Status"] == states.IN_PROGRESS:
                await BenchmarkEndpoint(tools.calls, tools.roles, self._job, benchmark).remove()

    async def _benchmarks(self) -> str | None:
        """Run all; return why the job failed, or None."""
        await self._change(lambda job: replace(job, status=states.IN_PROGRESS))
        self._log.begun()
        try:
            uri, headers = await self._sample()
            session = await sessions.assume(self._tools.roles, self._job.role_arn)
            bodies = await payloads(
                self._tools.objects, session.principal, uri, self._tools.folder / self._job.folder
            )
        except (UnusablePayloads, ServiceError, AccessDenied) as error:
            return str(error)
        every = benchmarks_of(self._job)
        for benchmark in every[_ended(self._job) :]:
            began = self._tools.clock.now().timestamp()
            await self._step(benchmark, {"Status": states.IN_PROGRESS, "began_at": began})
            try:
                metrics = await self._measured(benchmark, bodies, headers)
                found: dict[str, Any] = {"Status": states.COMPLETED, "Metrics": metrics}
            except (NotMade, NoAnswer) as error:
                found = {"Status": states.FAILED, "FailureReason": str(error)[:_MOST_REASON]}
            ended = self._tools.clock.now().timestamp()
            await self._step(benchmark, {**found, "began_at": began, "ended_at": ended})
        if all(step["Status"] == states.FAILED for step in self._job.steps):
            return f"All benchmarks failed. The first: {self._job.steps[0]['FailureReason']}"
        return None

    async def _sample(self) -> tuple[str, dict[str, str]]:
        """Return the sample payload's URI and headers, of the job or of its model package."""
        given = self._job.input
        container = given.get("ContainerConfig") or {}
        config = container.get("PayloadConfig") or {}
        uri, kinds = config.get("SamplePayloadUrl"), config.get("SupportedContentTypes") or ()
        if (not uri or not kinds) and (package := given.get("ModelPackageVersionArn")):
            session = await sessions.assume(self._tools.roles, self._job.role_arn)
            found = await self._tools.calls.call(
                *(session.principal, self._job.scope, "sagemaker", "DescribeModelPackage"),
                {"ModelPackageName": package},
            )
            uri = uri or found.get("SamplePayloadUrl")
            kinds = kinds or (found.get("InferenceSpecification") or {}).get("SupportedContentTypes") or ()
        if not uri:
            raise UnusablePayloads("Neither the job nor its model package has a SamplePayloadUrl.")
        accepts = container.get("SupportedResponseMIMETypes") or ()
        headers = {"content-type": next(iter(kinds), "application/octet-stream")}
        return uri, {**headers, "accept": accepts[0]} if accepts else headers

    async def _measured(
        self, benchmark: Benchmark, bodies: list[bytes], headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """Make the endpoint, ask it by the stages, take it away, and return the metrics.

        Raises:
            NotMade, NoAnswer.
        """
        tools = self._tools
        endpoint = BenchmarkEndpoint(tools.calls, tools.roles, self._job, benchmark)
        try:
            await endpoint.make()
            served = tools.directory.find(self._job.scope, benchmark.endpoint)
            if served is None or served.router is None:
                raise NotMade("The endpoint was deleted while it was measured.")
            setup_ms = await first_answer(served.router, headers, bodies[0])
            conditions = Conditions.of(self._job.request)
            best = best_of(await self._stages(served.router, headers, bodies, conditions), conditions)
            if best is None:
                raise NoAnswer("No request was answered.")
            kind = instance_types.lookup(benchmark.instance_type) if benchmark.instance_type else None
            return metrics_of(
                best,
                conditions,
                kind.usd_per_hour if kind else None,
                await endpoint.utilization(tools.clock.now()),
                setup_ms if benchmark.serverless else None,
            )
        finally:
            await asyncio.shield(endpoint.remove())

    async def _stages(
        self, router: Router, headers: Mapping[str, str], bodies: list[bytes], conditions: Conditions
    ) -> list[StageResult]:
        results: list[StageResult] = []
        for stage in stages_of(self._job.input, self._job.is_default):
            results.append(await run_stage(router, headers, bodies, stage))
            flat = conditions.stops_when_flat and is_flat([one.per_minute for one in results])
            if conditions.are_met(results[-1]) or flat:
                break
        return results

    async def _step(self, benchmark: Benchmark, step: Mapping[str, Any]) -> None:
        self._log.step(benchmark, step)
        await self._change(lambda job: job.with_step(benchmark.number, step))

    async def _end(self, status: str, reason: str | None = None) -> None:
        now = self._tools.clock.now().timestamp()
        cut = reason[:_MOST_REASON] if reason else None
        self._log.ended(status, cut)
        await self._tools.logs.flush()  # who sees the end finds all of it
        await self._change(lambda job: replace(job, status=status, failure_reason=cut, ended_at=now))

    async def _change(self, change: Any) -> None:
        """Change the record, but for a job that is being stopped, which only ends."""
        now = self._tools.clock.now().timestamp()

        def changed(job: RecommendationJob) -> RecommendationJob:
            after: RecommendationJob = change(job)
            if job.status == states.STOPPING and after.status == states.IN_PROGRESS:
                after = replace(after, status=states.STOPPING)
            return replace(after, modified_at=now)

        job = await self._tools.records.change(self._job.scope, self._job.name, changed)
        self._job = job or self._job


def _reason_of(work: asyncio.Task[str | None]) -> str | None:
    """Return why a job failed, or None. What nobody thought of ends it, too: it would not go on by itself."""
    if (error := work.exception()) is not None:
        _log.error("a recommendation job broke off", exc_info=error)
        return "InternalServerError: The job could not be carried out. Please try again."
    return work.result()


def _ended(job: RecommendationJob) -> int:
    """Return how many benchmarks have ended: one that was cut off is run again."""
    return sum(1 for step in job.steps if step["Status"] in (states.COMPLETED, states.FAILED))
