"""TuningRun: carries out what `decisions.py` says for one tuning job, from its start or a restart to its
end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sagehen.domain.clock import Clock, wait_for
from sagehen.domain.ids import Ids
from sagehen.services.sagemaker.resources.errors import ResourceInUse
from sagehen.services.sagemaker.tags.records import TagRecords
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.records import TrainingJobRecords
from sagehen.services.sagemaker.training.runs import TrainingRuns
from sagehen.services.sagemaker.tuning import completion
from sagehen.services.sagemaker.tuning.decisions import (
    Action,
    Conclude,
    Finish,
    Launch,
    StopTrials,
    Wait,
    decide,
)
from sagehen.services.sagemaker.tuning.job import TuningJob
from sagehen.services.sagemaker.tuning.records import TuningJobRecords
from sagehen.services.sagemaker.tuning.search.strategies import Strategies
from sagehen.services.sagemaker.tuning.stopping.watch import Watch
from sagehen.services.sagemaker.tuning.trials.records import TrialRecords
from sagehen.services.sagemaker.tuning.trials.trial import Trial

_log = logging.getLogger(__name__)
# After a failure of the platform's own, such as a full disk; after so many the job fails.
_PAUSE_S = 1.0
_MOST_FAILURES = 5
_INTERNAL = "InternalServerError: We encountered an internal error. Please try again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What all runs share."""

    clock: Clock
    ids: Ids
    jobs: TuningJobRecords
    trials: TrialRecords
    training: TrainingJobRecords
    training_runs: TrainingRuns
    tags: TagRecords
    strategies: Strategies


