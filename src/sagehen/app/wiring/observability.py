"""CloudWatch and CloudWatch Logs: what everything that runs writes to."""

from __future__ import annotations

from sagehen.app.wiring.ground import Ground
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.services.logs.service import LogsService


def cloudwatch(ground: Ground) -> CloudWatchService:
    """Build it."""
    return CloudWatchService(database=ground.database, clock=ground.clock, ids=ground.ids)


def logs(ground: Ground, cloudwatch: CloudWatchService) -> LogsService:
    """Build it: metric filters and embedded metrics become metrics."""
    return LogsService(
        database=ground.database,
        clock=ground.clock,
        ids=ground.ids,
        metrics=cloudwatch.sink,
        logged=cloudwatch.logged,
    )
