"""Refusals of experiments, trials and components. From memory where nothing else is said."""

from __future__ import annotations

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.experiments.entity import Entity, Kind
from sagehen.services.sagemaker.resources.errors import ResourceNotFound


def missing(kind: Kind, name: str) -> ResourceNotFound:
    """The code is of the operations' models."""
    return ResourceNotFound(f"{kind.word} '{name}' does not exist.")


def taken(entity: Entity) -> ValidationException:
    """AWS's SDK goes on where a ValidationException says `already exists`."""
    word = entity.kind.word
    return ValidationException(
        f"{word} names must be unique within an AWS account and region. "
        f"{word} with name ({entity.name}) already exists."
    )


def of_another(trial: str, experiment: str) -> ValidationException:
    """The trial of an ExperimentConfig belongs to another experiment than it names."""
    return ValidationException(f"Trial '{trial}' does not belong to Experiment '{experiment}'.")


def not_empty(kind: Kind, name: str, holds: str) -> ValidationException:
    """Documented: what it holds goes first."""
    return ValidationException(f"{kind.word} '{name}' cannot be deleted: it still has {holds}.")
