"""Which machines a command goes to: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.domain.ports.compute.machines import Machine
from sagehen.services.ssm.errors import DuplicateInstanceId, InvalidInstanceId

_TAG = "tag:"


def chosen(
    running: Sequence[Machine], instance_ids: Sequence[str], targets: Sequence[Mapping[str, Any]]
) -> list[Machine]:
    """Return the machines that a request names, or that all of its targets match.

    Raises:
        DuplicateInstanceId, InvalidInstanceId, ValidationException, NotImplementedOperation: Resource groups.
    """
    if bool(instance_ids) == bool(targets):
        raise ValidationException("Exactly one of InstanceIds and Targets must be given.")
    by_id = {machine.instance_id: machine for machine in running}
    if len(set(instance_ids)) != len(instance_ids):
        raise DuplicateInstanceId("An instance is named twice.")
    if absent := sorted(set(instance_ids) - by_id.keys()):
        raise InvalidInstanceId(f"Instances [[{', '.join(absent)}]] not in a valid state for account")
    found = [by_id[each] for each in instance_ids] if instance_ids else list(running)
    for target in targets:
        found = [machine for machine in found if _matches(machine, target)]
    return found


def _matches(machine: Machine, target: Mapping[str, Any]) -> bool:
    key, values = target.get("Key") or "", target.get("Values") or ()
    if key.lower() == "instanceids":
        return machine.instance_id in values or "*" in values
    if key.startswith(_TAG):
        return key[len(_TAG) :] in machine.tags and machine.tags[key[len(_TAG) :]] in values
    if key == "tag-key":
        return any(value in machine.tags for value in values)
    if key.startswith("resource-groups:"):
        raise NotImplementedOperation("Sagehen has no resource groups.")
    raise ValidationException(f"Target key {key[:64]} is none of InstanceIds, tag:… and tag-key.")