class TuningRun:
    """One tuning job that goes on.

    Args:
        job: As recorded.
    """

    def __init__(self, parts: Parts, job: TuningJob) -> None:
        self._parts = parts
        self._job = job
        self._poked = asyncio.Event()
        self._trials: dict[str, Trial] = {}
        self._parents: Sequence[tuple[Mapping[str, str], float]] = ()
        self._stale: set[str] = set()
        self._unpromising: set[str] = set()
        self._search: asyncio.Task[dict[str, str]] | None = None
        self._failures = 0
        self.watch = Watch(job)

    def poke(self) -> None:
        """Make it look again: its record changed."""
        self._poked.set()

    def changed(self, name: str, again: bool) -> None:
        """Make it read a trial again.

        Args:
            again: Its training job begins anew.
        """
        if again and (trial := self._trials.get(name)):
            self.watch.begin(trial)
        self._stale.add(name)
        self._poked.set()

    def measured(self, name: str, values: Mapping[str, float]) -> None:
        """Take what a trial's metric definitions found in a line."""
        trial = self._trials.get(name)
        if trial is None:
            return
        value = values.get(self._job.definitions[trial.definition].objective.metric)
        if value is not None and self.watch.take(name, value):
            self._unpromising.add(name)
            self._poked.set()

    async def run(self) -> None:
        """Bring the job to its end. Cancelled, it leaves the records as they are."""
        try:
            while not await self._tried():
                pass
        finally:
            await self._give_up_search()

    async def _tried(self) -> bool:
        """Do one thing, or fail and pause; return whether the job has ended."""
        try:
            ended = await self._step()
        except Exception:
            self._failures += 1
            _log.exception("%s: a step failed; it is tried again", self._job.arn)
            if self._failures >= _MOST_FAILURES:
                with contextlib.suppress(Exception):  # of a store that is gone, say
                    await self._stop([name for name, trial in self._trials.items() if not trial.ended])
                await self._finish(Finish("Failed", _INTERNAL))
                return True
            await asyncio.sleep(_PAUSE_S)
            return False
        if self._search is None:  # else it may fail yet
            self._failures = 0
        return ended

    async def _step(self) -> bool:
        """Do one thing; return whether the job has ended."""
        self._poked.clear()
        job = self._parts.jobs.get(self._job.scope, self._job.name)
        if job is None or job.ended:
            return True
        await self._refresh()
        self._job = job = replace(job, parents=self._parents)
        trials = sorted(self._trials.values(), key=lambda trial: trial.number)
        now = self._parts.clock.now()
        if job.converged_at is None and completion.has_converged(job, trials):
            await self._record(lambda job: job.converged(now))
        if self._unpromising:
            names = sorted(self._unpromising)
            await self._stop(names)
            self._unpromising.difference_update(names)
            return False
        action = decide(job, trials, now.timestamp())
        if not isinstance(action, Launch):
            await self._give_up_search()
        await self._perform(action, trials)
        return isinstance(action, Finish)

    async def _refresh(self) -> None:
        """Read what changed; at first all."""
        if not self._trials:
            self._parents = await asyncio.to_thread(self._parts.jobs.parents, self._job)
            for trial in await asyncio.to_thread(self._parts.trials.of, self._job):
                self._take(trial)
        for name in tuple(self._stale):
            if changed := self._parts.trials.get(self._job, name):
                self._take(changed)
            self._stale.discard(name)

    def _take(self, trial: Trial) -> None:
        known = self._trials.get(trial.name)
        self._trials[trial.name] = trial
        if trial.ended and not (known and known.ended):
            self.watch.end(trial)
        elif known is None:
            self.watch.begin(trial)

    async def _perform(self, action: Action, trials: Sequence[Trial]) -> None:
        now = self._parts.clock.now()
        match action:
            case Launch():
                await self._launch(action, trials)
            case StopTrials(names):
                await self._stop(names)
            case Conclude(why):
                await self._record(lambda job: job.ends(why, now))
            case Finish():
                await self._finish(action)
            case Wait(until):
                await self._wait(until)

    async def _wait(self, until: float | None) -> None:
        clock = self._parts.clock
        seconds = None if until is None else until - clock.now().timestamp()
        await wait_for(self._poked, clock, seconds)

    async def _finish(self, action: Finish) -> None:
        now = self._parts.clock.now()
        await self._record(lambda job: job if job.ended else job.finished(action.status, now, action.reason))

    async def _launch(self, launch: Launch, trials: Sequence[Trial]) -> None:
        job, parts = self._job, self._parts
        definition = job.definitions[launch.definition]
        if self._search is None:
            asked = parts.strategies.next(job, definition, trials, launch.number)
            self._search = asyncio.create_task(asked, name=f"search of {job.name}")
            self._search.add_done_callback(lambda _: self._poked.set())
        if not self._search.done():
            # A model may take its time; meanwhile the job can be stopped, and trials that do badly.
            await self._wait(job.deadline)
            return
        search, self._search = self._search, None
        tuned = search.result()
        now = parts.clock.now()
        # From memory: AWS's are `<tuning job>-001-<8 hexadecimal digits>`.
        name = f"{job.name}-{launch.number:03}-{parts.ids.hex(8)}"
        trial = Trial(launch.number, name, launch.definition, now.timestamp(), tuned)
        training = TrainingJob.new(job.scope, definition.training_request(name, tuned), now, job.arn)
        # Documented: a tuning job's tags are those of its training jobs.
        tags = [{"Key": key, "Value": value} for key, value in parts.tags.of(job.arn).items()]
        try:
            started = await parts.trials.start(job, trial, training, tags)
        except ResourceInUse:
            return  # somebody has a training job of this very name: the next round draws another
        if started:
            self._take(trial)
            parts.training_runs.begin(training)

    async def _give_up_search(self) -> None:
        search, self._search = self._search, None
        if search is not None:
            search.cancel()
            await asyncio.gather(search, return_exceptions=True)

    async def _stop(self, names: Sequence[str]) -> None:
        now = self._parts.clock.now()

        def stop(job: TrainingJob) -> TrainingJob:
            return job if job.ended or job.stopping else job.asked_to_stop(now)

        for name in names:
            job = await self._parts.training.change(self._job.scope, name, stop)
            if job is not None:
                self._parts.training_runs.poke(job)

    async def _record(self, step: Callable[[TuningJob], TuningJob]) -> None:
        changed = await self._parts.jobs.change(self._job.scope, self._job.name, step)
        if changed is not None:
            self._job = replace(changed, parents=self._parents)
