"""Systems Manager: parameters, secret ones under KMS's keys, and those that AWS publishes of EC2's images."""

from __future__ import annotations

from sagehen.app.wiring.ground import Ground
from sagehen.services.ec2.service import Ec2Service
from sagehen.services.ec2.ssh.doors import MachineDoors
from sagehen.services.ec2.ssh.for_services import MachinesForServices
from sagehen.services.kms.service import KmsService
from sagehen.services.ssm.service import SsmService


def ssm(ground: Ground, kms: KmsService, ec2: Ec2Service, doors: MachineDoors) -> SsmService:
    """Build it."""
    return SsmService(
        database=ground.database,
        clock=ground.clock,
        keys=kms.keys,
        public=ec2.public_parameters,
        machines=MachinesForServices(doors),
        ids=ground.ids,
    )
