"""EC2 with machines that only say that they run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sagehen.domain.clock import ManualClock, SystemClock
from sagehen.domain.ids import Ids
from sagehen.services.ec2.images.catalogue import public_images
from sagehen.services.ec2.instances.needs import MachineNeeds
from sagehen.services.ec2.service import Ec2Service
from sagehen.store.database import Database
from tests.unit.ec2.conftest import House
from tests.unit.ec2.instances.fake_hosts import (
    FakeDoors,
    FakeHost,
    FakeHosts,
    FakeMetrics,
    FakeParameters,
    FakeProfiles,
    FakeRoles,
    FakeSupply,
)

IMAGE = next(image for image in public_images("us-east-1").values() if image.architecture == "x86_64")
BASE = {"ImageId": IMAGE.id, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}


class MachineHouse(House):
    def __init__(self, database: Database, clock: ManualClock, ids: Ids) -> None:
        super().__init__(database, clock, ids)
        self.database, self.ids = database, ids
        self.doors, self.supply, self.metrics = FakeDoors(), FakeSupply(), FakeMetrics()
        self.machines = FakeHosts()
        self.build()

    def build(self) -> None:
        """Begin a life of the platform."""
        needs = MachineNeeds(
            hosts=self.machines,
            doors=self._doors,
            wall_clock=SystemClock(),
            roles=FakeRoles(),  # type: ignore[arg-type]  # what instances need of it
            profiles=FakeProfiles(),
            supply=self.supply,
            metrics=self.metrics,
            parameters=FakeParameters(),
        )
        self.ec2 = Ec2Service(database=self.database, clock=self.clock, ids=self.ids, machines=needs)
        [service] = self.ec2.services
        self.operations = {bound.name: bound for bound in service.operations()}

    def _doors(self, guard: Any) -> FakeDoors:
        self.guard = guard
        return self.doors

    async def run(self, **request: Any) -> str:
        made = await self.call("RunInstances", **{**BASE, **request})
        return str(made["Instances"][0]["InstanceId"])

    async def instance(self, identifier: str) -> Any:
        answer = await self.call("DescribeInstances", InstanceIds=[identifier])
        return answer["Reservations"][0]["Instances"][0]

    async def reaches(self, identifier: str, name: str) -> Any:
        """Return the instance once it is in a state."""
        async with asyncio.timeout(60):
            while (found := await self.instance(identifier))["State"]["Name"] != name:
                await asyncio.sleep(0.002)
        return found

    async def running(self, **request: Any) -> tuple[str, FakeHost]:
        identifier = await self.run(**request)
        await self.reaches(identifier, "running")
        return identifier, self.machines.hosts[identifier]


@pytest.fixture
async def house(database: Database, clock: ManualClock, ids: Ids) -> AsyncIterator[MachineHouse]:
    made = MachineHouse(database, clock, ids)
    await made.ec2.start()
    yield made
    await made.ec2.stop()
