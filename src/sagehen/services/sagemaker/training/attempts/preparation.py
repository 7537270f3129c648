"""Preparation: what an attempt needs before its instances start."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from sagehen.domain.ports.compute.node_data import NodeGone
from sagehen.domain.ports.compute.places import ANY
from sagehen.services.sagemaker.images.algorithm_metrics import metric_definitions
from sagehen.services.sagemaker.images.mapping import Image
from sagehen.services.sagemaker.instances.capacity import InsufficientCapacity
from sagehen.services.sagemaker.instances.placing import needs_of
from sagehen.services.sagemaker.instances.supply.supply import PATIENCE_S
from sagehen.services.sagemaker.jobs.actions import Step
from sagehen.services.sagemaker.jobs.failure import NoCapacity
from sagehen.services.sagemaker.jobs.groups.hardware import demands, need_mib_each, require_gpus
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.roles.keys import RoleKeys
from sagehen.services.sagemaker.training import inputs
from sagehen.services.sagemaker.training.attempts.attempt import Attempt
from sagehen.services.sagemaker.training.attempts.environment import EnvironmentOfSource
from sagehen.services.sagemaker.training.debugger import Debugger
from sagehen.services.sagemaker.training.log import JobLog, compile_definitions
from sagehen.services.sagemaker.training.placing import interface_of, stays_here
from sagehen.services.sagemaker.training.pools.held import REUSED_NOTE
from sagehen.services.sagemaker.training.pools.pools import WarmPools
from sagehen.services.sagemaker.training.quota import instance_counts
from sagehen.services.sagemaker.training.statuses import REFUSED, noted
from sagehen.services.sagemaker.transfers.channels.parsing import parse
from sagehen.services.sagemaker.transfers.elsewhere import Elsewhere, elsewhere_of


class Preparation:
    """Makes an attempt ready; what it raises is the job's problem (`failure.reason_of`)."""

    def __init__(self, attempt: Attempt, pools: WarmPools) -> None:
        self._attempt = attempt
        self._pools = pools
        self._needs = ANY

    async def carry_out(self) -> None:
        """Get a session, capacity, a folder, an environment and all data, in this order."""
        attempt, means, job = self._attempt, self._attempt.means, self._attempt.job
        attempt.channels = parse(job.request)
        image = means.images.resolve(job.request["AlgorithmSpecification"]["TrainingImage"], "training")
        attempt.image = image
        if attempt.session is None:
            attempt.session = await sessions.assume(means.roles, job.request["RoleArn"])
        require_gpus(job.groups, means.surroundings.gpu_types)
        attempt.held = await self._pools.begin(job)
        await self._get_capacity()
        await self._renew_session()
        principal = attempt.session.principal
        await asyncio.to_thread(attempt.folder.create, job.hosts)
        attempt.job = await attempt.record(lambda job: job.begun(means.clock.now()))
        attempt.poked.set()  # from here on it has a deadline
        await self._open_log()
        attempt.debugger = Debugger(
            means, attempt.records, attempt.job, attempt.folder, principal, attempt.note
        )
        if image.own and means.images.registry is not None:
            attempt.note(f"sagehen: pulling {image.uri}")
            attempt.container = await means.images.registry.bring(image.uri, principal)
        environment = EnvironmentOfSource(attempt, image)
        await environment.build_wanted()
        try:
            attempt.brought = await inputs.bring(
                means,
                attempt.job,
                attempt.folder,
                attempt.channels,
                principal,
                environment.require,
                attempt.note,
                self._settle,
                self._elsewhere,
            )
        except ExceptionGroup as errors:
            if (gone := errors.subgroup(NodeGone)) is None:
                raise
            attempt.note(f"sagehen: {gone.exceptions[0]}, with the data that it had got for this job")
            attempt.see(lost=True)
            return
        await self._take_from_pool(environment.image)
        attempt.see(preparation=Step.DONE)

    async def _renew_session(self) -> None:
        """Take another session where this one is half over: a job may have been Pending for hours."""
        attempt, means = self._attempt, self._attempt.means
        assert attempt.session is not None
        role_arn, now = attempt.job.request["RoleArn"], means.clock.now()
        attempt.session = await sessions.fresh(means.roles, role_arn, attempt.session, now)

    def _elsewhere(self) -> Elsewhere | None:
        attempt, means = self._attempt, self._attempt.means
        job, places = attempt.job, attempt.lease.nodes if attempt.lease else ()
        keys = RoleKeys(job.request["RoleArn"], means.roles, means.clock)
        return elsewhere_of(means.node_data, attempt.folder, job.hosts, places, keys, job.scope.region)

    async def _take_from_pool(self, image: Image) -> None:
        attempt = self._attempt
        if attempt.held is not None:
            await attempt.held.give(attempt.job, attempt.folder, image)
            attempt.doubts += [REUSED_NOTE] if attempt.held.reused else []

    async def _open_log(self) -> None:
        attempt, means, job = self._attempt, self._attempt.means, self._attempt.job
        algorithm, values = job.request["AlgorithmSpecification"], job.request.get("HyperParameters", {})
        definitions = metric_definitions(algorithm, values)
        patterns = await asyncio.to_thread(compile_definitions, definitions)
        follower = attempt.records.follower_of(job)

        def heard(values: Mapping[str, float]) -> None:
            if follower is not None:
                follower.measured(job, values)
            if attempt.debugger is not None:
                attempt.debugger.measured(values)

        now = means.clock.now()
        attempt.log = JobLog(
            job.scope, job.name, patterns, now, means.clock, means.logs, means.metrics, heard
        )

    async def _get_capacity(self) -> None:
        attempt, means, job = self._attempt, self._attempt.means, self._attempt.job
        mib_each = need_mib_each(job.groups, means.surroundings)
        assert attempt.image is not None
        why_here = stays_here(job)
        self._needs = needs_of(attempt.image, own=why_here is not None)

        def show_pending(why: str) -> None:
            attempt.work(attempt.enter("Pending", noted("Pending", why and f"{why}.")))

        try:
            await self._get_instances()
            attempt.lease = await means.capacity.wait_for_places(
                attempt.machine_name,
                demands(job.groups, means.surroundings),
                mib_each,
                show_pending,
                self._needs,
            )
        except InsufficientCapacity:
            raise NoCapacity from None

    async def _settle(self) -> str:
        """See that the instances run where what was built for the image is; return their network's
        interface."""
        attempt, means, job = self._attempt, self._attempt.means, self._attempt.job
        assert attempt.lease is not None and attempt.image is not None
        needs = needs_of(attempt.image, own=True)
        if any(attempt.lease.nodes) and needs.files != self._needs.files:
            attempt.note("sagehen: it waits for the platform's own machine, where its environment was built")
            means.capacity.give_back(attempt.lease)
            mib_each = need_mib_each(job.groups, means.surroundings)
            attempt.lease = await means.capacity.wait_for_places(
                f"{attempt.machine_name}-again",
                demands(job.groups, means.surroundings),
                mib_each,
                lambda _: None,
                needs,
            )
        return interface_of(attempt.lease.nodes)

    async def _get_instances(self) -> None:
        """Wait until the operator lets instances of the job's types come up.

        Raises:
            InsufficientCapacity: There are none; a spot job waits for its whole MaxWaitTimeInSeconds.
        """
        attempt, means, job = self._attempt, self._attempt.means, self._attempt.job
        if attempt.held is not None and attempt.held.reused:
            return
        types = instance_counts(job.request["ResourceConfig"])
        patience_s = PATIENCE_S if job.max_wait_s is None else None

        def show_refused() -> None:
            attempt.work(attempt.enter("Starting", REFUSED))

        await means.supply.provide(types, means.clock, show_refused, patience_s)
