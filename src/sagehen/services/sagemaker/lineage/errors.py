"""Refusals of lineage. From memory where nothing else is said."""

from __future__ import annotations

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.lineage.entity import Entity, Kind
from sagehen.services.sagemaker.resources.errors import ResourceNotFound


def missing(kind: Kind, name: str) -> ResourceNotFound:
    """The code is of the operations' models."""
    return ResourceNotFound(f"{kind.word} '{name}' does not exist.")


def taken(entity: Entity) -> ValidationException:
    """Documented: "if you try to create an entity that already exists". SDKs look for the last words."""
    return ValidationException(f"{entity.kind.word} {entity.arn} already exists.")


def no_such_entity(arn: str) -> ResourceNotFound:
    """What an association or a query names is not there."""
    return ResourceNotFound(f"Entity {arn} does not exist.")


def no_association(source: str, destination: str) -> ResourceNotFound:
    """There is none from the one to the other."""
    return ResourceNotFound(f"Association from {source} to {destination} does not exist.")


def associated_already(source: str, destination: str) -> ValidationException:
    """SDKs look for the words."""
    return ValidationException(f"Association from {source} to {destination} already exists.")


def still_associated(kind: Kind, arn: str) -> ValidationException:
    """What is in the graph leaves it first; SDKs disassociate before they delete."""
    return ValidationException(f"{kind.word} {arn} cannot be deleted: it still has associations.")
