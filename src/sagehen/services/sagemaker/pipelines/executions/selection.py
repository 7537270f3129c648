"""Selective execution: which steps run, and which results of another execution they use. Pure.

Documented (Selective execution of pipeline steps): the chosen steps are connected, with all steps on paths
between two of them; what they need of others is taken from the source execution; steps behind do not run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.pipelines.definition import graph
from sagehen.services.sagemaker.pipelines.definition.step import Step
from sagehen.services.sagemaker.pipelines.executions.step_record import SUCCEEDED, StepRecord


def require_selection(steps: Mapping[str, Step], selected: Collection[str]) -> set[str]:
    """Check what was chosen; return the steps whose results are needed of another execution.

    Raises:
        ValidationException: In our words.
    """
    for name in selected:
        if name not in steps:
            raise ValidationException(f"Selected step '{name}' is not a step of the pipeline.")
    outside = graph.upstream(steps, selected) - set(selected)
    for name in sorted(outside):
        if graph.upstream(steps, (name,)) & set(selected):
            raise ValidationException(
                f"Step '{name}' lies between selected steps, and must be selected with them."
            )
    if not _connected(steps, selected):
        raise ValidationException("The selected steps are not connected with one another.")
    return {need for name in selected for need in steps[name].needs} - set(selected)


def taken_over(
    needed: Collection[str], found: Mapping[str, StepRecord], source: str
) -> dict[str, StepRecord]:
    """Return the records that an execution begins with.

    Raises:
        ValidationException: One of them is not there, or did not succeed.
    """
    for name in sorted(needed):
        record = found.get(name)
        if record is None or record.status != SUCCEEDED:
            raise ValidationException(
                f"Step '{name}', on which selected steps depend, has not succeeded in the execution {source}."
            )
    return {name: found[name] for name in needed}


def _connected(steps: Mapping[str, Step], selected: Collection[str]) -> bool:
    """By needs among them, in whatever direction."""
    chosen = set(selected)
    beside: dict[str, set[str]] = {name: set(steps[name].needs & chosen) for name in chosen}
    for name in chosen:
        for need in steps[name].needs & chosen:
            beside[need].add(name)
    reached: set[str] = set()
    left = [next(iter(chosen))]
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left.extend(beside[name])
    return reached == chosen
