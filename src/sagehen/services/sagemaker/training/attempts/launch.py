"""launch(attempt): its instances, and all that goes on beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any

from sagehen.archives.bounds import TooMuch
from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.compute.node_data import NodeGone
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.domain.timeouts import timeout
from sagehen.executors.base import ExitStatus, Limits, SandboxSpec
from sagehen.executors.ended import LOST
from sagehen.services.sagemaker.instances import utilization
from sagehen.services.sagemaker.instances.peers import Peers
from sagehen.services.sagemaker.jobs.actions import Step
from sagehen.services.sagemaker.jobs.container import role_folder
from sagehen.services.sagemaker.jobs.failure import failure_reason
from sagehen.services.sagemaker.jobs.groups.hardware import gpu_note
from sagehen.services.sagemaker.jobs.placing import is_spread, notes
from sagehen.services.sagemaker.roles.credentials import RoleCredentials
from sagehen.services.sagemaker.training import container, placing
from sagehen.services.sagemaker.training.attempts.attempt import Attempt
from sagehen.services.sagemaker.training.log import METRIC_NAMESPACE
from sagehen.services.sagemaker.training.notes import notes_of
from sagehen.services.sagemaker.training.statuses import noted
from sagehen.trainingtoolkit.kept_packages import ADDED_PACKAGES

# For longer than a node may be silent before it counts as lost: until then it may answer.
_PIPES_S = 120.0


async def launch(attempt: Attempt) -> None:
    """Start one container per instance, all together; the attempt sees what becomes of them."""
    means, job = attempt.means, attempt.job
    assert attempt.session is not None and attempt.image is not None
    now = means.clock.now()
    credentials = RoleCredentials(
        role_folder(attempt.folder), job.request["RoleArn"], means.roles, means.clock, attempt.note
    )
    await credentials.write(attempt.session.credentials)
    specs = _specs(attempt)
    gpus = gpu_note(job.groups, means.surroundings.gpu_types)
    nodes = attempt.lease.nodes if attempt.lease else ()
    why_here = placing.stays_here(job)
    for line in [
        *notes_of(job, attempt.image, gpus),
        *(f"sagehen: {line}" for line in notes(job.hosts, nodes, why_here)),
        *(f"sagehen: {line}" for line in placing.brought_whole(attempt.channels, nodes)),
        *attempt.doubts,
    ]:
        attempt.note(line)
    attempt.job = await attempt.record(
        lambda job: job.entered("Training", now, noted("Training", gpus and f"{gpus}."))
    )
    await attempt.fleet.start(specs, partial(_heard, attempt), partial(_ended, attempt))
    attempt.work(credentials.keep_renewed())
    _watch(attempt, {host: spec.limits for host, spec in specs.items()})


async def note_unstored(
    attempt: Attempt, storing: Coroutine[Any, Any, None], limit_s: float | None = None
) -> None:
    """Store checkpoints; where that fails the log says so, and the job goes on.

    Args:
        limit_s: For how long at most; None: until cancelled.
    """
    try:
        async with timeout(limit_s):
            await storing
    except TimeoutError:
        attempt.note(f"sagehen: checkpoints could not all be stored in {limit_s:g} seconds")
    except (AccessDenied, NoSuchObject, TooMuch, NodeGone, OSError) as error:
        attempt.note(f"sagehen: checkpoints cannot be stored: {error}")


def _specs(attempt: Attempt) -> dict[str, SandboxSpec]:
    assert attempt.image is not None
    around, extra = attempt.means.surroundings, attempt.held.variables if attempt.held else {}
    if attempt.added:
        extra = {**extra, ADDED_PACKAGES: " ".join(attempt.added)}
    job, name = attempt.job, attempt.machine_name
    nodes = attempt.lease.nodes if attempt.lease else ()
    elsewhere = attempt.brought.elsewhere if attempt.brought else None
    fetched = elsewhere.fetched if elsewhere else {}
    specs = {}
    for host in job.hosts:
        spec = container.spec_of(
            job, attempt.folder, host, attempt.channels, attempt.image, around, name, extra, attempt.container
        )
        specs[host] = placing.on_node(
            spec, nodes, job, attempt.folder, host, around, fetched, attempt.channels
        )
    return specs


def _heard(attempt: Attempt, host: str, line: str) -> None:
    assert attempt.log is not None
    attempt.log.line(host, line)
    if attempt.debugger is not None:
        attempt.debugger.line(line)


async def _ended(attempt: Attempt, host: str, status: ExitStatus) -> None:
    status = await _checked(attempt, host, status)
    if status.is_lost and attempt.seen.ending is None:
        attempt.note(f"sagehen: the machine that {host} ran on is lost")
        attempt.see(lost=True)
    failed = not status.is_lost and (status.code != 0 or status.out_of_disk)
    if failed and attempt.seen.failure is None and attempt.seen.ending is None:
        text = await asyncio.to_thread(attempt.folder.host(host).failure_text)
        attempt.see(failure=failure_reason(status, text, attempt.job.volume_gb))
    if not attempt.fleet.sandboxes:
        attempt.see(containers=Step.DONE)


async def _checked(attempt: Attempt, host: str, status: ExitStatus) -> ExitStatus:
    """Return how an instance ended: as lost, where nobody can say whether its pipes ended too early."""
    if attempt.brought is None or status.is_lost:
        return status
    try:
        async with timeout(_PIPES_S):
            await attempt.brought.pipes.end(host)
    except TimeoutError:
        return LOST
    return LOST if attempt.seen.lost else status


def _watch(attempt: Attempt, limits: Mapping[str, Limits]) -> None:
    """Begin what goes on while the instances run."""
    means, job, sandboxes = attempt.means, attempt.job, attempt.fleet.sandboxes
    nodes = attempt.lease.nodes if attempt.lease else ()
    if len(job.hosts) > 1 and not is_spread(nodes):  # whose ports are of several machines
        doors = (means.surroundings.platform_port,)
        attempt.peers = Peers(doors, private=means.executor.has_private_networks)
        attempt.work(attempt.peers.watch(sandboxes, len(job.hosts)))
    attempt.work(utilization.watch(job.scope, METRIC_NAMESPACE, job.name, sandboxes, limits, means.metrics))
    assert attempt.brought is not None
    for fill in attempt.brought.works():
        attempt.work(fill)
    if attempt.debugger is not None:
        attempt.work(attempt.debugger.watch(sandboxes, limits))
    if attempt.brought.checkpoints is not None:
        attempt.work(note_unstored(attempt, attempt.brought.checkpoints.keep_storing()))
