"""EC2: networks, what machines are made of, the machines, their doors, and Systems Manager.

Systems Manager publishes EC2's images, and machines are started of images that its parameters name.
"""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.component import ServiceComponent
from sagehen.app.wiring.rooms import Rooms
from sagehen.domain.clock import SystemClock
from sagehen.executors.environments import pip_settings
from sagehen.executors.hardware.gpus import gpu_indices
from sagehen.services.ec2.hosts.local.around import Around
from sagehen.services.ec2.hosts.local.hosts import LocalHosts
from sagehen.services.ec2.instances.needs import MachineNeeds
from sagehen.services.ec2.service import Ec2Service
from sagehen.services.ec2.ssh.acts import SshActs
from sagehen.services.ec2.ssh.doors import MachineDoors
from sagehen.services.ec2.ssh.for_services import MachinesForServices
from sagehen.services.ec2.ssh.terminals import TerminalsForConsole
from sagehen.services.ec2_instance_connect.service import Ec2InstanceConnectService
from sagehen.services.ssm.service import SsmService


def build(rooms: Rooms) -> Sequence[ServiceComponent]:
    """Build them. Machines stand behind doors; nothing listens before the first of them."""
    ground = rooms.ground
    rooms.machine_doors = doors = MachineDoors(ground.folder.root / "ec2" / "host_keys.secret")
    rooms.terminals, rooms.ssh = TerminalsForConsole(doors), SshActs(doors)
    machines = _machines(rooms)
    rooms.ec2 = ec2 = Ec2Service(
        database=ground.database, clock=ground.clock, ids=ground.ids, machines=machines
    )
    rooms.ssm = SsmService(
        database=ground.database,
        clock=ground.clock,
        keys=rooms.kms.keys,
        public=ec2.public_parameters,
        machines=MachinesForServices(doors),
        ids=ground.ids,
    )
    machines.parameters = rooms.ssm.parameters
    return ec2, Ec2InstanceConnectService(MachinesForServices(doors)), rooms.ssm


def _machines(rooms: Rooms) -> MachineNeeds:
    ground, iam = rooms.ground, rooms.iam
    hosts = LocalHosts(
        ground.folder.jobs / "machines",
        ground.executor,
        Around(ground.port, ground.folder.ca_certificate, pip_settings.of_host()),
        iam.roles,
        ground.clock,
    )
    return MachineNeeds(
        hosts=hosts,
        doors=rooms.machine_doors.ruled_by,
        wall_clock=SystemClock(),
        roles=iam.roles,
        profiles=iam.instance_profiles,
        supply=rooms.sagemaker.instance_supply,
        metrics=rooms.cloudwatch.sink,
        most_cpus=ground.settings.instance_cpus,
        gpus=len(gpu_indices()),
    )
