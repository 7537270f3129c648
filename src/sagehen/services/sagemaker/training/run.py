"""TrainingJobRun: one attempt at a training job; carries out what `decisions.py` says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import wait_for
from sagehen.domain.ports.objects import NoSuchObject
from sagehen.domain.ports.roles import RoleSession
from sagehen.executors.base import Sandbox, SandboxSpec
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.archives.bounds import TooMuch
from sagehen.services.sagemaker.images import imports
from sagehen.services.sagemaker.images.algorithm_metrics import metric_definitions
from sagehen.services.sagemaker.images.imports import ImportsMissing, Script
from sagehen.services.sagemaker.images.mapping import Image
from sagehen.services.sagemaker.instances import environment as instance_environment
from sagehen.services.sagemaker.instances import utilization
from sagehen.services.sagemaker.instances.capacity import InsufficientCapacity, Lease
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.peers import Peers
from sagehen.services.sagemaker.instances.supply.supply import PATIENCE_S
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.roles.credentials import RoleCredentials
from sagehen.services.sagemaker.training import container, inputs, outputs
from sagehen.services.sagemaker.training.debugger import Debugger
from sagehen.services.sagemaker.training.decisions import (
    INTERRUPTED,
    Action,
    End,
    Finish,
    Launch,
    Observed,
    Prepare,
    Step,
    Upload,
    Wait,
    decide,
)
from sagehen.services.sagemaker.training.failure import NoCapacity, failure_reason, reason_of
from sagehen.services.sagemaker.training.groups.hardware import gpu_note, need_mib_each, require_gpus
from sagehen.services.sagemaker.training.inputs import Brought
from sagehen.services.sagemaker.training.job import REFUSED, TrainingJob, noted
from sagehen.services.sagemaker.training.log import METRIC_NAMESPACE, JobLog, compile_definitions
from sagehen.services.sagemaker.training.notes import notes_of, strangers_note
from sagehen.services.sagemaker.training.pools.held import REUSED_NOTE, Held
from sagehen.services.sagemaker.training.pools.pools import WarmPools
from sagehen.services.sagemaker.training.quota import instance_counts
from sagehen.services.sagemaker.training.records import TrainingJobRecords
from sagehen.services.sagemaker.transfers.channels.channel import Channel
from sagehen.services.sagemaker.transfers.channels.parsing import parse


class TrainingJobRun:
    """One attempt, from its session to its artifacts.

    Args:
        job: As recorded.
        session: The role's session that CreateTrainingJob already made, or None to make one.
    """

    def __init__(
        self,
        means: Means,
        records: TrainingJobRecords,
        job: TrainingJob,
        pools: WarmPools,
        session: RoleSession | None = None,
    ) -> None:
        self._means = means
        self._records = records
        self._job = job
        self._pools = pools
        self._session = session
        self._machine_name = f"job-{means.ids.hex(12)}"
        self._folder = JobFolder(means.folder / self._machine_name)
        self._channels: tuple[Channel, ...] = ()
        self._image: Image | None = None
        self._doubts: list[str] = []
        self._seen = Observed()
        self._poked = asyncio.Event()
        self._works: set[asyncio.Task[None]] = set()
        self._sandboxes: dict[str, Sandbox] = {}
        self._log: JobLog | None = None
        self._brought: Brought | None = None
        self._lease: Lease | None = None
        self._held: Held | None = None
        self._peers: Peers | None = None
        self._debugger: Debugger | None = None

    def poke(self) -> None:
        """Make it look again: the record changed."""
        self._poked.set()

    async def run(self) -> None:
        """Bring the job to its end. Cancelled, it ends the containers and leaves the record as it is."""
        try:
            while True:
                self._poked.clear()
                job = self._records.get(self._job.scope, self._job.name)
                if job is None or job.ended:
                    return
                if self._debugger is not None:
                    self._debugger.change(job)
                action = decide(job, self._seen, self._means.clock.now())
                if isinstance(action, Finish):
                    await self._finish(action)
                    return
                try:
                    await self._perform(action)
                except Exception as error:
                    self._see(problem=reason_of(error))
        finally:
            await self._clear()

    async def _perform(self, action: Action) -> None:
        match action:
            case Prepare():
                self._see(preparation=Step.RUNNING)
                self._work(self._prepare())
            case Launch():
                self._see(containers=Step.RUNNING)
                await self._launch()
            case End(why, grace_s):
                self._see(ending=why)
                for sandbox in self._sandboxes.values():
                    self._work(_end(sandbox, grace_s))
            case Upload():
                self._see(upload=Step.RUNNING, upload_began=self._means.clock.now())
                self._work(self._upload())
            case Wait(until):
                await self._wait(until)
            case Finish():
                raise AssertionError("the loop ends with it")

    # --- preparation -------------------------------------------------------------------------

    async def _prepare(self) -> None:
        means, job = self._means, self._job
        self._channels = parse(job.request)
        uri = job.request["AlgorithmSpecification"]["TrainingImage"]
        self._image = means.images.resolve(uri, "training")
        if self._session is None:
            self._session = await sessions.assume(means.roles, job.request["RoleArn"])
        require_gpus(job.groups, means.surroundings.gpu_types)
        self._held = await self._pools.begin(job)
        await self._get_capacity()
        await asyncio.to_thread(self._folder.create, job.hosts)
        self._job = await self._record(lambda job: job.begun(means.clock.now()))
        self._poked.set()  # from here on it has a deadline
        await self._open_log()
        self._debugger = Debugger(
            means, self._records, self._job, self._folder, self._session.principal, self._note
        )
        if means.images.wants_building(self._image):
            await self._build_environment()
        self._brought = await inputs.bring(
            means,
            self._job,
            self._folder,
            self._channels,
            self._session.principal,
            self._require_imports,
        )
        if self._held is not None:
            await self._held.give(self._job, self._folder, self._image)
            self._doubts += [REUSED_NOTE] if self._held.reused else []
        self._see(preparation=Step.DONE)

    async def _open_log(self) -> None:
        means, job = self._means, self._job
        algorithm, values = job.request["AlgorithmSpecification"], job.request.get("HyperParameters", {})
        definitions = metric_definitions(algorithm, values)
        patterns = await asyncio.to_thread(compile_definitions, definitions)
        follower = self._records.follower_of(job)

        def heard(values: Mapping[str, float]) -> None:
            if follower is not None:
                follower.measured(job, values)
            if self._debugger is not None:
                self._debugger.measured(values)

        now = means.clock.now()
        self._log = JobLog(job.scope, job.name, patterns, now, means.clock, means.logs, means.metrics, heard)

    async def _build_environment(self) -> None:
        """Build what is to stand for the image; what goes on is in the log, while the job is Downloading.

        Raises:
            BuildFailed, UvMissing
        """
        assert self._image is not None
        self._image = await self._means.images.built(self._image, lambda line: self._note(f"sagehen: {line}"))

    async def _require_imports(self, script: Script) -> None:
        """Look at the source as soon as it is there, while data is still on its way.

        Raises:
            ImportsMissing
        """
        assert self._image is not None
        if "PYTHONPATH" in self._job.request.get("Environment", {}):
            return  # where modules come from is the user's own
        archive, held = self._folder.source_archive, self._held
        if held is not None and await held.has_checked(archive, script, self._image):
            return
        provided = instance_environment.stand_in_names("trainingtoolkit")
        lacks = await imports.lacks_of(self._image, script, provided)
        if self._means.images.wants_building(self._image, lacks.certain):
            await self._build_environment()
            lacks = await imports.lacks_of(self._image, script, provided)
        try:
            note = imports.require(self._image, lacks, script)
        except ImportsMissing as error:
            self._note(f"sagehen: {self._image.describe()}")
            self._note(f"sagehen: {error}")
            raise
        if note:
            self._doubts.append(f"sagehen: {note}")
        elif held is not None:
            await held.note_checked(archive, script, self._image)

    async def _get_capacity(self) -> None:
        means, job = self._means, self._job
        mib_each = need_mib_each(job.groups, means.surroundings)

        def show_pending() -> None:
            self._work(self._enter("Pending"))

        try:
            await self._get_instances()
            self._lease = await means.capacity.wait_for(len(job.hosts), mib_each, show_pending)
        except InsufficientCapacity:
            raise NoCapacity from None

    async def _get_instances(self) -> None:
        """Wait until the operator lets instances of the job's types come up.

        Raises:
            InsufficientCapacity: There are none; a spot job waits for its whole MaxWaitTimeInSeconds.
        """
        means, job = self._means, self._job
        if self._held is not None and self._held.reused:
            return
        types = instance_counts(job.request["ResourceConfig"])
        patience_s = PATIENCE_S if job.max_wait_s is None else None

        def show_refused() -> None:
            self._work(self._enter("Starting", REFUSED))

        await means.supply.provide(types, means.clock, show_refused, patience_s)

    async def _enter(self, secondary: str, message: str | None = None) -> None:
        await self._record(lambda job: job.entered(secondary, self._means.clock.now(), message))

    # --- containers --------------------------------------------------------------------------

    async def _launch(self) -> None:
        means, job = self._means, self._job
        assert self._session is not None and self._image is not None
        now = means.clock.now()
        credentials = RoleCredentials(
            container.role_folder(self._folder),
            job.request["RoleArn"],
            means.roles,
            means.clock,
            self._note,
        )
        await credentials.write(self._session.credentials)
        specs = self._specs()
        gpus = gpu_note(job.groups, means.surroundings.gpu_types)
        for line in [*notes_of(job, self._image, gpus), *self._doubts]:
            self._note(line)
        self._job = await self._record(
            lambda job: job.entered("Training", now, noted("Training", gpus and f"{gpus}."))
        )
        starts = [means.executor.start(spec, self._listener(host)) for host, spec in specs.items()]
        outcomes = await asyncio.gather(*starts, return_exceptions=True)
        problem: BaseException | None = None
        for host, outcome in zip(job.hosts, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                problem = problem or outcome
            else:
                self._sandboxes[host] = outcome
        if problem is not None:
            self._see(problem=reason_of(problem))
            return
        for host, sandbox in list(self._sandboxes.items()):
            self._work(self._follow(host, sandbox))
        self._work(credentials.keep_renewed())
        if len(job.hosts) > 1:
            doors = (means.surroundings.platform_port,)
            self._peers = Peers(doors, private=means.executor.has_private_networks)
            self._work(self._peers.watch(self._sandboxes, len(job.hosts)))
        limits = {host: spec.limits for host, spec in specs.items()}
        self._work(
            utilization.watch(job.scope, METRIC_NAMESPACE, job.name, self._sandboxes, limits, means.metrics)
        )
        assert self._brought is not None
        for fill in self._brought.pipes.works():
            self._work(fill)
        if self._debugger is not None:
            self._work(self._debugger.watch(self._sandboxes, limits))
        if self._brought.checkpoints is not None:
            self._work(self._note_unstored(self._brought.checkpoints.keep_storing()))

    def _specs(self) -> dict[str, SandboxSpec]:
        assert self._image is not None
        around, extra = self._means.surroundings, self._held.variables if self._held else {}
        return {
            host: container.spec_of(
                self._job, self._folder, host, self._channels, self._image, around, self._machine_name, extra
            )
            for host in self._job.hosts
        }

    def _listener(self, host: str) -> Any:
        def on_output(_: str, line: str) -> None:
            assert self._log is not None
            self._log.line(host, line)
            if self._debugger is not None:
                self._debugger.line(line)

        return on_output

    async def _follow(self, host: str, sandbox: Sandbox) -> None:
        status = await sandbox.wait()
        del self._sandboxes[host]
        failed = status.code != 0 or status.out_of_disk
        if failed and self._seen.failure is None and self._seen.ending is None:
            text = await asyncio.to_thread(self._folder.host(host).failure_text)
            self._see(failure=failure_reason(status, text, self._job.volume_gb))
        if not self._sandboxes:
            self._see(containers=Step.DONE)

    async def _note_unstored(self, storing: Coroutine[Any, Any, None]) -> None:
        """Store checkpoints; where that fails the log says so, and the job goes on."""
        try:
            await storing
        except (AccessDenied, NoSuchObject, TooMuch, OSError) as error:
            self._note(f"sagehen: checkpoints cannot be stored: {error}")

    # --- artifacts -----------------------------------------------------------------------------

    async def _upload(self) -> None:
        means, job = self._means, self._job
        assert self._session is not None and self._brought is not None
        checkpoints, principal = self._brought.checkpoints, self._session.principal
        await self._record(lambda job: job.entered("Uploading", means.clock.now()))
        try:
            await outputs.store(means, job, self._folder, principal, checkpoints, self._note)
        except (AccessDenied, NoSuchObject, TooMuch) as error:
            # What made the training fail says more than what kept its remains from being stored.
            if self._seen.failure is None:
                self._see(problem=f"ClientError: Artifact upload failed:{error}")
        self._see(upload=Step.DONE)

    async def _interrupted(self) -> None:
        """End an attempt whose spot instances are gone; the next begins with its last checkpoints."""
        await self._end_works()
        if self._brought is not None and self._brought.checkpoints is not None:
            await self._note_unstored(self._brought.checkpoints.store())
        self._note("sagehen: the spot instances were taken away; the job starts again when there are others")
        await self._means.logs.flush()
        metrics = self._log.last_metrics if self._log else {}

        def interrupt(job: TrainingJob) -> TrainingJob:
            job = replace(job, final_metrics={**job.final_metrics, **metrics})
            return job if job.ended else job.interrupted(self._means.clock.now())

        await self._record(interrupt)

    async def _finish(self, action: Finish) -> None:
        if action is INTERRUPTED:
            await self._interrupted()
            return
        metrics = self._log.last_metrics if self._log else {}
        note = None
        if action.status == "Completed" and self._peers is not None and self._peers.strangers:
            note = strangers_note(self._job)
            self._note(f"sagehen: {note}")
        await self._end_works()
        evaluations = await self._debugger.end() if self._debugger is not None else {}
        await self._leave_to_pool(action)
        await self._means.logs.flush()  # who sees the end may read the whole log

        def end(job: TrainingJob) -> TrainingJob:
            now = self._means.clock.now()
            if action.status == "Failed":
                ended = job.failed(now, action.reason or "")
            else:
                ended = job.finished(action.status, action.secondary, now, action.reason, note)
            ended = ended.with_evaluations(evaluations) if ended.ended else ended
            return replace(ended, final_metrics={**job.final_metrics, **metrics})

        await self._record(end)

    async def _leave_to_pool(self, action: Finish) -> None:
        if self._held is None:
            return
        job = self._records.get(self._job.scope, self._job.name) or self._job
        reason = action.reason or ""
        if reason.startswith("InternalServerError") and job.may_retry:
            return
        # Documented (Warm pool creation): kept also where the user stopped the job, or it failed by his own.
        healthy = action.status != "Failed" or reason.startswith(("AlgorithmError", "ClientError"))
        begun = job.started_at is not None
        note = await self._pools.end(self._held, self._folder, job.hosts, healthy=healthy and begun)
        if note is not None:
            self._note(f"sagehen: {note}")

    # --- the loop's own affairs ----------------------------------------------------------------

    def _see(self, **changes: Any) -> None:
        self._seen = replace(self._seen, **changes)
        self._poked.set()

    def _note(self, line: str) -> None:
        if self._log is not None:
            self._log.line(self._job.hosts[0], line)

    async def _record(self, step: Any) -> TrainingJob:
        job = await self._records.change(self._job.scope, self._job.name, step)
        return job or self._job

    def _work(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside the loop; what it raises becomes the job's problem."""

        async def guarded() -> None:
            try:
                await work
            except Exception as error:
                self._see(problem=reason_of(error))

        task = asyncio.create_task(guarded())
        self._works.add(task)
        task.add_done_callback(self._works.discard)
        task.add_done_callback(lambda _: work.close())  # one that was cancelled before it began

    async def _wait(self, until: datetime | None) -> None:
        clock = self._means.clock
        seconds = None if until is None else (until - clock.now()).total_seconds()
        await wait_for(self._poked, clock, seconds)

    async def _end_works(self) -> None:
        for task in list(self._works):
            task.cancel()
        await asyncio.gather(*self._works, return_exceptions=True)
        ends = [sandbox.kill() for sandbox in self._sandboxes.values()]
        self._sandboxes = {}
        await asyncio.gather(*ends, return_exceptions=True)

    async def _clear(self) -> None:
        await self._end_works()
        if self._brought is not None:
            self._brought.pipes.close()
        if self._lease is not None:
            self._means.capacity.give_back(self._lease)
        with contextlib.suppress(OSError):
            await asyncio.to_thread(self._folder.remove)


async def _end(sandbox: Sandbox, grace_s: float) -> None:
    if grace_s > 0:
        await sandbox.stop(grace_s)
    else:
        await sandbox.kill()
