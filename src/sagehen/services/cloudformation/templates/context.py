"""Context: what functions of a template are evaluated with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sagehen.api.bounded.room import Room
from sagehen.domain.scope import Scope


class Unresolved(Exception):
    """A function that cannot be evaluated; the message says why, as AWS's errors do."""


class NotYet(Exception):
    """A value of a resource that is not there yet."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a template sees.

    Args:
        parameters: Name -> value: text, or a list of texts.
        pseudo: `AWS::Region` and its kin.
        mappings: The template's.
        conditions: Name -> whether it holds.
        reference: The physical id of a resource. Raises NotYet.
        attribute: An attribute of a resource. Raises NotYet, or Unresolved where its type has none.
        resources: Names of all of the template's, whose condition holds.
        imports: What other stacks export, by name.
        zones: Availability zones of all regions whose zones the template asks for.
        room: For what functions bring in; `evaluate` makes it.
    """

    parameters: Mapping[str, Any]
    pseudo: Mapping[str, Any]
    mappings: Mapping[str, Any] = field(default_factory=dict)
    conditions: Mapping[str, bool] = field(default_factory=dict)
    reference: Callable[[str], Any] | None = None
    attribute: Callable[[str, str], Any] | None = None
    resources: frozenset[str] = frozenset()
    imports: Callable[[str], str] | None = None
    zones: Sequence[str] = ()
    room: Room = field(default_factory=lambda: Room(0))


def pseudo_of(scope: Scope, stack_name: str) -> dict[str, Any]:
    """Return the pseudo parameters of a stack, without its id, which a new one has not got yet."""
    return {
        "AWS::AccountId": scope.account_id,
        "AWS::Region": scope.region,
        "AWS::StackName": stack_name,
        "AWS::Partition": "aws",
        "AWS::URLSuffix": "amazonaws.com",
        "AWS::NotificationARNs": [],
    }


# What evaluates a function's arguments.
Evaluated = Callable[[Any], Any]


# What `Ref: AWS::NoValue` becomes: the member that it is the value of is left out.
class _NoValue:
    def __repr__(self) -> str:
        return "AWS::NoValue"


NO_VALUE = _NoValue()
