"""CloudWatch: what everything that runs writes to."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.component import ServiceComponent
from sagehen.app.wiring.rooms import Rooms
from sagehen.services.cloudwatch.service import CloudWatchService


def build(rooms: Rooms) -> Sequence[ServiceComponent]:
    """Build it."""
    ground = rooms.ground
    rooms.cloudwatch = CloudWatchService(database=ground.database, clock=ground.clock, ids=ground.ids)
    return (rooms.cloudwatch,)
