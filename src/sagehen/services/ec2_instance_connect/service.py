"""Ec2InstanceConnectService: EC2 Instance Connect put together."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.operation import Service
from sagehen.domain.ports.compute.machines import Machines
from sagehen.services.ec2_instance_connect.keys import Keys


class Ec2InstanceConnectService:
    """Amazon EC2 Instance Connect.

    Args:
        machines: What runs.
    """

    def __init__(self, machines: Machines) -> None:
        self._service = Service("ec2-instance-connect", (Keys(machines),))

    @property
    def services(self) -> Sequence[Service]:
        """Instance Connect alone."""
        return (self._service,)

    async def start(self) -> None:
        """Nothing goes on by itself."""

    async def stop(self) -> None:
        """Nothing went on."""

    async def reset(self) -> None:
        """What was let in goes with its machine."""
