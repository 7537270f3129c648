"""Debugger: SageMaker Debugger for one attempt at a job: its profiler, its rules, its hook's folders."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sagehen.archives.bounds import TooMuch, of_volume
from sagehen.domain.identity import Principal
from sagehen.domain.timeouts import timeout
from sagehen.executors.base import Limits, Sandbox
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.images.algorithm_metrics import metric_definitions
from sagehen.services.sagemaker.instances import limits as instance_limits
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.training.hooks.folders import HookFolders
from sagehen.services.sagemaker.training.hooks.tensors import read_tensors
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.profiler.recorder import Recorder
from sagehen.services.sagemaker.training.profiler.settings import settings_of
from sagehen.services.sagemaker.training.records import TrainingJobRecords
from sagehen.services.sagemaker.training.rules.configuration import Rule, rules_of
from sagehen.services.sagemaker.training.rules.evaluate import (
    REPORT,
    evaluate,
    looks_at_usage,
    report_verdicts,
)
from sagehen.services.sagemaker.training.rules.evaluation import Recorded, recorded_as, undecided
from sagehen.services.sagemaker.training.rules.facts.allowance import Allowance
from sagehen.services.sagemaker.training.rules.facts.facts import Facts
from sagehen.services.sagemaker.training.rules.facts.losses import Losses, is_loss
from sagehen.services.sagemaker.training.rules.facts.usage import SystemUsage
from sagehen.services.sagemaker.training.rules.parameters import Parameters
from sagehen.services.sagemaker.training.rules.report.files import report_files
from sagehen.services.sagemaker.training.rules.verdict import Verdict, error
from sagehen.services.sagemaker.transfers import uris

# AWS's rules look once a minute (scan_interval_us); here a job of the tests' size would have no second look.
_LOOK_EVERY_S = 5.0
_REPORT_LIMIT_S = 60.0
_END_LIMIT_S = 180.0
_log = logging.getLogger(__name__)


class Debugger:
    """What watches one attempt at a job. It never makes a job fail: the log says what it cannot do.

    Args:
        principal: The session of the job's role.
        note: Takes a line for the job's log.
    """

    def __init__(
        self,
        means: Means,
        records: TrainingJobRecords,
        job: TrainingJob,
        folder: JobFolder,
        principal: Principal,
        note: Callable[[str], None],
    ) -> None:
        self._means, self._records = means, records
        self._job, self._folder, self._principal, self._note = job, folder, principal, note
        request = job.request
        self._rules = rules_of(request)
        self._search = Allowance()
        algorithm, values = request["AlgorithmSpecification"], request.get("HyperParameters", {})
        defined = any(is_loss(entry["Name"]) for entry in metric_definitions(algorithm, values))
        settings = settings_of(request)
        kinds = [instance_limits.on_this_host(group.instance_type)[0] for group in job.groups]
        hook = request.get("DebugHookConfig") or {}
        self._facts = Facts(
            Losses(from_metrics=defined),
            SystemUsage(),
            profiled=settings is not None,
            gpu_type=any(kind.gpus for kind in kinds),
            tensors_uri=f"{hook.get('S3OutputPath', '').rstrip('/')}/{job.name}/debug-output",
        )
        self._recorder = Recorder(
            settings,
            job.name,
            folder.root / "profiler",
            means.objects,
            principal,
            own_network=means.executor.has_private_networks,
            note=note,
            told=self._facts.usage.add,
        )
        room = of_volume(job.volume_gb).size
        self._hooks = HookFolders(request, job.name, folder, job.hosts, means.objects, principal, room, note)

    def line(self, text: str) -> None:
        """Look at a line that an instance printed, as long as that takes not too much of the event loop."""
        if self._rules and self._search.may_go_on():
            with self._search:
                self._facts.losses.line(text, self._means.clock.now().timestamp())

    def measured(self, values: Mapping[str, float]) -> None:
        """Take what metric definitions found in a line."""
        self._facts.losses.measured(values, self._means.clock.now().timestamp())

    def change(self, job: TrainingJob) -> None:
        """Take the job as it is recorded now: UpdateTrainingJob may have changed its profiler and rules."""
        self._job, self._rules = job, rules_of(job.request)
        settings = settings_of(job.request)
        self._facts.profiled |= settings is not None
        self._recorder.change(settings)

    async def watch(self, sandboxes: Mapping[str, Sandbox], limits: Mapping[str, Limits]) -> None:
        """Measure, evaluate and store until cancelled.

        Args:
            sandboxes: By host; those that end go from it.
            limits: By host.
        """
        self._facts.began_s = self._means.clock.now().timestamp()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._recorder.record(sandboxes, limits))
                group.create_task(self._recorder.keep_storing())
                group.create_task(self._hooks.keep_storing())
                group.create_task(self._keep_evaluating())
        except Exception:
            _log.exception("%s: Debugger", self._job.name)
            self._note("sagehen: Debugger has failed: nothing more is measured or evaluated")

    async def end(self) -> Recorded:
        """Store what is left, and evaluate the rules for the last time; return what to record of them.

        For three minutes at most. Nothing is raised: what is left undecided then ends in Error.
        """
        try:
            async with timeout(_END_LIMIT_S):
                return await self._end()
        except TimeoutError:
            why = "ClientError: what the job left could not be stored and evaluated in time."
        except Exception as problem:
            _log.exception("%s: Debugger", self._job.name)
            why = f"InternalServerError: {problem!r}"
        self._note(f"sagehen: Debugger: {why}")
        left = undecided(self._rules, self._job.evaluations)
        found: dict[str, tuple[str, str, float]] = {}
        for rule in left:
            found |= recorded_as(rule, error(why), self._means.clock.now().timestamp())
        return found

    async def _end(self) -> Recorded:
        self._facts.ended = True
        await self._recorder.end()
        await self._hooks.end()
        if self._hooks.tensors:
            with contextlib.suppress(TooMuch):  # the log has it already, and rules say that nothing was read
                self._facts.tensors = await read_tensors(await asyncio.to_thread(self._hooks.tensor_files))
        return await self._evaluated()

    # --- rules ---------------------------------------------------------------------------------

    async def _keep_evaluating(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            found = await self._evaluated()
            if found:
                step = partial(_with_evaluations, found=found)
                job = await self._records.change(self._job.scope, self._job.name, step)
                self._job = job or self._job

    async def _evaluated(self) -> dict[str, tuple[str, str, float]]:
        """Return the verdicts that have become final."""
        self._facts.now_s = self._means.clock.now().timestamp()
        self._facts.tensor_files = self._hooks.tensors
        found: dict[str, tuple[str, str, float]] = {}
        for rule in undecided(self._rules, self._job.evaluations):
            # Of a job that prints much, one rule on losses takes 15 ms.
            if looks_at_usage(rule):
                await asyncio.sleep(0)
                verdict = evaluate(rule, self._facts)
            else:
                verdict = await asyncio.to_thread(evaluate, rule, self._facts)
            if verdict.final:
                if rule.invoked == REPORT:
                    verdict = await self._with_report(rule, verdict)
                found |= recorded_as(rule, verdict, self._facts.now_s)
        return found

    async def _with_report(self, rule: Rule, verdict: Verdict) -> Verdict:
        """Store the report; where that fails, the rule has not done what it is for."""
        try:
            async with timeout(_REPORT_LIMIT_S):
                await self._store_report(rule)
        except Exception as problem:  # whatever S3 has against it: a key that is too long, say
            return error(f"ClientError: the report cannot be stored: {problem or 'it took too long'}")
        return verdict

    async def _store_report(self, rule: Rule) -> None:
        verdicts = report_verdicts(self._facts, Parameters(rule.parameters))
        files = await asyncio.to_thread(report_files, self._job.name, self._facts, verdicts, rule.parameters)
        bucket, prefix = uris.split(rule.output_uri or self._rule_output(self._job.request))
        scratch = self._folder.root / "report"
        for name, (content_type, content) in files.items():
            key = uris.join(prefix, f"{self._job.name}/rule-output/{rule.name}/{name}")
            await asyncio.to_thread(Path.write_text, scratch, content, encoding="utf-8")
            await self._means.objects.upload(self._principal, bucket, key, scratch, content_type)

    @staticmethod
    def _rule_output(request: Mapping[str, Any]) -> str:
        """Return where rules write to that do not say so themselves."""
        profiler: str | None = (request.get("ProfilerConfig") or {}).get("S3OutputPath")
        output: str = request["OutputDataConfig"]["S3OutputPath"]
        return profiler or output


def _with_evaluations(job: TrainingJob, found: Recorded) -> TrainingJob:
    return job.with_evaluations(found)
