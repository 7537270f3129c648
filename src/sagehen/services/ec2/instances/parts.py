"""Parts: what operations on instances share."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.instances.console import Consoles
from sagehen.services.ec2.instances.life.loops import InstanceLoops
from sagehen.services.ec2.instances.limits import on_this_host
from sagehen.services.ec2.instances.needs import MachineNeeds
from sagehen.services.ec2.resources.state import State


@dataclass(frozen=True, slots=True)
class Parts:
    """What operations on instances share.

    Args:
        needs, loops: None where no machine can be had.
    """

    state: State
    clock: Clock
    consoles: Consoles
    needs: MachineNeeds | None
    loops: InstanceLoops | None

    def needed(self) -> MachineNeeds:
        """Return what machines need.

        Raises:
            NotImplementedOperation: No machine can be had.
        """
        if self.needs is None:
            raise NotImplementedOperation("This platform runs no EC2 machines.")
        return self.needs

    def watch(self, scope: Scope, instance_id: str) -> None:
        """Bring what there is of an instance in line with its row."""
        if self.loops is not None:
            self.loops.watch(scope, instance_id)

    def require_capacity(self, instance_type: str, zone: str, count: int) -> None:
        """Check that so many machines of a type come up now.

        Raises:
            Ec2Error: `InsufficientInstanceCapacity`, with status 500 as AWS's (recorded in public issues).
        """
        needs = self.needed()
        _, limits = on_this_host(instance_type, needs.most_cpus)
        promise = None
        if needs.supply.is_available(instance_type):
            promise = needs.supply.promise(limits.memory_mib, count)
        if promise is None:
            raise Ec2Error(
                "InsufficientInstanceCapacity",
                f"We currently do not have sufficient {instance_type} capacity in the Availability Zone you "
                f"requested ({zone}). Our system will be working on provisioning additional capacity.",
                status=500,
            )
        promise.give_back()  # each machine takes its own as it comes up
