"""SupplyForServices: domain.ports.compute.instance_supply.InstanceSupply."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.executors.base import Limits
from sagehen.services.sagemaker.instances.capacity import Capacity, InsufficientCapacity, Lease, need_mib
from sagehen.services.sagemaker.instances.supply.supply import Supply


@dataclass(frozen=True, slots=True)
class _Promise:
    capacity: Capacity
    lease: Lease

    def give_back(self) -> None:
        """End it. May be called twice."""
        self.capacity.give_back(self.lease)


class SupplyForServices:
    """The operator's offers and this machine's memory, for other services' instances.

    Args:
        supply: The offers.
        capacity: The account of memory.
    """

    def __init__(self, supply: Supply, capacity: Capacity) -> None:
        self._supply = supply
        self._capacity = capacity

    def is_available(self, instance_type: str) -> bool:
        """Tell whether new instances of a type come up."""
        return self._supply.offer(instance_type).available

    def limit(self, instance_type: str) -> int | None:
        """Return how many of a type an account may run in a region; None: no limit of the type's own."""
        return self._supply.offer(instance_type).limit

    def promise(self, memory_mib: int, instances: int = 1) -> _Promise | None:
        """Set memory aside for instances of so much at most each; None where this machine has it not."""
        each = need_mib(Limits(cpus=1.0, memory_mib=memory_mib))
        try:
            return _Promise(self._capacity, self._capacity.take(each * instances))
        except InsufficientCapacity:
            return None
