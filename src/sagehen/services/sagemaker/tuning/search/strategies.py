"""Strategies: the hyperparameters of a tuning job's next trial."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.services.sagemaker.tuning.definition import Definition
from sagehen.services.sagemaker.tuning.job import TuningJob
from sagehen.services.sagemaker.tuning.search.draws import combination, draw
from sagehen.services.sagemaker.tuning.trial import Trial


class Strategies:
    """Bayesian, Random, Grid, Hyperband."""

    async def next(
        self, job: TuningJob, definition: Definition, trials: Sequence[Trial], number: int
    ) -> dict[str, str]:
        """Return the tuned hyperparameters of a trial that is to be started.

        The same job, seed and records give the same answer: nothing is remembered from one call to the next.

        Args:
            definition: Which of the job's the trial is of.
            trials: All that were started before.
            number: Of the new one.
        """
        mine = [trial for trial in trials if trial.definition == definition.number]
        if job.strategy == "Grid":
            return combination(definition.space, len(mine))
        taken = [trial.tuned for trial in mine]
        return draw(definition.space, job.seed, definition.number, number, taken)
