"""Entity: an experiment, a trial or a trial component, as it is recorded and told of. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.experiments.schema import COMPONENTS, EXPERIMENTS, TRIALS
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.rows import moment

# Kept as seconds: JSON has no times.
TIMES = ("StartTime", "EndTime")
# Of components of jobs: what the metrics of the job's log came to. Not told as it is.
JOB_METRICS = "JobMetrics"
# Of components.
MAPS = ("Parameters", "InputArtifacts", "OutputArtifacts")


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the three.

    Args:
        word: As members and messages begin: `TrialComponent`.
        resource: As ARNs have it.
        table: Where they are.
    """

    word: str
    resource: str
    table: str

    @property
    def name(self) -> str:
        """The member that holds a name."""
        return f"{self.word}Name"

    @property
    def arn(self) -> str:
        """The member that holds an ARN."""
        return f"{self.word}Arn"


EXPERIMENT = Kind("Experiment", "experiment", EXPERIMENTS)
TRIAL = Kind("Trial", "experiment-trial", TRIALS)
COMPONENT = Kind("TrialComponent", "experiment-trial-component", COMPONENTS)
KINDS = (EXPERIMENT, TRIAL, COMPONENT)


@dataclass(frozen=True, slots=True)
class Entity:
    """One of them.

    Args:
        experiment: Of a trial; '' of the others.
        members: What Describe shows besides names and times, with the names of its members.
    """

    kind: Kind
    scope: Scope
    name: str
    created_at: datetime
    modified_at: datetime
    experiment: str
    members: Mapping[str, Any] = field(repr=False)

    @property
    def arn(self) -> str:
        return arns.resource_arn(self.scope, self.kind.resource, self.name)


def stored(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return members as JSON can hold them; what is not set is left out."""
    return {
        member: value.timestamp() if member in TIMES else value
        for member, value in members.items()
        if value is not None
    }


def describe(entity: Entity) -> dict[str, Any]:
    """Return what the Describe operations tell."""
    told = {
        entity.kind.name: entity.name,
        entity.kind.arn: entity.arn,
        "DisplayName": entity.name,  # documented: where none is given
        "CreationTime": entity.created_at,
        "LastModifiedTime": entity.modified_at,
        # AWS's SDK reads these without a default.
        **({member: {} for member in MAPS} if entity.kind is COMPONENT else {}),
        **entity.members,
    }
    told.pop(JOB_METRICS, None)
    told |= {member: moment(told[member]) for member in TIMES if member in told}
    return told | ({"ExperimentName": entity.experiment} if entity.kind is TRIAL else {})


def summarize(entity: Entity) -> dict[str, Any]:
    """Return what the List operations tell."""
    shown = (
        entity.kind.name, entity.kind.arn, "DisplayName", "CreationTime", "LastModifiedTime",
        *(("Status", "CreatedBy", "LastModifiedBy", *TIMES) if entity.kind is COMPONENT else ()),
    )  # fmt: skip
    told = describe(entity)
    return {member: told[member] for member in shown if member in told}
