"""Strategies: the hyperparameters of a tuning job's next trial."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

from sagehen.services.sagemaker.tuning.definition.definition import Definition
from sagehen.services.sagemaker.tuning.job import TuningJob
from sagehen.services.sagemaker.tuning.search.asking import Asking
from sagehen.services.sagemaker.tuning.search.draws import combination, draw
from sagehen.services.sagemaker.tuning.search.halton import halton_point
from sagehen.services.sagemaker.tuning.search.questions import Known, answered, known, question
from sagehen.services.sagemaker.tuning.trials.trial import Trial

# Points that fill the space come first: a third of the trials, but no more than the ten that Optuna begins
# with.
_FIRST_SHARE = 3
_FEWEST_FIRST, _MOST_FIRST = 2, 10


def first_points(job: TuningJob) -> int:
    """Return how many trials of a Bayesian search, of each definition, come before the model is asked."""
    share = math.ceil(job.max_trials / len(job.definitions) / _FIRST_SHARE)
    return min(max(share, _FEWEST_FIRST), _MOST_FIRST)


def needs_model(job: TuningJob) -> bool:
    """Tell whether a tuning job will ask the model."""
    return job.strategy == "Bayesian" and job.max_trials > first_points(job) * len(job.definitions)


class Strategies:
    """Bayesian, Random, Grid, Hyperband.

    Args:
        asking: The model of Bayesian.
    """

    def __init__(self, asking: Asking | None = None) -> None:
        self._asking = asking or Asking()
        self._expecting: asyncio.Task[None] | None = None

    async def next(
        self, job: TuningJob, definition: Definition, trials: Sequence[Trial], number: int
    ) -> dict[str, str]:
        """Return the tuned hyperparameters of a trial that is to be started.

        The same job, seed and records give the same answer: nothing is remembered from one call to the next.

        Args:
            definition: Which of the job's the trial is of.
            trials: All that were started before.
            number: Of the new one.

        Raises:
            ModelUnavailable: A Bayesian search got no answer.
            ValueError: It got one that is none.
        """
        mine = [trial for trial in trials if trial.definition == definition.number]
        if job.strategy == "Grid":
            return combination(definition.space, len(mine))
        taken = [trial.tuned for trial in mine]
        if job.strategy == "Bayesian":
            found = await self._bayesian(job, definition, mine, number)
            if found not in taken:  # the same again, of a bound or of a small space, would teach nothing
                return found
        return await asyncio.to_thread(draw, definition.space, job.seed, definition.number, number, taken)

    async def stop(self) -> None:
        """End what was started for it."""
        if self._expecting is not None:
            self._expecting.cancel()
            await asyncio.gather(self._expecting, return_exceptions=True)
        await self._asking.stop()

    async def _bayesian(
        self, job: TuningJob, definition: Definition, mine: Sequence[Trial], number: int
    ) -> dict[str, str]:
        first = first_points(job)
        what = await asyncio.to_thread(known, job, definition, mine)
        if not _is_enough(what, len(mine), first):
            if needs_model(job) and len(mine) + 1 >= first:
                self._expect()
            space = definition.space
            return space.texts(
                halton_point(job.seed + definition.number, len(mine) + 1, len(space.parameters))
            )
        line = await asyncio.to_thread(question, definition.space, job.seed, number, what)
        return answered(definition.space, await self._asking.ask(line, job.scope.account_id))

    def _expect(self) -> None:
        """Have the model ready by the time that this trial has ended."""
        if self._expecting is None or self._expecting.done():
            self._expecting = asyncio.create_task(self._asking.expect(), name="tuning: expect the model")


def _is_enough(what: Known, begun: int, first: int) -> bool:
    """Tell whether so much is known that the model is worth asking."""
    return len(what.told) >= _FEWEST_FIRST and max(begun, len(what.told)) >= first
