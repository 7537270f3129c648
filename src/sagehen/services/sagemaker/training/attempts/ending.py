"""Ending: what an attempt leaves: artifacts, the job's last state, a warm pool, or the next attempt."""

from __future__ import annotations

from sagehen.archives.bounds import TooMuch
from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.compute.node_data import NodeGone
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.services.sagemaker.jobs.actions import Step
from sagehen.services.sagemaker.training import outputs
from sagehen.services.sagemaker.training.attempts.attempt import Attempt
from sagehen.services.sagemaker.training.attempts.launch import note_unstored
from sagehen.services.sagemaker.training.decisions import INTERRUPTED, MACHINE_LOST, UPLOAD_LIMIT_S, Finish
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.notes import strangers_note
from sagehen.services.sagemaker.training.pools.pools import WarmPools


class Ending:
    """Ends an attempt."""

    def __init__(self, attempt: Attempt, pools: WarmPools) -> None:
        self._attempt = attempt
        self._pools = pools

    async def upload(self) -> None:
        """Build the artifacts and put them into S3."""
        attempt, means, job = self._attempt, self._attempt.means, self._attempt.job
        assert attempt.session is not None and attempt.brought is not None
        principal, brought = attempt.session.principal, attempt.brought
        await attempt.enter("Uploading")
        try:
            await outputs.store(
                means, job, attempt.folder, principal, brought.checkpoints, brought.elsewhere, attempt.note
            )
        except (AccessDenied, NoSuchObject, TooMuch) as error:
            # What made the training fail says more than what kept its remains from being stored.
            if attempt.seen.failure is None:
                attempt.see(problem=f"ClientError: Artifact upload failed:{error}")
        except NodeGone as error:
            attempt.note(f"sagehen: {error}, with what had not been stored")
            attempt.see(lost=True)
        attempt.see(upload=Step.DONE)

    async def finish(self, action: Finish) -> None:
        """Record what the attempt has come to, once nothing of it runs any more."""
        if action is INTERRUPTED:
            await self._interrupt()
            return
        if action is MACHINE_LOST:
            await self._restart()
            return
        attempt = self._attempt
        note = None
        if action.status == "Completed" and attempt.peers is not None and attempt.peers.strangers:
            note = strangers_note(attempt.job)
            attempt.note(f"sagehen: {note}")
        await attempt.end_works()
        evaluations = await attempt.debugger.end() if attempt.debugger is not None else {}
        await self._leave_to_pool(action)
        await attempt.means.logs.flush()  # who sees the end may read the whole log

        def end(job: TrainingJob) -> TrainingJob:
            now = attempt.means.clock.now()
            if action.status == "Failed":
                ended = job.failed(now, action.reason or "")
            else:
                ended = job.finished(action.status, action.secondary, now, action.reason, note)
            ended = ended.with_evaluations(evaluations) if ended.ended else ended
            return attempt.measured(ended)

        await attempt.record(end)

    async def _interrupt(self) -> None:
        """End an attempt whose spot instances are gone; the next begins with its last checkpoints."""
        attempt, means = self._attempt, self._attempt.means
        await attempt.end_works()
        if attempt.brought is not None and attempt.brought.checkpoints is not None:
            await note_unstored(attempt, attempt.brought.checkpoints.store(), UPLOAD_LIMIT_S)
        attempt.note(
            "sagehen: the spot instances were taken away; the job starts again when there are others"
        )
        await means.logs.flush()

        def interrupt(job: TrainingJob) -> TrainingJob:
            job = attempt.measured(job)
            return job if job.ended else job.interrupted(means.clock.now())

        await attempt.record(interrupt)

    async def _restart(self) -> None:
        """End an attempt that lost a machine; the next begins, elsewhere, with the last checkpoints."""
        attempt, means = self._attempt, self._attempt.means
        await attempt.end_works()
        if attempt.brought is not None and attempt.brought.checkpoints is not None:
            await note_unstored(attempt, attempt.brought.checkpoints.store(), UPLOAD_LIMIT_S)
        await means.logs.flush()

        def restart(job: TrainingJob) -> TrainingJob:
            job = attempt.measured(job)
            return job if job.ended else job.machine_lost(means.clock.now())

        await attempt.record(restart)

    async def _leave_to_pool(self, action: Finish) -> None:
        attempt = self._attempt
        if attempt.held is None:
            return
        job = attempt.records.get(attempt.job.scope, attempt.job.name) or attempt.job
        reason = action.reason or ""
        if reason.startswith("InternalServerError") and job.may_retry:
            return
        # Documented (Warm pool creation): kept also where the user stopped the job, or it failed by his own.
        healthy = action.status != "Failed" or reason.startswith(("AlgorithmError", "ClientError"))
        begun = job.started_at is not None
        note = await self._pools.end(attempt.held, attempt.folder, job.hosts, healthy=healthy and begun)
        if note is not None:
            attempt.note(f"sagehen: {note}")
