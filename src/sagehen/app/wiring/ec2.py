"""EC2: networks, what machines are made of, and the machines."""

from __future__ import annotations

from sagehen.app.wiring.ground import Ground
from sagehen.domain.clock import SystemClock
from sagehen.executors.environments import pip_settings
from sagehen.executors.hardware.gpus import gpu_indices
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.services.ec2.hosts.local.around import Around
from sagehen.services.ec2.hosts.local.hosts import LocalHosts
from sagehen.services.ec2.instances.needs import MachineNeeds
from sagehen.services.ec2.service import Ec2Service
from sagehen.services.ec2.ssh.doors import MachineDoors
from sagehen.services.iam.service import IamService
from sagehen.services.sagemaker.service import SageMakerService


def ec2(
    ground: Ground,
    iam: IamService,
    cloudwatch: CloudWatchService,
    sagemaker: SageMakerService,
    doors: MachineDoors,
) -> Ec2Service:
    """Build it. Machines stand behind `doors`."""
    hosts = LocalHosts(
        ground.folder.jobs / "machines",
        ground.executor,
        Around(ground.port, ground.folder.ca_certificate, pip_settings.of_host()),
        iam.roles,
        ground.clock,
    )

    machines = MachineNeeds(
        hosts=hosts,
        doors=doors.ruled_by,
        wall_clock=SystemClock(),
        roles=iam.roles,
        profiles=iam.instance_profiles,
        supply=sagemaker.instance_supply,
        metrics=cloudwatch.sink,
        most_cpus=ground.settings.instance_cpus,
        gpus=len(gpu_indices()),
    )
    return Ec2Service(database=ground.database, clock=ground.clock, ids=ground.ids, machines=machines)
