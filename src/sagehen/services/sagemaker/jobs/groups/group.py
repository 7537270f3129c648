"""InstanceGroup: instances of one type. Hosts are numbered through all groups, in the request's order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# From memory: what AWS calls the group of a job without InstanceGroups in resourceconfig.json.
ONLY_GROUP = "homogeneousCluster"


@dataclass(frozen=True, slots=True)
class InstanceGroup:
    """One group.

    Args:
        hosts: `algo-1` and so on, unique in the job.
    """

    name: str
    instance_type: str
    hosts: tuple[str, ...]

    def config(self) -> dict[str, Any]:
        """Return its entry of resourceconfig.json (documented: the heterogeneous cluster's page)."""
        return {
            "instance_group_name": self.name,
            "instance_type": self.instance_type,
            "hosts": list(self.hosts),
        }


def groups_of(resources: Mapping[str, Any]) -> tuple[InstanceGroup, ...]:
    """Return the groups of a ResourceConfig that is accepted."""
    wanted = [
        (group["InstanceGroupName"], group["InstanceType"], group["InstanceCount"])
        for group in resources.get("InstanceGroups") or ()
    ] or [(ONLY_GROUP, resources["InstanceType"], resources.get("InstanceCount", 1))]
    groups, first = [], 1
    for name, instance_type, count in wanted:
        hosts = tuple(f"algo-{number}" for number in range(first, first + count))
        groups.append(InstanceGroup(name, instance_type, hosts))
        first += count
    return tuple(groups)
