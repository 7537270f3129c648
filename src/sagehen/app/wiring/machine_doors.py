"""The doors of EC2's instances, and what comes through them: Instance Connect, Systems Manager."""

from __future__ import annotations

from sagehen.app.wiring.ground import Ground
from sagehen.services.ec2.ssh.doors import MachineDoors
from sagehen.services.ec2.ssh.for_services import MachinesForServices
from sagehen.services.ec2_instance_connect.service import Ec2InstanceConnectService


def doors(ground: Ground) -> MachineDoors:
    """Build them; nothing listens before the first instance."""
    return MachineDoors(ground.folder.root / "ec2" / "host_keys.secret")


def instance_connect(doors: MachineDoors) -> Ec2InstanceConnectService:
    """Build it."""
    return Ec2InstanceConnectService(MachinesForServices(doors))
