"""Tracked: what is recorded of a job besides its own record, in experiments and lineage.

Source: SageMaker Developer Guide, "Amazon SageMaker AI-Created Tracking Entities"; what trial components of
jobs hold is recorded (aws/sagemaker-core's unit tests, public notebooks).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.jobs.metric_series import MetricSeries
from sagehen.store.database import Transaction

# Documented: CreateTrialComponent's model.
MOST_PARAMETERS = 300
MOST_ARTIFACTS = 60
_PARAMETER_NAME_CHARACTERS, _PARAMETER_CHARACTERS = 320, 2500
_ARTIFACT_NAME_CHARACTERS, _MEDIA_TYPE_CHARACTERS = 128, 64
# Of all parameters, as JSON: a component's row has 256 kB at the most. A job's hyperparameters may be more:
# those that find no room are in its record alone.
_MOST_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class Location:
    """Where something lies that a job reads or writes.

    Args:
        name: As a trial component calls it: a channel's name, `SageMaker.ModelArtifact`; '' is not in it.
        kind: As lineage calls it: `DataSet`, `Image`, `Model`, `Checkpoint`; '' is not in it.
        media_type: Where the job says it.
    """

    name: str
    kind: str
    uri: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Tracked:
    """A job, as it is tracked. Times are seconds since the epoch.

    Args:
        word: `Training`, `Processing` or `Transform`.
        message: What is said of its status.
        parameters: Numbers and texts.
        experiment: Its ExperimentConfig.
        metrics: What its log showed, by name.
    """

    word: str
    scope: Scope
    name: str
    arn: str
    created_at: float
    modified_at: float
    status: str
    message: str
    started_at: float | None
    ended_at: float | None
    parameters: Mapping[str, float | str] = field(default_factory=dict, repr=False)
    inputs: tuple[Location, ...] = ()
    outputs: tuple[Location, ...] = ()
    experiment: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, MetricSeries] = field(default_factory=dict, repr=False)

    @property
    def component(self) -> str:
        """The name of its trial component."""
        return f"{self.name}-aws-{self.word.lower()}-job"

    @property
    def source_type(self) -> str:
        """What its trial component says that it comes from."""
        return f"SageMaker{self.word}Job"

    def described_parameters(self) -> dict[str, dict[str, Any]]:
        """Return its parameters as a trial component holds them."""
        described: dict[str, dict[str, Any]] = {}
        left = _MOST_BYTES
        for name, value in self.parameters.items():
            if isinstance(value, str) and len(value) > _PARAMETER_CHARACTERS:
                continue
            left -= len(json.dumps([name, value]))
            if left < 0 or len(described) == MOST_PARAMETERS:
                break
            told = {"StringValue": value} if isinstance(value, str) else {"NumberValue": float(value)}
            described[name[:_PARAMETER_NAME_CHARACTERS]] = told
        return described


class Tracker(Protocol):
    """Is told of jobs within the transactions that make and change them. In the writer's thread."""

    def made(self, tx: Transaction, job: Tracked) -> None:
        """Record a job that is being made.

        Raises:
            ServiceError: Its ExperimentConfig names what there is not.
        """
        ...

    def changed(self, tx: Transaction, job: Tracked) -> None:
        """Record what became of a job."""
        ...


def described_artifacts(locations: Iterable[Location]) -> dict[str, dict[str, str]]:
    """Return locations as a trial component holds them, each under a name of its own."""
    described: dict[str, dict[str, str]] = {}
    for each in locations:
        if not each.name:
            continue
        if len(described) == MOST_ARTIFACTS:
            break
        media = each.media_type or ""
        told = {"MediaType": media} if 0 < len(media) <= _MEDIA_TYPE_CHARACTERS else {}
        described[each.name[:_ARTIFACT_NAME_CHARACTERS]] = {**told, "Value": each.uri}
    return described


def number_or_text(text: str) -> float | str:
    """Return what a hyperparameter is: a number where it is one."""
    try:
        number = float(text)
    except ValueError:
        return text
    return number if abs(number) < float("inf") else text  # not NaN either


def resources(groups: Iterable[tuple[str, int]], volume_gb: int | None) -> Iterator[tuple[str, float | str]]:
    """Yield the parameters that tell what a job ran on.

    Args:
        groups: Instance types, and how many.
    """
    for kind, count in groups:  # of several the last: the names are the same for all (from memory)
        yield "SageMaker.InstanceType", kind
        yield "SageMaker.InstanceCount", count
    if volume_gb:
        yield "SageMaker.VolumeSizeInGB", volume_gb
