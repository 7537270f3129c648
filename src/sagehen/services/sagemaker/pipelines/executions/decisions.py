"""What comes next for an execution: a function of its definition and of what its steps have become. Pure.

Executing  steps begin whose needs have succeeded, as many at once as may; one that failed keeps back only
           those that need it (from memory: branches beside it go on; the reason's words are recorded in
           tests of the SDK: aws/sagemaker-python-sdk, tests of Fail steps)
a Fail step ends the execution (documented): what runs is stopped
Stopping   what runs is stopped, nothing begins
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sagehen.services.sagemaker.pipelines.definition.step import Step
from sagehen.services.sagemaker.pipelines.definition.step_types import FAIL
from sagehen.services.sagemaker.pipelines.executions import execution as statuses
from sagehen.services.sagemaker.pipelines.executions.step_record import FAILED, STOPPED, SUCCEEDED, StepRecord

# Recorded: public reports of executions, and the SDK's integration tests.
STEPS_FAILED = "Step failure: One or multiple steps failed."


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin these steps, in this order."""

    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop these steps."""

    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finish:
    """The execution has ended."""

    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Steps go on, and nothing is to be done before one ends."""


Decision = Begin | Stop | Finish | Wait


def decide(
    steps: Mapping[str, Step],
    records: Mapping[str, StepRecord],
    *,
    status: str,
    parallel: int,
    taking_part: Collection[str],
    told_to_stop: Collection[str] = (),
) -> Decision:
    """Return what comes next.

    Args:
        steps: The definition's, those of branches behind their condition.
        records: Of those that began, with what is taken over from other executions.
        status: Of the execution, which has not ended.
        parallel: How many may run at once.
        taking_part: The steps that are run at all.
        told_to_stop: Those that run and know already that they shall stop.
    """
    running = [name for name, record in records.items() if not record.ended]
    broken = any(one.kind == FAIL and one.status == FAILED for one in records.values())
    if status == statuses.STOPPING or broken:
        if left := tuple(name for name in running if name not in told_to_stop):
            return Stop(left)
        if running:
            return Wait()
        return Finish(statuses.FAILED, STEPS_FAILED) if broken else Finish(statuses.STOPPED)
    ready = [
        name
        for name, step in steps.items()
        if name in taking_part and name not in records and is_ready(step, records)
    ]
    if free := ready[: max(0, parallel - len(running))]:
        return Begin(tuple(free))
    if running or ready:
        return Wait()
    if any(one.status in (FAILED, STOPPED) for one in records.values()):
        return Finish(statuses.FAILED, STEPS_FAILED)
    return Finish(statuses.SUCCEEDED)


def is_ready(step: Step, records: Mapping[str, StepRecord]) -> bool:
    """Tell whether all that a step needs is there; one whose branch is not taken never is."""
    if step.branch is not None:
        condition = records.get(step.branch[0])
        if condition is None or condition.outcome is not step.branch[1]:
            return False
    return all((found := records.get(name)) is not None and found.status == SUCCEEDED for name in step.needs)
