"""What can be had of instance types, and whether this machine takes another instance.

Between who runs machines and SageMaker, which keeps the operator's word (`sagehen capacity`) and the account
of what this machine's memory was promised to.
"""

from __future__ import annotations

from typing import Protocol


class Promise(Protocol):
    """Memory that was promised; ends with `give_back`."""

    def give_back(self) -> None:
        """End it. May be called twice."""
        ...


class InstanceSupply(Protocol):
    """The operator's offers, and this machine's memory."""

    def is_available(self, instance_type: str) -> bool:
        """Tell whether new instances of a type come up."""
        ...

    def limit(self, instance_type: str) -> int | None:
        """Return how many of a type an account may run in a region; None: no limit of the type's own."""
        ...

    def promise(self, memory_mib: int, instances: int = 1) -> Promise | None:
        """Set memory aside for instances of so much at most each; None where this machine has it not."""
        ...
