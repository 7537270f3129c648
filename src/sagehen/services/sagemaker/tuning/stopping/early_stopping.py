"""TrainingJobEarlyStoppingType Auto: the median rule. Pure.

Documented (SageMaker Developer Guide, Stop training jobs early): after each epoch a training job is stopped
whose value is worse than the median of the running averages, up to the same epoch, of the training jobs
before it. An epoch is a value of the objective metric. Ours: "before it" are those that have completed, and
three of them at least, since the median of one or two says little.

Worked example, maximize: three completed jobs began 0.2, 0.4 / 0.3, 0.5 / 0.6, 0.8. Their averages up to
the second epoch are 0.3, 0.4 and 0.7; a job whose second value is below 0.4 is stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from statistics import median

from sagehen.services.sagemaker.tuning.definition.objective import Objective

FEWEST_BEFORE = 3


def running_averages(curve: Sequence[float]) -> list[float]:
    """Return the average up to each of the values."""
    return [total / count for count, total in enumerate(accumulate(curve), start=1)]


def stops(
    objective: Objective, curve: Sequence[float], seen: int, averages: Sequence[Sequence[float]]
) -> int | None:
    """Return after which of its values a training job is to be stopped, or None.

    Args:
        curve: Its values so far.
        seen: How many of them were judged before.
        averages: `running_averages` of each completed training job.
    """
    for epoch in range(seen + 1, len(curve) + 1):
        rivals = [each[epoch - 1] for each in averages if len(each) >= epoch]
        if len(rivals) >= FEWEST_BEFORE and objective.better(median(rivals), curve[epoch - 1]):
            return epoch
    return None
