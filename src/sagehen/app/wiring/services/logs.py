"""CloudWatch Logs: metric filters and embedded metrics become metrics."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.component import ServiceComponent
from sagehen.app.wiring.rooms import Rooms
from sagehen.services.logs.service import LogsService


def build(rooms: Rooms) -> Sequence[ServiceComponent]:
    """Build it."""
    ground = rooms.ground
    rooms.logs = LogsService(
        database=ground.database,
        clock=ground.clock,
        ids=ground.ids,
        metrics=rooms.cloudwatch.sink,
        logged=rooms.cloudwatch.logged,
    )
    return (rooms.logs,)
