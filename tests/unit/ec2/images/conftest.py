"""Machines that only say that they run, for images that are made of them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.domain.ids import Ids
from sagehen.store.database import Database
from tests.unit.ec2.instances.conftest import MachineHouse


@pytest.fixture
async def machines(database: Database, clock: ManualClock, ids: Ids) -> AsyncIterator[MachineHouse]:
    made = MachineHouse(database, clock, ids)
    await made.ec2.start()
    yield made
    await made.ec2.stop()
